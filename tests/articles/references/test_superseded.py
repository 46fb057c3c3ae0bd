"""Newer versions of sources: found in files, told once, noted quietly."""

import json
import random
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from articles.editor import messages
from articles.models import Reference, ReferenceNotice
from articles.models.notice import NoticeKind
from articles.publishing import publish
from articles.references import notices
from articles.references.formats.reading import open_bibliography
from articles.references.watch import crossref, files, imported, recording
from articles.references.watch.finding import CROSSREF, PUBMED, Finding
from clinic.models import Message
from clinic.site import page_context

OLD, NEW = "10.1002/14651858.cd000001.pub2", "10.1002/14651858.cd000001.pub3"
RECORD = "PMID- {pmid}\nTI  - Exercise for backs.\nLID - {doi} [doi]\nDP  - 2015 Mar 4\n{more}\n"


def found(**changes):
    values = {"doi": OLD, "pmid": "", "kind": NoticeKind.SUPERSEDED, "noticed_on": None}
    values |= {"notice_doi": NEW, "source": CROSSREF}
    return Finding(**values | changes)


@pytest.fixture
def cited(chys, make_article, editor, noon):
    editor.email = "editor@lark.example"
    editor.save()
    article = make_article(body="It helps [@chys2023].", owner=editor)
    return publish(article, by=editor, at=noon, unreviewed_reason="A test.")


@pytest.mark.parametrize(
    ("work", "expected"),
    [
        ({"DOI": OLD, "relation": {"is-replaced-by": [{"id-type": "doi", "id": NEW}]}}, found()),
        ({"DOI": OLD, "relation": {"is-preprint-of": [{"id-type": "doi", "id": NEW}]}}, found()),
        (
            {
                "DOI": NEW,
                "relation": {"replaces": [{"id-type": "doi", "id": OLD.upper()}]},
                "issued": {"date-parts": [[2020, 2, 1]]},
            },
            found(noticed_on=date(2020, 2, 1)),
        ),
    ],
)
def test_crossref_relations_name_the_newer_version(work, expected):
    assert list(crossref.read(work)) == [expected]


@pytest.mark.parametrize(
    "relation",
    [
        "?", [], {"is-version-of": [{"id-type": "doi", "id": NEW}]}, {"is-replaced-by": None},
        {"is-replaced-by": [{"id-type": "uri", "id": "https://x.example"}, "?"]},
        {"is-replaced-by": [{"id-type": "doi", "id": OLD}]}, {"is-replaced-by": [{"id": None}]},
    ],
)  # fmt: skip
def test_other_relations_say_nothing(relation):
    assert list(crossref.read({"DOI": OLD, "relation": relation})) == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            f"UIN - Cochrane Database Syst Rev. 2020 Feb 1;2:CD000001. doi: {NEW}. PMID: 22222222",
            found(pmid="11111111", noticed_on=date(2020, 2, 1), source=PUBMED),
        ),
        (
            "UIN - Cochrane Database Syst Rev. 2020;(2):CD000001. PMID: 22222222",
            found(
                pmid="11111111",
                notice_doi="",
                source=PUBMED,
                url="https://pubmed.ncbi.nlm.nih.gov/22222222/",
            ),
        ),
        (
            f"UOF - Cochrane Database Syst Rev. 2010;(1):CD000001. doi: {NEW}. PMID: 33333333",
            found(
                doi=NEW,
                pmid="33333333",
                notice_doi=OLD,
                noticed_on=date(2015, 3, 4),
                source=PUBMED,
            ),
        ),
    ],
)
def test_pubmed_names_it_in_the_record(line, expected, tmp_path):
    record = RECORD.format(pmid="11111111", doi=OLD, more=line)
    [entry] = open_bibliography(record.encode(), "a.nbib")
    assert list(imported.findings(entry.csl)) == [expected]
    file = tmp_path / "watch.nbib"
    file.write_text(record)
    assert list(files.read(file)) == [expected]


def test_the_owner_gets_one_task_and_one_email_and_then_quiet(cited, editor, noon):
    finding = found(doi="10.3390/jcm12031205")
    assert recording.record([finding], at=noon).new == 1
    [message] = Message.objects.filter(kind=recording.KIND)
    message.written_at = noon
    assert "Newer version" in messages.notice_found(message).body
    pubmed = found(doi=finding.doi, source=PUBMED, noticed_on=date(2020, 2, 1))
    for again in ([finding], [pubmed], [finding, pubmed]):
        assert recording.record(again, at=noon + timedelta(days=1)).new == 0
    assert Message.objects.filter(kind=recording.KIND).count() == 1
    assert ReferenceNotice.objects.open().count() == 1


