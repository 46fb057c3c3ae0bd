"""Blocks of pages that are made of what is known elsewhere."""

import pytest
from django.test import Client
from django.utils import timezone

from articles.publishing.errors import TextHasProblems
from clinic.models import Clinic, Insurer, Service
from clinic.site import page_context
from tests.whole_site import WholeSite, build, publish


@pytest.fixture
def site(db: None) -> WholeSite:
    return build(timezone.now())


def read(client: Client, path: str) -> str:
    page_context.forget()
    return " ".join(client.get(path).content.decode().split())


def test_a_page_shows_what_is_known_and_is_not_published_again(site: WholeSite, client: Client):
    body = "\n\n".join(
        f"[Here]({address})"
        for address in ("show:fees", "show:insurers", "show:cancellation", "show:locations")
    )
    publish(timezone.now(), kind="page", title="Costs", slug="costs", body=f"Before.\n\n{body}")
    assert (
        "Here" not in read(client, "/costs/").partition("<article>")[2].partition("</article>")[0]
    )
    Clinic.objects.update(cancellation_rule="Until the day before.\n\nThen half.")
    Insurer.objects.create(name="Second & Co", order=2, bills_directly=False, note="Pay first.")
    Insurer.objects.create(name="First Mutual", order=1)
    Service.objects.update(first_minutes=45, price_text="$95")
    Service.objects.create(name="Secret", slug="secret", price_text="$1", is_public=False)
    page = read(client, "/costs/")
    assert '<a href="/services/dry-needling/">Dry needling</a></th> <td data-label="First' in page
    for said in ("45 minutes", "$95", "<p>Until the day before.</p>", "<p>Then half.</p>"):
        assert said in page
    assert page.index("First Mutual") < page.index("We bill them directly") < page.index("Second")
    assert "Second &amp; Co" in page
    assert "You pay us, then claim it back" in page
    assert "14 Mill Lane, Millbrook" in page
    assert "Secret" not in page


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("[Fees](show:nonsense)", "unknown-link"),
        ("See [our fees](show:fees) first.", "show-in-text"),
    ],
)
def test_a_block_that_cannot_be_shown_stops_publishing(body: str, code: str, db: None):
    with pytest.raises(TextHasProblems) as refused:
        publish(timezone.now(), kind="page", title="Costs", slug="costs", body=body)
    assert code in [issue.code for issue in refused.value.issues]
