"""axe-core finds nothing serious, on wide and narrow windows, light and dark."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

PUBLIC = [
    "/",
    "/articles/",
    "/articles/dry-needling-low-back-pain/",
    "/articles/topics/low-back/",
    "/evidence/",
    "/evidence/chys2023/",
    "/practitioners/",
    "/practitioners/ines-okafor/",
    "/services/",
    "/services/dry-needling/",
    "/locations/millbrook/",
    "/book/",
    "/book/?service=dry-needling",
    "/search/?q=needle",
    "/privacy/",
    "/nothing-is-here/",
    "/admin/login/",
]
STAFF = {
    "mara": ["/admin/", "/admin/articles/article/", "/admin/articles/article/add/"],
    "joan": ["/admin/bookings/enquiry/", "/admin/bookings/enquiry/add/"],
}
WINDOWS = {
    "wide": {"viewport": {"width": 1280, "height": 900}},
    "narrow": {"viewport": {"width": 360, "height": 740}},
    "narrow dark": {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"},
}
AXE = Axe()
OPTIONS = {"resultTypes": ["violations"], "preload": False}


@pytest.fixture(params=WINDOWS.values(), ids=WINDOWS)
def window(request):
    """Options of the window. axe tries inline styles, so the policy against them is off here; the
    other tests have it."""
    return {**request.param, "bypass_csp": True}


def serious_findings(page: Any) -> list[str]:
    found = AXE.run(page, options=OPTIONS).response["violations"]
    return [
        f"{page.url} {violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


def test_public_pages(new_page, window):
    page = new_page(**window)
    findings = []
    for path in PUBLIC:
        page.goto(path)
        findings += serious_findings(page)
    assert findings == []


def test_form_with_errors_and_confirmation(new_page, window):
    page = new_page(**window)
    page.goto("/book/?service=dry-needling")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("alert").wait_for()
    findings = serious_findings(page)
    page.get_by_label("No, none of them").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="Who and where").wait_for()
    findings += serious_findings(page)
    assert findings == []


def test_open_source(new_page, window):
    page = new_page(**window)
    page.goto("/articles/dry-needling-low-back-pain/")
    page.locator("#cite-1-1").click()
    page.get_by_role("dialog").wait_for()
    assert serious_findings(page) == []


@pytest.mark.parametrize("name", STAFF)
def test_pages_of_staff(page_of, window, name):
    page = page_of(name, **window)
    findings = []
    for path in STAFF[name]:
        page.goto(path, wait_until="networkidle")  # Django's scripts make some of the fields
        findings += serious_findings(page)
    assert findings == []
