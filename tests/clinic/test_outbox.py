"""The outbox: nothing lost, nothing twice, no address in what is kept."""

import smtplib
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from django.core import mail as outgoing
from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, connection, transaction

from clinic import mailfiles, outbox, registry
from clinic.models import Message

AT = datetime(2027, 3, 14, 9, 15, tzinfo=UTC)
PATIENT = "pat@patients.example"


@pytest.fixture
def kinds(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Message kinds for a test: "note" writes a mail to a patient."""
    kinds: dict[str, Any] = {
        "note": lambda message: EmailMultiAlternatives(
            "A note", f"About {message.object_id}.", "desk@clinic.example", [PATIENT]
        )
    }
    monkeypatch.setattr(registry, "message_kinds", kinds)
    return kinds


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    """`refuse(error)`: from now on sending raises this error."""

    def install(error: Exception) -> None:
        def send(self: EmailMultiAlternatives, fail_silently: bool = False) -> int:
            raise error

        monkeypatch.setattr(EmailMultiAlternatives, "send", send)

    return install


@pytest.fixture
def post_office() -> Iterator["PostOffice"]:
    office = PostOffice()
    yield office
    office.close()


class PostOffice:
    """A tiny mail server on 127.0.0.1 that takes mail, or answers as it is told."""

    def __init__(self) -> None:
        import socketserver

        office = self
        self.answers: dict[str, str] = {}
        self.received: list[bytes] = []

        class Talk(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                office.talk(self.rfile, self.wfile)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        self.server = Server(("127.0.0.1", 0), Talk)
        self.port = self.server.server_address[1]
        self.hang = threading.Event()
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    def talk(self, read: Any, write: Any) -> None:
        def say(text: str) -> None:
            write.write(f"{text}\r\n".encode())

        say("220 post office")
        for line in read:
            verb = line[:4].decode().upper().strip()
            answer = self.answers.get(verb, "")
            if answer == "stall":
                self.hang.wait(5)
                return
            if verb == "DATA" and not answer:
                say("354 go on")
                self.received.append(b"".join(iter(read.readline, b".\r\n")))
            say(answer or ("221 bye" if verb == "QUIT" else "250 fine"))
            if verb == "QUIT":
                return

    def close(self) -> None:
        self.hang.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def by_post(settings: Any, post_office: PostOffice) -> PostOffice:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = post_office.port
    settings.EMAIL_TIMEOUT = 0.3
    return post_office


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
    assert message.error == "The mail could not be written (KeyError)."
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
            start.wait(10)
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
def test_by_smtp(kinds: dict[str, Any], by_post: PostOffice) -> None:
    message = outbox.queue("note", 7, at=AT)
    assert outbox.run_once(AT) == 1
    message.refresh_from_db()
    assert message.sent_at == AT
    (received,) = by_post.received
    assert message_from_bytes(received)["Message-ID"] == message.message_id


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("verb", "answer", "given_up", "words"),
    [
        ("RCPT", "550 5.1.1 unknown", True, "refused the recipient (550 5.1.1)"),
        ("RCPT", "451 4.7.1 greylisted", False, "refused the recipient (451 4.7.1)"),
        ("MAIL", "530 5.7.0 sign in", False, "does not take mail from us (530 5.7.0)"),
        ("RCPT", "stall", False, "could not be reached"),
    ],
)
def test_by_smtp_refused_or_stalled(
    kinds: dict[str, Any],
    by_post: PostOffice,
    verb: str,
    answer: str,
    given_up: bool,
    words: str,
) -> None:
    by_post.answers[verb] = answer
    message = outbox.queue("note", 7, at=AT)
    assert outbox.run_once(AT) == 1
    message.refresh_from_db()
    assert message.sent_at is None
    assert bool(message.failed_at) is given_up
    assert words in message.error
    assert not by_post.received


@pytest.mark.django_db
def test_mail_files(kinds: dict[str, Any], settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND = "clinic.mailfiles.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    message = outbox.queue("note", 7, at=AT)
    outbox.run_once(AT)
    Message.objects.update(sent_at=None)
    outbox.run_once(AT)
    (path,) = settings.EMAIL_FILE_PATH.iterdir()
    assert path.name == mailfiles.file_name(message.message_id, AT)
    assert path.name.startswith("20270314-091500-")
    assert path.stat().st_mode & 0o777 == 0o600
    content = path.read_bytes()
    assert b"\n" not in content.replace(b"\r\n", b"")
    parsed = message_from_bytes(content, policy=policy.default)
    assert parsed["Message-ID"] == message.message_id
    assert "About 7." in parsed.get_content()


@pytest.mark.django_db
def test_erasing_takes_the_files_too(
    kinds: dict[str, Any],
    settings: Any,
    tmp_path: Path,
    django_capture_on_commit_callbacks: Any,
) -> None:
    settings.EMAIL_BACKEND = "clinic.mailfiles.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    outbox.queue("note", 7, at=AT)
    kept = outbox.queue("note", 8, at=AT)
    outbox.run_once(AT)
    with django_capture_on_commit_callbacks(execute=True):
        assert outbox.erase(Message.objects.filter(object_id=7)) == 1
    assert list(Message.objects.all()) == [kept]
    assert [p.name for p in tmp_path.iterdir()] == [mailfiles.file_name(kept.message_id, AT)]


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