def test_readers_see_a_quiet_note_at_the_source_only(cited, noon, client):
    recording.record([found(doi="10.3390/jcm12031205")], at=noon)
    page_context.forget()
    page = client.get("/articles/knees-and-stairs/").content.decode()
    text, _id, sources = page.partition('id="sources"')
    assert "cite-status" not in text
    assert "There is a newer version of this source." in sources
    assert f'href="https://doi.org/{NEW}" rel="noopener external">Read the newer version' in sources


def test_staff_mark_a_guideline_as_superseded(cited, chys, client_as, client):
    staff, url = client_as("Editor"), reverse("admin:articles_referencenotice_add")
    newer = "https://guideline.example/2027"
    assert staff.post(url, {"reference": chys.pk, "url": ""}).status_code == 200
    assert staff.post(url, {"reference": chys.pk, "url": "javascript:x"}).status_code == 200
    assert staff.post(url, {"reference": chys.pk, "url": newer}).status_code == 302
    notice = ReferenceNotice.objects.get()
    assert (notice.kind, notice.source, notice.state) == ("superseded", "Staff", "open")
    assert Message.objects.filter(kind=recording.KIND, object_id=notice.pk).count() == 1
    page_context.forget()
    assert newer in client.get("/articles/knees-and-stairs/").content.decode()


def test_chains_of_versions_are_replayed_night_by_night(db, make_article, editor, noon):
    """240 chains, told of in both directions, in any order, by two sources, more than once."""
    chance = random.Random(5)
    chains = {}
    for number in range(240):
        length = chance.randint(2, 5)
        first = date(2010, 1, 1) + timedelta(days=chance.randint(0, 400))
        days = [first + timedelta(days=400 * n) for n in range(length)]
        chains[f"r{number}"] = [(f"10.1000/{number}.pub{n}", day) for n, day in enumerate(days)]
    Reference.objects.bulk_create(
        Reference(key=key, doi=chain[0][0], title=key, csl={"title": key, "type": "article"})
        for key, chain in chains.items()
    )
    cited = " ".join(f"[@{key}]" for key in list(chains)[:40])
    article = make_article(body=f"It helps {cited}.", owner=editor)
    publish(article, by=None, at=noon, unreviewed_reason="A test.")
    shown = {}
    for night in range(1, 6):
        told, expected = [], 0
        for key, chain in chains.items():
            doi, newer = chain[0][0], chain[1 : night + 1]
            if night < len(chain):
                expected += 1
                shown[key] = newer[-1][0]
            for there, day in newer:
                work = {"DOI": doi, "updated-by": [_update(there, day)]}
                notice = {"DOI": there, "update-to": [_update(doi, day)]}
                told += chance.sample([work, notice, work], chance.randint(1, 3))
        chance.shuffle(told)
        answer = json.loads(json.dumps(told))
        at = noon + timedelta(days=night)
        before = Message.objects.filter(kind=recording.KIND).count()
        assert recording.record(crossref.read(answer), at=at).new == expected
        mails = Message.objects.filter(kind=recording.KIND).count() - before
        assert mails == sum(night < len(chain) for chain in list(chains.values())[:40])
        assert recording.record(crossref.read(answer), at=at).new == 0
    page_context.forget()
    for key, newest in shown.items():
        [notice] = notices.of_key(key)
        assert notice.url == f"https://doi.org/{newest}"
        assert newest == chains[key][-1][0]
    assert shown.keys() == chains.keys()


def _update(doi, day):
    parts = {"date-parts": [[day.year, day.month, day.day]]}
    return {"DOI": doi, "type": "new_version", "updated": parts}


def test_an_older_version_that_is_told_of_later_is_no_news(chys, noon):
    doi = "10.3390/jcm12031205"
    newest = found(doi=doi, notice_doi=f"{NEW}x", noticed_on=date(2022, 1, 1))
    older = found(doi=doi, noticed_on=date(2020, 1, 1))
    assert recording.record([older, newest], at=noon).new == 1
    assert recording.record([older], at=timezone.now()).new == 0
    assert ReferenceNotice.objects.get().doi == f"{NEW}x"
