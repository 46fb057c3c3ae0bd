from datetime import timedelta
from typing import Any

import pytest

from bookings import links
from bookings.models import Enquiry

pytestmark = pytest.mark.django_db


def test_a_link_opens_its_own_enquiry(make_enquiry: Any, at: Any) -> None:
    first, second = make_enquiry(), make_enquiry()
    assert links.resolve(links.token(first), at=at) == first
    assert links.resolve(links.token(second), at=at) == second


def test_the_database_alone_opens_none(enquiry: Any, at: Any, settings: Any) -> None:
    token = links.token(enquiry)
    settings.SECRET_KEY = "another installation's key, which is not ours at all"
    with pytest.raises(links.NoSuchLink):
        links.resolve(token, at=at)


@pytest.mark.parametrize("change", ["enquiry", "serial", "mac", "cut", "longer"])
def test_what_was_tampered_with_opens_none(make_enquiry: Any, at: Any, change: str) -> None:
    first, second = make_enquiry(), make_enquiry()
    number, serial, mac = links.token(first).split("-", 2)
    other = links.token(second).split("-", 2)
    token = {
        "enquiry": f"{other[0]}-{serial}-{mac}",
        "serial": f"{number}-2-{mac}",
        "mac": f"{number}-{serial}-{other[2]}",
        "cut": f"{number}-{serial}-{mac[:-1]}",
        "longer": f"{number}-{serial}-{mac}A",
    }[change]
    with pytest.raises(links.NoSuchLink):
        links.resolve(token, at=at)


def test_raising_the_serial_revokes(enquiry: Any, at: Any) -> None:
    old = links.token(enquiry)
    Enquiry.objects.update(link_serial=2)
    with pytest.raises(links.LinkIsOver):
        links.resolve(old, at=at)
    enquiry.refresh_from_db()
    assert links.resolve(links.token(enquiry), at=at) == enquiry


def test_a_link_runs_out(enquiry: Any, at: Any) -> None:
    token = links.token(enquiry)
    assert links.resolve(token, at=at + timedelta(days=60)) == enquiry
    with pytest.raises(links.LinkIsOver):
        links.resolve(token, at=at + timedelta(days=60, seconds=1))


def test_an_erased_request_has_no_page(enquiry: Any, at: Any) -> None:
    token = links.token(enquiry)
    enquiry.delete()
    with pytest.raises(links.LinkIsOver):
        links.resolve(token, at=at)


def test_a_token_is_long_enough(enquiry: Any) -> None:
    assert len(links.token(enquiry).split("-", 2)[2]) * 6 >= 128
