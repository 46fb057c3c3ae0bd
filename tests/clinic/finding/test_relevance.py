"""The search leads patients where they want to go: measured over the demo clinic."""

import re

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from clinic.operations import demo
from tests.clinic.finding import relevance

pytestmark = pytest.mark.database


@pytest.fixture
def demo_clinic(db: None) -> None:
    demo.load_all(timezone.now())


def shown(client: Client, words: str) -> list[str]:
    """Return the addresses of the results in the order of the page."""
    page = client.get("/search/", {"q": words}).content.decode()
    assert escape(words) in page
    results = page.partition("results")[2].partition("<footer")[0]
    return re.findall(r'<h3><a href="([^"]+)"', results)


def test_patients_find_what_they_look_for(demo_clinic: None, client: Client):
    measured = relevance.score(relevance.queries(True), lambda words: shown(client, words))
    assert measured.mrr >= 0.9
    assert measured.recall >= 0.9
