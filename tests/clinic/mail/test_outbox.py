"""The outbox: nothing lost, nothing twice, no address in what is kept."""

import smtplib
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail as outgoing
from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, connection, transaction

from clinic.mail import outbox
from clinic.models import Message

pytestmark = pytest.mark.database

AT = datetime(2027, 3, 14, 9, 15, tzinfo=UTC)
PATIENT = "pat@patients.example"


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    """`refuse(error)`: from now on sending raises this error."""

    def install(error: Exception) -> None:
        def send(self: EmailMultiAlternatives, fail_silently: bool = False) -> int:
            raise error

        monkeypatch.setattr(EmailMultiAlternatives, "send", send)

    return install


@pytest.mark.django_db
def test_a_mail_is_queued_once_for_a_cause() -> None:
    first = outbox.queue("note", 7, at=AT)
    assert outbox.queue("note", 7, at=AT + timedelta(hours=1)) == first
    assert outbox.queue("note", 7, serial=1, at=AT).message_id != first.message_id
    assert first.due_at == AT


@pytest.mark.django_db
def test_nothing_is_queued_when_its_cause_fails() -> None:
    def fail() -> None:
        with transaction.atomic():
            outbox.queue("note", 7, at=AT)
            raise IntegrityError

    with pytest.raises(IntegrityError):
        fail()
    assert not Message.objects.exists()


@pytest.mark.django_db
def test_a_mail_goes_out_with_its_own_message_id_and_date(kinds: dict[str, Any]) -> None:
    message = outbox.queue("note", 7, at=AT)
    assert outbox.run_once(AT) == 1
    assert outbox.run_once(AT) == 0
    (mail,) = outgoing.outbox
    sent = mail.message()
    assert sent["Message-ID"] == message.message_id
    assert sent["Date"] == "Sun, 14 Mar 2027 09:15:00 +0000"
    assert sent["Auto-Submitted"] == "auto-generated"
    message.refresh_from_db()
    assert (message.sent_at, message.attempts, message.leased_until) == (AT, 1, None)


@pytest.mark.django_db
def test_a_mail_waits_until_it_is_due(kinds: dict[str, Any]) -> None:
    outbox.queue("note", 7, at=AT, due_at=AT + timedelta(hours=1))
    assert outbox.run_once(AT + timedelta(minutes=59)) == 0
    assert outbox.run_once(AT + timedelta(hours=1)) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["clinic.example", "127.0.0.1"])
def test_a_message_id_names_the_site(settings: Any, host: str) -> None:
    settings.SITE_URL = f"https://{host}:8443"
    expected = "[127.0.0.1]" if host == "127.0.0.1" else host
    assert outbox.new_message_id().endswith(f"@{expected}>")
    assert outbox.new_message_id() != outbox.new_message_id()


@pytest.mark.django_db
def test_what_needs_no_mail_any_more_is_done(kinds: dict[str, Any]) -> None:
    kinds["note"] = lambda message: None
    message = outbox.queue("note", 7, at=AT)
    assert outbox.run_once(AT) == 1
    message.refresh_from_db()
    assert message.sent_at == AT
    assert message.error == outbox.NOT_NEEDED
    assert not outgoing.outbox


@pytest.mark.django_db
def test_a_failing_mail_waits_longer_each_time_and_is_given_up_after_days(
    kinds: dict[str, Any], refuse: Callable[[Exception], None]
) -> None:
    refuse(ConnectionRefusedError(f"no route to {PATIENT}"))
    message = outbox.queue("note", 7, at=AT)
    at, pauses = AT, []
    while True:
        assert outbox.run_once(at) == 1
        message.refresh_from_db()
        assert message.sent_at is None
        if message.failed_at:
            break
        assert message.leased_until
        pauses.append(message.leased_until - at)
        at = message.leased_until
    for number, pause in enumerate(pauses[:8]):
        expected = min(timedelta(minutes=2**number), timedelta(hours=6))
        assert expected * 0.75 <= pause <= expected * 1.25
    assert max(pauses) <= timedelta(hours=7.5)
    assert outbox.GIVE_UP_AFTER <= message.failed_at - AT <= timedelta(days=5, hours=8)
    assert message.error == "The mail server could not be reached (ConnectionRefusedError)."
    assert outbox.run_once(at + timedelta(days=1)) == 0


