"""Email to the person who runs the server, at OPERATOR_EMAIL: alarms, and reports of errors.

It is sent at once and not queued, because the database may be what is wrong. No personal data is in
it: a report has the kind of error and the places in the code, and nothing that anybody typed.
"""

import logging
import smtplib
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import DatabaseError, connections

from clinic.operations import version

logger = logging.getLogger(__name__)

SAME_AGAIN_AFTER = 60 * 60  # seconds until the same error is reported again
MOST_KINDS = 20  # kinds of error that one process reports in a day
DAY = 24 * 60 * 60
DEEPEST = 15  # places of a traceback, the innermost


def send(subject: str, text: str) -> bool:
    """Send a message to the operator, if there is an address; returns whether it was sent."""
    if not settings.OPERATOR_EMAIL:
        return False
    mail = EmailMessage(subject, text, _sender(), [settings.OPERATOR_EMAIL])
    try:
        mail.send()
    except (OSError, smtplib.SMTPException) as error:
        logger.warning("An email to the operator was not sent (%s).", type(error).__name__)
        return False
    return True


def _sender() -> str:
    """Return the clinic's own address, from which the mail server accepts email."""
    from clinic.models import Clinic  # logging is set up before there are models

    try:
        address = Clinic.objects.values_list("email", flat=True).filter(id=1).first()
    except DatabaseError:
        address = None
    return address or settings.DEFAULT_FROM_EMAIL


class ErrorReports(logging.Handler):
    """Emails each kind of error to the operator, at most once an hour."""

    def __init__(self, level: int = logging.NOTSET) -> None:
        super().__init__(level)
        self._sent_at: dict[str, float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Send a report from a thread of its own, so that no visitor waits for a mail server."""
        if self._is_new(place_of(record), record.created):
            subject = f"Error on {settings.SITE_URL}: {kind_of(record)}"
            threading.Thread(target=_send_alone, args=(subject, report(record))).start()

    def _is_new(self, place: str, now: float) -> bool:
        lately = [sent for sent in self._sent_at.values() if abs(now - sent) < DAY]
        last = self._sent_at.get(place)
        if len(lately) >= MOST_KINDS or (last and abs(now - last) < SAME_AGAIN_AFTER):
            return False
        self._sent_at[place] = now
        return True


def _send_alone(subject: str, text: str) -> None:
    try:
        send(subject, text)
    finally:
        connections.close_all()  # of this thread


def report(record: logging.LogRecord) -> str:
    """Return what a report says of a record."""
    lines = [f"{kind_of(record)}, reported by {record.name}", f"Version: {version.NAME}"]
    match = getattr(getattr(record, "request", None), "resolver_match", None)
    if match:
        lines.append(f"Address: /{match.route}")  # with names in place of what was asked for
    lines += ["", "Where it happened in the code, the innermost call last:", *_places(record), ""]
    lines.append("The full error is in the log. It may contain personal data; this email does not.")
    return "\n".join(lines) + "\n"


def kind_of(record: logging.LogRecord) -> str:
    """Return the class of an exception, with those that caused it; without its words."""
    error = record.exc_info[1] if record.exc_info else None
    names: list[str] = []
    while error is not None and len(names) < 5:
        names.append(type(error).__qualname__)
        error = error.__cause__
    return " from ".join(names) or record.levelname


def place_of(record: logging.LogRecord) -> str:
    """Return where an error is from: the same for two of the same kind."""
    return f"{kind_of(record)} {[*_places(record)][-1]}"


def _places(record: logging.LogRecord) -> Iterator[str]:
    frames = traceback.extract_tb(record.exc_info[2])[-DEEPEST:] if record.exc_info else []
    for frame in frames:
        yield f"{_short(frame.filename)}:{frame.lineno} {frame.name}"
    if not frames:
        yield f"{_short(record.pathname)}:{record.lineno} {record.funcName}"


def _short(path: str) -> str:
    for folder in (settings.BASE_DIR / ".venv", settings.BASE_DIR):
        if Path(path).is_relative_to(folder):
            return str(Path(path).relative_to(folder))
    return path
