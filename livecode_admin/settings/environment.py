"""Reading the environment: typed values, one clear error when something needed is missing."""

import os
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg2.extensions import parse_dsn


def text(name: str, default: str | None = None) -> str:
    """Return the variable `name`, or what the file named by `<name>_FILE` holds, or the default.

    Raises ImproperlyConfigured when there is neither and no default was given.
    """
    if value := os.environ.get(name):
        return value
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    if default is None:
        raise ImproperlyConfigured(f"Set the environment variable {name} (or {name}_FILE).")
    return default


def words(name: str, default: str = "") -> list[str]:
    """Return a comma-separated variable as a list without empty items."""
    return [item.strip() for item in text(name, default).split(",") if item.strip()]


def integer(name: str, default: int) -> int:
    """Return a variable as an integer; raises ImproperlyConfigured when it is not one."""
    value = text(name, str(default))
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from None


def database(url: str, *, max_age: int) -> dict[str, Any]:
    """Turn a libpq URI into Django's database dictionary.

    libpq's own parser reads it, so that unix sockets (`?host=/path`) and options work as they do for psql.
    `max_age`: seconds a connection may be reused.
    """
    parts: dict[str, str] = dict(parse_dsn(url))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", ""),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "OPTIONS": parts,
        "CONN_MAX_AGE": max_age,
        "CONN_HEALTH_CHECKS": max_age > 0,
    }
