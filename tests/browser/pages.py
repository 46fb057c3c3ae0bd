"""One of each kind of page, by name: what is looked at, measured and checked in browsers."""

import re
from typing import Any

from tests.articles.importers.wordpress_exports import export, item
from tests.browser import steps
from tests.browser.clipboard import PASTE

ARTICLE = "/articles/dry-needling-low-back-pain/"

PUBLIC = {
    "home": "/",
    "articles": "/articles/",
    "article": ARTICLE,
    "feedback": f"{ARTICLE}feedback/",
    "topic": "/articles/topics/low-back/",
    "evidence": "/evidence/",
    "reference": "/evidence/chys2023/",
    "people": "/practitioners/",
    "practitioner": "/practitioners/ines-okafor/",
    "services": "/services/",
    "service": "/services/dry-needling/",
    "location": "/locations/millbrook/",
    "contact": "/contact/",
    "fees": "/fees/",
    "first-appointment": "/first-appointment/",
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
    "calendar": ("joan", "/admin/bookings/enquiry/calendar/"),
    "broadcast": ("joan", "/admin/bookings/enquiry/write/"),
    "report": ("mara", "/admin/bookings/tally/"),
    "what-works": ("mara", "/admin/clinic/dailycount/"),
    "roster": ("admin", "/admin/bookings/roster/first/change/"),
}

# Kinds of page that are not among the main ones: for axe, which looks at what is in them.
STAFF_MORE = {
    "desk-search": ("mara", "/admin/search/?q=knee"),
    "calendar-week": ("joan", "/admin/bookings/enquiry/calendar/?view=week"),
    "choose-times": ("joan", "/admin/bookings/enquiry/first/calendar/"),
    "absence": ("joan", "/admin/bookings/enquiry/calendar/absence/"),
    "rosters": ("joan", "/admin/bookings/roster/"),
    "roster-new": ("admin", "/admin/bookings/roster/add/"),
    "roster-seen": ("joan", "/admin/bookings/roster/first/change/"),
    "topics": ("mara", "/admin/articles/topic/"),
    "menu": ("mara", "/admin/articles/article/menu/"),
    "replace-image": ("mara", "/admin/clinic/image/first/replace/"),
    "reference-new": ("mara", "/admin/articles/reference/add/"),
    "editions": ("mara", "/admin/articles/edition/"),
    "publish": ("mara", "/admin/articles/article/first/publish/"),
    "withdraw": ("mara", "/admin/articles/article/first/withdraw/"),
    "compare": ("mara", "/admin/articles/article/first/compare/"),
    "mistakes": ("mara", "/admin/articles/article/first/mistakes/"),
    "red-flag": ("mara", "/admin/clinic/redflag/first/change/"),
    "red-flags-asked": ("mara", "/admin/clinic/redflag/asked/?of=place-back"),
    "history": ("admin", "/admin/clinic/service/first/history/"),
    "delete": ("admin", "/admin/clinic/service/first/delete/"),
    "site-import-start": ("mara", "/admin/articles/article/import/"),
    "password": ("admin", "/admin/clinic/user/first/password/"),
    "sessions": ("admin", "/admin/sessions/"),
    "security-log": ("admin", "/admin/clinic/securityevent/"),
}


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
    page.wait_for_function(steps.SETTLED)


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
    steps.pass_gate(page)
    page.get_by_role("heading", name="Practitioner and location").wait_for()
    page.wait_for_load_state()  # until then all steps show, and perhaps without their style
    for step in range(number):
        if step == 2:
            page.get_by_label("No, this is my first appointment").check()
            page.get_by_label("Your name").fill("Nora Field")
            page.get_by_label("Phone").fill("(613) 555-0117")
        page.get_by_role("button", name="Continue").click()


def form_with_errors(page: Any) -> None:
    page.goto("/book/?service=dry-needling")
    steps.pass_gate(page)
    page.get_by_role("heading", name="Practitioner and location").wait_for()
    page.locator("form[data-steps]").evaluate("form => form.submit()")
    errors_shown(page)


def where(page: Any) -> None:
    page.goto("/book/?service=not-sure")


def red_flags_of(page: Any, place: str) -> None:
    """The first page about a part of the body."""
    where(page)
    page.get_by_label(place).check()
    with page.expect_navigation():
        page.get_by_role("button", name="Continue").click()


def urgent_advice(page: Any) -> None:
    page.goto("/book/?service=dry-needling")
    page.get_by_label("Yes, at least one").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Continue").click()


def advice_for_today(page: Any) -> None:
    """After the page of emergencies, of which none is true."""
    red_flags_of(page, "Knee")
    page.get_by_label("No, none of them").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Continue").click()
    page.get_by_label("Yes, at least one").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Continue").click()


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
    "where": where,
    "red-flags-of-a-place": lambda page: red_flags_of(page, "Wrist and hand"),
    "urgent-advice": urgent_advice,
    "advice-for-today": advice_for_today,
}


