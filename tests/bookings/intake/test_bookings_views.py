"""The two pages of the booking form: service and red flags, then the request."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from bookings.intake import red_flag_gate, submission
from bookings.models import Enquiry
from bookings.patient import private_links
from clinic import hooks
from clinic.models import Message

pytestmark = pytest.mark.django_db

BOOK = "/book/"


@pytest.fixture
def passed(visitor: Client, service: Any, practitioner: Any) -> str:
    """The marker of somebody who said that no red flag is true."""
    return _hidden(visitor.post(BOOK, _answer(service, "no")), "gate")


@pytest.fixture
def typed(passed: str) -> dict[str, Any]:
    return {
        "gate": passed,
        "practitioner": "ines-okafor",
        "location": "millbrook",
        "days": ["0", "2"],
        "parts": ["morning"],
        "returning": "no",
        "name": "Margaret  Ellery",
        "email": "m.ellery@patients.example",
        "phone": "(613) 555-0188",
        "message": "It began when I lifted a box.\r\nIt is worse at night.",
        "from": "",
    }


def _text(response: Any) -> str:
    return response.content.decode()


def _answer(service: Any, said: str) -> dict[str, str]:
    """The page of this service's red flags, all of one level, with the answer."""
    lines = ".".join(str(flag.pk) for flag in service.red_flags.all())
    return {"service": service.slug, "asked": service.slug, "lines": lines, "emergency": said}


