"""The pages before the request: where the problem is, the red flags of each level, and what to do.

What is answered is stored nowhere, logged nowhere, and in no address.
"""

import json
import logging
import re
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client

from bookings.intake import red_flag_gate
from bookings.models import Enquiry
from clinic.models import RedFlag, Service, Throttle
from clinic.models.service import Level
from tests import red_flags

pytestmark = pytest.mark.django_db

BOOK = "/book/"
NOT_SURE = red_flag_gate.NOT_SURE
TYPED = {
    "name": "Margaret Ellery",
    "message": "It began when I lifted a box.",
    "days": ["0", "2"],
}


def _text(response: Any) -> str:
    return response.content.decode()


def _main(response: Any) -> str:
    return _text(response).partition("<main")[2].partition("</main>")[0]


def _fields(response: Any) -> dict[str, Any]:
    """What a browser sends of the page's form if nothing is answered."""
    page = _main(response)
    sent: dict[str, Any] = {}
    for tag in re.findall(r"<input [^>]*>", page):
        value = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if value.get("type") == "hidden" or " checked" in tag:
            if value["name"] == "csrfmiddlewaretoken":
                continue
            sent.setdefault(value["name"], []).append(value.get("value", ""))
    return sent


def _send(visitor: Client, response: Any, **answers: str | list[str]) -> Any:
    return visitor.post(BOOK, _fields(response) | answers, follow=True)


def _levels(response: Any) -> list[str]:
    """The questions of a page."""
    return re.findall(r'<div class="field[^"]*" id="field-(emergency|today)"', _text(response))


def _lines(response: Any) -> list[str]:
    shown = re.findall(
        r'<ul class="flags".*?</ul>|class="card card-warning".*?</section>', _text(response), re.S
    )
    return re.findall(r"<li>(.*?)</li>", " ".join(shown))


@pytest.fixture
def leveled(service: Any) -> Any:
    """The service with two red flags of each level, all on one page."""
    RedFlag.objects.all().delete()
    for level in Level.values:
        red_flags.add(service, f"First {level}", f"Second {level}", level=level, places=["back"])
    return service


@pytest.fixture
def asked(visitor: Client, leveled: Any) -> Any:
    """The page of its red flags."""
    return visitor.get(BOOK, {"service": leveled.slug})


# -- what is asked ------------------------------------------------------------------------------


def test_each_level_is_a_question_and_the_last_only_advises(asked: Any) -> None:
    assert _levels(asked) == ["emergency", "today"]
    assert len(_lines(asked)) == 6
    assert "You can still come to us. Tell us at your appointment if:" in _text(asked)
    assert _text(asked).count('type="radio"') == 4 + red_flag_gate.services().count() + 1


def test_no_twice_goes_on_to_the_request(visitor: Client, asked: Any) -> None:
    passed = _send(visitor, asked, emergency="no", today="no")
    assert 'name="gate"' in _text(passed)
    assert "tell" not in _fields(passed)


@pytest.mark.parametrize(
    ("answers", "missing"),
    [
        ({}, ["emergency", "today"]),
        ({"emergency": "no"}, ["today"]),
        ({"today": "yes"}, ["emergency"]),
        ({"emergency": "perhaps", "today": "no"}, ["emergency"]),
    ],
)
def test_each_question_must_be_answered(
    visitor: Client, asked: Any, answers: dict[str, str], missing: list[str]
) -> None:
    again = _send(visitor, asked, **answers)
    assert again.status_code == 422
    assert re.findall(r'href="#id_(\w+)_0"', _text(again)) == missing
    assert len(_lines(again)) == 6
    for level, said in answers.items():  # what was answered stays
        assert (_fields(again).get(level) == [said]) is (said != "perhaps")


@pytest.mark.parametrize(
    ("level", "heading"),
    [("emergency", "Please get help now"), ("today", "Please see a doctor today")],
)
def test_a_yes_interrupts_with_a_way_on(
    visitor: Client, asked: Any, level: str, heading: str
) -> None:
    answers = {"emergency": "no", "today": "no"} | {level: "yes"}
    card = _send(visitor, asked, **answers)
    assert card.status_code == 200
    assert f"<h1>{heading}</h1>" in _text(card)
    assert ('href="tel:911"' in _main(card)) is (level == "emergency")
    assert 'name="gate"' not in _text(card)
    assert card["Cache-Control"] == "private, no-cache"  # “back” may return to it
    on = _send(visitor, card, seen=level)
    assert 'name="gate"' in _text(on)
    other = _send(visitor, card, another="1")
    assert 'name="service"' in _text(other)
    assert _levels(other) == []


def test_both_are_told_the_more_urgent_first(visitor: Client, asked: Any) -> None:
    card = _send(visitor, asked, emergency="yes", today="yes")
    assert "Please get help now" in _text(card)
    card = _send(visitor, card, seen="emergency")
    assert "Please see a doctor today" in _text(card)
    seen = re.findall(r'name="seen" value="([^"]*)"', _text(card))
    assert seen == ["emergency today"]
    assert 'name="gate"' in _text(_send(visitor, card, seen=seen[0]))