@pytest.mark.django_db
def test_a_given_up_mail_can_be_tried_again(
    kinds: dict[str, Any], refuse: Callable[[Exception], None]
) -> None:
    message = outbox.queue("note", 7, at=AT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            EmailMultiAlternatives,
            "send",
            lambda self: (_ for _ in ()).throw(
                smtplib.SMTPRecipientsRefused({PATIENT: (550, b"5.1.1 <pat> unknown")})
            ),
        )
        outbox.run_once(AT)
    message.refresh_from_db()
    assert message.failed_at == AT
    assert message.error == "The mail server refused the recipient (550 5.1.1)."
    later = AT + timedelta(days=9)
    assert outbox.try_again(Message.objects.all(), at=later) == 1
    assert outbox.run_once(later) == 1
    message.refresh_from_db()
    assert message.sent_at == later
    assert message.failed_at is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "given_up"),
    [
        (smtplib.SMTPRecipientsRefused({PATIENT: (450, b"later")}), False),
        (smtplib.SMTPDataError(554, f"5.7.1 {PATIENT}".encode()), True),
        (smtplib.SMTPDataError(451, b"4.3.0 busy"), False),
        (smtplib.SMTPAuthenticationError(535, b"5.7.8 who"), False),
        (smtplib.SMTPSenderRefused(550, b"not you", "desk@clinic.example"), False),
        (smtplib.SMTPServerDisconnected("gone"), False),
        (TimeoutError("stalled"), False),
        (ValueError(f"bad header {PATIENT}"), False),
    ],
)
def test_only_a_final_refusal_is_given_up_at_once(
    kinds: dict[str, Any],
    refuse: Callable[[Exception], None],
    error: Exception,
    given_up: bool,
) -> None:
    refuse(error)
    message = outbox.queue("note", 7, at=AT)
    outbox.run_once(AT)
    message.refresh_from_db()
    assert bool(message.failed_at) is given_up
    assert message.error
    assert "@" not in message.error


@pytest.mark.django_db
def test_a_mail_that_cannot_be_written_is_tried_again_and_says_nothing_of_its_text(
    kinds: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    words = "my back hurts"

    def write(message: Message) -> EmailMultiAlternatives:
        raise KeyError(words)

    kinds["note"] = write
    message = outbox.queue("note", 7, at=AT)
    outbox.queue("unheard of", 7, at=AT)
    assert outbox.run_once(AT) == 2
    message.refresh_from_db()
    assert message.error == "The email could not be written (KeyError)."
    assert "in write" in caplog.text
    assert words not in caplog.text


@pytest.mark.django_db
def test_a_killed_worker_leaves_a_lease_and_the_repeat_is_the_same_mail(
    kinds: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    send = EmailMultiAlternatives.send

    def send_and_die(self: EmailMultiAlternatives) -> None:
        send(self)
        raise Killed

    outbox.queue("note", 7, at=AT)
    with monkeypatch.context() as patch:
        patch.setattr(EmailMultiAlternatives, "send", send_and_die)
        with pytest.raises(Killed):
            outbox.run_once(AT)
    assert outbox.run_once(AT + outbox.LEASE - timedelta(seconds=1)) == 0
    assert outbox.run_once(AT + outbox.LEASE) == 1
    first, second = (mail.message() for mail in outgoing.outbox)
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Date"] == second["Date"]


@pytest.mark.django_db
def test_a_late_failure_does_not_undo_what_another_worker_did(kinds: dict[str, Any]) -> None:
    message = outbox.queue("note", 7, at=AT)
    slow = outbox.claim(AT)
    assert slow
    later = AT + outbox.LEASE
    assert outbox.run_once(later) == 1
    outbox._put_off(slow, at=later, error=outbox.Unsendable("Too late.", for_good=True))
    message.refresh_from_db()
    assert message.sent_at == later
    assert message.error == ""


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_mail_once(kinds: dict[str, Any]) -> None:
    for number in range(8):
        outbox.queue("note", number, at=AT)
    start = threading.Barrier(3)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            start.wait(timeout=60)
            outbox.run_once(AT)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not failures
    assert sorted(mail.body for mail in outgoing.outbox) == [f"About {n}." for n in range(8)]
    assert Message.objects.filter(sent_at=AT, attempts=1).count() == 8


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("one_message_per_cause", {}),
        ("message_sent_or_failed", {"object_id": 8, "sent_at": AT, "failed_at": AT}),
    ],
)
def test_the_database_holds_the_rules(constraint: str, changes: dict[str, Any]) -> None:
    outbox.queue("note", 7, at=AT)
    fields = {"kind": "note", "object_id": 7, "created_at": AT, "due_at": AT, **changes}
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(message_id=outbox.new_message_id(), **fields)
    assert constraint in {c.name for c in Message._meta.constraints}
