"""Rosters at the desk: who sees and edits them, what is refused, copies, history, leavers."""

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from bookings.admin import week_picture
from bookings.models import Roster, WorkingHours
from clinic.models import ContentVersion, Location, Practitioner

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clinic")]

LIST = "/admin/bookings/roster/"
NEW = ("starts", "ends", "location", "break_starts", "break_ends", "first_on", "last_on")


@pytest.fixture
def desk(client_as: Callable[[str], Client]) -> Client:
    return client_as("Manager")


@pytest.fixture
def other(location: Location) -> Roster:
    """Somebody who works on Fridays from seven to eight."""
    tomas = Practitioner.objects.create(name="Tomas Lindqvist", slug="tomas", role="x")
    roster = Roster.objects.create(practitioner=tomas)
    roster.hours.create(weekday=4, starts=time(7), ends=time(8), location=location)
    return roster


def page(roster: Roster) -> str:
    return f"{LIST}{roster.pk}/change/"


def filled(response: Any) -> dict[str, Any]:
    """What a browser would send of the form as it is shown."""
    context = response.context
    sent = {"seen": context.get("seen", "")}
    forms = [context["adminform"].form]
    for each in context["inline_admin_formsets"]:
        forms += [each.formset.management_form, *each.formset.forms]
    for field in (field for form in forms for field in form):
        value = field.value()
        if isinstance(value, list):
            sent[field.html_name] = [str(each) for each in value]
        elif value is not None and value is not False:
            sent[field.html_name] = str(field.field.widget.format_value(value) or value)
    return sent


def new_hours(response: Any, weekday: int, **values: Any) -> dict[str, Any]:
    """What to send for new hours on a weekday."""
    [formset] = [
        each.formset
        for each in response.context["inline_admin_formsets"]
        if each.formset.model is WorkingHours
    ]
    [form] = [
        form
        for form in formset.forms
        if form.instance.pk is None and form["weekday"].value() == weekday
    ]
    return {form.add_prefix(name): value for name, value in values.items()}


def written(roster: Roster) -> list[str]:
    return [
        f"{row.weekday} {row.starts:%H:%M}-{row.ends:%H:%M}"
        + (f" break {row.break_starts:%H:%M}-{row.break_ends:%H:%M}" if row.break_starts else "")
        for row in roster.hours.all()
    ]


def text_of(response: Any) -> str:
    return response.content.decode()


def test_a_first_roster(desk: Client, practitioner: Any, location: Any) -> None:
    assert "holds the weekly hours, breaks and days off" in text_of(desk.get(LIST))
    form = desk.get(f"{LIST}add/")
    sent = filled(form) | {"practitioner": practitioner.pk}
    sent |= new_hours(form, 0, starts="09:00", ends="12:00")
    sent |= new_hours(
        form, 2, starts="13:00", ends="17:30", break_starts="15:00", break_ends="15:30"
    )
    version = ContentVersion.objects.values().get()
    assert desk.post(f"{LIST}add/", sent).status_code == 302
    roster = Roster.objects.get()
    assert written(roster) == ["0 09:00-12:00", "2 13:00-17:30 break 15:00-15:30"]
    assert {row.location for row in roster.hours.all()} == {location}, "the only one is preset"
    assert ContentVersion.objects.values().get() == version
    assert "Mon, Wed" in text_of(desk.get(LIST))
    shown = text_of(desk.get(page(roster)))
    assert "1:00" in shown
    assert "break 3:00" in shown


def test_saving_what_is_shown_changes_nothing(desk: Client, roster: Any) -> None:
    before = list(roster.hours.values())
    assert desk.post(page(roster), filled(desk.get(page(roster)))).status_code == 302
    assert list(roster.hours.values()) == before


def test_hours_that_overlap_are_refused_with_their_day_and_times(desk: Client, roster: Any) -> None:
    form = desk.get(page(roster))
    place = {"location": roster.hours.all()[0].location_id}
    sent = filled(form) | new_hours(form, 1, starts="16:30", ends="19:00", **place)
    refused = desk.post(page(roster), sent)
    text = text_of(refused)
    assert "Tuesday: 9:00" in text
    assert "4:30" in text
    assert "overlap. Change one of them" in text
    assert 'value="16:30' in text, "what was typed is kept"
    assert roster.hours.count() == 2
    start = new_hours(form, 1, first_on="2028-01-01")
    last = {"hours-1-last_on": "2027-12-31"}
    assert desk.post(page(roster), sent | start | last).status_code == 302
    assert roster.hours.count() == 3


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"hours-0-ends": "08:00"}, "The end is not after the start."),
        ({"hours-0-break_ends": ""}, "The break must begin and end within the hours."),
        (
            {"hours-0-first_on": "2027-02-02", "hours-0-last_on": "2027-02-01"},
            "is before the first",
        ),
        ({"copy_day": "0"}, "Choose the days that get these hours."),
        ({"copy_to": ["0"]}, "Choose the day whose hours are copied."),
    ],
)
def test_what_makes_no_sense_is_explained(
    desk: Client, roster: Any, values: dict[str, Any], words: str
) -> None:
    refused = desk.post(page(roster), filled(desk.get(page(roster))) | values)
    assert refused.status_code == 200
    assert words in text_of(refused)


