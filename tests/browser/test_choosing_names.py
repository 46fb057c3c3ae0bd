"""Fields that search while one types (Django's select2), pressed slowly."""

from collections.abc import Callable
from typing import Any

PHONE = {"viewport": {"width": 320, "height": 740}}


def test_letting_go_of_the_field_chooses_nothing(page_of: Callable[..., Any]):
    """The list may come up under the finger that opened it."""
    page = page_of("mara", **PHONE)
    page.goto("/admin/articles/article/add/")
    page.locator("summary", has_text="Author and reviewer").click()
    field = page.get_by_role("combobox", name="Written by")
    field.hover()
    page.mouse.down()
    option = page.locator(".select2-results__option--highlighted")
    option.hover()
    page.mouse.up()
    assert option.is_visible()
    assert page.locator("#id_author").input_value() == ""
    option.click()
    assert page.locator("#id_author").input_value() != ""
