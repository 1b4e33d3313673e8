"""Log lines as JSON, one object per line, each naming the run and step it is about where there is one.

Decides what a line holds: time, level, logger, message, the trace of the work, the traceback of a failure.
It holds no values of users: what a step got and gave stands in its run's journal, masked there.
"""

import logging
from datetime import UTC, datetime
from typing import Any

import orjson

from flows.observe.trace import current_trace


class JsonLines(logging.Formatter):
    """A formatter for `logging`: `{"()": "flows.observe.logs.JsonLines"}`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **current_trace(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()