def test_hours_that_change_places(desk: Client, roster: Any, location: Any) -> None:
    roster.hours.all().delete()
    roster.hours.create(weekday=0, starts=time(9), ends=time(12), location=location)
    roster.hours.create(weekday=0, starts=time(12), ends=time(17), location=location)
    sent = filled(desk.get(page(roster)))
    sent |= {"hours-0-starts": "14:00", "hours-0-ends": "17:00"}
    sent |= {"hours-1-starts": "09:00", "hours-1-ends": "14:00"}
    assert desk.post(page(roster), sent).status_code == 302
    assert written(roster) == ["0 09:00-14:00", "0 14:00-17:00"]


def test_hours_are_deleted(desk: Client, roster: Any) -> None:
    sent = filled(desk.get(page(roster))) | {"hours-0-DELETE": "on"}
    assert desk.post(page(roster), sent).status_code == 302
    assert [row.weekday for row in roster.hours.all()] == [1]


def test_copies_from_another_person(desk: Client, roster: Any, other: Roster) -> None:
    sent = filled(desk.get(page(roster))) | {"copy_from": other.pk}
    assert desk.post(page(roster), sent).status_code == 302
    assert written(roster) == ["4 07:00-08:00"]
    assert other.hours.count() == 1


def test_copies_a_day_to_others(desk: Client, roster: Any) -> None:
    form = desk.get(page(roster))
    sent = filled(form) | {"copy_day": "0", "copy_to": ["0", "1", "3"]}
    assert desk.post(page(roster), sent | {"hours-0-starts": "08:00"}).status_code == 302
    assert written(roster) == [f"{n} 08:00-17:00 break 12:00-13:00" for n in (0, 1, 3)]


def test_days_off(desk: Client, roster: Any, client_as: Any) -> None:
    sent = filled(desk.get(page(roster)))
    off = {"starts_on": "2031-05-05", "ends_on": "2031-05-09", "reason": "Parental leave"}
    sent |= {f"days_off-0-{name}": value for name, value in off.items()}
    assert desk.post(page(roster), sent).status_code == 302
    assert roster.days_off.get().ends_on == date(2031, 5, 9)
    assert "2031" in text_of(desk.get(LIST))
    assert "Parental leave" in text_of(desk.get(page(roster)))
    reception = text_of(client_as("Receptionist").get(page(roster)))
    assert "2031" in reception
    assert "Parental leave" not in reception


def test_another_who_edits_it_is_not_overwritten(desk: Client, roster: Any) -> None:
    sent = filled(desk.get(page(roster)))
    roster.hours.filter(weekday=0).update(ends=time(18))
    refused = desk.post(page(roster), sent | {"hours-0-ends": "16:00"})
    assert "Someone else changed this" in text_of(refused)
    assert roster.hours.get(weekday=0).ends == time(18)


def test_earlier_hours_are_restored(desk: Client, roster: Any) -> None:
    sent = filled(desk.get(page(roster))) | {"hours-0-DELETE": "on"}
    desk.post(page(roster), sent)
    assert roster.hours.count() == 1
    history = f"{LIST}{roster.pk}/history/"
    assert "Working hours" in text_of(desk.get(history))
    shown = desk.get(f"{history}1/")
    assert desk.post(f"{history}1/", {"seen": shown.context["seen"]}).status_code == 302
    assert written(roster) == [f"{n} 09:00-17:00 break 12:00-13:00" for n in (0, 1)]


# -- who may --------------------------------------------------------------------------------------


def test_reception_sees_and_does_not_edit(client_as: Any, roster: Any) -> None:
    reception = client_as("Receptionist")
    assert "Ines Okafor" in text_of(reception.get(LIST))
    shown = reception.get(page(roster))
    assert "9:00" in text_of(shown)
    assert 'name="hours-0-starts"' not in text_of(shown)
    assert "Copy hours" not in text_of(shown)
    assert reception.post(page(roster), {"buffer_minutes": "5"}).status_code == 403
    assert reception.get(f"{LIST}add/").status_code == 403


