"""Which red flags are asked of whom: every urgent one, each once, a few on a page."""

import random
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError

from clinic.models import RedFlag, Service
from clinic.models.service import LIMB_OF, Level, Place
from clinic.operations import demo
from clinic.site import triage
from tests import red_flags

pytestmark = [pytest.mark.django_db, pytest.mark.database]

URGENT = {Level.EMERGENCY, Level.TODAY}
AT = datetime(2028, 2, 29, 9, 30, tzinfo=UTC)


@pytest.fixture
def hands(db: None) -> Service:
    return Service.objects.create(name="Hands", slug="hands", summary="Of hands.")


def _sentences(flags: list[RedFlag]) -> list[str]:
    return [flag.sentence for flag in flags]


def _check(asked: list[RedFlag], urgent: set[str]) -> None:
    """Every urgent sentence is on one page, no other twice, the more urgent before."""
    pages = triage.pages(asked)
    lines = [
        (level, flag.sentence.casefold())
        for page in pages
        for level, flags in page
        for flag in flags
    ]
    assert all(1 <= sum(len(flags) for _level, flags in page) <= 8 for page in pages)
    assert len({sentence for _level, sentence in lines}) == len(lines) == len(asked)
    assert {sentence for level, sentence in lines if level in URGENT} == urgent
    ranks = [Level.values.index(level) for level, _sentence in lines]
    assert ranks == sorted(ranks)


def _urgent(flags: Any) -> set[str]:
    return {flag.sentence.casefold() for flag in flags if flag.level in URGENT}


def _touches(flag: RedFlag, place: str) -> bool:
    """As the rule is told to editors: here, on the limb it is part of, or on a part of the limb."""
    near = {place, LIMB_OF.get(place), *(part for part, limb in LIMB_OF.items() if limb == place)}
    return not flag.places or bool(near & set(flag.places))


def test_every_urgent_line_of_the_demo_is_asked_where_it_belongs() -> None:
    demo.load(AT)
    flags = list(RedFlag.objects.all())
    for place in [*Place.values, triage.ANYWHERE]:
        asked = triage.of_places([place])
        wanted = [flag for flag in flags if place == triage.ANYWHERE or _touches(flag, place)]
        _check(asked, _urgent(wanted))
        assert len(triage.pages(asked)) <= (6 if place == triage.ANYWHERE else 3), place
    for service in Service.objects.all():
        _check(triage.of_service(service), _urgent(service.red_flags.all()))
        assert len(triage.pages(triage.of_service(service))) <= 2, service


def test_no_urgent_line_is_left_out_of_any_clinics() -> None:
    """Lines, levels and places by chance, with the same words in several spellings."""
    draw = random.Random("triage")
    offered = Service.objects.create(name="Offered", slug="offered", summary="x")
    for number in range(150):
        red_flags.add(
            offered if draw.random() < 0.7 else None,
            draw.choice(["Sign {}", "SIGN {}", "sign  {}"]).format(number % 90),
            level=draw.choice(Level.values),
            places=draw.sample(Place.values, draw.choice([0, 0, 1, 2, 14])),
        )
    flags = list(RedFlag.objects.all())

    def spelled(sentences: set[str]) -> set[str]:
        return {" ".join(sentence.split()) for sentence in sentences}

    for place in [*Place.values, triage.ANYWHERE]:
        asked = triage.of_places([place])
        wanted = [flag for flag in flags if place == triage.ANYWHERE or _touches(flag, place)]
        assert spelled(_urgent(asked)) == spelled(_urgent(wanted))
        _check(asked, _urgent(asked))
        for flag in asked:  # of two spellings, the more urgent
            same = [each for each in wanted if _words(each) == _words(flag)]
            assert flag.level == min((each.level for each in same), key=Level.values.index)


def _words(flag: RedFlag) -> list[str]:
    return flag.sentence.casefold().split()


@pytest.mark.parametrize(
    ("counts", "pages"),
    [
        ((0, 0, 0), []),
        ((3, 3, 2), [[3, 3, 2]]),
        ((6, 3, 3), [[6], [3, 3]]),
        ((9, 0, 0), [[8], [1]]),
        ((17, 1, 7), [[8], [8], [1, 1], [7]]),
        ((0, 0, 1), [[1]]),
    ],
)
def test_a_level_is_divided_only_if_it_must_be(
    counts: tuple[int, int, int], pages: list[list[int]], hands: Service
) -> None:
    for level, count in zip(Level.values, counts, strict=True):
        red_flags.add(hands, *(f"{level} {number}" for number in range(count)), level=level)
    found = triage.pages(triage.of_service(hands))
    assert [[len(flags) for _level, flags in page] for page in found] == pages


def test_what_is_hidden_is_not_asked(hands: Service) -> None:
    hidden = Service.objects.create(name="Feet", slug="feet", summary="x", is_public=False)
    red_flags.add(hidden, "Cold feet")
    [draft] = red_flags.add(hands, "A draft")
    RedFlag.objects.filter(pk=draft.pk).update(is_public=False)
    red_flags.add(hands, "A cold hand")
    red_flags.add(None, "Of no service")
    assert _sentences(triage.of_places(["hand"])) == ["A cold hand", "Of no service"]
    assert _sentences(triage.of_service(hands)) == ["A cold hand"]
    [(service, groups)] = triage.with_red_flags(Service.objects.filter(is_public=True))
    assert (service, _sentences(groups[0][1])) == (hands, ["A cold hand"])


def test_the_page_of_a_service_has_a_card_for_each_level(client: Any, hands: Service) -> None:
    for level in reversed(Level.values):
        red_flags.add(hands, f"Sign of {level}", level=level)
    page = client.get("/services/hands/").content.decode()
    cards = [page.index(f"card-{kind}") for kind in ("emergency", "urgent", "warning")]
    lines = [page.index(f"Sign of {level}") for level in Level.values]
    assert [place for pair in zip(cards, lines, strict=True) for place in pair] == sorted(
        [*cards, *lines]
    )
    assert page.count('id="red-flags"') == 1
    RedFlag.objects.all().delete()
    assert 'id="red-flags"' not in client.get("/services/hands/").content.decode()


@pytest.mark.parametrize(
    "wrong", [{"level": "later"}, {"sentence": ""}, {"source_url": "javascript:x"}]
)
def test_the_database_refuses_what_is_no_red_flag(db: None, wrong: dict[str, str]) -> None:
    with pytest.raises(IntegrityError):
        RedFlag.objects.create(**{"sentence": "You faint", "level": "today"} | wrong)
