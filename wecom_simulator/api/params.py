"""Typed reading of request fields: a wrong type or length is refused with the code that fits."""

from __future__ import annotations

import base64

from wecom_simulator.errors import WecomError
from wecom_simulator.router import Json


def text(body: Json, name: str, *, chars: int = 0, octets: int = 0, code: int = 40058) -> str:
    """A string, empty when absent; over `chars` characters or `octets` UTF-8 bytes it is refused with `code`."""
    value = body.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise WecomError(code, name)
    if (chars and len(value) > chars) or (octets and len(value.encode()) > octets):
        raise WecomError(code, f"{name} is too long")
    return value


def required(body: Json, name: str, *, code: int = 40058) -> str:
    """A string that may not be empty."""
    value = text(body, name, code=code)
    if not value:
        raise WecomError(code, f"missing {name}")
    return value


def texts(body: Json, name: str, *, most: int = 0, code: int = 40058) -> list[str]:
    """A list of strings, empty when absent."""
    value = body.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise WecomError(code, f"{name} must be an array of strings")
    if most and len(value) > most:
        raise WecomError(code, f"{name} has more than {most}")
    return list(value)


def integers(body: Json, name: str, *, code: int = 40058) -> list[int]:
    """A list of integers, empty when absent."""
    value = body.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, int) for item in value):
        raise WecomError(code, f"{name} must be an array of integers")
    return list(value)


def integer(body: Json, name: str, default: int = 0, *, code: int = 40058) -> int:
    """An integer."""
    value = body.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool):
        raise WecomError(code, name)
    return value


def boolean(body: Json, name: str, default: bool) -> bool:
    """A boolean."""
    value = body.get(name, default)
    if not isinstance(value, bool):
        raise WecomError(40058, name)
    return value


def table(body: Json, name: str) -> Json:
    """An object, empty when absent."""
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise WecomError(40058, name)
    return value


def page(items: list[str], cursor: str, limit: int) -> tuple[list[str], str]:
    """One page of a list by an opaque cursor, and the next cursor (empty at the end); 40058 for a strange cursor."""
    try:
        start = int(base64.urlsafe_b64decode(cursor.encode()).decode().removeprefix("at")) if cursor else 0
    except ValueError as error:
        raise WecomError(40058, "cursor") from error
    end = start + limit
    following = base64.urlsafe_b64encode(f"at{end}".encode()).decode() if end < len(items) else ""
    return items[start:end], following
