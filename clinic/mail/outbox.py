"""The outbox: a mail is queued in the transaction of what caused it, and sent later by the worker.

A row says which mail about which object, never its text; the text is made when it is sent, by the
function that an app registered for the kind. A repeat is the same mail: same Message-ID, same Date.
"""

import contextlib
import ipaddress
import logging
import random
import re
import secrets
import smtplib
import traceback
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F, QuerySet

from clinic import hooks
from clinic.mail import file_backend
from clinic.models import Message
from clinic.site import page_context

logger = logging.getLogger(__name__)

# Longer than an SMTP dialogue of a dozen steps that all stall until EMAIL_TIMEOUT (20 s): a lease
# runs out only when its worker is gone.
LEASE = timedelta(minutes=5)
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
# RFC 5321, 4.5.4.1: give up after four or five days.
GIVE_UP_AFTER = timedelta(days=5)
NOT_NEEDED = "There was nothing left to send."


class Unsendable(Exception):
    """A mail was not sent. `words` are for staff and hold no address; `for_good`: do not retry."""

    def __init__(self, words: str, *, for_good: bool = False) -> None:
        super().__init__(words)
        self.words = words
        self.for_good = for_good


def queue(
    kind: str,
    object_id: int,
    *,
    at: datetime,
    serial: int = 0,
    due_at: datetime | None = None,
    to: str = "",
) -> Message:
    """Queue one mail, in the caller's transaction; the same kind, object and serial only once.

    It is sent at `due_at`, or as soon as the worker comes by. Give `to` only where the object does
    not have the address itself.
    """
    message, _ = Message.objects.get_or_create(
        kind=kind,
        object_id=object_id,
        serial=serial,
        defaults={
            "message_id": new_message_id(),
            "created_at": at,
            "due_at": due_at or at,
            "to_address": to,
        },
    )
    return message


def new_message_id() -> str:
    """A fresh Message-ID (RFC 5322, 3.6.4) in the domain of the site."""
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    with contextlib.suppress(ValueError):
        host = f"[{ipaddress.ip_address(host)}]"
    return f"<{secrets.token_hex(16)}@{host}>"


def run_once(at: datetime, *, limit: int = 1000) -> int:
    """Handle every message that waits at this moment; count them, sent or not."""
    handled = 0
    while handled < limit and deliver_next(at):
        handled += 1
    return handled


def deliver_next(at: datetime) -> bool:
    """Claim one waiting message and send it; False if none waits. Call outside a transaction."""
    message = claim(at)
    if message is None:
        return False
    try:
        mail = compose(message, at=at)
        if mail is not None:
            send(mail)
    except Unsendable as error:
        logger.warning("Message %s (%s): %s", message.pk, message.kind, error.words)
        _put_off(message, at=at, error=error)
    else:
        # Even if another worker holds the lease now: it has been sent.
        Message.objects.filter(pk=message.pk, sent_at=None).update(
            sent_at=at,
            failed_at=None,
            leased_until=None,
            error="" if mail is not None else NOT_NEEDED,
            to_address="",
        )
    return True


def claim(at: datetime) -> Message | None:
    """Lease the message that has waited longest.

    The update asks again whether it still waits, so of several workers one gets it: PostgreSQL
    looks at the row anew once the other has committed, SQLite has one writer at a time.
    """
    waiting = Message.objects.waiting(at)
    for pk in waiting.order_by("due_at", "pk").values_list("pk", flat=True)[:20]:
        lease = {"leased_until": at + LEASE, "attempts": F("attempts") + 1}
        if waiting.filter(pk=pk).update(**lease):
            return Message.objects.filter(pk=pk).first()
    return None


