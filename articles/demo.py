"""The articles of the demo clinic: taken in from articles/demo, as an operator would."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path

from django.utils import timezone

from articles import publishing
from articles.importers.portable import folder
from articles.importers.portable.files import Publication
from articles.importers.portable.importing import take_in
from articles.importers.portable.texts import of_edition, write
from articles.models import Article, Citation, Edition, Question, Reference, Review, Topic
from articles.review import reviews
from clinic.mail import outbox
from clinic.models import Clinic, DailyCount, Message, Practitioner
from clinic.site import page_context

FOLDER = Path(__file__).with_name("demo")
PRIVACY = {"kind": "page", "slug": "privacy"}  # the page that every site has from the start

NEWEST_AGE = timedelta(days=4)
SCHEDULED_IN = timedelta(days=14)
SCHEDULED_AT = time(8)
REVIEWER = "hanna-weiss"
# Those whose page shows her sign-off; the others show what a page without one looks like.
REVIEWED = (
    "ankle-sprain",
    "dry-needling-low-back-pain",
    "first-two-weeks-of-back-pain",
    "frozen-shoulder",
    "knee-arthritis-exercise",
    "pelvic-floor-after-birth",
)
READ_BEFORE = timedelta(days=2)  # she reads a text some days before it is published


def is_empty() -> bool:
    """Whether there is nothing but the page that migrations make."""
    others = Article.objects.exclude(**PRIVACY)
    return not (others.exists() or Reference.objects.exists() or Topic.objects.exists())


def load(at: datetime) -> None:
    """Publish the demo's texts at dates that lie before `at`, the newest of them some days; does
    nothing where there are texts. People and services must be there."""
    if not is_empty():
        return
    zone = Clinic.objects.get(id=1).zone
    found = folder.read(FOLDER, zone)
    newest = max(moment for entry in found.entries for moment in _past_moments(entry))
    days = timedelta(days=(at - NEWEST_AGE - newest).days)
    coming_on = timezone.localdate(at, zone) + SCHEDULED_IN
    coming_at = datetime.combine(coming_on, SCHEDULED_AT, zone)
    entries = tuple(_moved(entry, days, coming_at) for entry in found.entries)
    # Where the clock has been put back, the privacy page of the migrations is still to come.
    for edition in Edition.objects.waiting(at):
        publishing.cancel(edition, by=None, at=at)
    take_in(replace(found, entries=entries), publish=True, at=at)
    _sign()


def add_votes(at: datetime) -> None:
    """Let readers find the articles helpful, more or less: numbers of a week for each."""
    today = timezone.localdate(at, page_context.zone())
    if DailyCount.objects.filter(what=DailyCount.What.HELPFUL).exists():
        return
    DailyCount.objects.bulk_create(
        DailyCount(
            day=today - timedelta(weeks=week, days=1),
            what=what,
            path=edition.get_absolute_url(),
            number=number,
        )
        for place, edition in enumerate(Edition.objects.live(at).articles().order_by("id"))
        for week in range(12)
        for what, number in (
            (DailyCount.What.HELPFUL, (5 * place + week) % (3 + place % 4)),
            (DailyCount.What.UNHELPFUL, int((place + week) % (4 + place % 3) == 0)),
        )
        if number
    )


def remove() -> None:
    """Take all texts away; the privacy page is again as it was made. The caller lets the guards
    stand aside and raises the content version."""
    privacy = Article.objects.get(**PRIVACY)
    first = Edition.objects.filter(article=privacy).order_by("number")[:1].get()
    Edition.objects.filter(pk=first.pk).update(withdrawn_at=None)
    Review.objects.update(carried_from=None)
    Review.changed_by.through.objects.all().delete()
    for rows in (
        Review.objects.all(),
        Citation.objects.all(),
        Edition.objects.exclude(pk=first.pk),
        Question.objects.all(),
        Article.objects.exclude(pk=privacy.pk),
        Topic.objects.all(),
        Reference.objects.all(),
    ):
        rows.delete()
    write(privacy, of_edition(first), related={})
    Article.objects.filter(pk=privacy.pk).update(body=first.body, revision=0)


def _past_moments(entry: folder.Entry) -> list[datetime]:
    public = entry.manuscript.publication
    published = [public.published_at] if public.published_at else []
    return published + [moment for moment, _note in public.updates]


def _moved(entry: folder.Entry, by: timedelta, coming_at: datetime) -> folder.Entry:
    public = entry.manuscript.publication
    moved = Publication(
        state=public.state,
        published_at=public.published_at and public.published_at + by,
        goes_live_at=public.goes_live_at and coming_at,
        updates=tuple((moment + by, note) for moment, note in public.updates),
    )
    return replace(entry, manuscript=replace(entry.manuscript, publication=moved))


def _sign() -> None:
    reviewer = Practitioner.objects.select_related("user").get(slug=REVIEWER)
    for article in Article.objects.filter(kind="article", slug__in=REVIEWED).order_by("slug"):
        last = article.editions.order_by("-number")[:1].get()
        reviews.sign(
            article, reviewer=reviewer, by=reviewer.user, at=last.goes_live_at - READ_BEFORE
        )
    outbox.erase(Message.objects.filter(kind=reviews.SIGNED))  # news from long ago
