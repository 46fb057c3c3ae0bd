"""A patient and a receptionist, each in a window of their own, from the first word to the last."""

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.measures import findings, overrun
from tests.browser.test_keyboard import press_until

SMALL = {"viewport": {"width": 320, "height": 640}}


class Windows:
    """The two people, and for each a narrow window in which machines look at what they see."""

    def __init__(self, new_page: Any, page_of: Any, *, scripts: bool) -> None:
        self.patient = new_page(java_script_enabled=scripts)
        self.desk = page_of("joan", java_script_enabled=scripts)
        self.scripts = scripts
        self.found: dict[str, list[str]] = {}
        self._narrow = {
            "patient": lambda: new_page(**SMALL),
            "desk": lambda: page_of("joan", **SMALL),
        }
        self._lookers: dict[str, Any] = {}

    def look(self, state: str) -> None:
        """Nothing may be found on the pages that both have open, and nothing may run over."""
        if "DATABASE_URL" in os.environ:
            return  # PostgreSQL changes no markup
        for who, page in (("patient", self.patient), ("desk", self.desk)):
            if who not in self._lookers:
                self._lookers[who] = self._narrow[who]()
            looker = self._lookers[who]
            looker.set_viewport_size(SMALL["viewport"])
            looker.goto(page.url.partition("?")[0])
            faults = overrun(looker, **SMALL["viewport"])
            self.found[f"{state}, {who}"] = faults + findings(looker)


@pytest.mark.parametrize(
    "scripts",
    [
        pytest.param(True, id="scripts"),
        pytest.param(False, id="no scripts", marks=pytest.mark.look),
    ],
)
def test_from_request_to_cancelled_visit(
    new_page: Callable[..., Any], page_of: Callable[..., Any], *, scripts: bool
) -> None:
    windows = Windows(new_page, page_of, scripts=scripts)
    patient, desk = windows.patient, windows.desk
    first = datetime.now(UTC).date() + timedelta(days=30 if scripts else 60)
    name = f"Wanda {'Brook' if scripts else 'Marsh'}"

    number = ask(patient, name, scripts=scripts)
    find(desk, name, number)
    windows.look("received")

    offer(desk, [f"{first + timedelta(days=day)}T10:00" for day in range(3)])
    expect(desk.locator(".held li")).to_have_count(3)
    expect(desk.get_by_text("No email has been sent yet")).to_be_visible()
    patient.reload()
    expect(patient.get_by_role("heading", level=1)).to_have_text("We can offer you these times.")
    expect(patient.get_by_role("button", name="Book this time")).to_have_count(3)
    windows.look("times offered")

    patient.get_by_text("None of these work for me").click()
    patient.get_by_label("What times would work better for you?").fill("Not before four, please.")
    patient.get_by_role("button", name="Ask for other times").click()
    expect(patient.get_by_text("We’ll look for other times.")).to_be_visible()
    desk.reload()
    expect(desk.get_by_text("Not before four, please.")).to_be_visible()
    expect(desk.locator(".held")).to_have_count(0)
    windows.look("other times wanted")

    offer(desk, [f"{first}T16:15"])
    patient.reload()
    take_by_keyboard(patient)
    expect(patient.get_by_role("heading", level=1)).to_have_text("Your appointment is booked.")
    booked = entry_of(patient)
    assert booked["STATUS"] == "CONFIRMED"
    desk.reload()
    expect(desk.locator(".held")).to_contain_text("Booked")
    windows.look("booked")

    move(desk, f"{first + timedelta(days=1)}T16:45")
    patient.reload()
    expect(patient.locator(".visit-card h2")).to_contain_text("4:45 p.m.")
    moved = entry_of(patient)
    assert moved["UID"] == booked["UID"]
    assert moved["SEQUENCE"] > booked["SEQUENCE"]
    assert moved["DTSTART"].dt > booked["DTSTART"].dt
    windows.look("moved")

    address = calendar_of(patient)
    patient.get_by_text("Cancel the appointment").click()
    patient.get_by_role("button", name="Yes, cancel it").click()
    expect(patient.get_by_role("heading", level=1)).to_have_text("This request is closed.")
    assert patient.request.get(address).status == 404
    desk.reload()
    expect(desk.get_by_text("Cancelled by the patient").first).to_be_visible()
    windows.look("cancelled")

    desk.get_by_text("Private link", exact=True).click()
    desk.get_by_role("button", name="Revoke and create a new link").click()
    assert patient.reload().status == 410
    expect(patient.get_by_role("button", name="Send me a new link")).to_be_visible()
    windows.look("link revoked")
    assert {state: faults for state, faults in windows.found.items() if faults} == {}


