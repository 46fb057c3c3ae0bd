"""The verbs that make editions: what they write, what they refuse, and what then stays as it is."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from articles.models import Article, Citation, Edition, Rendering
from articles.publishing import (
    ChecksNotPassed,
    ManuscriptChanged,
    NotPublished,
    ReviewMissing,
    TextHasProblems,
    cancel,
    publish,
    republish,
    withdraw,
)
from articles.review.reviews import NotSigned, sign
from clinic.models import Clinic, Redirect, SearchDocument
from clinic.site import content_version, redirects

HOUR = timedelta(hours=1)


def test_publish_makes_a_live_edition_of_all_that_the_page_shows(
    make_article, knee, needling, ines, chys, noon
):
    article = make_article(
        body="## Why\n\nIt helps [@chys2023, p. 3].",
        questions=[("Does it hurt?", "A little.")],
        topics=[knee],
        services=[needling],
        author=ines,
        certainty="fair",
    )
    edition = publish(article, by=None, at=noon)
    assert Edition.objects.live(noon).get(article=article) == edition
    assert (edition.number, edition.title, edition.slug) == (1, "Knees and stairs", article.slug)
    assert edition.takeaways == ["Start low", "Go slowly"]
    assert edition.faq == [{"question": "Does it hurt?", "answer": "A little."}]
    assert edition.topic_list == [{"id": knee.pk, "name": "Knee"}]
    assert edition.service_list == [{"id": needling.pk, "name": "Dry needling"}]
    assert edition.author_name == "Ines Okafor"
    assert edition.certainty == "fair"
    assert edition.references[0]["key"] == "chys2023"
    citation = Citation.objects.get(edition=edition)
    assert (citation.number, citation.locator, citation.reference) == (1, "p. 3", chys)
    assert "It helps" in citation.sentence
    assert "Why" in edition.rendering.html
    assert SearchDocument.objects.filter(kind="edition", object_id=edition.pk).exists()


def test_withdrawing_what_is_not_public_is_refused(make_article, noon):
    article = make_article()
    with pytest.raises(NotPublished):
        withdraw(article, by=None, at=noon)


def test_a_moment_in_the_past_is_refused(make_article, noon):
    with pytest.raises(NotPublished):
        publish(make_article(), by=None, at=noon, goes_live_at=noon - HOUR)


def test_an_unknown_citation_stops_publishing_and_names_its_line(make_article, noon):
    article = make_article(body="## One\n\nFine.\n\nNot so [@nobody1999].")
    with pytest.raises(TextHasProblems) as refused:
        publish(article, by=None, at=noon)
    (issue,) = refused.value.issues
    assert (issue.where, issue.line, issue.code) == ("body", 5, "unknown-citation")
    assert "nobody1999" in issue.message
    assert not Edition.objects.filter(article=article).exists()


def test_an_empty_text_is_not_published(make_article, noon):
    with pytest.raises(TextHasProblems):
        publish(make_article(body="  "), by=None, at=noon)


def test_a_manuscript_saved_meanwhile_is_not_published(make_article, noon):
    article = make_article()
    Article.objects.filter(pk=article.pk).update(revision=5)
    with pytest.raises(ManuscriptChanged):
        publish(article, by=None, at=noon)
    assert not Edition.objects.filter(article=article).exists()


def test_a_slug_once_public_is_never_given_to_another_text(make_article, noon):
    article = make_article()
    publish(article, by=None, at=noon)
    article.slug = "stairs"
    article.save()
    other = make_article(slug="knees-and-stairs")
    with pytest.raises(NotPublished):
        publish(other, by=None, at=noon + HOUR)
    publish(article, by=None, at=noon + HOUR)
    with pytest.raises(NotPublished):
        publish(other, by=None, at=noon + 2 * HOUR)


def test_a_page_may_have_the_slug_of_an_article(make_article, noon):
    publish(make_article(slug="fees"), by=None, at=noon)
    page = make_article(slug="fees", kind="page")
    assert publish(page, by=None, at=noon).get_absolute_url() == "/fees/"


def test_a_new_slug_leaves_a_redirect(make_article, noon):
    article = make_article()
    publish(article, by=None, at=noon)
    article.slug = "stairs"
    article.save()
    publish(article, by=None, at=noon + HOUR, change_note="A shorter address.")
    past = Redirect.objects.get(path="/articles/knees-and-stairs/")
    assert (past.kind, past.object_id) == ("article", article.pk)


def test_each_address_leads_on_whichever_edition_is_live(make_article, noon):
    """One waits under a new address while another is published under the old one."""
    article = make_article()
    publish(article, by=None, at=noon)
    article.slug = "stairs"
    article.save()
    publish(article, by=None, at=noon, goes_live_at=noon + 2 * HOUR)
    article.slug = "knees-and-stairs"
    article.save()
    publish(article, by=None, at=noon + HOUR, waiting="keep")
    old, new = "/articles/knees-and-stairs/", "/articles/stairs/"
    assert redirects.where_now(new, noon + HOUR) is None  # not before its time
    assert redirects.where_now(old, noon + 2 * HOUR) == new


def test_the_address_of_a_cancelled_edition_is_free_again(make_article, noon):
    article = make_article()
    publish(article, by=None, at=noon)
    article.slug = "stairs"
    article.save()
    waiting = publish(article, by=None, at=noon, goes_live_at=noon + HOUR)
    cancel(waiting, by=None, at=noon)
    article.slug = "knees-and-stairs"
    article.save()
    publish(article, by=None, at=noon + HOUR)
    other = publish(make_article(slug="stairs"), by=None, at=noon + HOUR)
    assert Edition.objects.live(noon + HOUR).get(article=other.article) == other


def test_each_verb_raises_the_content_version(make_article, noon):
    article = make_article()
    seen = {content_version.current_version()}

    def is_new():
        seen.add(content_version.current_version())
        return len(seen)

    edition = publish(article, by=None, at=noon)
    assert is_new() == 2
    waiting = publish(article, by=None, at=noon, goes_live_at=noon + HOUR)
    assert is_new() == 3
    cancel(waiting, by=None, at=noon)
    assert is_new() == 4
    withdraw(article, by=None, at=noon + HOUR)
    assert is_new() == 5
    republish(edition, by=None, at=noon + 2 * HOUR)
    assert is_new() == 6


def test_a_failed_publish_leaves_nothing_and_raises_no_version(make_article, noon):
    before = content_version.current_version()
    with pytest.raises(TextHasProblems):
        publish(make_article(body="[@nobody]"), by=None, at=noon)
    assert content_version.current_version() == before
    assert not Rendering.objects.filter(edition__kind="article").exists()


def test_only_the_first_edition_has_no_change_note(make_article, noon):
    article = make_article()
    first = publish(article, by=None, at=noon, change_note="ignored")
    second = publish(article, by=None, at=noon + HOUR, change_note="A clearer headline.")
    assert (first.change_note, second.change_note) == ("", "A clearer headline.")
    assert second.first_live_at == noon


def test_the_search_index_holds_what_is_live_or_may_become_so(make_article, noon):
    article = make_article()
    publish(article, by=None, at=noon)
    second = publish(article, by=None, at=noon + HOUR)
    third = publish(article, by=None, at=noon + HOUR, goes_live_at=noon + 2 * HOUR)

    def indexed():
        documents = SearchDocument.objects.filter(kind="edition")
        return set(documents.values_list("object_id", flat=True))

    assert indexed() == {second.pk, third.pk}
    withdraw(article, by=None, at=noon + HOUR, waiting="keep")
    assert indexed() == {third.pk}


def test_the_sentence_of_a_narrative_citation_reads_as_the_page_does(make_article, chys, noon):
    edition = publish(make_article(body="In short, @chys2023 found little."), by=None, at=noon)
    (citation,) = edition.citations.all()
    assert citation.sentence == "In short, Chys, 2023 found little."
    document = SearchDocument.objects.get(kind="edition", object_id=edition.pk)
    assert "Chys, 2023 found little" in str(document.passages)


# -- guards ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda e: Edition.objects.filter(pk=e.pk).update(title="Other"),
        lambda e: Edition.objects.filter(pk=e.pk).update(number=9),
        lambda e: Edition.objects.filter(pk=e.pk).delete(),
        lambda e: e.topics.clear(),
        lambda e: e.images.clear(),
        lambda e: e.services.clear(),
        lambda e: Citation.objects.filter(edition=e).update(number=7),
        lambda e: Citation.objects.filter(edition=e).delete(),
    ],
)
def test_the_database_refuses_to_change_an_edition(
    change, make_article, knee, needling, chys, noon
):
    from clinic.models import Image

    image = Image.objects.create(file="images/x.png", width=1, height=1, sha256="x", alt="A")
    article = make_article(
        body="It helps [@chys2023].", topics=[knee], services=[needling], hero=image
    )
    edition = publish(article, by=None, at=noon)
    with pytest.raises(IntegrityError), transaction.atomic():
        change(edition)
    edition.refresh_from_db()
    assert edition.title == "Knees and stairs"


def test_withdrawn_at_is_set_once(make_article, noon):
    article = make_article()
    edition = publish(article, by=None, at=noon)
    withdraw(article, by=None, at=noon + HOUR)
    with pytest.raises(IntegrityError), transaction.atomic():
        Edition.objects.filter(pk=edition.pk).update(withdrawn_at=None)


# -- review -----------------------------------------------------------------------------------


def test_a_sign_off_stands_for_exactly_this_content(make_article, ines, noon):
    hanna = type(ines).objects.create(name="Dr Hanna Weiss", slug="hanna", role="Doctor")
    article = make_article(author=ines)
    with pytest.raises(NotSigned):
        sign(article, reviewer=ines, by=None, at=noon)
    sign(article, reviewer=hanna, by=None, at=noon)
    publish(article, by=None, at=noon)
    stamped = Edition.objects.with_stamp().get(article=article)
    assert stamped.checked_by == "Dr Hanna Weiss"
    assert stamped.check_due_on.isoformat() == "2027-03-02"
    article.body += "\n\nAnother sentence."
    article.save()
    publish(article, by=None, at=noon + HOUR)
    assert Edition.objects.with_stamp().get(article=article, number=2).checked_by is None


def test_where_the_clinic_wants_it_nothing_is_published_without_review(make_article, editor, noon):
    assert Clinic.objects.get().review_before_publishing  # from the start
    article = make_article()
    with pytest.raises(ReviewMissing):
        publish(article, by=editor, at=noon)
    edition = publish(article, by=editor, at=noon, unreviewed_reason="A typing error")
    assert edition.unreviewed_reason == "A typing error"


def test_checks_are_passed_over_with_a_reason_that_stays(make_article, editor, noon):
    Clinic.objects.update(review_before_publishing=False)
    article = make_article(body="It helps 40 % of people.")
    with pytest.raises(ChecksNotPassed) as refused:
        publish(article, by=editor, at=noon)
    assert [issue.code for issue in refused.value.issues] == ["claim-without-source"]
    edition = publish(article, by=editor, at=noon, checks_reason="Our own count")
    assert edition.checks_reason == "Our own count"
    assert edition.checks_passed == [{"code": "claim-without-source", "where": "body", "line": 1}]


def test_verbs_refuse_those_who_may_not(make_article, author, reviewer, noon):
    article = make_article()
    edition = publish(article, by=None, at=noon)
    for by in (author, reviewer):
        for act in (
            lambda by=by: publish(article, by=by, at=noon),
            lambda by=by: withdraw(article, by=by, at=noon),
            lambda by=by: cancel(edition, by=by, at=noon),
            lambda by=by: republish(edition, by=by, at=noon),
        ):
            with pytest.raises(PermissionDenied):
                act()
    assert article.editions.count() == 1
