"""Which red flags are asked, of whom, and in which order.

Who chooses a service is asked its own; who doesn't know which is asked those of a part of the body.
Only reads, and knows nothing of what is answered.
"""

from collections.abc import Collection, Iterable

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from clinic.models import RedFlag, Service
from clinic.models.service import LIMB_OF, Level, Place

MOST_ON_A_PAGE = 8
ANYWHERE = "anywhere"  # a place that has no name here
PLACES = [*Place.choices, (ANYWHERE, _("Somewhere else"))]
Group = tuple[Level, list[RedFlag]]


def of_service(service: Service) -> list[RedFlag]:
    """Return what is asked of those who chose this service, the most urgent first."""
    return _in_order(_public().filter(services=service))


def of_places(places: Collection[str]) -> list[RedFlag]:
    """Return what is asked of those who have a problem in these parts of the body, the most urgent
    first: their own red flags, those of their limbs or of the parts of them, and those of every
    part. With ANYWHERE all of them."""
    offered = _public().filter(Q(services=None) | Q(services__is_public=True)).distinct()
    return _in_order(flag for flag in offered if any(_concerns(flag, place) for place in places))


def with_red_flags(services: QuerySet[Service]) -> list[tuple[Service, list[Group]]]:
    """Return those of the services that have red flags, each with them by level."""
    rows = services.prefetch_related(Prefetch("red_flags", _public(), to_attr="asked_first"))
    return [(row, by_level(_in_order(row.asked_first))) for row in rows if row.asked_first]


def by_level(flags: Iterable[RedFlag]) -> list[Group]:
    """Return the red flags of each level, the most urgent first; levels without any are left
    out."""
    listed = list(flags)
    groups = [(level, [flag for flag in listed if flag.level == level]) for level in Level]
    return [(level, group) for level, group in groups if group]


def pages(flags: Iterable[RedFlag]) -> list[list[Group]]:
    """Return what is asked on each page: at most MOST_ON_A_PAGE, and a level is divided only if it
    does not fit one page."""
    found: list[list[Group]] = []
    free = 0
    for level, group in by_level(flags):
        for start in range(0, len(group), MOST_ON_A_PAGE):
            part = group[start : start + MOST_ON_A_PAGE]
            if len(part) > free:
                found.append([])
                free = MOST_ON_A_PAGE
            found[-1].append((level, part))
            free -= len(part)
    return found


def _public() -> QuerySet[RedFlag]:
    return RedFlag.objects.filter(is_public=True)


def _in_order(flags: Iterable[RedFlag]) -> list[RedFlag]:
    """Each sentence once, however it is spelled: where two differ in level, the more urgent."""
    ranks = {level: rank for rank, level in enumerate(Level.values)}
    once: dict[str, RedFlag] = {}
    for flag in sorted(flags, key=lambda flag: (ranks[flag.level], flag.order, flag.pk)):
        once.setdefault(" ".join(flag.sentence.casefold().split()), flag)
    return list(once.values())


def _concerns(flag: RedFlag, place: str) -> bool:
    if not flag.places or place == ANYWHERE:
        return True
    return any(
        place in (other, LIMB_OF.get(other)) or other == LIMB_OF.get(place) for other in flag.places
    )
