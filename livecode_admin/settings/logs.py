"""Logging: one line per event on stderr, readable in development, JSON in production, never a secret."""

import re
from collections.abc import MutableMapping
from typing import Any

import structlog

SECRET_NAME = re.compile(
    r"secret|password|token|aes_?key|authorization|cookie|signature|suite_ticket|welcome_code", re.IGNORECASE
)
SECRET_IN_TEXT = re.compile(
    r"((?:access_token|corpsecret|secret|password|token|welcome_code|msg_signature)[\"']?\s*[=:]\s*[\"']?)[^&\s\"',}]+",
    re.IGNORECASE,
)
HIDDEN = "***"


def hide_secrets(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask values whose key names a secret, and secrets inside URLs and texts."""
    for key, value in event.items():
        if SECRET_NAME.search(key):
            event[key] = HIDDEN
        elif isinstance(value, str):
            event[key] = SECRET_IN_TEXT.sub(rf"\1{HIDDEN}", value)
    return event


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure_structlog() -> None:
    """Send structlog's events through the standard library's handlers."""
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def logging_config(*, as_json: bool, level: str) -> dict[str, Any]:
    """Return the dictionary for `logging.config`: JSON lines, or plain lines for people."""
    if as_json:
        rendering: list[Any] = [
            structlog.processors.format_exc_info,
            hide_secrets,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    else:
        rendering = [hide_secrets, structlog.dev.ConsoleRenderer(colors=False)]
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": SHARED,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "httpx": {"level": "WARNING"},  # its request line would carry access tokens
            "httpcore": {"level": "WARNING"},
            "axes": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},  # "received": one line a task is enough
            "celery.worker.request": {"level": "WARNING"},  # a sweep that came too late is made up by the next
            "celery.app.trace": {"level": level if as_json else "WARNING"},
            "livecode.http": {"level": level if as_json else "WARNING"},
            "PIL": {"level": "INFO"},
        },
    }
