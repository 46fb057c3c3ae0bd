"""Mail as files, one RFC 5322 message each: what a demo does instead of sending."""

import os
import re
import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class EmailBackend(BaseEmailBackend):
    """Writes each mail into settings.EMAIL_FILE_PATH, named by its Date and Message-ID.

    A file is there wholly or not at all; the same mail again takes the place of the first.
    """

    def __init__(self, fail_silently: bool = False, **kwargs: Any) -> None:
        super().__init__(fail_silently=fail_silently)
        self.folder = Path(settings.EMAIL_FILE_PATH)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write the mails; raises OSError where they cannot be kept."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for mail in email_messages:
            self._write(mail)
        return len(email_messages)

    def _write(self, mail: EmailMessage) -> None:
        message = mail.message()
        sent_at = parsedate_to_datetime(str(message["Date"])).astimezone(UTC)
        path = self.folder / file_name(str(message["Message-ID"]), sent_at)
        draft = path.with_name(f".{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(re.sub(rb"\r?\n", b"\r\n", message.as_bytes()))
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise


def file_name(message_id: str, sent_at: datetime) -> str:
    """20270314-091500-<Message-ID>.eml, in UTC, so that a folder lists mails in their order."""
    return f"{sent_at:%Y%m%d-%H%M%S}-{_plain(message_id)}.eml"


def remove(message_ids: Iterable[str]) -> None:
    """Take away the files of these mails, where there are any."""
    for message_id in message_ids:
        for path in Path(settings.EMAIL_FILE_PATH).glob(f"*-{_plain(message_id)}.eml"):
            path.unlink(missing_ok=True)


def _plain(message_id: str) -> str:
    return re.sub(r"[^A-Za-z0-9.@_-]", "", message_id)
