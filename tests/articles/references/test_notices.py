"""What readers and editors see of a source that was corrected, doubted or taken back."""

import re
from datetime import date

import pytest
from django.utils import timezone
from django.utils.formats import date_format

from articles.manuscript import checks
from articles.manuscript.rendering import Text, compose
from articles.models import Reference, ReferenceNotice
from articles.models.notice import NoticeKind, NoticeState
from articles.publishing import publish
from articles.references import notices
from articles.references.watch.panel import notice_panel
from clinic.site import page_context

URL = "/articles/knees-and-stairs/"


@pytest.fixture
def cited(chys, make_article):
    return publish(
        make_article(body="It helps [@chys2023]."),
        by=None,
        at=timezone.now(),
        unreviewed_reason="A test.",
    )


@pytest.fixture
def notify(chys, noon):
    def make(kind=NoticeKind.RETRACTION, **fields):
        values = {"noticed_on": date(2024, 3, 9), "source": "Crossref", "found_at": noon}
        return ReferenceNotice.objects.create(reference=chys, kind=kind, **{**values, **fields})

    return make


@pytest.fixture
def page(client):
    def get(url=URL):
        page_context.forget()
        return client.get(url).content.decode()

    return get


@pytest.mark.parametrize(
    ("kind", "word", "sentence"),
    [
        (NoticeKind.CORRECTION, "corrected", "This source has been corrected."),
        (
            NoticeKind.CONCERN,
            "expression of concern",
            "The journal has expressed concern about this source.",
        ),
        (NoticeKind.RETRACTION, "retracted", "This source has been retracted."),
        (NoticeKind.WITHDRAWAL, "withdrawn", "This source has been withdrawn."),
        (
            NoticeKind.REINSTATEMENT,
            "reinstated",
            "This source was retracted and has since been reinstated",
        ),
    ],
)
def test_a_live_page_says_it_at_the_citation_and_in_the_list(
    kind, word, sentence, cited, notify, page
):
    assert "cite-status" not in page()
    notify(kind, doi="10.3390/jcm13010001")
    shown = page()
    mild = " mild" if word in ("corrected", "reinstated") else ""
    assert f'1</a> <span class="cite-status{mild}">{word}</span>' in shown
    assert sentence in shown
    assert "Notice of March 9, 2024." in shown
    assert 'href="https://doi.org/10.3390/jcm13010001"' in shown
    assert sentence in page("/evidence/chys2023/")
    assert word in page("/evidence/")


def test_what_was_dismissed_is_not_shown(cited, notify, page):
    notify(state=NoticeState.DISMISSED, decision="Another paper.")
    assert "cite-status" not in page()


def test_what_was_seen_to_stays_shown(cited, notify, page):
    notify(state=NoticeState.SEEN)
    assert "retracted" in page()


def test_a_reinstatement_lifts_what_came_before_it_only(notify):
    notify(NoticeKind.CORRECTION, noticed_on=date(2023, 1, 1))
    notify(NoticeKind.RETRACTION, noticed_on=date(2023, 6, 1))
    notify(NoticeKind.REINSTATEMENT, noticed_on=date(2024, 1, 1))
    kinds = [notice.kind for notice in notices.of_key("chys2023")]
    assert kinds == [NoticeKind.REINSTATEMENT, NoticeKind.CORRECTION]
    notify(NoticeKind.RETRACTION, noticed_on=date(2025, 1, 1))
    kinds = [notice.kind for notice in notices.standing(ReferenceNotice.objects.all())]
    assert kinds == [NoticeKind.RETRACTION, NoticeKind.CORRECTION]


def test_a_merged_key_says_the_same(cited, chys, notify):
    notify()
    Reference.objects.create(key="old2020", csl={"title": "Old"}, merged_into=chys)
    assert notices.of_key("old2020") == notices.of_key("chys2023") != ()


def test_notices_cost_a_page_no_query(cited, notify, page, django_assert_max_num_queries):
    notify()
    page()
    with django_assert_max_num_queries(0):
        notices.of_key("chys2023")


