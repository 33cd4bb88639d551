"""What a view hands to the components of templates/ui: small frozen records, so that mypy checks a page.

Only data for display; permission to act is decided before an `Action` is made: what may not be done is not in the list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Action:
    """A button, a menu entry, or both. Exactly one of ``url``, ``hx_get``, ``hx_post``, ``dialog`` is usual.

    ``method`` ``post`` makes ``url`` a form submit; ``target`` is the htmx target (default ``#dialog-slot``);
    ``key`` is the letter printed beside it and pressed on a focused row; ``tone`` is ``primary``, ``soft``, ``danger``
    or empty; ``apart`` draws a separator before it in a menu; ``busy`` is the text spoken while it runs;
    ``new_tab`` opens ``url`` beside the page.
    """

    label: str
    icon: str = ""
    url: str = ""
    method: str = "get"
    hx_get: str = ""
    hx_post: str = ""
    target: str = ""
    dialog: str = ""
    key: str = ""
    tone: str = ""
    apart: bool = False
    new_tab: bool = False


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab beside the page's title; ``alert`` makes its count amber."""

    label: str
    url: str
    count: int | None = None
    current: bool = False
    alert: bool = False


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step of the breadcrumb."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a filter; ``url`` is the list with that value."""

    label: str
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter of a list. ``clear_url`` is set while the filter is on and takes it off."""

    key: str
    label: str
    value: str
    options: Sequence[Option] = ()
    clear_url: str = ""


@dataclass(frozen=True, slots=True)
class Kpi:
    """One figure. ``value`` is written already; ``change`` is the output of ``parts.change``.

    ``basis`` says how it is counted; ``mark`` whose it is, where it isn't (only) one's own.
    """

    label: str
    value: str
    unit: str = ""
    url: str = ""
    basis: str = ""
    definition: str = ""
    change: str = ""
    before: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A value as text, for those who may see but not change it."""

    label: str
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a timeline; ``mark``: it also stands on the chart; ``lines``: what changed (permissions.diffs)."""

    title: str
    when: str
    who: str = ""
    what: str = ""
    url: str = ""
    mark: bool = False
    lines: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a stepper, or of a diagnosis (then ``tone`` and ``verdict``)."""

    title: str
    url: str = ""
    done: bool = False
    current: bool = False
    tone: str = ""
    verdict: str = ""
    icon: str = ""
    text: str = ""
    actions: Sequence[Action] = ()


@dataclass(frozen=True, slots=True)
class NavItem:
    """An entry of the left navigation; only what the member may open is made."""

    label: str
    url: str
    icon: str
    current: bool = False
    count: int = 0


@dataclass(frozen=True, slots=True)
class NavGroup:
    """A titled group of entries; the first one has no title."""

    title: str
    items: Sequence[NavItem] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class PickerItem:
    """One choice of a picker. ``search`` is lower-case text with name, path and pinyin initials.

    ``why_not`` says why it cannot be chosen (product.md §2.14); the choice is then shown without its box. ``used``:
    it is in the list already and out of sight until it is taken out of there.
    """

    value: str
    label: str
    path: str = ""
    search: str = ""
    chosen: bool = False
    why_not: str = ""
    used: bool = False
