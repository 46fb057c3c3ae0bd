"""Retractions and corrections: each change once, told once, shown at once."""

import csv
import io
import json
from datetime import date, timedelta

import httpx
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from articles.models import Reference, ReferenceNotice
from articles.models.notice import NoticeKind, NoticeState
from articles.publishing import publish, withdraw
from articles.references import lookups, merging, nightly_watch
from articles.references.watch import crossref, recording, retraction_watch
from articles.references.watch.finding import CROSSREF, RETRACTION_WATCH, Finding, Unreadable
from clinic.mail import outbox
from clinic.models import Message
from clinic.site import content_version

DOI = "10.3390/jcm12031205"
NOTICE = "10.3390/jcm13010001"
COLUMNS = (
    "Record ID", "Title", "RetractionDate", "RetractionDOI", "RetractionPubMedID",
    "OriginalPaperDate", "OriginalPaperDOI", "OriginalPaperPubMedID", "RetractionNature", "Reason",
)  # fmt: skip


def table(*rows: dict[str, str]) -> io.StringIO:
    """A file as the Retraction Watch data has them."""
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMNS, restval="")
    writer.writeheader()
    for row in rows:
        writer.writerow(
            {
                "RetractionDate": "3/9/2024 0:00",
                "RetractionDOI": NOTICE,
                "OriginalPaperDOI": DOI,
                "OriginalPaperPubMedID": "0",
                "RetractionNature": "Retraction",
                **row,
            }
        )
    file.seek(0)
    return file


def found(**changes) -> Finding:
    values = {
        "doi": DOI,
        "pmid": "",
        "kind": NoticeKind.RETRACTION,
        "noticed_on": date(2024, 3, 9),
        "notice_doi": NOTICE,
        "source": RETRACTION_WATCH,
    }
    return Finding(**{**values, **changes})


@pytest.fixture
def cited(chys, make_article, editor, noon):
    editor.email = "editor@lark.example"
    editor.save()
    article = make_article(body="Needles help some [@chys2023].", owner=editor)
    return publish(article, by=editor, at=noon, unreviewed_reason="A test.")


@pytest.mark.parametrize(
    ("nature", "reason", "kind"),
    [
        ("Correction", "", NoticeKind.CORRECTION),
        ("Expression of concern", "", NoticeKind.CONCERN),
        ("Retraction", "+Error in Data;", NoticeKind.RETRACTION),
        ("Retraction", "+Withdrawn as Out of Date;", NoticeKind.WITHDRAWAL),
        ("Reinstatement", "", NoticeKind.REINSTATEMENT),
    ],
)
def test_each_nature_of_the_retraction_watch_data_is_kept_apart(nature, reason, kind):
    [finding] = retraction_watch.read(table({"RetractionNature": nature, "Reason": reason}))
    assert finding == found(kind=kind, reasons=reason.strip("+;"))


def test_what_the_data_do_not_know_is_not_known():
    rows = table(
        {
            "OriginalPaperDOI": "unavailable",
            "OriginalPaperPubMedID": "36769852",
            "RetractionDOI": "Unavailable",
            "RetractionDate": "",
        },
        {"OriginalPaperDOI": "unavailable"},
        {"RetractionNature": "Something new"},
    )
    [finding] = retraction_watch.read(rows)
    assert finding == found(doi="", pmid="36769852", notice_doi="", noticed_on=None)


def test_a_notice_at_the_address_of_the_work_has_none_of_its_own():
    [finding] = retraction_watch.read(table({"RetractionDOI": DOI.upper()}))
    assert finding.notice_doi == ""


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n"])
def test_another_table_is_refused(text):
    with pytest.raises(Unreadable, match="OriginalPaperDOI"):
        list(retraction_watch.read(io.StringIO(text)))


