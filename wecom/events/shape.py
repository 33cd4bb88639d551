"""How an event class names its XML fields, and how one is built from an element."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from xml.etree.ElementTree import Element

from wecom.events.markup import EventMalformed, child, child_text, leaves, local_name


@dataclass(frozen=True, kw_only=True)
class Event:
    """What every callback message has. `create_time` is Unix seconds; `change_type` is empty where WeCom sends none."""

    to_user: str
    from_user: str
    create_time: int
    event: str
    change_type: str
    leaves: tuple[tuple[str, str], ...] = dataclasses.field(repr=False)


E = TypeVar("E", bound=Event)


def text(tag: str) -> Any:
    """A text field; empty when absent."""
    return dataclasses.field(default="", metadata={"tag": tag, "read": _text})


def required(tag: str) -> Any:
    """A text field that must be there and not empty."""
    return dataclasses.field(metadata={"tag": tag, "read": _required})


def secret(tag: str) -> Any:
    """A text field that is kept out of `repr`; empty when absent."""
    return dataclasses.field(default="", repr=False, metadata={"tag": tag, "read": _text})


def number(tag: str) -> Any:
    """A whole number; None when absent or empty."""
    return dataclasses.field(default=None, metadata={"tag": tag, "read": _number})


def words(tag: str) -> Any:
    """A comma-separated list of texts."""
    return dataclasses.field(default=(), metadata={"tag": tag, "read": _words})


def numbers(tag: str) -> Any:
    """A comma-separated list of whole numbers."""
    return dataclasses.field(default=(), metadata={"tag": tag, "read": _numbers})


def items(tag: str) -> Any:
    """The texts of the <Item> children of an element."""
    return dataclasses.field(default=(), metadata={"tag": tag, "read": _items})


def parsed(tag: str, read: Callable[[Element], Any]) -> Any:
    """What `read` makes of the element; an empty tuple when absent."""

    def from_root(root: Element, name: str) -> Any:
        found = child(root, name)
        return () if found is None else read(found)

    return dataclasses.field(default=(), metadata={"tag": tag, "read": from_root})


def build(kind: type[E], root: Element, *, event: str, change_type: str) -> E:
    """An event of `kind` from the root element. Raises EventMalformed."""
    values = {
        field.name: field.metadata["read"](root, field.metadata["tag"])
        for field in dataclasses.fields(kind)
        if "tag" in field.metadata
    }
    return kind(
        to_user=_required(root, "ToUserName"),
        from_user=_text(root, "FromUserName"),
        create_time=as_number(_required(root, "CreateTime"), "CreateTime"),
        event=event,
        change_type=change_type,
        leaves=tuple(leaves(root)),
        **values,
    )


def as_number(value: str, name: str) -> int:
    """A whole number of at most 19 digits. Raises EventMalformed."""
    digits = value.removeprefix("-")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 19:
        raise EventMalformed(f"{name} is not a number")
    return int(value)


def _text(root: Element, tag: str) -> str:
    return child_text(root, tag) or ""


def _required(root: Element, tag: str) -> str:
    value = _text(root, tag)
    if not value:
        raise EventMalformed(f"{tag} is missing")
    return value


def _number(root: Element, tag: str) -> int | None:
    value = _text(root, tag)
    return as_number(value, tag) if value else None


def _words(root: Element, tag: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in _text(root, tag).split(",") if word.strip())


def _numbers(root: Element, tag: str) -> tuple[int, ...]:
    return tuple(as_number(word, tag) for word in _words(root, tag))


def _items(root: Element, tag: str) -> tuple[str, ...]:
    found = child(root, tag)
    if found is None:
        return ()
    return tuple((item.text or "").strip() for item in found if local_name(item) == "Item")
