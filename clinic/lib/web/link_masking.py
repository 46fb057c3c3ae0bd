"""Private links in logs: a reader of a log must not be able to open one.

The token is replaced wherever it stands: in a message, its arguments, a traceback, a report of an
error. Paths are found in any case and with any of their characters percent-encoded, as a server
that logs the raw request line has them.
"""

import logging
import re
from functools import cache
from typing import Any

from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

MASKED = "…"


def _in_any_encoding(literal: str) -> str:
    return "".join(rf"(?:{re.escape(sign)}|%{ord(sign):02x})" for sign in literal)


_STROKE = rf"{_in_any_encoding('/')}+"
_PART = r"(?:(?!%2f)[^/\s\"'<>?&#])+"
_before: list[str] = []  # the paths before a token, as regular expressions


def protect(path: str, *, but_after: str = "") -> None:
    """Mask the part of addresses that follows this path, unless `but_after` comes before it.

    A `*` in the path is any one part: `/admin/password/set/*/`.
    """
    parts = [
        _PART if part == "*" else _in_any_encoding(part) for part in path.strip("/").split("/")
    ]
    unless = f"(?<!{re.escape(but_after)})" if but_after else ""
    _before.append(f"{unless}{_in_any_encoding('/')}{_STROKE.join(parts)}{_STROKE}")
    _links.cache_clear()


@cache
def _links() -> re.Pattern[str]:
    return re.compile(rf"({'|'.join(_before)}){_PART}", re.IGNORECASE)


def mask(text: str) -> str:
    """The text with the token of each private link replaced."""
    return _links().sub(rf"\1{MASKED}", text)


class MaskPrivateLinks(logging.Filter):
    """For a handler: passes every record on, masked. Later handlers get it masked, too."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite message, traceback and stack of the record; always True."""
        try:
            message = record.getMessage()
        except (TypeError, ValueError):  # arguments that do not fit; logging never raises
            message = f"{record.msg} {record.args}"
        record.msg, record.args = mask(message), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        record.exc_text = record.exc_text and mask(record.exc_text)
        record.stack_info = record.stack_info and mask(record.stack_info)
        return True


class DiscreetReporter(ExceptionReporter):
    """The report of an error that is emailed to administrators, with masked links."""

    def get_traceback_text(self) -> str:  # type: ignore[override]
        """Return the report as text."""
        return mask(super().get_traceback_text())

    def get_traceback_html(self) -> str:  # type: ignore[override]
        """Return the report as HTML."""
        return mask(super().get_traceback_html())


class DiscreetFilter(SafeExceptionReporterFilter):
    """Leaves form data and all local variables out of such a report."""

    def get_post_parameters(self, request: Any) -> Any:
        """Return the names of the fields alone."""
        return dict.fromkeys(request.POST, self.cleansed_substitute) if request else {}

    def get_traceback_frame_variables(self, request: Any, tb_frame: Any) -> Any:
        """Return no values."""
        return [(name, self.cleansed_substitute) for name in tb_frame.f_locals]


protect("/admin/password/set/*/")  # the link that sets a password
