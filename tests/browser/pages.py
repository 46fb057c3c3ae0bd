"""One of each kind of page, by name: what is looked at, measured and checked in browsers."""

import re
from typing import Any

ARTICLE = "/articles/dry-needling-low-back-pain/"

PUBLIC = {
    "home": "/",
    "articles": "/articles/",
    "article": ARTICLE,
    "topic": "/articles/topics/low-back/",
    "evidence": "/evidence/",
    "reference": "/evidence/chys2023/",
    "people": "/practitioners/",
    "practitioner": "/practitioners/ines-okafor/",
    "services": "/services/",
    "service": "/services/dry-needling/",
    "location": "/locations/millbrook/",
    "book": "/book/",
    "book-service": "/book/?service=dry-needling",
    "search": "/search/?q=needle",
    "search-nothing": "/search/?q=xylophone",
    "privacy": "/privacy/",
    "missing": "/nothing-is-here/",
    "sign-in": "/admin/login/",
    "forgotten": "/admin/password/forgotten/",
}

# The main pages of staff: who looks at them, and where. "first" stands for the first row.
STAFF = {
    "today": ("mara", "/admin/"),
    "article-list": ("mara", "/admin/articles/article/"),
    "editor": ("mara", "/admin/articles/article/first/change/"),
    "editor-new": ("mara", "/admin/articles/article/add/"),
    "pictures": ("mara", "/admin/clinic/image/"),
    "picture": ("mara", "/admin/clinic/image/first/change/"),
    "not-found": ("mara", "/admin/clinic/missing/"),
    "references": ("mara", "/admin/articles/reference/"),
    "practitioner-form": ("mara", "/admin/clinic/practitioner/first/change/"),
    "location-form": ("admin", "/admin/clinic/location/first/change/"),
    "accounts": ("admin", "/admin/clinic/user/"),
    "account": ("admin", "/admin/clinic/user/first/change/"),
    "invite": ("admin", "/admin/clinic/user/add/"),
    "second-factor": ("mara", "/admin/second-factor/set-up/"),
    "styleguide": ("mara", "/admin/styleguide/"),
    "clinic-form": ("admin", "/admin/clinic/clinic/1/change/"),
    "inbox": ("joan", "/admin/bookings/enquiry/"),
    "inbox-export": ("admin", "/admin/bookings/enquiry/?tab=closed"),
    "enquiry": ("joan", "/admin/bookings/enquiry/first/change/"),
    "enter-request": ("joan", "/admin/bookings/enquiry/add/"),
    "broadcast": ("joan", "/admin/bookings/enquiry/write/"),
    "report": ("mara", "/admin/bookings/tally/"),
}

# Kinds of page that are not among the main ones: for axe, which looks at what is in them.
STAFF_MORE = {
    "topics": ("mara", "/admin/articles/topic/"),
    "editions": ("mara", "/admin/articles/edition/"),
    "publish": ("mara", "/admin/articles/article/first/publish/"),
    "compare": ("mara", "/admin/articles/article/first/compare/"),
    "history": ("admin", "/admin/clinic/service/first/history/"),
    "delete": ("admin", "/admin/clinic/service/first/delete/"),
    "password": ("admin", "/admin/clinic/user/first/password/"),
}


# Django's scripts put a field of their own in the place of each that searches while one types.
FIELDS_ARE_MADE = """() => [...document.querySelectorAll("select.admin-autocomplete")].every(
  field => field.name.includes("__prefix__") || field.matches(".select2-hidden-accessible"))"""


def open_first(page: Any, path: str) -> None:
    """Go to a page of staff; `first` in its path is the first row of the list before it."""
    rows, first, verb = path.partition("first/")
    page.goto(rows)
    if first:
        page.locator("main :is(th, td, li, h3) a[href*='/change/']").first.click()
        page.wait_for_url("**/change/**")
    if verb not in {"", "change/"}:
        page.goto(re.sub("change/.*", verb, page.url))
    page.wait_for_load_state()
    page.wait_for_function(FIELDS_ARE_MADE)


def menu_open(page: Any) -> None:
    page.goto("/")
    page.locator("summary", has_text="Menu").click()


def source_open(page: Any) -> None:
    page.goto(ARTICLE)
    page.locator("#cite-1-1").click()
    page.get_by_role("dialog").wait_for()


