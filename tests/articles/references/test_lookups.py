"""DOIs and PMIDs are looked up politely, and only where a setting allows it."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from articles.models import Reference
from articles.references import importing, lookups
from articles.references.formats.reading import open_bibliography
from articles.references.importing import Twin

XML = (Path(__file__).parent / "bibliographies" / "shapes.xml").read_bytes()
CROSSREF = {
    "type": "journal-article",
    "title": "Needles",
    "container-title": ["Pain"],
    "DOI": "10.1000/needles",
    "author": [{"given": "Ada", "family": "Ok", "affiliation": []}, {"name": "Pain Group"}],
    "issued": {"date-parts": [[2023, 2]]},
    "indexed": {"date-time": "2026"},
}


def client(handler, pauses: list | None = None) -> lookups.Client:
    transport = httpx.MockTransport(handler)
    sleep = pauses.append if pauses is not None else lambda seconds: None
    return lookups.Client("https://lark.example", "desk@lark.example", transport, sleep)


@pytest.fixture
def stub(db, noon):
    importing.take_in(open_bibliography(b"10.1000/needles", ""), lambda line: Twin.FILL, at=noon)
    return Reference.objects.get()


def test_crossref_is_asked_politely_and_read():
    asked = []

    def answer(request):
        asked.append(request)
        return httpx.Response(200, json=CROSSREF)

    assert client(answer).crossref("10.1000/a b") == {
        "type": "article-journal",
        "title": "Needles",
        "container-title": "Pain",
        "DOI": "10.1000/needles",
        "author": [{"given": "Ada", "family": "Ok"}, {"literal": "Pain Group"}],
        "issued": {"date-parts": [[2023, 2]]},
    }
    assert asked[0].headers["User-Agent"] == (
        "clinic-website (https://lark.example; mailto:desk@lark.example)"
    )
    assert "10.1000%2Fa%20b" in str(asked[0].url)


def test_ncbi_is_asked_and_read():
    found = client(lambda request: httpx.Response(200, content=XML)).ncbi("29952980")
    assert found is not None
    assert found["PMID"] == "29952980"


def test_a_busy_service_is_asked_again_after_a_pause():
    answers = iter(
        [
            httpx.Response(429, headers={"Retry-After": "7"}),
            httpx.Response(503),
            httpx.Response(200, json=CROSSREF),
        ]
    )
    pauses: list[float] = []
    assert client(lambda request: next(answers), pauses).crossref("10.1000/x")
    assert pauses == [7.0, 4.0]


@pytest.mark.parametrize(
    "elsewhere",
    [
        "http://api.crossref.org/works/x",
        "https://api.crossref.org.evil.example/x",
        "https://crossref.org@evil.example/x",
        "https://169.254.169.254/latest/meta-data/",
        "https://localhost:5432/",
        "https://api.crossref.org:8443/x",
        "//127.0.0.1/x",
    ],
)
def test_a_redirect_goes_to_the_services_own_hosts_only(elsewhere):
    asked = []

    def answer(request):
        asked.append(str(request.url))
        if len(asked) > 1:
            return httpx.Response(200, json=CROSSREF)
        return httpx.Response(302, headers={"Location": elsewhere})

    with pytest.raises(lookups.Unavailable):
        client(answer).crossref("10.1000/x")
    assert len(asked) == 1


def test_a_redirect_within_the_service_is_followed_a_few_times():
    asked = []

    def answer(request):
        asked.append(str(request.url))
        if len(asked) > 1:
            return httpx.Response(200, json=CROSSREF)
        return httpx.Response(301, headers={"Location": "https://www.crossref.org/moved"})

    assert client(answer).crossref("10.1000/x")
    assert asked[1] == "https://www.crossref.org/moved"
    asked.clear()
    with pytest.raises(lookups.Unavailable):
        client(
            lambda request: (
                asked.append(1)
                or httpx.Response(302, headers={"Location": "https://api.crossref.org/again"})
            )
        ).crossref("10.1000/x")
    assert len(asked) == lookups.ATTEMPTS * (lookups.MOST_REDIRECTS + 1)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500),
        httpx.Response(403),
        httpx.Response(200, content=b"no JSON"),
        httpx.Response(200, content=b"[]"),
        httpx.Response(200, content=b"x" * (lookups.MOST_BYTES + 1)),
        httpx.ConnectTimeout("slow"),
    ],
)
def test_no_usable_answer_is_unavailable(answer):
    def handler(request):
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, content=answer.content)

    with pytest.raises(lookups.Unavailable):
        client(handler).crossref("10.1000/x")


def test_a_stub_is_completed_and_gets_its_key(stub, noon):
    assert stub.key == "doi-10-1000-needles"
    lookups.look_up([stub], client(lambda r: httpx.Response(200, json=CROSSREF)), at=noon)
    stub.refresh_from_db()
    assert (stub.key, stub.title, stub.lookup_due_at) == ("ok2023", "Needles", None)


def test_a_key_that_a_text_uses_stays(stub, noon, make_article):
    make_article(body=f"So they say [@{stub.key}].")
    lookups.look_up([stub], client(lambda r: httpx.Response(200, json=CROSSREF)), at=noon)
    stub.refresh_from_db()
    assert (stub.key, stub.title) == ("doi-10-1000-needles", "Needles")


def test_without_an_answer_it_waits_longer_each_time(stub, noon):
    for tries, minutes in ((1, 10), (2, 20)):
        lookups.look_up([stub], client(lambda r: httpx.Response(503)), at=noon)
        stub.refresh_from_db()
        assert stub.lookup_tries == tries
        assert stub.lookup_due_at == noon + timedelta(minutes=minutes)


def test_what_nobody_knows_is_not_asked_again(stub, noon):
    lookups.look_up([stub], client(lambda r: httpx.Response(404)), at=noon)
    stub.refresh_from_db()
    assert stub.lookup_due_at is None
    assert stub.csl["title"] == "10.1000/needles"


def test_nothing_is_asked_when_the_setting_is_off(stub, noon, settings):
    assert settings.REFERENCE_LOOKUPS is False
    lookups.complete_waiting(noon + timedelta(days=1))
    stub.refresh_from_db()
    assert stub.lookup_tries == 0