UPDATED = {"date-parts": [[2024, 3, 9]], "timestamp": 1709942400000}


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("correction", NoticeKind.CORRECTION),
        ("erratum", NoticeKind.CORRECTION),
        ("partial_retraction", NoticeKind.CORRECTION),
        ("expression_of_concern", NoticeKind.CONCERN),
        ("retraction", NoticeKind.RETRACTION),
        ("withdrawal", NoticeKind.WITHDRAWAL),
        ("removal", NoticeKind.WITHDRAWAL),
        ("reinstatement", NoticeKind.REINSTATEMENT),
        ("new_version", NoticeKind.SUPERSEDED),
        ("new_edition", NoticeKind.SUPERSEDED),
    ],
)
def test_crossref_is_read_in_both_directions(type_, kind):
    expected = [found(kind=kind, source=CROSSREF)]
    notice = {"DOI": NOTICE, "update-to": [{"DOI": DOI, "type": type_, "updated": UPDATED}]}
    work = {"DOI": DOI, "updated-by": [{"DOI": NOTICE, "type": type_, "updated": UPDATED}]}
    assert list(crossref.read(notice)) == expected
    assert list(crossref.read({"status": "ok", "message": work})) == expected
    assert list(crossref.read({"message": {"items": [work, {"DOI": "10.1000/x"}]}})) == expected


def test_updates_of_unknown_kinds_are_passed_over():
    work = {"DOI": DOI, "updated-by": [{"DOI": NOTICE, "type": "something_new"}, "?"]}
    assert list(crossref.read(work)) == []


@pytest.mark.parametrize("answer", ["?", [1], {"message": "none"}, {"items": "none"}])
def test_other_json_is_refused(answer):
    with pytest.raises(Unreadable):
        list(crossref.read(answer))


def test_a_change_opens_a_task_and_tells_the_owner(cited, editor, noon):
    before = content_version.current_version()
    tally = recording.record([found(), found(doi="10.1000/other")], at=noon)
    assert (tally.read, tally.ours, tally.new) == (2, 1, 1)
    notice = ReferenceNotice.objects.get()
    assert (notice.kind, notice.state) == (NoticeKind.RETRACTION, NoticeState.OPEN)
    assert (notice.reference.key, notice.doi) == ("chys2023", NOTICE)
    assert content_version.current_version() != before
    mail = outbox.compose(Message.objects.get(kind=recording.KIND), at=noon)
    assert mail.to == [editor.email]
    assert "Retraction: “Clinical Effectiveness of Dry Needling” (March 9, 2024)" in mail.body
    assert "- Knees and stairs" in mail.body


def test_a_night_without_change_changes_nothing(cited, noon):
    recording.record([found()], at=noon)
    before = content_version.current_version()
    again = recording.record([found(), found(source=CROSSREF)], at=noon + timedelta(days=1))
    assert again.new == 0
    assert ReferenceNotice.objects.count() == 1
    assert Message.objects.count() == 1
    assert content_version.current_version() == before


def test_what_was_dismissed_stays_dismissed(cited, noon):
    recording.record([found()], at=noon)
    ReferenceNotice.objects.update(state=NoticeState.DISMISSED, decision="Another paper.")
    assert recording.record([found()], at=noon).new == 0
    assert ReferenceNotice.objects.get().state == NoticeState.DISMISSED
    assert outbox.compose(Message.objects.get(), at=noon) is None


@pytest.mark.parametrize(
    "told",
    [
        found(source=CROSSREF, notice_doi=""),
        found(source=CROSSREF, noticed_on=None),
        found(source=CROSSREF, notice_doi="", noticed_on=date(2024, 4, 1)),
        found(source=CROSSREF, kind=NoticeKind.WITHDRAWAL),
    ],
)
def test_one_change_told_by_two_sources_is_one(told, cited, noon):
    assert recording.record([found(), told], at=noon).new == 1


@pytest.mark.parametrize(
    "other",
    [
        found(kind=NoticeKind.CORRECTION),
        found(notice_doi="10.3390/jcm13010002"),
        found(kind=NoticeKind.WITHDRAWAL),
        found(notice_doi="", noticed_on=date(2025, 3, 9)),
    ],
)
def test_another_change_is_another_task_and_another_mail(other, cited, noon):
    recording.record([found()], at=noon)
    assert recording.record([found(), other], at=noon).new == 1
    assert Message.objects.filter(kind=recording.KIND).count() == 2


def test_a_work_without_doi_is_known_by_its_pmid(chys, noon):
    Reference.objects.update(doi="", pmid="36769852")
    assert recording.record([found(doi="", pmid="36769852")], at=noon).new == 1


def test_a_source_that_nothing_public_cites_opens_a_task_without_mail(cited, noon):
    withdraw(cited.article, by=None, at=noon)
    assert recording.record([found()], at=noon + timedelta(minutes=1)).new == 1
    assert not Message.objects.filter(kind=recording.KIND).exists()