def questions_open(page: Any) -> None:
    page.goto(f"{ARTICLE}#question-1")
    for question in page.locator(".questions summary").all()[1:]:
        question.click()


def errors_shown(page: Any) -> None:
    """Wait for the summary of errors and for the style sheets, which may come after it."""
    page.get_by_role("alert").wait_for()
    page.wait_for_load_state()


def gate_with_errors(page: Any) -> None:
    page.goto("/book/?service=dry-needling")
    page.get_by_role("button", name="Continue").click()
    errors_shown(page)


def form_step(page: Any, number: int) -> None:
    """The step of the form's second page with this number, the first is 0; all is filled in."""
    page.goto("/book/?service=physiotherapy")
    page.get_by_label("No, none of them").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="Who and where").wait_for()
    page.wait_for_load_state()  # until then all steps show, and perhaps without their style
    for step in range(number):
        if step == 2:
            page.get_by_label("No, it is my first visit").check()
            page.get_by_label("Your name").fill("Nora Field")
            page.get_by_label("Phone").fill("(202) 555-0117")
        page.get_by_role("button", name="Continue").click()


def form_with_errors(page: Any) -> None:
    page.goto("/book/?service=dry-needling")
    page.get_by_label("No, none of them").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="Who and where").wait_for()
    page.locator("form[data-steps]").evaluate("form => form.submit()")
    errors_shown(page)


def urgent_advice(page: Any) -> None:
    page.goto("/book/?service=dry-needling")
    page.get_by_label("Yes, at least one").check()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_load_state()


# Pages in a state that somebody must bring about; the menu folds on narrow windows only.
STATES = {
    "source-open": source_open,
    "questions-open": questions_open,
    "gate-with-errors": gate_with_errors,
    "form-where": lambda page: form_step(page, 0),
    "form-when": lambda page: form_step(page, 1),
    "form-you": lambda page: form_step(page, 2),
    "form-check": lambda page: form_step(page, 3),
    "form-with-errors": form_with_errors,
    "urgent-advice": urgent_advice,
}


def broadcast_to_confirm(page: Any) -> None:
    """Who would get the message, and the button that sends it: to the first with visits."""
    page.goto("/admin/bookings/enquiry/write/")
    whose = page.get_by_label("Visits with")
    for number in range(1, whose.locator("option").count()):
        whose.select_option(index=number)
        page.get_by_label("From").fill("2000-01-01")
        page.get_by_label("To", exact=True).fill("2100-01-01")
        page.locator("textarea").fill("Ines is ill today.")
        page.get_by_role("button", name="Show who gets it").click()
        page.get_by_role("status").wait_for()
        page.wait_for_load_state()
        if page.get_by_role("button", name="Send", exact=True).count():
            return
    raise AssertionError("Nobody has a visit")


def enquiry_unfolded(page: Any) -> None:
    """All that can be done with a request."""
    open_first(page, "/admin/bookings/enquiry/first/change/")
    for fold in page.locator("main summary").all():
        fold.click()


def import_to_confirm(page: Any) -> None:
    """What an import would bring, and what it could not read."""
    page.goto("/admin/articles/reference/import/")
    entry = "@article{smith2020, title={Steps}, author={Smith, Jo}, year={2020}, journal={Knee}}"
    page.locator("main textarea").fill(f"{entry}\n@article{{broken")
    page.locator("main form [type=submit]").last.click()
    page.wait_for_url("**/import/*/")


def filter_open(page: Any) -> None:
    page.goto("/admin/articles/article/")
    page.locator(".filters summary").first.click()


def names_offered(page: Any) -> None:
    """The list of a field that searches."""
    page.goto("/admin/articles/article/add/")
    page.wait_for_function(FIELDS_ARE_MADE)
    page.get_by_role("combobox", name="Written by").click()
    page.locator(".select2-results__option--highlighted").wait_for()


# Pages of staff in a state that somebody must bring about.
STAFF_STATES = {
    "broadcast-to-confirm": ("joan", broadcast_to_confirm),
    "enquiry-unfolded": ("joan", enquiry_unfolded),
    "import-to-confirm": ("mara", import_to_confirm),
    "filter-open": ("mara", filter_open),
    "names-offered": ("mara", names_offered),
}