def compose(message: Message, *, at: datetime) -> EmailMultiAlternatives | None:
    """Write the mail as it is at this moment, None if there is nothing to send any more. Raises
    Unsendable."""
    write = hooks.message_kinds.get(message.kind)
    if write is None:
        raise Unsendable(f"There is no template for emails of type “{message.kind}”.")
    message.written_at = at
    try:
        with page_context.local_conventions():
            mail = write(message)
    except Exception as error:
        # The trace without the error's own words, which may hold what a patient wrote.
        trace = "".join(traceback.format_tb(error.__traceback__))
        logger.error("Message %s (%s) cannot be written:\n%s", message.pk, message.kind, trace)
        raise Unsendable(f"The email could not be written ({type(error).__name__}).") from None
    if mail is None or not mail.recipients():
        return None
    mail.extra_headers |= {
        "Message-ID": message.message_id,
        "Date": format_datetime(message.due_at.astimezone(UTC)),
        "Auto-Submitted": "auto-generated",  # RFC 3834: no answer by a machine, please
    }
    return mail


def try_again(messages: QuerySet[Message], *, at: datetime) -> int:
    """Let messages that were given up wait again, as if queued now; count them."""
    return messages.exclude(failed_at=None).update(
        failed_at=None, leased_until=None, attempts=0, due_at=at
    )


def erase(messages: QuerySet[Message]) -> int:
    """Forget messages and, once the transaction is done, the files of their mails; count them."""
    message_ids = list(messages.values_list("message_id", flat=True))
    transaction.on_commit(lambda: file_backend.remove(message_ids))
    return messages.delete()[0]


def send(mail: EmailMultiAlternatives) -> None:
    """Hand a mail to the mail server. Raises Unsendable with what the server answered."""
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        answers = list(error.recipients.values())
        raise Unsendable(
            f"The mail server refused the recipient ({_code(*answers[0])}).",
            for_good=all(code >= 500 for code, _ in answers),
        ) from None
    except smtplib.SMTPDataError as error:
        raise Unsendable(
            f"The mail server refused the email ({_code(error.smtp_code, error.smtp_error)}).",
            for_good=error.smtp_code >= 500,
        ) from None
    except smtplib.SMTPAuthenticationError as error:
        code = _code(error.smtp_code, error.smtp_error)
        raise Unsendable(
            f"The mail server did not accept our username and password ({code})."
        ) from None
    except smtplib.SMTPResponseException as error:
        # The sender or the greeting: a matter of settings, which the operator may put right.
        code = _code(error.smtp_code, error.smtp_error)
        raise Unsendable(f"The mail server does not accept email from us ({code}).") from None
    except (OSError, smtplib.SMTPException) as error:
        raise Unsendable(
            f"The mail server could not be reached ({type(error).__name__})."
        ) from None
    except Exception as error:
        raise Unsendable(f"The email could not be sent ({type(error).__name__}).") from None


def _code(code: int, text: bytes | str) -> str:
    """The numbers of an answer (RFC 5321, RFC 3463), not its text: that may hold an address."""
    words = text.decode("ascii", "replace") if isinstance(text, bytes) else text
    detailed = re.match(r"[245]\.\d{1,3}\.\d{1,3}\b", words)
    return f"{code} {detailed[0]}" if detailed else str(code)


def _put_off(message: Message, *, at: datetime, error: Unsendable) -> None:
    """Wait longer each time, or give up. A pause is a lease that nobody holds."""
    changes: dict[str, object] = {"error": error.words[:300], "leased_until": at + pause(message)}
    if error.for_good or at - message.due_at >= GIVE_UP_AFTER:
        changes |= {"failed_at": at, "leased_until": None}
    Message.objects.filter(pk=message.pk, sent_at=None, leased_until=message.leased_until).update(
        **changes
    )


def pause(message: Message) -> timedelta:
    """1, 2, 4 … minutes up to 6 hours, give or take a quarter: not all come back at once."""
    doubled = FIRST_PAUSE * 2 ** min(max(message.attempts - 1, 0), 16)
    jitter = random.uniform(0.75, 1.25)  # noqa: S311 - no secret
    return min(doubled, LONGEST_PAUSE) * jitter
