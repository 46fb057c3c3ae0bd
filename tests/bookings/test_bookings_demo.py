from datetime import UTC, datetime
from typing import Any

import pytest

from bookings import demo
from bookings.models import CloseReason, Enquiry, Event, State
from clinic.models import Message, Service
from clinic.operations import demo as ground

pytestmark = pytest.mark.django_db

AT = datetime(2027, 3, 10, 15, 30, tzinfo=UTC)


@pytest.fixture
def loaded(settings: Any, tmp_path: Any) -> Any:
    settings.MEDIA_ROOT = tmp_path
    ground.load(AT)
    demo.load(AT)
    return AT


def test_there_are_requests_in_every_state(loaded: Any) -> None:
    assert Enquiry.objects.count() == 14
    assert set(Enquiry.objects.values_list("state", flat=True)) == set(State.values)
    reasons = set(Enquiry.objects.values_list("close_reason", flat=True)) - {""}
    assert reasons <= set(CloseReason.values)
    assert len(reasons) == 3


def test_everybody_is_invented(loaded: Any) -> None:
    for enquiry in Enquiry.objects.all():
        assert enquiry.email.endswith(".example") or not enquiry.email
        assert enquiry.phone.startswith("+161355501") or not enquiry.phone


def test_no_mail_goes_out(loaded: Any) -> None:
    assert not Message.objects.exists()


def test_timelines_lie_before_today(loaded: Any) -> None:
    assert not Event.objects.filter(at__gt=loaded).exists()
    assert len({at.date() for at in Event.objects.values_list("at", flat=True)}) > 3


def test_loading_again_changes_nothing(loaded: Any) -> None:
    lines = Event.objects.count()
    demo.load(AT)
    assert (Enquiry.objects.count(), Event.objects.count()) == (14, lines)


def test_a_real_clinic_gets_none(clinic: Any) -> None:
    demo.load(AT)
    assert demo.is_empty()


def test_removing_takes_all(loaded: Any) -> None:
    demo.remove()
    assert demo.is_empty()
    assert not Event.objects.exists()
    Service.objects.all().delete()
