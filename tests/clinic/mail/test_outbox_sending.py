"""How mail leaves the outbox: to a mail server, which may refuse or stall, or into files."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from clinic.mail import file_backend, outbox
from clinic.models import Message

AT = datetime(2027, 3, 14, 9, 15, tzinfo=UTC)


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
        ("MAIL", "530 5.7.0 sign in", False, "does not accept email from us (530 5.7.0)"),
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
    settings.EMAIL_BACKEND = "clinic.mail.file_backend.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    message = outbox.queue("note", 7, at=AT)
    outbox.run_once(AT)
    Message.objects.update(sent_at=None)
    outbox.run_once(AT)
    (path,) = settings.EMAIL_FILE_PATH.iterdir()
    assert path.name == file_backend.file_name(message.message_id, AT)
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
    settings.EMAIL_BACKEND = "clinic.mail.file_backend.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    outbox.queue("note", 7, at=AT)
    kept = outbox.queue("note", 8, at=AT)
    outbox.run_once(AT)
    with django_capture_on_commit_callbacks(execute=True):
        assert outbox.erase(Message.objects.filter(object_id=7)) == 1
    assert list(Message.objects.all()) == [kept]
    assert [p.name for p in tmp_path.iterdir()] == [file_backend.file_name(kept.message_id, AT)]
