"""The edge's log: one JSON line per event on the error stream, with what the event says of itself. No Django."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class Lines(logging.Formatter):
    """``event`` is the message; everything given as ``extra`` stands beside it."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        line = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **{key: value for key, value in vars(record).items() if key not in _STANDARD},
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def configure() -> None:
    """Say what the edge has to say, from INFO on; called once in a process."""
    logger = logging.getLogger("livecode.edge")
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(Lines())
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
