"""Whoever acts on an article from a page that is out of date is told so, and nothing is done."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles import publishing
from articles.admin import actions
from articles.editor import handover
from articles.editor.previews import renew_share_link
from articles.models import Article, Edition, Invitation, Remark, Review
from articles.review import invitations
from articles.review.reviews import hash_of, sign, submit
from clinic.models import Clinic

pytestmark = pytest.mark.django_db


@pytest.fixture
def article(make_article: Callable[..., Any], hanna: Any, editor: Any) -> Article:
    """A page that is live, and another edition that waits for its time."""
    at = timezone.now()
    Clinic.objects.update(review_before_publishing=False)
    hanna.email = "hanna@larkspur.example"
    hanna.save()
    article: Article = make_article(owner=editor)
    publishing.publish(article, by=editor, at=at - timedelta(days=1))
    publishing.publish(
        article, by=editor, at=at, goes_live_at=at + timedelta(days=1), change_note="More."
    )
    article.refresh_from_db()
    return article


@pytest.fixture
def desk(hanna: Any, reviewer: Any, make_user: Any) -> Client:
    """Somebody who may do everything with an article."""
    from django.contrib.auth.models import Group

    reviewer.groups.add(*Group.objects.filter(name__in=["Editor", "Author"]))
    client = Client()
    client.force_login(reviewer, "django.contrib.auth.backends.ModelBackend")
    return client


def _change(name: str, article: Article, hanna: Any, by: Any) -> None:
    """What a colleague does meanwhile."""
    at = timezone.now()
    waiting = Edition.objects.waiting(at).get()
    match name:
        case "write":
            Article.objects.update(summary="Theirs.", revision=article.revision + 1)
        case "submit":
            submit(article, by=by, at=at)
        case "sign":
            sign(article, reviewer=hanna, by=hanna.user, at=at, read=hash_of(article, at=at))
        case "publish":
            publishing.publish(article, by=by, at=at, change_note="Theirs.", waiting="keep")
        case "withdraw":
            publishing.withdraw(article, by=by, at=at, waiting="keep")
        case "cancel":
            publishing.cancel(waiting, by=by, at=at)
        case "invite":
            invitations.invite(article, hanna, by=by, at=at)
        case "renew link":
            renew_share_link(article, by=by)
        case "hand over":
            handover.give_texts(by, to=hanna.user, by=by, at=at)


def _state(article: Article) -> list[Any]:
    return [
        list(model.objects.order_by("pk").values())
        for model in (Article, Edition, Review, Remark, Invitation)
    ]


CHANGES = [
    "write",
    "submit",
    "sign",
    "publish",
    "withdraw",
    "cancel",
    "invite",
    "renew link",
    "hand over",
]
VERBS: dict[str, dict[str, str]] = {
    "publish": {"when": "now", "waiting": "cancel", "change_note": "Mine.", "minor": ""},
    "withdraw": {"waiting": "cancel", "note": "Mine."},
    "cancel": {},
    "reschedule": {"goes_live_at_0": "2099-01-01", "goes_live_at_1": "09:00"},
    "republish": {"waiting": "cancel"},
    "submit": {},
    "review": {"do": "return", "comment": "Not yet."},
    "invite": {},
    "renew_link": {},
}


def _address(verb: str, article: Article) -> str:
    numbers = {"cancel": [2], "reschedule": [2], "republish": [1]}.get(verb, [])
    return reverse(f"admin:articles_article_{verb}", args=[article.pk, *numbers])


@pytest.mark.parametrize("change", CHANGES)
def test_all_pairs_of_verbs(
    change: str, article: Article, desk: Client, hanna: Any, editor: Any
) -> None:
    hidden = re.compile(r'name="(seen|read|revision)" value="(\w+)"')
    asked = {
        verb: dict(hidden.findall(desk.get(_address(verb, article)).content.decode()))
        for verb in VERBS
    }
    _change(change, article, hanna, editor)
    before = _state(article)
    for verb, values in VERBS.items():
        sent = asked[verb] | values
        if verb == "invite":
            sent |= {"practitioner": str(hanna.pk)}
        assert sent["seen"]
        response = desk.post(_address(verb, article), sent)
        assert response.status_code == 200, verb
        text = response.content.decode()
        assert "so nothing was done" in text, verb
        for typed in {"change_note", "comment", "note"} & values.keys():
            assert values[typed] in text
        assert _state(article) == before, verb
        # The next press is a knowing one.
        assert dict(hidden.findall(text))["seen"] != asked[verb]["seen"]


def test_a_change_between_the_look_and_the_act_is_noticed(
    article: Article, desk: Client, hanna: Any, editor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A colleague is done after the view has read the article, before its verb has the lock."""
    invited = invitations.invite(article, hanna, by=editor, at=timezone.now())
    addresses = {verb: _address(verb, article) for verb in VERBS}
    addresses["take_back"] = reverse(
        "admin:articles_article_take_back", args=[article.pk, invited.pk]
    )
    real, colleague = actions.article_for, []

    def article_for(*args: Any) -> Article:
        found = real(*args)
        for act in colleague:
            act()
        return found

    monkeypatch.setattr(actions, "article_for", article_for)
    hidden = re.compile(r'name="(seen|read|revision)" value="(\w+)"')
    for verb, address in addresses.items():
        sent = dict(hidden.findall(desk.get(address).content.decode())) | VERBS.get(verb, {})
        sent |= {"practitioner": str(hanna.pk)} if verb == "invite" else {}
        theirs = "submit" if verb == "renew_link" else "renew link"
        before: list[Any] = []
        colleague[:] = [
            lambda name=theirs: _change(name, article, hanna, editor),
            lambda now=before: now.append(_state(article)),
        ]
        refused = desk.post(address, sent)
        colleague.clear()
        assert "so nothing was done" in refused.content.decode(), verb
        assert [_state(article)] == before, verb


def test_a_stale_form_does_not_hand_a_text_back(
    article: Article, desk: Client, hanna: Any, editor: Any
) -> None:
    """The owner is no word of the text: a change of it raises no revision."""
    address = reverse("admin:articles_article_change", args=[article.pk])
    page = desk.get(address).content.decode()
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen
    handover.give_texts(editor, to=hanna.user, by=editor, at=timezone.now())
    sent = {
        "seen": seen[1],
        "opened_revision": str(article.revision),
        "kind": article.kind,
        "title": "A new title",
        "slug": article.slug,
        "summary": article.summary,
        "takeaways": article.takeaways,
        "body": article.body,
        "owner": str(editor.pk),
        "questions-TOTAL_FORMS": "0",
        "questions-INITIAL_FORMS": "0",
    }
    refused = desk.post(address, sent).content.decode()
    assert "Someone else changed this after you opened it." in refused
    assert "A new title" in refused
    article.refresh_from_db()
    assert article.owner == hanna.user
    assert article.title == "Knees and stairs"