def ask(page: Any, name: str, *, scripts: bool) -> str:
    """Fill the form; returns the number of the request."""

    def go_on() -> None:
        if scripts:
            page.get_by_role("button", name="Continue").click()

    page.goto("/book/?service=physiotherapy")
    steps.pass_gate(page)
    page.get_by_label("Someone I care for").check()
    page.get_by_label("Which language would you like to speak?").select_option(index=1)
    go_on()
    page.get_by_label("Tuesday", exact=True).check()
    go_on()
    page.get_by_label("No, this is my first appointment").check()
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Email", exact=True).fill("wanda@mail.example")
    page.get_by_label("Do you have any accessibility needs?").fill("A chair with arms.")
    go_on()
    if scripts:
        answers = page.locator(".answers")
        expect(answers).to_contain_text("Someone I care for")
        expect(answers).to_contain_text("A chair with arms.")
        page.get_by_role("button", name="Change Your name").click()
        expect(page.get_by_label("Your name")).to_be_focused()
        go_on()
        expect(answers).to_contain_text(name)
    page.get_by_role("button", name="Send request").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Thank you. We’ve received your request."
    )
    expect(page.get_by_text("A chair with arms.")).to_be_visible()
    found = re.search(r"LP \d+", page.locator(".lead").inner_text())
    assert found
    return found[0]


def find(desk: Any, name: str, number: str) -> None:
    desk.goto("/admin/bookings/enquiry/?tab=needs_reply")
    row = desk.get_by_role("row").filter(has_text=number)
    row.get_by_role("link", name=name).click()
    expect(desk.get_by_text("A chair with arms.")).to_be_visible()
    expect(desk.get_by_text("Someone they care for")).to_be_visible()


def offer(desk: Any, moments: list[str]) -> None:
    desk.get_by_text("Offer times", exact=True).click()
    form = desk.locator("#do-offer")
    form.get_by_label("Practitioner").select_option("Tomas Lindqvist")
    form.get_by_label("Location").select_option("Harbour Street")
    for number, moment in enumerate(moments, 1):
        form.get_by_label(f"Time {number}", exact=True).fill(moment)
    form.get_by_role("button", name="Hold the times and email the patient").click()
    answer_question(desk)
    expect(desk.get_by_text("The time is now held.")).to_be_visible()


def answer_question(desk: Any) -> None:
    """Go on if the time is questioned: on some days the clinic is closed."""
    desk.locator(".question, .messagelist").first.wait_for()
    question = desk.locator(".question")
    if question.count():
        question.get_by_role("button", name="anyway").click()


def take_by_keyboard(patient: Any) -> None:
    patient.locator("#offers-title").evaluate("head => { head.tabIndex = -1; head.focus(); }")
    press_until(patient, "Book this time", most=2)
    patient.keyboard.press("Enter")


def move(desk: Any, moment: str) -> None:
    desk.get_by_text("Reschedule the appointment", exact=True).click()
    form = desk.locator("#do-move")
    form.get_by_label("New time").fill(moment)
    form.get_by_role("button", name="Reschedule and notify the patient").click()
    answer_question(desk)
    expect(desk.get_by_text("The appointment has been rescheduled.")).to_be_visible()


def calendar_of(patient: Any) -> str:
    return str(patient.get_by_role("link", name="Add to calendar").get_attribute("href"))


def entry_of(patient: Any) -> Any:
    """The visit in the file that the page offers for calendars."""
    file = patient.request.get(calendar_of(patient))
    assert file.status == 200
    [event] = icalendar.Calendar.from_ical(file.text()).walk("VEVENT")
    return event