def test_an_editor_dismisses_with_a_reason(cited, notify, editor, client):
    client.force_login(editor, "django.contrib.auth.backends.ModelBackend")
    notice = notify()
    url = f"/admin/articles/referencenotice/{notice.pk}/change/"
    assert "Knees and stairs" in client.get(url).content.decode()
    refused = client.post(url, {"state": "dismissed", "decision": ""})
    assert "Give a reason for dismissing it." in refused.content.decode()
    client.post(url, {"state": "dismissed", "decision": "A namesake."})
    notice.refresh_from_db()
    assert (notice.state, notice.decision) == ("dismissed", "A namesake.")
    assert notice.decided_by == editor
    assert notice.decided_at is not None
    assert "cite-status" not in client.get(URL).content.decode()


@pytest.fixture
def decide(editor, client):
    def post(notice, **values):
        client.force_login(editor, "django.contrib.auth.backends.ModelBackend")
        url = f"/admin/articles/referencenotice/{notice.pk}/change/"
        return client.post(url, {"state": "seen", **values}).content.decode()

    return post


def test_readers_see_why_a_retracted_source_is_kept(cited, notify, decide, page):
    notice = notify()
    assert "Tell readers why" in decide(notice)
    notice.refresh_from_db()
    assert notice.state == NoticeState.OPEN
    decide(notice, decision="Asked Hanna.", kept_because="It shows why the <advice> changed.")
    shown = page()
    assert "We are checking what this changes" not in shown
    [said] = re.findall(r'<span class="kept">(.*?)</span>', shown, re.DOTALL)
    assert f"Why we still cite it ({date_format(timezone.localdate(), 'DATE_FORMAT')}):" in said
    assert "It shows why the &lt;advice&gt; changed." in said
    assert "Asked Hanna." not in shown
    assert "It shows why" in page("/evidence/chys2023/")


def test_a_notice_that_no_article_needs_is_closed_without_a_reason(notify, decide):
    notice = notify()
    decide(notice, decision="No article cites it any more.")
    notice.refresh_from_db()
    assert notice.state == NoticeState.SEEN


def test_a_correction_is_closed_without_a_reason(cited, notify, decide):
    notice = notify(NoticeKind.CORRECTION)
    decide(notice)
    notice.refresh_from_db()
    assert notice.state == NoticeState.SEEN


def test_open_notices_stand_on_the_desk_until_seen_to(notify, editor, rf):
    request = rf.get("/admin/")
    request.user = editor
    assert notice_panel(request) is None
    notice = notify()
    [row] = notice_panel(request).rows
    assert (row.fact, row.urgent) == ("Retraction", True)
    notice.state = NoticeState.SEEN
    notice.save()
    assert notice_panel(request) is None


def test_who_may_not_decide_sees_no_task(notify, author, rf):
    notify()
    request = rf.get("/admin/")
    request.user = author
    assert notice_panel(request) is None


@pytest.mark.parametrize(
    ("kind", "expected"),
    [(NoticeKind.RETRACTION, {("source-in-doubt", 3)}), (NoticeKind.CORRECTION, set())],
)
def test_the_checks_name_a_source_that_was_taken_back(kind, expected, notify, noon):
    notify(kind)
    text = Text("Knees", "", (), "Words.\n\nIt helps [@chys2023].", ())
    issues = checks.run(text, compose(text, at=noon), checks.Subject())
    assert {(issue.code, issue.line) for issue in issues} == expected


def test_an_article_says_at_its_top_that_a_source_is_in_doubt_until_an_editor_decides(
    cited, notify, page
):
    notice = notify()
    assert "We are checking what this changes" in page().split('class="byline"')[0]
    ReferenceNotice.objects.filter(pk=notice.pk).update(state=NoticeState.SEEN)
    assert "We are checking what this changes" not in page()
    assert "This source has been retracted." in page()
    notice.delete()
    notify(NoticeKind.CORRECTION)
    assert "We are checking what this changes" not in page()
