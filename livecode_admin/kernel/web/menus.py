"""The menus of a list's filter row: each choice is an address, so that a link reproduces the view (ui.md, Frame)."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import QueryDict

from livecode_admin.kernel.web.page import Filter, Option

# Where in the list one stands is forgotten when the list becomes another one.
PLACES = ("page", "before")


def filter_menu(query: QueryDict, key: str, label: str, choices: Iterable[tuple[str, str]]) -> Filter:
    """One filter with its (value, text) ``choices``, on when the address has one of them."""
    present = query.get(key, "")
    options = [Option(text, address_with(query, key, value), current=value == present) for value, text in choices]
    chosen = next((option.label.strip() for option in options if option.current), "")
    clear = address_with(query, key, "") if chosen else ""
    return Filter(key=key, label=label, value=chosen or "全部", options=options, clear_url=clear)


def address_with(query: QueryDict, key: str, value: str) -> str:
    """The address with this value, or without the key for an empty one; from the first page."""
    changed = query.copy()
    for name in PLACES:
        changed.pop(name, None)
    if value:
        changed[key] = value
    else:
        changed.pop(key, None)
    return f"?{changed.urlencode()}"
