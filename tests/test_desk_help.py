"""The guide for staff inside the desk, and the links that lead to its sections."""

import re
from collections.abc import Callable

from django.contrib import admin
from django.test import Client
from django.utils.text import slugify

from clinic import desk_help

ADDRESS = "/admin/help/"


def test_the_guide_is_in_the_files(client_as: Callable[[str], Client]) -> None:
    page = client_as("Practitioner").get(ADDRESS).content.decode()
    text = "\n".join(file.read_text("utf-8") for file in desk_help.FILES)
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert len(headings) > 10
    for heading in headings:
        assert f'<a href="#{slugify(heading)}">{heading}</a>' in page
        assert page.count(f'id="{slugify(heading)}"') == 1
    assert page.count("<h1") == 1


def test_the_guide_has_nothing_that_it_cannot_show() -> None:
    assert desk_help.guide().problems == ()
    assert "<a " not in desk_help.guide().html  # links to other files would lead nowhere
    assert "<blockquote" not in desk_help.guide().html  # a line that happened to begin with ">"


def test_every_link_leads_to_a_section(client_as: Callable[[str], Client]) -> None:
    ids = {heading.id for heading in desk_help.guide().toc}
    clients = [client_as("Manager"), client_as("Editor")]
    linked = 0
    for model, model_admin in admin.site._registry.items():
        sections = getattr(model_admin, "help_sections", {})
        assert {slugify(section) for section in sections.values()} <= ids, model
        assert set(sections) <= {field.name for field in model._meta.get_fields()}, model
        if not sections or model._meta.model_name == "clinic":
            continue
        address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/add/"
        pages = [client.get(address).content.decode() for client in clients]
        links = {link for page in pages for link in re.findall(rf'href="{ADDRESS}#([\w-]+)"', page)}
        assert links, model
        assert links <= ids
        linked += len(links)
    assert linked > 5


def test_where_the_file_is_not_installed_there_is_no_page(
    client_as: Callable[[str], Client], monkeypatch, tmp_path
) -> None:
    monkeypatch.setattr(desk_help, "FILES", [tmp_path / "editing.md"])
    assert client_as("Editor").get(ADDRESS).status_code == 404
    assert client_as("Author").get("/admin/articles/article/add/").status_code == 200
