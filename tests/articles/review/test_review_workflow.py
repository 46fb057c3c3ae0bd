"""From handing in to the sign-off: who may do what, what mails go out, what a correction keeps."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from articles.models import Article, Edition, Remark, Review
from articles.public import stamps
from articles.publishing import NotPublished, publish
from articles.review.reminders import is_a_day_for_it, remind
from articles.review.reviews import NotSigned, hash_of, send_back, sign, submit
from clinic.mail import outbox
from clinic.models import Credential, Message, Practitioner, User

DAY = timedelta(days=1)


@pytest.fixture
def reviewing_client(hanna: Practitioner, reviewer: Any) -> Client:
    client = Client()
    client.force_login(reviewer, "django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture(autouse=True)
def _mail_in_memory(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def page_of(name: str, article: Article) -> str:
    return reverse(f"admin:articles_article_{name}", args=[article.pk])


# -- handing in, signing, sending back ---------------------------------------------------------


def test_an_author_hands_in_and_the_reviewer_signs(
    client_as: Any, reviewing_client: Client, make_article: Any, hanna: Any
):
    client = client_as("Author")
    author = User.objects.get(username="client-author")
    article = make_article(owner=author, reviewer=hanna)
    assert client.get(page_of("submit", article)).status_code == 200
    article.refresh_from_db()
    assert article.submitted_at is None  # GET changes nothing
    client.post(page_of("submit", article))
    assert "waiting for review" in client.get(page_of("change", article)).content.decode()
    listed = reverse("admin:articles_article_changelist")
    assert article.title in reviewing_client.get(listed, {"state": "review"}).content.decode()

    page = reviewing_client.get(page_of("review", article)).content.decode()
    read = re.search(r'name="read" value="(\w{64})"', page)[1]
    answer = {"do": "sign", "read": read, "certainty": "fair", "comment": "Clear."}
    reviewing_client.post(page_of("review", article), answer)
    article.refresh_from_db()
    assert (article.certainty, article.submitted_at) == ("fair", None)
    review = Review.objects.get()
    assert review.content_hash == hash_of(article, at=review.signed_at)
    assert (review.reviewer, review.note) == (hanna, "Clear.")
    publish(article, by=None, at=review.signed_at)
    assert Edition.objects.with_stamp().get(article=article).checked_by == "Dr Hanna Weiss"


def test_what_was_changed_while_it_was_read_is_not_signed(
    reviewing_client: Client, make_article: Any, noon: Any
):
    article = make_article()
    read = hash_of(article, at=noon)
    Article.objects.update(body="Other words.")
    answer = reviewing_client.post(page_of("review", article), {"do": "sign", "read": read})
    assert "changed while you were reading it" in answer.content.decode()
    assert not Review.objects.exists()


def test_a_text_goes_back_with_a_comment_and_its_owner_is_told(
    reviewing_client: Client, make_article: Any, author: Any, noon: Any
):
    User.objects.filter(pk=author.pk).update(email="ines@larkspur.example")
    article = make_article(owner=author)
    submit(article, by=author, at=noon)
    url = page_of("review", article)
    read = hash_of(article, at=noon)
    without = reviewing_client.post(url, {"do": "return", "read": read})
    assert "Explain what needs to change" in without.content.decode()
    sent = {"do": "return", "read": read, "comment": "Name the risks."}
    reviewing_client.post(url, sent)
    article.refresh_from_db()
    assert article.submitted_at is None
    assert Remark.objects.get().sends_back
    outbox.run_once(Message.objects.latest("pk").due_at)
    (told,) = mail.outbox
    assert told.to == ["ines@larkspur.example"]
    assert "Name the risks." in told.body


@pytest.mark.parametrize("name", ["submit", "review", "invite"])
@pytest.mark.parametrize(
    ("role", "open_to"),
    [
        ("Author", set()),  # of a text that is not theirs
        ("Clinical reviewer", {"review"}),
        ("Editor", {"submit", "invite"}),
        ("Receptionist", set()),
        ("Practitioner", set()),
        ("Manager", {"submit", "review", "invite"}),
    ],
)
def test_each_role_at_each_page(
    name: str, role: str, open_to: set[str], client_as: Any, make_article: Any
):
    url = page_of(name, make_article())
    client = client_as(role)
    assert client.get(url).status_code == (200 if name in open_to else 403)
    if name not in open_to:
        assert client.post(url, {"do": "sign", "read": "x"}).status_code == 403
    assert not Review.objects.exists()


def test_authors_write_their_own_texts_and_no_others(client_as: Any, make_article: Any):
    client = client_as("Author")
    author = User.objects.get(username="client-author")
    own, other = make_article(owner=author), make_article(slug="other")
    assert 'name="_save"' in client.get(page_of("change", own)).content.decode()
    assert 'name="_save"' not in client.get(page_of("change", other)).content.decode()
    assert client.post(page_of("change", other), {"title": "Mine"}).status_code == 403


def test_nobody_signs_their_own_text_not_even_a_superuser(make_article: Any, noon: Any):
    root = User.objects.create_superuser("root")
    me = Practitioner.objects.create(name="Root", slug="root", role="Doctor", user=root)
    written = make_article(author=me)
    handed_in = make_article(slug="other")
    submit(handed_in, by=root, at=noon)
    for article in (written, handed_in):
        with pytest.raises(NotSigned, match="your own"):
            sign(article, reviewer=me, by=root, at=noon)


def test_nobody_signs_in_the_name_of_another(make_article: Any, hanna: Any, ines: Any, noon: Any):
    with pytest.raises(PermissionDenied):
        sign(make_article(), reviewer=ines, by=hanna.user, at=noon)
    with pytest.raises(PermissionDenied):
        send_back(make_article(slug="b"), reviewer=ines, by=hanna.user, at=noon, comment="No.")


def test_a_reviewer_without_a_name_on_the_site_is_told(client_as: Any, make_article: Any):
    client = client_as("Clinical reviewer")
    article = make_article()
    page = client.get(page_of("review", article)).content.decode()
    assert "every approval shows a name" in page
    answer = client.post(page_of("review", article), {"do": "sign", "read": "x"})
    assert answer.status_code == 403


# -- minor corrections -------------------------------------------------------------------------


BODY = "The knee carries teh whole body. Rest for 3 days. It does not lock. See [@chys2023]."


@pytest.mark.parametrize(
    ("body", "carried"),
    [
        (BODY.replace("teh", "the"), True),
        (BODY.replace("3 days", "8 days"), False),
        (BODY.replace("does not lock", "does lock"), False),
        (BODY.replace(" See [@chys2023].", ""), False),
        (BODY.replace("does not", "doesn’t"), False),
        (BODY.replace("whole body", "whole weight"), False),
        (BODY.replace("Rest for", "Avoid it for"), False),
        (BODY.replace("It does", "Nobody knows why it does"), False),
        (BODY.replace("The knee", "The kne"), True),
        (BODY.replace("whole body. R", "whole whole body. r"), True),
        (BODY + " And so it was that another long sentence came into the text unseen.", False),
    ],
)
def test_a_typing_error_keeps_the_sign_off_and_nothing_else_does(
    body: str, carried: bool, make_article: Any, hanna: Any, editor: Any, chys: Any, noon: Any
):
    article = make_article(body=BODY)
    first = sign(article, reviewer=hanna, by=None, at=noon)
    publish(article, by=editor, at=noon)
    article.body = body
    article.save()
    if not carried:
        with pytest.raises(NotPublished, match="more than a minor correction"):
            publish(article, by=editor, at=noon + DAY, minor=True)
        assert Review.objects.count() == 1
        return
    publish(article, by=editor, at=noon + DAY, minor=True)
    review = Review.objects.exclude(pk=first.pk).get()
    assert (review.carried_from, review.signed_by) == (first, editor)
    assert (review.signed_at, review.carried_at) == (noon, noon + DAY)
    stamped = Edition.objects.with_stamp().get(number=2)
    assert (stamped.checked_at, stamped.check_due_on) == (noon, first.next_due_on)


def test_a_process_that_has_not_learned_of_a_correction_shows_its_sign_off(
    make_article: Any,
    hanna: Any,
    editor: Any,
    chys: Any,
    noon: Any,
    monkeypatch: pytest.MonkeyPatch,
):
    article = make_article(body=BODY)
    sign(article, reviewer=hanna, by=None, at=noon)
    publish(article, by=editor, at=noon)
    before = stamps._read()
    article.body = BODY.replace("teh", "the")
    article.save()
    publish(article, by=editor, at=noon + DAY, minor=True)
    monkeypatch.setattr(stamps.page_context, "once", lambda name, build: before)
    editions = list(Edition.objects.filter(article=article).order_by("number"))
    stamps.put_on(editions)
    assert [edition.checked_at for edition in editions] == [noon, noon]


def test_many_small_steps_do_not_add_up(make_article: Any, hanna: Any, editor: Any, noon: Any):
    words = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"]
    article = make_article(body=" ".join(words))
    sign(article, reviewer=hanna, by=None, at=noon)
    publish(article, by=editor, at=noon)
    for step in range(len(words)):
        words[step] = words[step][1] + words[step][0] + words[step][2:]
        article.body = " ".join(words)
        article.save()
        try:
            publish(article, by=editor, at=noon + (step + 1) * DAY, minor=True)
        except NotPublished:
            break
    assert 1 <= step <= 6


# -- due again ---------------------------------------------------------------------------------


def test_the_days_of_reminders(noon: Any):
    due = noon.date()
    days = [n for n in range(-40, 30) if is_a_day_for_it(due, due + n * DAY)]
    assert days == [-30, 0, 7, 14, 21, 28]


def test_one_digest_on_the_days_that_matter_and_none_on_the_others(
    make_article: Any, hanna: Any, author: Any, noon: Any
):
    User.objects.filter(pk=author.pk).update(email="ines@larkspur.example")
    for number in range(2):
        article = make_article(slug=f"a-{number}", title=f"Text {number}", owner=author)
        sign(article, reviewer=hanna, by=None, at=noon)
        publish(article, by=None, at=noon)
    outbox.run_once(noon)
    mail.outbox.clear()  # of the sign-offs
    due_at = noon + 365 * DAY  # a year without a 29 February
    sent = []
    for n in range(-35, 16):
        at = due_at + n * DAY
        with time_machine.travel(at, tick=False):
            remind(at)
            remind(at)  # again on the same day: nothing more
            outbox.run_once(at)
        if mail.outbox:
            (digest,) = mail.outbox
            assert digest.to == ["ines@larkspur.example"]
            assert "Text 0" in digest.body
            assert "Text 1" in digest.body
            sent.append(n)
            mail.outbox.clear()
    assert sent == [-30, 0, 7, 14]


def test_a_day_without_worker_is_made_up_for(make_article: Any, hanna: Any, author: Any, noon: Any):
    article = make_article(owner=author)
    sign(article, reviewer=hanna, by=None, at=noon)
    publish(article, by=None, at=noon)
    due_at = noon + 365 * DAY
    assert remind(due_at - 28 * DAY) == 1
    assert remind(due_at - 27 * DAY) == 0


def test_what_is_due_is_listed(client_as: Any, make_article: Any, hanna: Any, noon: Any):
    article = make_article()
    sign(article, reviewer=hanna, by=None, at=noon)
    publish(article, by=None, at=noon)
    client = client_as("Editor")
    url = reverse("admin:articles_article_changelist")
    for days, listed in ((300, False), (340, True)):
        with time_machine.travel(noon + days * DAY, tick=False):
            client.force_login(
                User.objects.get(username="client-editor"),
                "django.contrib.auth.backends.ModelBackend",
            )
            assert (article.title in client.get(url, {"state": "due"}).content.decode()) == listed


def test_the_stamp_names_the_credentials_that_are_valid(
    client: Client, make_article: Any, hanna: Any, noon: Any
):
    Credential.objects.create(practitioner=hanna, kind="degree", name="MD")
    ended = noon.date() - DAY
    Credential.objects.create(
        practitioner=hanna, kind="registration", name="Former Register", valid_until=ended
    )
    article = make_article()
    sign(article, reviewer=hanna, by=None, at=noon)
    publish(article, by=None, at=noon)
    with time_machine.travel(noon + DAY, tick=False):
        page = client.get("/articles/knees-and-stairs/").content.decode()
    stamp = page.partition('<dl class="stamp">')[2].partition("</dl>")[0]
    assert "Doctor, MD" in stamp
    assert "Former Register" not in stamp
