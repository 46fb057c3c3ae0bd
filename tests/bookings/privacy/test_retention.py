from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import ADDITION, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType

from bookings import workflow
from bookings.models import CloseReason, Enquiry, Event
from bookings.privacy import retention
from bookings.workflow import audit_log
from clinic.mail import file_backend, outbox
from clinic.models import Clinic, Message

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("reason", "days"),
    [
        (CloseReason.SPAM, 3),
        (CloseReason.DECLINED, 60),
        (CloseReason.NO_ANSWER, 60),
        (CloseReason.WITHDRAWN, 60),
        (CloseReason.DUPLICATE, 60),
        (CloseReason.VISITED, 180),
    ],
)
def test_closed_requests_go_when_their_time_is_over(
    enquiry: Any, receptionist: Any, at: Any, reason: CloseReason, days: int
) -> None:
    workflow.close(enquiry, reason=reason, by=receptionist, at=at)
    over = at + timedelta(days=days)
    assert retention.purge(over - timedelta(seconds=1)) == 0
    assert retention.purge(over) == 1
    assert not Enquiry.objects.exists()
    assert not Event.objects.exists()
    assert not Message.objects.exists()


def test_the_clinic_decides_how_long(enquiry: Any, receptionist: Any, at: Any) -> None:
    Clinic.objects.update(keep_declined_days=1)
    workflow.close(enquiry, reason=CloseReason.DECLINED, by=receptionist, at=at)
    assert retention.purge(at + timedelta(days=1)) == 1


def test_open_requests_stay(enquiry: Any, at: Any) -> None:
    assert retention.purge(at + timedelta(days=5000)) == 0
    assert Enquiry.objects.exists()


def test_access_lines_of_no_enquiry_go_too(clinic: Any, receptionist: Any, at: Any) -> None:
    audit_log.log_access(Event.Kind.SEARCHED, by=receptionist, at=at)
    retention.purge(at + timedelta(days=179))
    assert Event.objects.exists()
    retention.purge(at + timedelta(days=180))
    assert not Event.objects.exists()


def test_erasing_leaves_nothing_but_the_number(
    make_enquiry: Any,
    at: Any,
    receptionist: Any,
    settings: Any,
    tmp_path: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    settings.EMAIL_FILE_PATH = tmp_path
    settings.EMAIL_BACKEND = "clinic.mail.file_backend.EmailBackend"
    gone, stays = make_enquiry(), make_enquiry()
    outbox.run_once(at)
    assert len(list(tmp_path.iterdir())) == 4
    kind = ContentType.objects.get_for_model(Enquiry)
    for flag in (ADDITION, DELETION):
        LogEntry.objects.create(
            user=receptionist,
            content_type=kind,
            object_id=str(gone.pk),
            object_repr=gone.number,
            action_flag=flag,
        )
    with django_capture_on_commit_callbacks(execute=True):
        assert retention.erase([gone.pk]) == 1
    assert list(Enquiry.objects.all()) == [stays]
    assert set(Message.objects.values_list("object_id", flat=True)) == {stays.pk}
    kept = [file_backend.file_name(m.message_id, at) for m in Message.objects.all()]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(kept)
    assert LogEntry.objects.get().action_flag == DELETION


def test_one_damaged_row_does_not_stop_the_purge(
    make_enquiry: Any, receptionist: Any, at: Any
) -> None:
    from django.db import connection

    damaged = make_enquiry()
    workflow.close(damaged, reason=CloseReason.SPAM, by=receptionist, at=at, text="x")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE bookings_enquiry SET message = 'no token'")
        cursor.execute("UPDATE bookings_event SET text = 'no token'")
    assert retention.purge(at + timedelta(days=3)) == 1