def broadcast_to_confirm(page: Any) -> None:
    """Who would get the message, and the button that sends it: to the first with visits."""
    page.goto("/admin/bookings/enquiry/write/")
    whose = page.get_by_label("Appointments with")
    for number in range(1, whose.locator("option").count()):
        whose.select_option(index=number)
        page.get_by_label("Appointments from (date)").fill("2000-01-01")
        page.get_by_label("Appointments until (date)").fill("2100-01-01")
        page.locator("textarea").fill("Ines is ill today.")
        page.get_by_role("button", name="Show recipients").click()
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
    page.locator("summary", has_text="Author and reviewer").click()
    page.get_by_role("combobox", name="Written by").click()
    page.locator(".select2-results__option--highlighted").wait_for()


def version_open(page: Any) -> None:
    """An earlier version of a service, with what has changed since."""
    open_first(page, "/admin/clinic/service/first/change/")
    form = page.url
    page.get_by_label("In one sentence").fill("In other words.")
    page.get_by_role("button", name="Save and continue editing").first.click()
    page.locator(".messagelist").wait_for()
    page.goto(f"{form}../history/1/")


def visual(page: Any, path: str = "/admin/articles/article/add/") -> Any:
    """The text in the visual editor; returns the keyboard, at a new line."""
    page.goto(path)
    page.locator(".editor.is-live").first.wait_for()
    page.get_by_role("button", name="Visual").click()
    text = page.locator(".visual-text").first
    text.click()
    page.keyboard.press("Control+End")
    page.keyboard.press("Enter")
    return page.keyboard


def form_of_article(page: Any) -> str:
    """The address of the form of the demo's article that holds most, whatever others hold."""
    page.goto("/admin/articles/article/?q=needling+low")
    link = page.get_by_role("link", name="Does dry needling help low back pain?", exact=True)
    return str(link.get_attribute("href"))


def visual_article(page: Any) -> None:
    """An article with all that it can hold, in the visual editor."""
    visual(page, form_of_article(page))
    page.locator(".visual-cite", has_text="Chys").first.wait_for()


def visual_menu(page: Any) -> None:
    visual(page).type("/")
    page.get_by_role("option", name="Heading").first.wait_for()


def visual_picker(page: Any) -> None:
    visual(page).type("It helps [@")
    page.get_by_role("dialog").get_by_role("option").first.wait_for()


def visual_biography(page: Any) -> None:
    page.goto("/admin/clinic/practitioner/")
    path = page.locator("main th a[href*='/change/']").first.get_attribute("href")
    visual(page, path).type("/")
    page.get_by_role("option", name="Heading").first.wait_for()


def merge_to_confirm(page: Any) -> None:
    """Two requests side by side, before they are merged."""
    page.goto("/admin/bookings/enquiry/?tab=needs_reply")
    rows = page.locator(".inbox-table tbody tr")
    number = rows.nth(1).locator("td").nth(1).inner_text()
    rows.first.get_by_role("link").click()
    page.get_by_text("Merge with another request").click()
    form = page.locator("#do-join")
    form.get_by_label("Number of the other request").fill(number)
    form.get_by_role("button", name="Compare the two").click()
    page.get_by_role("heading", name="Merge these two requests?").wait_for()


OLD_SITE = {"name": "old.xml", "mimeType": "text/xml"}


def site_import(page: Any, *entries: str) -> None:
    """An export of a former site, read by the worker: what is there, and what to choose."""
    page.goto("/admin/articles/article/import/")
    content = export(*(entries or (item(7), item(8, kind="page"), item(9, kind="product"))))
    file = {**OLD_SITE, "buffer": content.encode()}
    page.get_by_label("Export from WordPress").set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("button", name="Import as drafts").wait_for()
    page.locator("main details summary").first.click()


def site_imported(page: Any) -> None:
    """The report of an import, with something to say about each entry."""
    words = "<![CDATA[<p>Words</p><iframe src='https://video.example/1'></iframe>]]>"
    thrown_away, other = item(71, wp__status="trash"), item(72, kind="x")
    site_import(page, item(70, content__encoded=words), thrown_away, other)
    page.get_by_role("button", name="Import as drafts").click()
    page.locator(".moving-line").first.wait_for()


def paste_offers(page: Any) -> None:
    """A pasted article, and what its note offers."""
    page.goto("/admin/articles/article/add/")
    page.locator(".editor.is-live").first.wait_for()
    words = (
        "<h2>Key takeaways</h2><ul><li>Walk</li></ul><p>Tip: Start low.</p>"
        "<h2>FAQ</h2><h3>Does it hurt?</h3><p>No.</p>"
    )
    page.evaluate(PASTE, ["#id_body", words, "Walk"])
    page.get_by_role("button", name="Move the questions").wait_for()


# Pages of staff in a state that somebody must bring about.
STAFF_STATES = {
    "visual-biography": ("mara", visual_biography),
    "visual-article": ("mara", visual_article),
    "visual-menu": ("mara", visual_menu),
    "visual-picker": ("mara", visual_picker),
    "broadcast-to-confirm": ("joan", broadcast_to_confirm),
    "enquiry-unfolded": ("joan", enquiry_unfolded),
    "merge-to-confirm": ("joan", merge_to_confirm),
    "import-to-confirm": ("mara", import_to_confirm),
    "filter-open": ("mara", filter_open),
    "names-offered": ("mara", names_offered),
    "version-open": ("mara", version_open),
    "paste-offers": ("mara", paste_offers),
    "site-import": ("mara", site_import),
    "site-imported": ("mara", site_imported),
}