def test_where_nobody_looks_after_a_text_the_clinic_is_told(cited, noon):
    from clinic.models import Clinic

    cited.article.owner = None
    cited.article.save()
    Clinic.objects.update(email="desk@lark.example")
    recording.record([found()], at=noon)
    assert outbox.compose(Message.objects.get(), at=noon).to == ["desk@lark.example"]


def test_notices_follow_a_merge(cited, chys, noon):
    recording.record([found()], at=noon)
    stays = Reference.objects.create(key="chys2023a", csl={"title": "The same"}, title="The same")
    for reference, doi in ((stays, NOTICE), (chys, "10.3390/jcm13010002")):
        reference.notices.create(kind="retraction", doi=doi, source=CROSSREF, found_at=noon)
    merging.merge(stays, [chys])
    assert stays.notices.count() == 2
    assert recording.record([found()], at=noon).new == 0


def test_dismissing_needs_a_reason(chys, noon):
    notice = ReferenceNotice(reference=chys, kind="retraction", source="x", found_at=noon)
    notice.state = NoticeState.DISMISSED
    with pytest.raises(IntegrityError), transaction.atomic():
        notice.save()


def test_the_command_reads_csv_and_json(cited, tmp_path, capsys):
    (tmp_path / "watch.csv").write_text(table({}).read())
    work = {"DOI": DOI, "updated-by": [{"DOI": NOTICE, "type": "retraction"}]}
    (tmp_path / "works.json").write_text(json.dumps([work]))
    files = [str(tmp_path / "watch.csv"), str(tmp_path / "works.json")]
    call_command("watch_references", *files)
    assert "Notices read: 2. About our sources: 2, new: 1." in capsys.readouterr().out
    call_command("watch_references", *files)
    assert "new: 0" in capsys.readouterr().out


@pytest.mark.parametrize("broken", ["none.csv", "broken.json", "other.csv"])
def test_an_unreadable_file_changes_nothing(broken, cited, tmp_path):
    (tmp_path / "watch.csv").write_text(table({}).read())
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "other.csv").write_text("a,b\n")
    with pytest.raises(CommandError, match=broken) as error:
        call_command("watch_references", str(tmp_path / "watch.csv"), str(tmp_path / broken))
    assert error.value.returncode == 2
    assert not ReferenceNotice.objects.exists()


def test_the_worker_reads_the_files_of_the_setting(cited, tmp_path, settings, noon, caplog):
    (tmp_path / "watch.csv").write_text(table({}).read())
    nightly_watch.watch_by_files(noon)
    assert not ReferenceNotice.objects.exists()
    settings.REFERENCE_WATCH = ["crossref", str(tmp_path / "no.csv"), str(tmp_path / "watch.csv")]
    nightly_watch.watch_by_files(noon)
    assert ReferenceNotice.objects.count() == 1
    assert "no.csv" in caplog.text


def test_crossref_is_asked_once_a_day_in_both_directions(cited, noon):
    asked = []

    def answer(request):
        asked.append(request.url.params["filter"])
        items = []
        if asked[-1].startswith("updates:"):
            update = {"DOI": DOI, "type": "retraction", "updated": UPDATED}
            items = [{"DOI": NOTICE, "update-to": [update]}]
        return httpx.Response(200, json={"message": {"items": items}})

    transport = httpx.MockTransport(answer)
    client = lookups.Client("https://lark.example", "desk@lark.example", transport)
    assert nightly_watch.ask_crossref(client, at=noon).new == 1
    assert asked == [f"doi:{DOI}", f"updates:{DOI}"]
    assert nightly_watch.ask_crossref(client, at=noon + timedelta(hours=1)).read == 0
    assert len(asked) == 2
    assert nightly_watch.ask_crossref(client, at=noon + timedelta(days=1)).new == 0
    assert len(asked) == 4


def test_without_an_answer_the_references_wait(cited, noon):
    transport = httpx.MockTransport(lambda request: httpx.Response(400))
    client = lookups.Client("https://lark.example", "", transport)
    assert nightly_watch.ask_crossref(client, at=noon).read == 0
    assert Reference.objects.get().watched_at is None


def test_nothing_is_asked_unless_a_setting_says_so(cited, noon, settings):
    settings.REFERENCE_WATCH = ["crossref"]  # but REFERENCE_LOOKUPS is off: tests have no network
    nightly_watch.watch_at_crossref(noon)
    assert Reference.objects.get().watched_at is None