def test_a_yes_is_heard_whatever_else_is_changed(visitor: Client, asked: Any, service: Any) -> None:
    Service.objects.create(name="Hands", slug="hands", summary="x")
    answers = {"emergency": "yes", "today": "no"}
    assert "Please get help now" in _text(_send(visitor, asked, service="hands", **answers))
    RedFlag.objects.filter(level="emergency").delete()  # meanwhile, by an editor
    assert "Please get help now" in _text(_send(visitor, asked, **answers))


# -- several pages --------------------------------------------------------------------------------


@pytest.fixture
def many(service: Any) -> Any:
    RedFlag.objects.all().delete()
    red_flags.add(service, *(f"Emergency {n}" for n in range(11)), places=["knee"])
    red_flags.add(service, *(f"Today {n}" for n in range(7)), level="today")
    red_flags.add(service, *(f"Tell {n}" for n in range(3)), level="tell", places=["back"])
    return service


def test_at_most_eight_a_page_none_twice_and_none_left_out(visitor: Client, many: Any) -> None:
    page, seen = visitor.get(BOOK, {"service": many.slug}), []
    while 'name="gate"' not in _text(page):
        assert 1 <= len(_lines(page)) <= 8
        assert f"page {len(seen) + 1} of 4" in _text(page)
        assert not {"emergency", "today"} & _fields(page).keys()  # nothing answered in advance
        seen.append(_lines(page))
        page = _send(visitor, page, **dict.fromkeys(_levels(page), "no"))
    sentences = [line for lines in seen for line in lines]
    assert sorted(sentences) == sorted(RedFlag.objects.values_list("sentence", flat=True))
    assert len(seen) == 4


def test_a_yes_is_decided_on_its_page(visitor: Client, many: Any) -> None:
    first = visitor.get(BOOK, {"service": many.slug})
    card = _send(visitor, first, emergency="yes")
    assert "Please get help now" in _text(card)
    second = _send(visitor, card, seen="emergency")
    assert _lines(second) == ["Emergency 8", "Emergency 9", "Emergency 10"]
    # Seen on the page before does not count for this one.
    assert "Please get help now" in _text(_send(visitor, second, emergency="yes"))


def test_a_line_that_is_added_meanwhile_is_asked(visitor: Client, many: Any) -> None:
    first = visitor.get(BOOK, {"service": many.slug})
    [new] = red_flags.add(many, "Emergency, new")
    RedFlag.objects.filter(pk=new.pk).update(order=0)
    second = _send(visitor, first, emergency="no")
    assert _lines(second) == ["Emergency, new", "Emergency 8", "Emergency 9", "Emergency 10"]


def test_pages_do_not_mix_in_two_tabs(visitor: Client, many: Any) -> None:
    other = Service.objects.create(name="Hands", slug="hands", summary="x")
    red_flags.add(other, "A cold hand")
    one = visitor.get(BOOK, {"service": many.slug})
    two = visitor.get(BOOK, {"service": "hands"})
    one = _send(visitor, one, emergency="no")
    two = _send(visitor, two, emergency="no")
    assert 'name="gate"' in _text(two)
    assert "Emergency 8" in _lines(one)


@pytest.mark.parametrize("numbers", ["1.2", "x", "9" * 5000, "²", "0." * 9000, "1\0"])
def test_made_up_numbers_are_passed_over(visitor: Client, asked: Any, numbers: str) -> None:
    sent = {"lines": numbers, "passed": numbers, "emergency": "no", "today": "no"}
    assert visitor.post(BOOK, _fields(asked) | sent).status_code in {200, 422}


# -- not sure -------------------------------------------------------------------------------------


@pytest.fixture
def where(visitor: Client, many: Any) -> Any:
    return visitor.post(BOOK, {"service": NOT_SURE}, follow=True)


def test_who_is_not_sure_says_where_first(visitor: Client, where: Any) -> None:
    assert where.redirect_chain == [(f"/book/?service={NOT_SURE}", 302)]
    page = _text(where)
    assert page.count('name="place"') == 15
    assert page.count("body-figure") >= 15
    assert _lines(where) == []
    unanswered = _send(visitor, where)
    assert unanswered.status_code == 422
    assert 'href="#id_place_0"' in _text(unanswered)
    assert _send(visitor, where, place="nose").status_code == 422


def test_the_lines_of_the_place_follow(visitor: Client, where: Any) -> None:
    back = _send(visitor, where, place="back")
    assert back.redirect_chain == []  # the part of the body is in no address
    assert _lines(back) == [f"Today {n}" for n in range(7)]
    assert "Low back. Change" in _text(back)
    last = _send(visitor, back, today="no")
    assert _lines(last) == ["Tell 0", "Tell 1", "Tell 2"]
    assert _levels(last) == []
    assert 'name="gate"' in _text(_send(visitor, last))


