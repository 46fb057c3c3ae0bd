"""Log records as one JSON object a line, for programs that collect logs."""

import json
import logging
from datetime import UTC, datetime


class JSONFormatter(logging.Formatter):
    """Time (UTC), level, logger and message; `fields` of a record, and its traceback if it has
    one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as a line."""
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and not record.exc_text:
            record.exc_text = self.formatException(record.exc_info)
        for name, text in (("traceback", record.exc_text), ("stack", record.stack_info)):
            if text:
                entry[name] = text
        return json.dumps(entry, ensure_ascii=False, default=str)
