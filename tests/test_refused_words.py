"""`make lint` refuses the words that docs/words.md advises against, wherever people read them."""

from pathlib import Path

import pytest

from tests import words
from tests.refused_words import BY_KIND

ROOT = Path(__file__).parents[1]

# An existing file of each kind, what is put into it, and the phrase that is refused.
PUT_BACK = [
    ("templates/404.html", '{% translate "Lead it to\n a page: your visit" %}', "your visit"),
    ("templates/404.html", "<p>Somebody  else\nwill answer.</p>", "Somebody else"),
    ("templates/404.html", '<img alt="Two pictures">', "pictures"),
    ("templates/admin/index.html", "{{ name|default:_('Nobody yet') }}", "Nobody yet"),
    ("templates/mail/reminder.txt", "{% translate 'Your visit is near' %}", "Your visit"),
    ("templates/mail/reminder.html", "{% translate 'This visit is off' %}", "This visit"),
    ("clinic/models/clinic.py", 'FIELD = _("address word")\n', "address word"),
    ("articles/models/topic.py", "PAGE = _('Looked after ' 'by')\n", "Looked after by"),
    ("bookings/models/offer.py", "A = ngettext('one e-mail', 'two', 2)\n", "e-mail"),
    ("bookings/models/offer.py", "DO = _('Do')\n", "Do"),
    ("clinic/management/commands/demo.py", 'ERROR = f"{1} is no demo."\n', "is no demo"),
    ("articles/migrations/0002_privacy_page.py", "A = 'It is told to no one'\n", "is told"),
    ("articles/demo/fees.md", "Later, we charge half the\nvisit.", "half the visit"),
    ("clinic/demo/clinic.json", '"Take paracetamol"', "paracetamol"),
    ("bookings/demo.json", '"I ask for my mother"', "I ask for my"),
    ("clinic/lib/throttle.py", "# How often one may knock.\n", "may knock"),
    ("templates/404.html", "{# What is kept aside #}", "kept aside"),
    ("docs/editing.md", "Mend what is wrong.", "Mend"),
    ("articles/demo/fees.md", "The color of it.", "color"),
    ("templates/404.html", "{% translate 'It was not recognised' %}", "recognised"),
    ("README.md", "Files are free\nof rights.", "free of rights"),
    ("articles/demo/sciatica.md", "A choice when strong\nleg pain lasts.", "strong leg pain"),
    ("templates/mail/review_wanted.txt", "{% translate 'Sign it off' %}", "Sign it off"),
    ("articles/review/reviews.py", "A = _('Nobody signed off this')\n", "signed off"),
    ("docs/editing.md", "A sign-off counts once.", "sign-off"),
    ("clinic/models/clinic.py", 'A = _("out-of-hours number")\n', "out-of-hours"),
    (
        "articles/demo/tennis-elbow.md",
        "Trials do not\nagree with each other.",
        "do not agree with each other",
    ),
    ("articles/demo/sciatica.md", "Walk when the pain lasts.", "when the pain lasts"),
    ("articles/admin/source/fields.py", "A = _('From the second on')\n", "From the second on"),
    ("bookings/admin/inbox.py", "A = _('Kept apart from the others')\n", "apart from the others"),
    ("templates/admin/setup.html", "<p>Your dashboard</p>", "dashboard"),
    ("templates/clinic/home.html", "<a>Book a first appointment</a>", "Book a first appointment"),
    ("clinic/lib/markdown/blocks.py", "A = _('This callout is empty.')\n", "callout"),
    ("templates/articles/handout.html", "<p>This is edition 2.</p>", "This is edition"),
    ("bookings/templatetags/bookings.py", "A = _('waiting 5 d')\n", "5 d"),
    ("articles/admin/article.py", "A = _('State')\n", "State"),
    ("templates/admin/writing/menu.html", "<li>{% translate 'Row above' %}</li>", "Row above"),
    ("clinic/demo/clinic.json", '"The limb has gone numb"', "The limb"),
    ("articles/demo/sciatica.md", "- both legs are affected", "both legs are affected"),
    ("articles/demo/fees.md", "Your lymph vessels are blocked", "lymph vessels"),
    ("articles/demo/sciatica.md", "Try lying on the back.", "lying on the back"),
    ("articles/demo/fees.md", "Pain is often less soon after.", "Pain is often less"),
    ("articles/demo/tennis-elbow.md", "Load it instead.", "Load it"),
    ("articles/demo/fees.md", "Use ice with a cloth in between.", "with a cloth in between"),
    ("articles/demo/fees.md", "We do not needle the nerve.", "needle the nerve"),
]


def refused_in(root: Path, name: str, text: str) -> list[words.Found]:
    """Return what is refused in `text`, written to a file of this name below `root`."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return words.refused(Path(name), root)


@pytest.mark.parametrize(("name", "addition", "phrase"), PUT_BACK)
def test_a_phrase_put_back_is_refused(
    tmp_path: Path, name: str, addition: str, phrase: str
) -> None:
    source = (ROOT / name).read_text()
    before = refused_in(tmp_path, name, source)
    after = refused_in(tmp_path, name, f"{source}\n{addition}")
    new = [found for found in after if found not in before]
    assert [(found.phrase, found.line > source.count("\n")) for found in new] == [(phrase, True)]
    assert str(new[0]).startswith(f"{name}:{new[0].line}: {phrase} → ")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("templates/a.html", '{# Somebody #}<p class="picture">{% include "picture.html" %}</p>'),
        ("clinic/a.py", '"""Mend somebody."""\nKIND = "picture"  # somebody\n'),
        ("clinic/a.py", 'X = "<picture><img></picture> shown"\n'),
        ("clinic/migrations/0001_initial.py", 'X = _("address word")\n'),
        ("articles/demo/a.md", "Stand on one leg. This leads to less pain."),
        ("docs/a.md", "Run `mend`, see [it](/somebody/).\n\n```\nsomebody\n```\n"),
        ("docs/words.md", "| slug | address word |"),
        ("tests/test_a.py", 'assert "somebody"'),
        ("templates/mail/a.txt", "{% translate 'The mail server, a stand-in, recommended' %}"),
    ],
)
def test_code_and_usual_words_pass(tmp_path: Path, name: str, text: str) -> None:
    assert refused_in(tmp_path, name, text) == []


@pytest.mark.parametrize("kind", BY_KIND)
def test_no_hint_is_itself_refused(kind: str) -> None:
    for hint in BY_KIND[kind].values():
        assert not [p for p, _hint in words.RULES[kind] if p.search(hint)], hint


def test_the_site_uses_none_of_them() -> None:
    """The documents are checked by `make lint` alone."""
    paths = [path for path in words.checked_files() if words.kind_of(path) != "docs"]
    assert len(paths) > 300
    assert [str(found) for path in paths for found in words.refused(path)] == []


def test_the_command_fails_where_a_phrase_is_found(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = words.Found("docs/a.md", 3, "mend", "fix")
    monkeypatch.setattr(words, "checked_files", lambda: [Path("docs/a.md")])
    monkeypatch.setattr(words, "refused", lambda path: [found])
    assert words.main() == 1
    assert capsys.readouterr().out == "docs/a.md:3: mend → fix\n"
    monkeypatch.setattr(words, "refused", lambda path: [])
    assert words.main() == 0
    assert capsys.readouterr().out == ""