def test_another_place_is_asked_from_its_beginning(visitor: Client, where: Any) -> None:
    back = _send(visitor, where, place="back")
    knee = _send(visitor, back, place="knee", today="no")
    assert _lines(knee) == [f"Emergency {n}" for n in range(8)]
    both = _send(visitor, back, place=["back", "knee"], today="no")
    assert "Low back, Knee. Change" in _text(both)
    asked = []
    while 'name="gate"' not in _text(both):
        asked += _lines(both)
        card = _send(visitor, both, **dict.fromkeys(_levels(both), "yes"))
        seen = re.findall(r'name="seen" value="([^"]*)"', _text(card))
        both = _send(visitor, card, seen=seen) if seen else card
    assert sorted(asked) == sorted(RedFlag.objects.values_list("sentence", flat=True))


def test_a_place_without_red_flags_goes_straight_on(visitor: Client, service: Any) -> None:
    RedFlag.objects.update(places=["head"])
    page = visitor.get(BOOK, {"service": NOT_SURE})
    passed = _send(visitor, page, place="foot")
    assert 'name="gate"' in _text(passed)
    assert red_flag_gate.read_marker(_fields(passed)["gate"][0]).service is None


def test_a_link_names_no_place(visitor: Client, many: Any) -> None:
    page = visitor.get(BOOK, {"service": NOT_SURE, "place": "knee"})
    assert _lines(page) == []


# -- nothing is kept, nothing is lost -------------------------------------------------------------


def test_no_answer_is_stored_logged_or_in_an_address(
    visitor: Client, where: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """With a place and answers that appear nowhere else."""
    caplog.set_level(logging.DEBUG)
    responses = [_send(visitor, where, place="knee")]
    responses.append(_send(visitor, responses[-1], emergency="yes"))
    responses.append(_send(visitor, responses[-1], seen="emergency"))
    responses.append(_send(visitor, responses[-1], emergency="no"))
    responses.append(_send(visitor, responses[-1], today="no"))
    passed = responses[-1]
    assert set(_fields(passed)) <= {"gate", "from", "contact_by", "practitioner", "location"}
    assert "knee" not in json.dumps(_fields(passed))
    for response in responses:
        assert response.redirect_chain == []
        assert set(response.cookies) <= {"csrftoken"}
        assert response["Cache-Control"] in {"no-store", "private, no-cache"}
    assert "knee" not in caplog.text
    assert not Enquiry.objects.exists()
    assert not Throttle.objects.exists()
    assert not Session.objects.exists()
    assert "knee" not in repr(getattr(cache, "_cache", ""))


def test_what_was_typed_travels_through_every_page(visitor: Client, many: Any) -> None:
    page = visitor.post(BOOK, TYPED | {"another": "1"})
    page = _send(visitor, page, service=NOT_SURE)
    page = _send(visitor, page, place="knee")
    card = _send(visitor, page, emergency="yes")
    page = _send(visitor, card, seen="emergency")
    page = _send(visitor, page, emergency="no")
    page = _send(visitor, page, today="no")
    assert 'name="gate"' in _text(page)
    for text in ("Margaret Ellery", "It began when I lifted a box."):
        assert text in _text(card)
        assert text in _text(page)
    assert _fields(page)["days"] == TYPED["days"]
    assert card["Cache-Control"] == "no-store"


@pytest.mark.parametrize("said", ["yes", "no", ""])
def test_a_page_of_an_older_version_is_answered_kindly(
    visitor: Client, asked: Any, leveled: Any, said: str
) -> None:
    older = TYPED | {"service": leveled.slug, "asked": leveled.slug, "any_true": said}
    response = visitor.post(BOOK, older)
    assert response.status_code == 200
    if said == "yes":
        assert "Please get help now" in _text(response)
        response = _send(visitor, response, seen="emergency")
    else:
        assert "This page has timed out." in _text(response)
    assert len(_lines(response)) == 6
    assert "Margaret Ellery" in _text(response)
    assert _fields(response)["days"] == TYPED["days"]


def test_a_browser_without_cookies_is_asked_and_advised(leveled: Any) -> None:
    """It brings no token along; the questions only read, so they are answered all the same."""
    visitor = Client(enforce_csrf_checks=True, headers={"Origin": "http://testserver"})
    page = visitor.post(BOOK, TYPED | {"service": NOT_SURE})
    visitor.cookies.clear()
    page = _send(visitor, page, place="back")
    visitor.cookies.clear()
    assert _levels(page) == ["emergency", "today"]
    card = _send(visitor, page, emergency="no", today="yes")
    visitor.cookies.clear()
    assert "Please see a doctor today" in _text(card)
    on = _send(visitor, card, seen="today")
    assert 'name="gate"' in _text(on)
    assert "Margaret Ellery" in _text(on)
