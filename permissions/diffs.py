"""What an audit entry changed, as lines that people read. Plain Python: names and the time zone are passed in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from permissions.audit_words import field_label, value_text

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)")
# What is named by a number that nothing knows any more.
NAMELESS = "（名称已查不到）"
# Longer texts stand below each other instead of side by side.
LONG = 40


@dataclass(frozen=True)
class Line:
    """One changed field: either ``before`` → ``after``, or what came and went of a list. "" is: there was nothing."""

    label: str
    before: str = ""
    after: str = ""
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def long(self) -> bool:
        """Whether the texts need a line each."""
        return max(len(self.before), len(self.after)) > LONG

    def text(self) -> str:
        """The line as plain text, for exports."""
        if self.added or self.removed:
            parts = [f"增加 {'、'.join(self.added)}"] if self.added else []
            parts += [f"移除 {'、'.join(self.removed)}"] if self.removed else []
            return f"{self.label}：{'；'.join(parts)}"
        if not self.before:
            return f"{self.label}：{self.after or '—'}"
        return f"{self.label}：{self.before} → {self.after or '—'}"


@dataclass(frozen=True)
class Words:
    """What numbers and keys in entries are called. ``names``: kind → key as text → name; unknown texts stay as is."""

    zone: str
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def say(self, name: str, value: Any) -> str:
        """One value of the field ``name`` as text; nothing is ""."""
        if value is None or value == "":
            return ""
        if isinstance(value, str) and _MOMENT.fullmatch(value):
            return datetime.fromisoformat(value).astimezone(ZoneInfo(self.zone)).strftime("%Y-%m-%d %H:%M")
        if isinstance(value, list | tuple):
            return "、".join(self.say(name, one) for one in value)
        if isinstance(value, Mapping):
            return "，".join(f"{field_label(str(key))} {self.say(str(key), one)}" for key, one in value.items())
        kind = kind_of(name) if not isinstance(value, bool) else ""
        known = self.names.get(kind, {}).get(str(value))
        return known or (NAMELESS if kind and isinstance(value, int) else value_text(value, name))


# Field → the kind of thing that it names by a number or key.
_KINDS = {
    "owner": "member",
    "member": "member",
    "given_by": "member",
    "department": "department",
    "with_department": "department",
    "bundle": "bundle",
    "bundles": "bundle",
    "default_bundle": "bundle",
    "folder": "folder",
    "parent": "folder",
    "channel": "channel",
    "code": "code",
    "fallback_code": "code",
    "staff": "staff",
    "duty_staff": "staff",
    "left_out": "bundle",
    "welcome_template": "welcome_template",
}


def kind_of(name: str) -> str:
    """What a field names by number or key: ``owner_id`` → member; "" for a field that names nothing."""
    return _KINDS.get(name.removesuffix("_id"), "")


def lines_of(changes: Iterable[tuple[str, Any, Any]], words: Words) -> tuple[Line, ...]:
    """(field, before, after) as lines; lists as what came and went, tables (caps of people …) a line for each key."""
    return tuple(line for name, before, after in changes for line in _lines(name, before, after, words))


def _lines(name: str, before: Any, after: Any, words: Words) -> Iterable[Line]:
    label = field_label(name)
    if any(isinstance(side, list) for side in (before, after)) and _listed(before) and _listed(after):
        was = [words.say(name, one) for one in before or ()]
        now = [words.say(name, one) for one in after or ()]
        added, removed = tuple(_without(now, was)), tuple(_without(was, now))
        if before is None:  # nothing was there that something could come to
            yield Line(label, "", "、".join(now))
        elif added or removed:
            yield Line(label, added=added, removed=removed)
        elif was != now:  # the same ones in another order
            yield Line(label, "、".join(was), "、".join(now))
    elif any(isinstance(side, Mapping) for side in (before, after)) and _table(before) and _table(after):
        old, new = before or {}, after or {}
        for key in dict.fromkeys([*old, *new]):
            if old.get(key) != new.get(key):
                text, told = field_label(str(key)), words.names.get(kind_of(name), {})
                yield Line(
                    f"{label} · {told.get(str(key), text)}",
                    words.say(str(key), old.get(key)),
                    words.say(str(key), new.get(key)),
                )
    else:
        was_text, now_text = words.say(name, before), words.say(name, after)
        if was_text or now_text:
            yield Line(label, was_text, now_text)


def _without(these: list[str], those: list[str]) -> Iterable[str]:
    """What is in ``these`` more often than in ``those``."""
    left = list(those)
    for one in these:
        if one in left:
            left.remove(one)
        else:
            yield one


def _listed(side: Any) -> bool:
    return side is None or isinstance(side, list)


def _table(side: Any) -> bool:
    return side is None or isinstance(side, Mapping)
