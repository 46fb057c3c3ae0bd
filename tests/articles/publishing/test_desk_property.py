"""Whatever staff do, and in whatever order: the public sees what the live rule says, the stamp
stands exactly where the words were signed, and history does not change."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import time_machine
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from articles.models import Article, Edition, Review
from articles.publishing import NotPublished, cancel, publish, republish, withdraw
from articles.review.reviews import sign
from clinic.site import page_context

HOUR = timedelta(hours=1)
# The first two differ by a typing error, the others by more.
WORDS = (
    "The knee carries teh whole body.",
    "The knee carries the whole body.",
    "Rest for some days, and then walk again: a little more each time, until it is easy.",
    "Nobody knows why the knee hurts.",
)
STEPS = st.one_of(
    st.tuples(st.just("edit"), st.integers(0, 3)),
    st.tuples(st.just("sign"), st.just(0)),
    st.tuples(st.just("publish"), st.just(0)),
    st.tuples(st.just("correct"), st.just(0)),
    st.tuples(st.just("schedule"), st.integers(1, 5)),
    st.tuples(st.just("withdraw"), st.just(0)),
    st.tuples(st.just("cancel"), st.just(0)),
    st.tuples(st.just("republish"), st.integers(1, 4)),
    st.tuples(st.just("wait"), st.integers(1, 6)),
)


@dataclass
class Made:
    """An edition as the model remembers it."""

    number: int
    words: str
    live_at: datetime
    withdrawn_at: datetime | None = None


@dataclass
class Model:
    """The live rule of docs, over plain lists."""

    words: str
    made: list[Made] = field(default_factory=list)
    signed: set[str] = field(default_factory=set)

    def decisive(self, at: datetime) -> Made | None:
        come = [
            one
            for one in self.made
            if one.live_at <= at and not (one.withdrawn_at and one.withdrawn_at < one.live_at)
        ]
        return max(come, key=lambda one: (one.live_at, one.number), default=None)

    def live(self, at: datetime) -> Made | None:
        last = self.decisive(at)
        return None if last is None or (last.withdrawn_at and last.withdrawn_at <= at) else last


@given(steps=st.lists(STEPS, max_size=14))
@example(steps=[("sign", 0), ("publish", 0), ("edit", 3), ("correct", 0)])
@settings(
    max_examples=settings.default.max_examples // 2,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_public_view_is_the_models(
    steps: list[tuple[str, int]], make_article: Any, hanna: Any, editor: Any, noon: datetime
):
    with transaction.atomic():
        article = make_article(body=WORDS[0])
        model, now = Model(WORDS[0]), noon
        for name, number in steps:
            now += timedelta(minutes=1) if name != "wait" else number * HOUR
            kept = history(article)
            act(name, number, article, model, hanna, editor, now)
            assert set(kept) <= set(history(article))
            for at in (now, now + 3 * HOUR):
                compare(article, model, at)
        for at in (now, now + 3 * HOUR):
            read(article, model, at)
        transaction.set_rollback(True)


def act(
    name: str, number: int, article: Article, model: Model, hanna: Any, editor: Any, at: datetime
) -> None:
    """Do one step on the site and, unless it was refused, in the model."""
    why = {"by": editor, "at": at, "unreviewed_reason": "Tried out."}
    try:
        with transaction.atomic():
            match name:
                case "edit":
                    article.body = model.words = WORDS[number]
                    article.save()
                case "sign":
                    sign(article, reviewer=hanna, by=None, at=at)
                    model.signed.add(model.words)
                case "publish":
                    made = publish(article, **why, waiting="keep")
                    model.made.append(Made(made.number, model.words, at))
                case "correct":
                    made = publish(article, by=editor, at=at, minor=True, waiting="keep")
                    is_small = bool(model.signed & set(WORDS[:2])) and model.words in WORDS[:2]
                    assert model.words in model.signed or is_small
                    model.signed.add(model.words)
                    model.made.append(Made(made.number, model.words, at))
                case "schedule":
                    made = publish(article, **why, goes_live_at=at + number * HOUR)
                    model.made.append(Made(made.number, model.words, at + number * HOUR))
                case "withdraw":
                    gone = withdraw(article, by=editor, at=at)
                    model.made[gone.number - 1].withdrawn_at = at
                case "cancel":
                    waiting = Edition.objects.filter(article=article).order_by("-number").first()
                    if waiting:
                        cancel(waiting, by=editor, at=at)
                        model.made[waiting.number - 1].withdrawn_at = at
                case "republish":
                    old = Edition.objects.filter(article=article, number=number).first()
                    if old:
                        made = republish(old, **why, waiting="keep")
                        words = model.made[number - 1].words
                        model.made.append(Made(made.number, words, at))
    except NotPublished:
        pass


def compare(article: Article, model: Model, at: datetime) -> None:
    public = Edition.objects.live(at).with_stamp().filter(article=article).first()
    expected = model.live(at)
    assert (public and public.number) == (expected and expected.number)
    if public and expected:
        assert public.body == expected.words
        assert bool(public.checked_at) == (expected.words in model.signed)
    kept = Edition.objects.filter(article=article).order_by("number")
    assert [(one.number, one.body, one.goes_live_at, one.withdrawn_at) for one in kept] == [
        (one.number, one.words, one.live_at, one.withdrawn_at) for one in model.made
    ]


def read(article: Article, model: Model, at: datetime) -> None:
    """As a visitor: the page, its stamp, or that there is none (404) or none any more (410)."""
    page_context.forget()  # a second has passed
    with time_machine.travel(at, tick=False):
        answer = Client().get(f"/articles/{article.slug}/")
    expected = model.live(at)
    if expected is None:
        assert answer.status_code == (410 if model.decisive(at) else 404)
        return
    page = answer.content.decode()
    assert answer.status_code == 200
    assert expected.words in page
    assert ('<dl class="stamp">' in page) == (expected.words in model.signed)


def history(article: Article) -> list[tuple[Any, ...]]:
    """All of every edition but whether it was withdrawn, and every sign-off."""
    editions = Edition.objects.filter(article=article).order_by("number").defer("withdrawn_at")
    return [
        *(
            (row.pk, row.number, row.body, row.content_hash, row.goes_live_at, row.change_note)
            for row in editions
        ),
        *Review.objects.filter(article=article).order_by("pk").values_list(),
    ]