def test_practitioners_see_their_own(
    client_as: Any, roster: Any, other: Roster, make_user: Any
) -> None:
    user = make_user("Practitioner", username="ines")
    roster.practitioner.user = user
    roster.practitioner.save()
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    shown = text_of(client.get(LIST))
    assert "Ines Okafor" in shown
    assert "Tomas" not in shown
    assert "9:00" in text_of(client.get(page(roster)))
    assert client.get(page(other)).status_code in (302, 403, 404)
    assert client.post(page(roster), {"buffer_minutes": "5"}).status_code == 403
    assert "Ines" not in text_of(client_as("Practitioner").get(LIST))


@pytest.mark.parametrize("role", ["Author", "Editor", "Clinical reviewer"])
def test_who_writes_sees_none(client_as: Any, roster: Any, role: str) -> None:
    client = client_as(role)
    assert client.get(LIST).status_code == 403
    assert client.get(page(roster)).status_code == 403


def test_nobody_who_is_not_signed_in(visitor: Client, roster: Any) -> None:
    assert "/login/" in visitor.get(page(roster))["Location"]


def test_the_list_asks_the_same_number_of_queries(
    desk: Client, roster: Any, other: Roster, location: Any, django_assert_max_num_queries: Any
) -> None:
    desk.get(LIST)
    with django_assert_max_num_queries(20) as few:
        desk.get(LIST)
    for n in range(3):
        person = Practitioner.objects.create(name=f"P{n}", slug=f"p{n}", role="x")
        more = Roster.objects.create(practitioner=person)
        more.hours.create(weekday=n, starts=time(9), ends=time(17), location=location)
        more.days_off.create(starts_on=date(2031, 1, 1), ends_on=date(2031, 1, 2))
    with django_assert_max_num_queries(len(few)):
        desk.get(LIST)


# -- from the practitioner ------------------------------------------------------------------------


def links(client: Client, practitioner: Any) -> str:
    page = client.get(f"/admin/clinic/practitioner/{practitioner.pk}/change/")
    return page.content.decode().partition('class="object-tools"')[2].partition("</ul>")[0]


def test_a_practitioner_leads_to_their_roster(
    desk: Client, client_as: Any, roster: Any, practitioner: Any
) -> None:
    assert f'<a href="{page(roster)}">Schedule</a>' in links(desk, practitioner)
    assert desk.get(page(roster)).status_code == 200
    assert "Schedule" not in links(client_as("Editor"), practitioner)


def test_without_a_roster_to_the_form_for_one(desk: Client, practitioner: Any) -> None:
    url = f"{LIST}add/?practitioner={practitioner.pk}"
    assert f'<a href="{url}">Add a schedule</a>' in links(desk, practitioner)
    form = desk.get(url).context["adminform"].form
    assert str(form["practitioner"].value()) == str(practitioner.pk)


@pytest.mark.parametrize("ends", ["00:00", "02:00"])
def test_hours_past_midnight_are_refused_with_what_to_do(
    desk: Client, roster: Any, ends: str
) -> None:
    at = page(roster)
    form = desk.get(at)
    place = roster.hours.all()[0].location_id
    answer = desk.post(
        at, filled(form) | new_hours(form, 4, starts="18:00", ends=ends, location=place)
    )
    assert answer.status_code == 200
    words = "Enter hours past midnight on the next day."
    assert words in answer.content.decode()
    assert roster.hours.count() == 2


# -- leavers --------------------------------------------------------------------------------------


def test_a_leaver_who_still_has_hours_is_named(desk: Client, roster: Any, make_user: Any) -> None:
    user = make_user("Practitioner", username="ines")
    address = f"/admin/clinic/user/{user.pk}/leave/"
    assert "Their working hours" not in text_of(desk.get(address))
    roster.practitioner.user = user
    roster.practitioner.save()
    shown = text_of(desk.get(address))
    assert "Their working hours" in shown
    assert page(roster) in shown
    roster.hours.update(last_on=timezone.localdate() - timedelta(days=1))
    assert "Their working hours" not in text_of(desk.get(address))


# -- the picture ----------------------------------------------------------------------------------


def test_the_picture_shows_now_and_what_comes_next(roster: Any, location: Any) -> None:
    today = date(2027, 3, 1)
    roster.hours.filter(weekday=1).update(last_on=date(2027, 3, 31))
    roster.hours.create(
        weekday=1, starts=time(6, 30), ends=time(20), location=location, first_on=date(2027, 4, 1)
    )
    now, later = week_picture.weeks(roster.hours.select_related("location"), today)
    assert (now.first_minute, now.height) == (480, 600)
    assert [(b.top, b.height) for b in now.days[1].blocks] == [(60, 180), (300, 240)]
    assert "April 1" in later.title
    assert (later.first_minute, later.height) == (360, 840)
    assert [(b.top, b.height) for b in later.days[1].blocks] == [(30, 810)]
    assert [len(day.words) for day in later.days] == [1, 1, 0, 0, 0, 0, 0]
