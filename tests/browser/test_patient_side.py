"""A patient on a phone reschedules, cancels and takes that back, while the desk answers in a window
of its own; and the form asks for a child, a step at a time."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.measures import findings

PHONE = {"viewport": {"width": 390, "height": 844}}
BOOK = """
import uuid
from datetime import timedelta
from django.utils import timezone
from bookings import workflow
from bookings.intake import submission
from bookings.models import Offer
from bookings.patient import private_links
from bookings.rosters import reading
from clinic.models import Location, Practitioner, Service, User
at = timezone.now() - timedelta(minutes=10)
service = Service.objects.get(slug="physiotherapy")
time = reading.find(at, service=service)[-1]
content = {
    "service": service, "practitioner": None, "location": None, "days": [], "parts": [],
    "returning": False, "name": "Nora Field", "email": "nora@patients.example", "phone": "",
    "message": "",
}
enquiry = submission.submit(content, form_key=uuid.uuid4(), at=at).enquiry
workflow.offer(
    enquiry, practitioner=Practitioner.objects.get(pk=time.practitioner),
    location=Location.objects.get(pk=time.location), starts=[time.starts_at], minutes=45,
    agreed=True, by=User.objects.get(username="joan"), at=at,
)
print("BOOKED", enquiry.pk, private_links.path(enquiry))
"""


@pytest.mark.parametrize("scripts", [True, False])
def test_another_time_and_a_cancellation_taken_back(
    site: Any, new_page: Callable[..., Any], page_of: Callable[..., Any], *, scripts: bool
) -> None:
    [(key, path)] = re.findall(r"BOOKED (\d+) (\S+)", site.manage("shell", "-c", BOOK))
    patient = new_page(java_script_enabled=scripts, **PHONE)
    patient.goto(path)
    booked = patient.locator("#visit-title").inner_text()
    patient.get_by_role("link", name="Reschedule the appointment").click()
    boxes = patient.locator("#field-chosen input[type=checkbox]")
    boxes.nth(1).check()
    boxes.nth(0).check()
    if scripts:
        expect(patient.locator(".place").nth(1)).to_have_text("First choice")
        assert findings(patient) == []
    patient.get_by_role("button", name="Ask to reschedule").click()
    expect(patient.locator(".asked li")).to_have_count(2)
    expect(patient.locator("#visit-title")).to_have_text(booked)
    if scripts:
        assert findings(patient) == []
    desk = page_of("joan")
    desk.goto(f"/admin/bookings/enquiry/{key}/change/")
    desk.get_by_role("button", name="Reschedule ", exact=False).first.click()
    patient.goto(path)
    expect(patient.locator("#visit-title")).not_to_have_text(booked)
    moved = patient.locator("#visit-title").inner_text()
    patient.locator("summary", has_text="Cancel the appointment").click()
    patient.get_by_role("button", name="Yes, cancel it").click()
    expect(patient.get_by_role("heading", level=1)).to_have_text("This request is closed.")
    if scripts:
        assert findings(patient) == []
    patient.get_by_role("button", name="Undo the cancellation").click()
    expect(patient.locator("#visit-title")).to_have_text(moved)


def test_back_goes_one_step_back_and_an_error_keeps_the_steps(new_page: Any) -> None:
    page = new_page(**PHONE)
    page.goto("/book/?service=physiotherapy")
    steps.pass_gate(page)
    page.get_by_label("My child").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("link", name="Enter the child’s name.").click()
    expect(page.get_by_label("Child’s name")).to_be_focused()
    assert findings(page) == []
    page.get_by_label("Child’s name").fill("Mia Field")
    page.get_by_label("Child’s age").fill("7")
    page.get_by_role("button", name="Continue").click()
    page.locator("#field-wishes input[type=checkbox]").first.check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Your name").fill("Nora Field")
    page.go_back()
    expect(page.locator("#field-wishes input[type=checkbox]").first).to_be_checked()
    page.go_back()
    expect(page.get_by_label("Child’s name")).to_have_value("Mia Field")
    page.go_forward()
    page.go_forward()
    expect(page.get_by_label("Your name")).to_have_value("Nora Field")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator(".errors")).to_be_visible()
    expect(page.get_by_label("Your name")).to_be_visible()
    expect(page.get_by_label("Child’s name")).to_be_hidden()
