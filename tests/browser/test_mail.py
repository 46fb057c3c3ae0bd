"""Mails as a reader shows them: at 320 and 600 px, light and dark, with nothing loaded."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.utils import timezone

from clinic.models import Clinic, User
from tests.browser.measures import MEASURE

pytestmark = pytest.mark.look

MAILS = [
    *("received", "changed", "times", "booked", "cancelled", "reminder", "answered", "link"),
    "still",
    *("staff", "account_invitation", "account_password", "account_second_factor"),
]


@pytest.fixture
def html(db: None) -> dict[str, str]:
    """Each mail that has a designed form, for an offer of one time."""
    now = timezone.now()
    offer = SimpleNamespace(
        starts_at=now,
        held_until=now,
        practitioner=SimpleNamespace(name="Ines Okafor"),
        location=SimpleNamespace(name="Millbrook", street="14 Mill Lane", city="Millbrook"),
    )
    context = {
        "clinic": Clinic(name="Larkspur", phone="+16135550142", is_demo=True, sky="#bfe0c8"),
        "subject": "We’ve received your request LP 482716",
        "number": "LP 482716",
        "answer_by": now,
        "at": now,
        "offers": [offer],
        "colleague": User(username="nuria", first_name="Nuria"),
        "days": 3,
        "link": "https://larkspur.example/book/r/some-token/",
    }
    return {name: render_to_string(f"mail/{name}.html", context) for name in MAILS}


@pytest.mark.parametrize("width", [320, 600])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_mails_fit_and_can_be_read(browser: Any, html: dict[str, str], width: int, scheme: str):
    context = browser.new_context(
        viewport={"width": width, "height": 700}, color_scheme=scheme, offline=True
    )
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for name, mail in html.items():
        page.set_content(mail)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.locator("a.press").bounding_box()["height"] >= 48
        result = page.evaluate(MEASURE, [4.5, 4.5])
        assert result["measured"] > 5
        assert result["failing"] == [], name
    assert asked == []
    context.close()
