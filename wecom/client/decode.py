"""Reading answers: open-ended, so a field that is absent or of another type becomes its empty value."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

Json = Mapping[str, object]
_EMPTY: Json = {}


def text(data: Json, key: str) -> str:
    """A text; numbers are written out. NUL and halves of surrogate pairs are taken out: no database stores them."""
    value = data.get(key)
    if isinstance(value, str):
        return _storable(value)
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def number(data: Json, key: str) -> int:
    """A whole number, also from a text of digits; 0 otherwise."""
    value = data.get(key)
    if isinstance(value, int | float):
        return int(value) if math.isfinite(value) else 0
    if isinstance(value, str) and value.removeprefix("-").isdecimal() and len(value) < 20:
        return int(value)
    return 0


def optional_number(data: Json, key: str) -> int | None:
    """A whole number, None when absent."""
    return number(data, key) if data.get(key) is not None else None


def decimal(data: Json, key: str) -> float | None:
    """A number with decimals, None when absent."""
    value = data.get(key)
    return float(value) if isinstance(value, int | float) else None


def flag(data: Json, key: str, *, default: bool = False) -> bool:
    """A boolean, also from 0 and 1; `default` when absent."""
    value = data.get(key)
    return bool(value) if isinstance(value, bool | int) else default


def mapping(data: Json, key: str) -> Json:
    """An object; empty otherwise."""
    value = data.get(key)
    return value if isinstance(value, dict) else _EMPTY


def objects(data: Json, key: str) -> list[Json]:
    """The objects of a list; others in it are passed over. A single object counts as a list of one."""
    value = data.get(key)
    if isinstance(value, dict):
        return [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def texts(data: Json, key: str) -> tuple[str, ...]:
    """A list of texts; numbers in it are written out."""
    value = data.get(key)
    if not isinstance(value, list):
        return ()
    return tuple(_storable(str(item)) for item in value if isinstance(item, str | int) and not isinstance(item, bool))


def numbers(data: Json, key: str) -> tuple[int, ...]:
    """A list of whole numbers."""
    value = data.get(key)
    return tuple(item for item in value if isinstance(item, int)) if isinstance(value, list) else ()


def _storable(value: str) -> str:
    return value.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")


def compact(**fields: object) -> dict[str, object]:
    """A request body without the fields that are None; sequences become lists."""
    return {name: _plain(value) for name, value in fields.items() if value is not None}


def _plain(value: object) -> object:
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str | bytes) else value
