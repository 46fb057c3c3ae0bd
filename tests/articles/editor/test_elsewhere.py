"""What an article looks like in search results and as a shared link, before it is published."""

import base64
import html
import re
from collections.abc import Callable
from typing import Any

from django.test import Client
from django.urls import reverse

SUMMARY = "Stairs hurt *less* after some weeks & more."


def element(page: str, pattern: str) -> str:
    found = re.search(pattern, page, re.DOTALL)
    assert found, pattern
    return html.unescape(found[1]).strip()


def test_publishing_shows_what_the_public_page_will_say(
    make_article: Callable[..., Any], client_as: Callable[[str], Client], client: Client, noon: Any
) -> None:
    from articles import publishing

    article = make_article(summary=SUMMARY)
    address = reverse("admin:articles_article_publish", args=[article.pk])
    shown = client_as("Editor").get(address).content.decode()
    publishing.publish(article, by=None, at=noon, unreviewed_reason="Tried out.")
    page = client.get("/articles/knees-and-stairs/").content.decode()
    for name in ("name", "property"):
        said = {
            key: html.unescape(value)
            for key, value in re.findall(rf'<meta {name}="([^"]+)" content="([^"]*)"', page)
        }
        if name == "name":
            assert said["description"] == "Stairs hurt less after some weeks & more."
            assert said["description"] in html.unescape(shown)
        else:
            assert f"<b>{said['og:title']}</b>" in html.unescape(shown)
            assert said["og:url"] in shown
            drawn = client.get(said["og:image"].removeprefix("http://testserver"))
    assert element(page, "<title>(.*?)</title>") == element(shown, "</cite><b>(.*?)</b>")
    picture = element(shown, 'src="data:image/png;base64,([^"]+)"')
    assert base64.b64decode(picture) == drawn.content


def test_what_was_written_for_search_engines_is_shown(
    make_article: Callable[..., Any], client_as: Callable[[str], Client]
) -> None:
    article = make_article(seo_title="Sore on the stairs", seo_description="What helps a knee.")
    address = reverse("admin:articles_article_publish", args=[article.pk])
    shown = client_as("Editor").get(address).content.decode()
    assert "<b>Sore on the stairs | " in shown
    assert "</b>What helps a knee." in shown
    assert "<b>Knees and stairs</b>" in shown, "a shared link has the title of the article"
