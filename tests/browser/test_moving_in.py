"""A website moved in from the dashboard: the worker of the site reads and imports it, and the
report is worked off."""

import io
import re
import zipfile
from typing import Any

from PIL import Image as Pixels
from playwright.sync_api import expect

from tests.articles.importers.wordpress_exports import UPLOADS, export, item
from tests.browser.pages import OLD_SITE

START = "/admin/articles/article/import/"


def uploads() -> bytes:
    pixels, out = io.BytesIO(), io.BytesIO()
    Pixels.new("RGB", (60, 40), (11, 121, 201)).save(pixels, "JPEG")
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("uploads/2019/05/knee.jpg", pixels.getvalue())
    return out.getvalue()


def test_a_website_is_moved_in_with_its_images(page_of: Any):
    page = page_of("mara")
    words = f'<![CDATA[<p>Words</p><img src="{UPLOADS}/knee.jpg" alt="A knee">]]>'
    content = export(
        item(801, content__encoded=words), item(802, kind="page"), item(803, wp__status="draft")
    )
    page.goto("/admin/articles/article/")
    page.get_by_role("link", name="Import a website").click()
    page.get_by_label("Export from WordPress").set_input_files(
        {**OLD_SITE, "buffer": content.encode()}
    )
    page.get_by_role("button", name="Upload").click()
    # The page shows what was read without being asked.
    expect(page.get_by_role("heading", name="What the export contains")).to_be_visible()
    file = {"name": "uploads.zip", "mimeType": "application/zip", "buffer": uploads()}
    page.get_by_label("Zip file of images").set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    expect(page.locator("main li", has_text="uploads.zip")).to_be_visible()
    page.get_by_label("Drafts (1)").uncheck()
    person = page.get_by_role("group", name="Dr. Ines Okafor, PT")
    expect(person.get_by_label("Author").locator(":checked")).to_have_text("Ines Okafor")
    page.get_by_role("button", name="Import as drafts").click()
    expect(page.locator(".moving-line")).to_have_count(3)
    expect(page.locator(".moving-line").last).to_contain_text("It was not chosen")
    page.locator(".moving-line").last.get_by_role("button", name="Done").click()
    expect(page.locator(".moving-line")).to_have_count(2)
    page.get_by_role("link", name="Show all lines").click()
    expect(page.locator(".moving-line")).to_have_count(3)
    page.get_by_role("link", name="Text 801").click()
    expect(page.locator("#id_body")).to_have_value(re.compile(r"Words\n\n!\[A knee\]\(/media/"))
    expect(page.get_by_role("heading", name="Draft")).to_be_visible()


def test_it_works_without_scripts(page_of: Any):
    page = page_of("mara", java_script_enabled=False)
    page.goto(START)
    content = export(item(811)).encode()
    page.get_by_label("Export from WordPress").set_input_files({**OLD_SITE, "buffer": content})
    page.get_by_role("button", name="Upload").click()
    reload_until(page, page.get_by_role("button", name="Import as drafts"))
    page.get_by_role("button", name="Import as drafts").click()
    reload_until(page, page.locator(".moving-line"))
    expect(page.locator(".moving-line")).to_contain_text("A draft was created")


def reload_until(page: Any, wanted: Any) -> None:
    """Follow the link to reload until it shows what the worker did."""
    for _try in range(60):
        if wanted.count():
            return
        page.get_by_role("link", name="Reload").click()
        page.wait_for_timeout(500)
    raise AssertionError("The worker did nothing")
