"""Nobody reviews a text in which they had a part, whatever road they take."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from articles.contributions import record
from articles.editor import handover
from articles.models import Article, Contribution, Edition, Review
from articles.publishing import NotPublished, ReviewMissing, publish
from articles.review import invitations
from articles.review.reviews import NotSigned, sign, signed, submit
from clinic.lib.database import guards
from clinic.models import Practitioner, User
from tests.articles.admin.test_admin_article import change_url, form_of

HOUR = timedelta(hours=1)


@pytest.fixture
def desk(client_as: Any) -> Client:
    """A manager, who may write, publish and review."""
    return client_as("Manager")


@pytest.fixture
def mara(desk: Client) -> Practitioner:
    """The same manager on the site."""
    user = User.objects.get(username="client-manager")
    return Practitioner.objects.create(name="Mara Lind", slug="mara", role="Physio", user=user)


def save(client: Client, article: Article, **changes: Any) -> Article:
    """Save it in the admin; the article as it is then."""
    people = {"author": article.author_id or "", "reviewer": article.reviewer_id or ""}
    answer = client.post(change_url(article), form_of(article, **{**people, **changes}))
    assert answer.status_code == 302
    return Article.objects.get(pk=article.pk)


def stamp_of(edition: Edition) -> str | None:
    return Edition.objects.with_stamp().get(pk=edition.pk).checked_by


def test_naming_another_author_makes_no_reviewer_of_the_writer(
    desk: Client, mara: Practitioner, ines: Practitioner, noon: datetime
):
    blank = Article(kind="article", title="Desks", slug="desks", body="Sit less.")
    sent = form_of(blank, author=ines.pk)
    desk.post(reverse("admin:articles_article_add"), sent)
    article = Article.objects.get(slug="desks")
    url = reverse("admin:articles_article_review", args=[article.pk])
    assert "You wrote this article" in desk.get(url).content.decode()
    with pytest.raises(NotSigned, match="your own"):
        sign(article, reviewer=mara, by=mara.user, at=noon)
    assert not Review.objects.exists()


@pytest.mark.parametrize(
    "change", [{"title": "Knees"}, {"summary": "Less."}, {"takeaways": "One"}, {"body": "Words."}]
)
def test_each_change_of_the_words_counts(
    change: dict[str, str], desk: Client, mara: Practitioner, make_article: Any, noon: datetime
):
    article = save(desk, make_article(), **change)
    with pytest.raises(NotSigned, match="your own"):
        sign(article, reviewer=mara, by=mara.user, at=noon)


def test_so_does_a_change_of_the_questions(
    desk: Client, mara: Practitioner, make_article: Any, noon: datetime
):
    rows = {
        "questions-TOTAL_FORMS": "1",
        "questions-0-question": "Does it hurt?",
        "questions-0-answer": "No.",
        "questions-0-order": "0",
    }
    article = save(desk, make_article(), **rows)
    with pytest.raises(NotSigned, match="your own"):
        sign(article, reviewer=mara, by=mara.user, at=noon)


def test_what_is_not_a_word_of_the_text_does_not_count(
    desk: Client, mara: Practitioner, make_article: Any, hanna: Practitioner, noon: datetime
):
    changes = {"slug": "stairs", "seo_title": "Stairs", "certainty": "fair", "reviewer": hanna.pk}
    article = save(desk, make_article(), **changes)
    assert article.revision == 1
    assert not Contribution.objects.exists()
    assert sign(article, reviewer=mara, by=mara.user, at=noon).reviewer == mara


def test_an_author_who_was_replaced_does_not_review(
    client_as: Any, make_article: Any, hanna: Practitioner, ines: Practitioner, noon: datetime
):
    """Hanna is the author, an editor names Ines instead, and Hanna tries to sign."""
    editor = client_as("Editor")
    article = save(editor, make_article(author=hanna), author=ines.pk)
    with pytest.raises(NotSigned, match="your own"):
        sign(article, reviewer=hanna, by=hanna.user, at=noon)
    with pytest.raises(NotSigned, match="your own"):
        sign(article, reviewer=hanna, by=None, at=noon)


def test_a_review_stores_the_author_and_who_changed_the_text(
    client_as: Any, make_article: Any, hanna: Practitioner, ines: Practitioner, noon: datetime
):
    article = save(client_as("Editor"), make_article(author=ines), body="Other words.")
    save(client_as("Author"), make_article(slug="other", owner=author_of("Author")), body="Hm.")
    review = sign(article, reviewer=hanna, by=hanna.user, at=noon)
    assert review.author == ines
    assert list(review.changed_by.all()) == [author_of("Editor")]


def author_of(role: str) -> User:
    return User.objects.get(username=f"client-{role.lower()}")


def test_only_changes_since_the_last_reviewed_edition_count(
    desk: Client, mara: Practitioner, make_article: Any, hanna: Practitioner, noon: datetime
):
    article = save(desk, make_article(), body="Mara's words.")
    publish(article, by=None, at=noon)  # without a review: it starts no new count
    with pytest.raises(NotSigned, match="your own"):
        sign(article, reviewer=mara, by=mara.user, at=noon + HOUR)
    sign(article, reviewer=hanna, by=hanna.user, at=noon + HOUR)
    assert sign(article, reviewer=mara, by=mara.user, at=noon + 2 * HOUR).reviewer == mara
    article = save(desk, article, body="Mara's new words.")
    with pytest.raises(NotSigned, match="your own"):
        sign(article, reviewer=mara, by=mara.user, at=noon + 3 * HOUR)


@pytest.mark.parametrize("role", ["changed", "author", "submitted"])
def test_a_second_entry_with_the_address_of_a_writer_approves_nothing(
    role: str, make_article: Any, editor: User, ines: Practitioner, noon: datetime
):
    """Without an account a reviewer is known by the address that the code goes to."""
    User.objects.filter(pk=editor.pk).update(email="mara@larkspur.example")
    editor.refresh_from_db()
    Practitioner.objects.filter(pk=ines.pk).update(user=editor)
    other = Practitioner.objects.create(
        name="Dr Mara", slug="dr-mara", role="Doctor", email="Mara@larkspur.example"
    )
    article = make_article(author=ines if role == "author" else None)
    if role == "changed":
        record(article, by=editor)
    if role == "submitted":
        submit(article, by=editor, at=noon)
    with pytest.raises(NotSigned, match="your own"):
        sign(article, reviewer=other, by=None, at=noon)


def test_a_writer_whose_account_is_linked_later_is_no_reviewer(
    client_as: Any, make_article: Any, ines: Practitioner, noon: datetime
):
    article = save(client_as("Editor"), make_article(), body="Other words.")
    sign(article, reviewer=ines, by=None, at=noon)
    edition = publish(article, by=None, at=noon)
    assert stamp_of(edition) == "Ines Okafor"
    Practitioner.objects.filter(pk=ines.pk).update(user=author_of("Editor"))
    assert stamp_of(edition) is None
    assert signed(article, at=noon) is None


@pytest.mark.parametrize("first", ["ines", None])
def test_a_new_author_ends_the_stamp_and_the_old_one_brings_it_back(
    first: str | None,
    client_as: Any,
    make_article: Any,
    editor: User,
    hanna: Practitioner,
    ines: Practitioner,
    noon: datetime,
):
    start, other = (ines, None) if first else (None, ines)
    client = client_as("Editor")
    article = make_article(author=start)
    sign(article, reviewer=hanna, by=hanna.user, at=noon)
    assert stamp_of(publish(article, by=editor, at=noon)) == "Dr Hanna Weiss"
    article = save(client, article, author=other.pk if other else "")
    assert signed(article, at=noon) is None
    with pytest.raises(ReviewMissing):
        publish(article, by=editor, at=noon + HOUR)
    with pytest.raises(NotPublished, match="edited this article since it was approved"):
        publish(article, by=editor, at=noon + HOUR, minor=True)
    edition = publish(article, by=editor, at=noon + HOUR, unreviewed_reason="Her words")
    assert stamp_of(edition) is None
    article = save(client, article, author=start.pk if start else "")
    assert stamp_of(publish(article, by=editor, at=noon + 2 * HOUR)) == "Dr Hanna Weiss"


def test_the_reviewer_who_becomes_the_author_has_no_stamp(
    client_as: Any, make_article: Any, hanna: Practitioner, ines: Practitioner, noon: datetime
):
    article = make_article(author=ines)
    sign(article, reviewer=hanna, by=hanna.user, at=noon)
    article = save(client_as("Editor"), article, author=hanna.pk)
    assert stamp_of(publish(article, by=None, at=noon)) is None


def test_a_new_owner_keeps_the_stamp(
    make_article: Any,
    author: User,
    editor: User,
    manager: User,
    hanna: Practitioner,
    noon: datetime,
):
    article = make_article(owner=author)
    sign(article, reviewer=hanna, by=hanna.user, at=noon)
    edition = publish(article, by=editor, at=noon)
    assert handover.give_texts(author, to=editor, by=manager, at=noon) == 1
    article.refresh_from_db()
    assert article.owner == editor
    assert stamp_of(edition) == "Dr Hanna Weiss"
    assert signed(article, at=noon) is not None
    assert not Contribution.objects.exists()


def test_a_correction_by_the_reviewer_carries_nothing_over(
    desk: Client, mara: Practitioner, make_article: Any, editor: User, noon: datetime
):
    article = make_article(body="The knee carries teh whole body.")
    sign(article, reviewer=mara, by=mara.user, at=noon)
    publish(article, by=editor, at=noon)
    article = save(desk, article, body="The knee carries the whole body.")
    with pytest.raises(NotPublished, match="someone else"):
        publish(article, by=editor, at=noon + HOUR, minor=True)


def test_a_carried_review_stores_who_corrected(
    client_as: Any, make_article: Any, editor: User, hanna: Practitioner, noon: datetime
):
    article = make_article(body="The knee carries teh whole body.")
    sign(article, reviewer=hanna, by=hanna.user, at=noon)
    publish(article, by=editor, at=noon)
    article = save(client_as("Editor"), article, body="The knee carries the whole body.")
    edition = publish(article, by=editor, at=noon + HOUR, minor=True)
    assert stamp_of(edition) == "Dr Hanna Weiss"
    carried = Review.objects.exclude(carried_from=None).get()
    assert list(carried.changed_by.all()) == [author_of("Editor")]


def test_a_text_is_not_handed_over_to_a_reviewer_who_wrote_it(
    make_article: Any, hanna: Practitioner, make_user: Any, manager: User, noon: datetime
):
    leaving = make_user("Clinical reviewer", username="leaving")
    theirs = Practitioner.objects.create(name="Lee", slug="lee", role="Doctor", user=leaving)
    article = make_article(reviewer=theirs)
    submit(article, by=manager, at=noon)
    record(article, by=hanna.user)
    handover.give_reviews(leaving, to=hanna.user, by=manager, at=noon)
    article.refresh_from_db()
    assert article.reviewer is None


def test_an_invitation_ends_with_the_address(
    make_article: Any, hanna: Practitioner, editor: User, noon: datetime
):
    """A code that is under way signs nothing once the practitioner has another address."""
    article = make_article()
    invitation = invitations.invite(article, hanna, by=editor, at=noon)
    digest = invitations.hash_of(article, at=noon)
    invitations.send_code(invitation, read=digest, at=noon)
    User.objects.filter(pk=hanna.user_id).update(email="weiss@larkspur.example")
    with pytest.raises(NotSigned, match="expired"):
        invitations.approve(invitation, code=invitations.code_of(invitation), at=noon)
    with pytest.raises(NotSigned, match="expired"):
        invitations.send_code(invitation, read=digest, at=noon)
    assert not invitations.of_article(article, at=noon)[0].is_open
    hanna.refresh_from_db()
    again = invitations.invite(article, Practitioner.objects.get(), by=editor, at=noon)
    assert again.email == "weiss@larkspur.example"


def test_a_link_gives_no_right_that_the_account_lacks(
    make_article: Any, editor: User, ines: Practitioner, noon: datetime
):
    """An editor who is on the site invites themselves to a text in which they had no part."""
    User.objects.filter(pk=editor.pk).update(email="ines@larkspur.example")
    Practitioner.objects.filter(pk=ines.pk).update(user=editor)
    ines.refresh_from_db()
    article = make_article()
    invitation = invitations.invite(article, ines, by=editor, at=noon)
    digest = invitations.hash_of(article, at=noon)
    with pytest.raises(NotSigned, match="not allowed to approve"):
        invitations.send_code(invitation, read=digest, at=noon)
    User.objects.filter(pk=editor.pk).update(is_active=False)
    Practitioner.objects.filter(pk=ines.pk).update(email="ines@larkspur.example")
    invitations.send_code(invitation, read=digest, at=noon)
    User.objects.filter(pk=editor.pk).update(is_active=True)
    invitation.refresh_from_db()
    with pytest.raises(NotSigned, match="not allowed to approve"):
        invitations.approve(invitation, code=invitations.code_of(invitation), at=noon)


def test_the_database_keeps_who_changed_a_reviewed_text(
    make_article: Any, editor: User, hanna: Practitioner, noon: datetime
):
    article = make_article()
    record(article, by=editor)
    review = sign(article, reviewer=hanna, by=hanna.user, at=noon)
    with pytest.raises(IntegrityError), transaction.atomic():
        review.changed_by.clear()
    with guards.stand_aside(connection):
        review.changed_by.clear()
    assert not review.changed_by.exists()