def _hidden(response: Any, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', _text(response))
    assert found, f"no hidden field {name}"
    return found[1]


# -- page one: service and red flags ----------------------------------------------------------


def test_first_page_lists_services_and_asks_nothing_yet(visitor: Client, service: Any) -> None:
    response = visitor.get(BOOK)
    assert response.status_code == 200
    assert "Low back pain" in _text(response)
    assert "I’m not sure" in _text(response)
    assert "apply to you right now?" not in _text(response)


def test_nothing_of_the_booking_form_is_stored(visitor: Client, service: Any) -> None:
    assert visitor.get(BOOK)["Cache-Control"] == "no-store"
    for response in (visitor.get(BOOK), visitor.post(BOOK, {})):
        assert "public" not in response["Cache-Control"]
        assert "X-Store" not in response


def test_a_service_must_be_chosen(visitor: Client, service: Any) -> None:
    response = visitor.post(BOOK, {})
    assert response.status_code == 422
    assert "Choose what you would like help with" in _text(response)


def test_choosing_shows_that_service_s_red_flags(visitor: Client, service: Any) -> None:
    chosen = {"service": service.slug, "practitioner": "ines-okafor", "from": "17-2"}
    response = visitor.post(BOOK, chosen)
    assert response.status_code == 302
    query = "service=low-back-pain&practitioner=ines-okafor&from=17-2"
    assert response["Location"] == f"/book/?{query}"
    response = visitor.get(response["Location"])
    assert "Numbness around the seat" in _text(response)
    assert _hidden(response, "practitioner") == "ines-okafor"


def test_a_link_may_choose_the_service(visitor: Client, service: Any) -> None:
    response = visitor.get(BOOK, {"service": service.slug, "from": "17-2"})
    assert "Numbness around the seat" in _text(response)
    assert _hidden(response, "from") == "17-2"


def test_unknown_names_in_a_link_are_passed_over(visitor: Client, service: Any) -> None:
    query = {"service": "no-such", "practitioner": "x\0", "location": "' OR 1", "from": "x-y-z"}
    response = visitor.get(BOOK, query)
    assert response.status_code == 200
    assert "apply to you right now?" not in _text(response)


def test_the_question_must_be_answered(visitor: Client, service: Any) -> None:
    response = visitor.post(BOOK, _answer(service, ""))
    assert response.status_code == 422
    assert "Answer “Yes” or “No” before you continue." in _text(response)


def test_an_answer_counts_only_for_the_service_it_was_asked_about(
    visitor: Client, service: Any
) -> None:
    answer = _answer(service, "no") | {"asked": red_flag_gate.NOT_SURE}
    response = visitor.post(BOOK, answer, follow=True)
    assert "Numbness around the seat" in _text(response)
    assert 'name="gate"' not in _text(response)


def test_a_service_without_red_flags_goes_straight_on(visitor: Client, service: Any) -> None:
    service.red_flags.all().delete()
    assert _hidden(visitor.post(BOOK, {"service": service.slug}), "gate")


def test_what_is_booked_elsewhere_says_so_and_stores_nothing(
    visitor: Client, service: Any, practitioner: Any
) -> None:
    type(service).objects.update(booking_url="https://scheduler.example/x")
    response = visitor.post(BOOK, {"service": service.slug})
    assert "https://scheduler.example/x" in _text(response)
    assert 'rel="noopener external"' in _text(response)
    assert 'name="gate"' not in _text(response)
    assert "another site" in _text(visitor.get(BOOK, {"service": service.slug}))


def test_pages_with_words_of_patients_are_kept_by_nobody(
    visitor: Client, service: Any, typed: dict[str, Any]
) -> None:
    answer = _answer(service, "no")
    assert visitor.post(BOOK, answer)["Cache-Control"] == "private, no-cache"
    wrong = visitor.post(BOOK, typed | {"name": ""})
    asked_again = visitor.post(BOOK, typed | {"gate": "old"})
    del typed["gate"]
    chosen = visitor.post(BOOK, typed | {"service": service.slug})
    returned = visitor.post(BOOK, typed | answer)
    for response in (wrong, asked_again, chosen, returned):
        assert "It began when I lifted a box." in _text(response)
        assert response["Cache-Control"] == "no-store"


# -- page two: the request ----------------------------------------------------------------------


def test_a_whole_request_is_kept_once(visitor: Client, typed: dict[str, Any]) -> None:
    response = visitor.post(BOOK, typed)
    enquiry = Enquiry.objects.get()
    assert response.status_code == 302
    assert response["Location"] == private_links.path(enquiry) + "?sent"
    assert enquiry.name == "Margaret Ellery"
    assert enquiry.phone == "+16135550188"
    assert enquiry.service is not None
    assert enquiry.days == [0, 2]
    assert enquiry.parts == ["morning"]
    assert enquiry.returning is False
    assert enquiry.message == "It began when I lifted a box.\nIt is worse at night."
    assert enquiry.answer_by is not None
    kinds = set(Message.objects.values_list("kind", flat=True))
    assert kinds == {"enquiry-received", "enquiry-new"}

    again = visitor.post(BOOK, typed)
    assert again["Location"] == response["Location"]
    assert ("X-Count" in response, "X-Count" in again) == (True, False)
    assert Enquiry.objects.count() == 1
    assert Message.objects.count() == 2


def test_a_changed_second_sending_is_kept(visitor: Client, typed: dict[str, Any]) -> None:
    visitor.post(BOOK, typed)
    response = visitor.post(BOOK, typed | {"message": "Other words."})
    assert response["Location"].endswith("?sent=changed")
    assert "We’ve received your changes." in _text(visitor.get(response["Location"]))
    assert Enquiry.objects.get().message == "Other words."


@pytest.mark.parametrize(
    ("field", "value", "advice"),
    [
        ("name", "", "Enter your name"),
        ("email", "nobody@", "Enter the full address"),
        ("phone", "555-01", "This number is too short."),
        ("returning", "", "Choose “Yes” or “No”"),
        ("practitioner", "nobody", "Choose a practitioner, or “No preference”."),
        ("location", "x\0", "Null characters"),
        ("message", "x" * 4001, "Please shorten this"),
        ("name", "\0\x07", "Enter your name"),
        ("website", "http://spam.example", "A hidden field was filled in"),
    ],
)
def test_each_error_says_what_to_do_and_loses_nothing(
    visitor: Client, typed: dict[str, Any], field: str, value: str, advice: str
) -> None:
    response = visitor.post(BOOK, typed | {"message": "Keep these words.", field: value})
    page = _text(response)
    assert response.status_code == 422
    assert advice in page
    [control] = re.findall(rf'href="#(id_{field}(?:_0)?)"', page)
    assert f'id="{control}"' in page
    assert not Enquiry.objects.exists()
    if field != "message":
        assert "Keep these words." in page
    if field != "email":
        assert 'value="m.ellery@patients.example"' in page
    if field != "phone":
        assert 'value="(613) 555-0188"' in page
    assert 'value="0" id="id_days_0" checked' in re.sub(r"class=\S+ ", "", page)
    assert _hidden(response, "gate") == typed["gate"]


def test_one_way_to_answer_is_needed(visitor: Client, typed: dict[str, Any]) -> None:
    response = visitor.post(BOOK, typed | {"email": "", "phone": ""})
    assert response.status_code == 422
    assert "Enter a phone number or an email address" in _text(response)


@pytest.mark.parametrize("left_out", ["email", "phone"])
def test_one_way_to_answer_is_enough(visitor: Client, typed: dict[str, Any], left_out: str) -> None:
    assert visitor.post(BOOK, typed | {left_out: ""}).status_code == 302


def test_a_person_works_where_they_work(
    visitor: Client, typed: dict[str, Any], location: Any
) -> None:
    type(location).objects.create(name="Harbour", slug="harbour", street="1", city="M")
    response = visitor.post(BOOK, typed | {"location": "harbour"})
    assert response.status_code == 422
    assert "Ines Okafor works at Millbrook" in _text(response)


def test_somebody_booked_elsewhere_is_refused_with_the_way_there(
    visitor: Client, typed: dict[str, Any], practitioner: Any
) -> None:
    type(practitioner).objects.update(booking_url="https://scheduler.example/ines")
    response = visitor.post(BOOK, typed)
    assert response.status_code == 422
    assert '<a href="https://scheduler.example/ines" rel="noopener external">' in _text(response)


@pytest.mark.parametrize("marker", ["", "false", "old", "gone"])
def test_no_way_past_the_gate(
    visitor: Client,
    typed: dict[str, Any],
    service: Any,
    marker: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if marker == "old":
        monkeypatch.setattr(red_flag_gate, "LIFETIME", timedelta(seconds=-1))
    elif marker == "gone":
        type(service).objects.update(is_public=False)
    else:
        typed["gate"] = marker
    response = visitor.post(BOOK, typed)
    assert response.status_code == 422
    assert not Enquiry.objects.exists()
    assert _hidden(response, "name") == "Margaret  Ellery"
    assert _hidden(response, "message").startswith("It began when")


def test_what_was_typed_comes_back_after_the_gate_is_asked_again(
    visitor: Client, typed: dict[str, Any], service: Any
) -> None:
    answer = _answer(service, "no")
    del typed["gate"]
    page = _text(visitor.post(BOOK, typed | answer))
    assert 'value="Margaret  Ellery"' in page
    assert "It began when I lifted a box." in page
    assert page.count("checked") == 7  # person, place, two days, part, first visit, either way


def test_what_was_typed_travels_to_another_service(
    visitor: Client, typed: dict[str, Any], service: Any
) -> None:
    page = _text(visitor.post(BOOK, typed | {"another": "1"}))
    assert page.count('type="radio"') == 1 + red_flag_gate.services().count()  # and “I am not sure”
    assert 'name="service" value="' in page
    assert 'value="Margaret  Ellery"' in page
    assert "It began when I lifted a box." in page
    assert not Enquiry.objects.exists()


def test_the_marker_holds_nothing_of_the_answer(passed: str) -> None:
    from django.core import signing

    assert set(signing.loads(passed, salt=red_flag_gate.SALT)) == {
        "service",
        "key",
        "at",
        "privacy",
    }


def test_the_article_is_remembered_if_it_is_known(
    visitor: Client, typed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    origins = {17: hooks.Origin("Does dry needling help?", "/articles/x/")}
    monkeypatch.setattr(hooks.published, "origin", lambda edition, at: origins.get(edition))
    visitor.post(BOOK, typed | {"from": "17-2"})
    assert Enquiry.objects.values_list("came_from", "came_from_place").get() == (17, 2)


def test_an_unknown_article_is_passed_over(visitor: Client, typed: dict[str, Any]) -> None:
    for place in ("99-1", "1-2-3", "²-1", "9" * 30 + "-1", "x"):
        assert visitor.post(BOOK, typed | {"from": place}).status_code == 302
    assert Enquiry.objects.get().came_from is None


def test_many_sendings_are_slowed_down_and_nothing_is_lost(
    visitor: Client, typed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from bookings.intake import views

    monkeypatch.setattr(views, "SENDINGS", 1)
    assert visitor.post(BOOK, typed).status_code == 302
    response = visitor.post(BOOK, typed | {"message": "Once more."})
    assert response.status_code == 429
    assert "Once more." in _text(response)
    assert "What you entered is still here" in _text(response)
    elsewhere = visitor.post(BOOK, typed, headers={"X-Forwarded-For": "10.0.0.1, 2001:db8::7"})
    assert elsewhere.status_code == 302


def test_wrong_methods_are_refused(visitor: Client, enquiry: Any) -> None:
    assert visitor.put(BOOK).status_code == 405
    assert visitor.delete(private_links.path(enquiry)).status_code == 405


def test_forms_need_their_token(enquiry: Any) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(BOOK, {}).status_code == 403
    assert strict.post(private_links.path(enquiry), {"do": "withdraw"}).status_code == 403


def test_the_form_key_survives_the_journey(visitor: Client, typed: dict[str, Any]) -> None:
    visitor.post(BOOK, typed)
    assert Enquiry.objects.get().form_key == red_flag_gate.read_marker(typed["gate"]).form_key
    assert submission.Outcome.REPEATED.value == "repeated"


def test_only_days_and_parts_in_which_we_are_open_are_asked_for(
    visitor: Client, typed: dict[str, Any], location: Any
):
    location.periods.all().delete()
    location.periods.create(weekday=1, opens="08:00", closes="12:00")
    location.periods.create(weekday=4, opens="17:30", closes="20:00")
    answer = visitor.post(BOOK, {**typed, "days": ["0"], "parts": ["morning"]})
    page = _text(answer)
    assert set(re.findall(r'name="days" value="([^"]*)"', page)) == {"1", "4"}
    assert set(re.findall(r'name="parts" value="([^"]*)"', page)) == {"morning", "evening"}
    assert "Choose from the times shown." in page
    assert "when I lifted a box" in page
    location.periods.all().delete()  # unknown hours exclude nothing
    assert visitor.post(BOOK, typed).status_code == 302
