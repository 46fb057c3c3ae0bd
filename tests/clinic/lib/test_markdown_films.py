"""Films: an address alone in a paragraph becomes a card that opens them at their host."""

import pytest

from clinic.lib.markdown import render
from tests.clinic.lib.test_markdown import codes, shown

TUBE = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"


def film(address: str, title: str, note: str, above: str = "") -> str:
    return (
        f'<p class="film"><a href="{address}" target="_blank" rel="noopener">{above}'
        f'<span class="film-title">{title}</span> <span class="film-note">{note}</span></a></p>\n'
    )


@pytest.mark.parametrize(
    ("words", "title", "length"),
    [
        ("Taping an ankle, 3:20", "Taping an ankle", "3:20, "),
        ("Taping an ankle (1:03:20)", "Taping an ankle", "1:03:20, "),
        ("Taping an ankle  ,  3:20", "Taping an ankle", "3:20, "),
        ("Taping at 10:30 sharp", "Taping at 10:30 sharp", ""),
        ("**Taping** an ankle", "Taping an ankle", ""),
        ("A &lt;b&gt; & more", "A &lt;b&gt; &amp; more", ""),
    ],
)
def test_title_and_length_are_the_words_of_the_link(words, title, length):
    note = f"Film, {length}opens at YouTube in a new tab"
    assert shown(f"[{words}]({TUBE})") == film(TUBE, title, note)
    assert codes(f"[{words}]({TUBE})") == []


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://youtu.be/dQw4w9WgXcQ?t=90", "YouTube"),
        ("https://m.youtube.com/watch?app=x&v=dQw4w9WgXcQ", "YouTube"),
        ("https://www.youtube.com/shorts/dQw4w9WgXcQ", "YouTube"),
        ("https://youtube.com/live/dQw4w9WgXcQ?si=1", "YouTube"),
        ("https://vimeo.com/123456789", "Vimeo"),
        ("https://vimeo.com/123456789/abcdef0123", "Vimeo"),
    ],
)
def test_the_address_alone_is_a_card_without_a_title(address, host):
    expected = film(
        address.replace("&", "&amp;"), f"Film at {host}", f"Film, opens at {host} in a new tab"
    )
    for written in (address, f"<{address}>", f"  {address}  "):
        assert shown(written) == expected
        assert codes(written) == [(1, "film-without-title")]


def test_a_picture_of_ours_is_above_the_title():
    text = f"[![A foot on a roll](/media/foot.webp) Taping, 3:20]({TUBE})"
    note = "Film, 3:20, opens at YouTube in a new tab"
    above = '<span class="film-picture">[image]</span>'
    assert shown(text) == film(TUBE, "Taping", note, above)
    foreign = f"[![A foot](https://i.ytimg.com/vi/x/hq.jpg) Taping, 3:20]({TUBE})"
    assert shown(foreign) == film(TUBE, "Taping", note)
    assert codes(foreign) == [(1, "foreign-image")]


@pytest.mark.parametrize(
    "text",
    [
        f"See [taping]({TUBE}).",
        f"[one]({TUBE}) [two]({TUBE})",
        "[A channel](https://www.youtube.com/@clinic)",
        "[A list](https://www.youtube.com/playlist?list=PL123456)",
        "[Not there](https://youtube.com.elsewhere.example/watch?v=dQw4w9WgXcQ)",
        "[No film](https://elsewhere.example/?https://youtu.be/dQw4w9WgXcQ)",
        "[Insecure](http://youtu.be/dQw4w9WgXcQ)",
        "[A page](https://vimeo.com/features)",
    ],
)
def test_other_links_stay_links(text):
    assert 'class="film"' not in shown(text)
    assert "_blank" not in shown(text)


def test_without_a_resolver_it_is_a_link():
    assert 'class="film"' not in render(f"[Taping]({TUBE})").html


def test_only_a_film_opens_a_new_tab():
    assert "_blank" not in shown("[Elsewhere](https://elsewhere.example/)")


def test_a_hostile_address_takes_no_time():
    for text in ("https://youtu.be/" + "a" * 50_000, "x" + " " * 50_000 + "1:1", "1:" * 30_000):
        shown(f"[{text}]({TUBE})")
        shown(text)
