"""What a visit leaves behind: nothing. Other hosts and faults in the console fail by `new_page`."""

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
    "/privacy/",
    "/about/",
    "/search/?q=needle",
    "/nothing-is-here/",
]


def test_public_pages_leave_nothing_in_the_browser(page):
    for path in PUBLIC:
        answer = page.goto(path)
        assert answer.status == (404 if path == "/nothing-is-here/" else 200), path
        page.mouse.wheel(0, 20_000)
        stored = page.evaluate("localStorage.length + sessionStorage.length")
        assert stored == 0, path
    assert page.context.cookies() == []


def test_booking_keeps_one_cookie_against_forgery(page):
    page.goto("/book/")
    assert [cookie["name"] for cookie in page.context.cookies()] == ["csrftoken"]
    page.goto("/")
    assert page.evaluate("document.cookie") == ""
