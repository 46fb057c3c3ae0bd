"""A practitioner without an account answers by the link that was mailed: until it ends or is taken
back."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse

from articles.models import Article, Invitation, Remark, Review
from articles.review import invitations
from articles.review.reviews import NotSigned
from clinic.mail import outbox
from clinic.models import Message, Practitioner

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _mail_in_memory(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def invited() -> Invitation:
    return Invitation.objects.get()


def take_back_page() -> str:
    one = invited()
    return reverse("admin:articles_article_take_back", args=[one.article_id, one.pk])


def page_of(name: str) -> str:
    return reverse(f"admin:articles_article_{name}", args=[invited().article_id])


@pytest.fixture
def link(make_article: Any, hanna: Practitioner, editor: Any, noon: Any) -> str:
    """The link that was mailed to Hanna."""
    invitations.invite(make_article(), hanna, by=editor, at=noon)
    outbox.run_once(noon)
    (sent,) = mail.outbox
    mail.outbox.clear()
    assert sent.to == ["hanna@larkspur.example"]
    return re.search(r"http\S+?(/preview/\S+/)", sent.body)[1]


def answer(client: Client, link: str, do: str, **fields: str) -> Any:
    page = client.get(link).content.decode()
    read = re.search(r'name="read" value="(\w{64})"', page)[1]
    return client.post(link, {"do": do, "read": read, **fields}, follow=True)


def mailed_code(at: Any) -> str:
    outbox.run_once(at)
    return re.search(r"^\d{6}$", mail.outbox.pop().body, re.MULTILINE)[0]


def test_a_practitioner_without_account_approves_with_a_mailed_code(
    client: Client, link: str, hanna: Practitioner, noon: Any
):
    with time_machine.travel(noon, tick=False):
        assert "The knee carries more" in client.get(link).content.decode()
        assert not Message.objects.filter(kind="review-code").exists()
        answer(client, link, "code")
        code = mailed_code(noon)
        wrong = "000000" if code != "000000" else "111111"
        assert "That code is wrong" in answer(client, link, "approve", code=wrong).content.decode()
        assert not Review.objects.exists()
        shown = answer(client, link, "approve", code=f"{code[:3]} {code[3:]}").content.decode()
        assert "You have approved this article" in shown
        review = Review.objects.get()
        assert (review.reviewer, review.signed_by) == (hanna, None)
        again = answer(client, link, "approve", code=code).content.decode()
        assert "This code has expired" in again
    assert Review.objects.count() == 1


def test_a_code_ends_by_time_by_tries_and_by_a_change(client: Client, link: str, noon: Any):
    with time_machine.travel(noon, tick=False) as clock:
        answer(client, link, "code")
        code = mailed_code(noon)
        clock.shift(invitations.CODE_LASTS)
        assert "has expired" in answer(client, link, "approve", code=code).content.decode()
        answer(client, link, "code")
        code = mailed_code(noon + DAY)
        for _ in range(invitations.TRIES):
            answer(client, link, "approve", code="x")
        assert "has expired" in answer(client, link, "approve", code=code).content.decode()
        answer(client, link, "code")
        code = mailed_code(noon + DAY)
        Article.objects.update(body="Other words.")
        page = answer(client, link, "approve", code=code).content.decode()
        assert "changed while you were reading it" in page
    assert not Review.objects.exists()


def test_without_a_code_it_is_a_comment_and_no_stamp(client: Client, link: str, noon: Any):
    with time_machine.travel(noon, tick=False):
        answer(client, link, "comment", comment="Looks good.")
        answer(client, link, "return", comment="Name the risks.")
        assert "Enter a comment first" in answer(client, link, "comment").content.decode()
        answer(client, link, "approve", code="")
    said = Remark.objects.order_by("pk").values_list("name", "text", "sends_back")
    assert list(said) == [
        ("Dr Hanna Weiss", "Looks good.", False),
        ("Dr Hanna Weiss", "Name the risks.", True),
    ]
    assert not Review.objects.exists()


def test_a_link_takes_so_many_comments_a_day(
    client: Client, link: str, noon: Any, monkeypatch: Any
):
    """Each is kept, and each that sends back is a mail to the author."""
    monkeypatch.setattr(invitations, "ANSWERS_PER_DAY", 3)
    with time_machine.travel(noon, tick=False):
        for do in ("comment", "return", "comment", "comment", "return"):
            page = answer(client, link, do, comment="Again.").content.decode()
        assert "sent many comments today" in page
        assert "Again." in page, "what was typed stays"
        assert Remark.objects.count() == 3
    with time_machine.travel(noon + timedelta(days=1), tick=False):
        answer(client, link, "comment", comment="Tomorrow.")
        assert Remark.objects.count() == 4


def test_a_link_that_ended_says_so_and_one_that_was_made_up_is_none(
    client: Client, link: str, noon: Any
):
    with time_machine.travel(noon + invitations.LASTS, tick=False):
        for answered in (client.get(link), client.post(link, {"do": "code", "read": "x"})):
            assert answered.status_code == 410
            assert "It was valid for a few days only" in answered.content.decode()
            assert "The knee carries more" not in answered.content.decode()
    with time_machine.travel(noon, tick=False):
        other = "B" if link[-2] == "A" else "A"
        assert client.get(f"{link[:-2]}{other}/").status_code == 404
        Invitation.objects.all().delete()
        assert client.get(link).status_code == 404


def test_a_link_is_listed_and_taken_back(
    client: Client, client_as: Any, link: str, hanna: Practitioner, noon: Any
):
    with time_machine.travel(noon, tick=False):
        answer(client, link, "code")
        code = mailed_code(noon)
        read = invited().code_hash
        desk = client_as("Editor")
        url = take_back_page()
        panel = desk.get(page_of("change")).content.decode()
        assert "hanna@larkspur.example" in panel
        assert url in panel
        assert "Revoke link" in desk.get(url).content.decode()
        assert client.get(link).status_code == 200  # asking changes nothing
        desk.post(url)
        over = client.get(link)
        assert over.status_code == 410
        assert "The clinic has revoked it" in over.content.decode()
        assert over["Cache-Control"] == "no-store"
        sent = {"do": "approve", "read": read, "code": code}
        assert client.post(link, sent).status_code == 410
        with pytest.raises(NotSigned, match="expired"):
            invitations.approve(invited(), code=code, at=noon)
        with pytest.raises(NotSigned):
            invitations.send_code(invited(), read=read, at=noon)
        first = invited().revoked_at
        desk.post(url)
        assert invited().revoked_at == first
        panel = desk.get(page_of("change")).content.decode()
        assert "was revoked" in panel
        assert url not in panel
    assert not Review.objects.exists()


def test_a_link_taken_back_before_it_was_mailed_is_not_mailed(
    make_article: Any, hanna: Practitioner, editor: Any, noon: Any
):
    invitation = invitations.invite(make_article(), hanna, by=editor, at=noon)
    invitations.revoke(invitation, by=editor, at=noon)
    outbox.run_once(noon)
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("Author", 403),  # of a text that is not theirs
        ("Clinical reviewer", 403),
        ("Editor", 200),
        ("Receptionist", 403),
        ("Practitioner", 403),
        ("Manager", 200),
    ],
)
def test_who_may_take_a_link_back(role: str, status: int, client_as: Any, link: str):
    client = client_as(role)
    assert client.get(take_back_page()).status_code == status
    client.post(take_back_page())
    assert (invited().revoked_at is None) == (status == 403)


def test_only_the_links_of_a_text_are_taken_back_there(
    client_as: Any, make_article: Any, link: str
):
    other = make_article(slug="other")
    url = reverse("admin:articles_article_take_back", args=[other.pk, invited().pk])
    assert client_as("Editor").post(url).status_code == 404


def test_who_has_no_address_cannot_be_asked(client_as: Any, make_article: Any, ines: Any):
    article = make_article()
    url = reverse("admin:articles_article_invite", args=[article.pk])
    page = client_as("Editor").post(url, {"practitioner": ines.pk}).content.decode()
    assert "has no email address" in page
    assert not Invitation.objects.exists()
