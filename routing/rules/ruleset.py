"""A code's rules as one value: what people edit, what a version keeps, what a snapshot is compiled from. Pure.

The stored form is the columns of ``RoutingRule`` as JSON; people and groups of conditions are ids, hours as
routing/rules/hours.py stores them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, TypedDict

from routing.rules.hours import Hours, hours_checked, hours_from_json, hours_to_json

# Column of the rule → (object, field) of field_capabilities.csv.
FIELDS: Mapping[str, tuple[str, str]] = {
    "strategy": ("rule", "strategy"),
    "turns_count": ("rule", "turns_count"),
    "overflow": ("rule", "overflow"),
    "peak_overflow": ("rule", "peak_overflow"),
    "peak_window_seconds": ("rule", "peak_window"),
    "pending_seconds": ("rule", "pending_time"),
    "sticky_seconds": ("rule", "sticky_time"),
    "hours": ("rule", "hours"),
    "conditions": ("rule", "conditions"),
    "duty_staff_id": ("rule", "duty_person"),
    "fallback": ("code", "fallback"),
    "fallback_code_id": ("code", "fallback"),
    "skip_verify": ("code", "skip_verify"),
    "verify_hours": ("code", "skip_verify"),
}
# What a native code knows: WeCom itself chooses among its roster, and takes no notice of the rest (product.md §1.2).
NATIVE_FIELDS = frozenset({"overflow", "hours", "duty_staff_id", "skip_verify", "verify_hours"})


class RuleInvalid(ValueError):
    """Rules that can't be read; the message is for people."""


class RuleChanges(TypedDict, total=False):
    """Changes of rules in their stored form; what isn't named stays."""

    strategy: str
    turns_count: str
    overflow: bool
    peak_overflow: bool
    peak_window_seconds: int
    pending_seconds: int
    sticky_seconds: int
    hours: Mapping[str, Any] | None
    conditions: Sequence[Mapping[str, Any]]
    duty_staff_id: int | None
    fallback: str
    fallback_code_id: int | None
    skip_verify: bool
    verify_hours: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class ConditionRule:
    """One condition as people edit it (conditions.py). ``key`` 0: a new one, which gets its key on saving."""

    key: int
    name: str
    regions: tuple[str, ...] = ()
    hours: Hours | None = None
    subs: tuple[str, ...] = ()
    visitor: str = ""
    staff: tuple[int, ...] = ()
    groups: tuple[int, ...] = ()

    @property
    def asks(self) -> bool:
        """Whether it asks anything at all of a scan."""
        return bool(self.regions or self.subs or self.visitor or self.hours is not None)


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules of one code (product.md §2); the columns of ``RoutingRule``. Seconds where nothing else is said."""

    strategy: str = "in_turn"
    turns_count: str = "assignments"
    overflow: bool = True
    peak_overflow: bool = False
    peak_window_seconds: int = 300
    pending_seconds: int = 1800
    sticky_seconds: int = 86_400
    hours: Hours | None = None
    conditions: tuple[ConditionRule, ...] = ()
    duty_staff_id: int | None = None
    fallback: str = ""
    fallback_code_id: int | None = None
    skip_verify: bool = True
    verify_hours: Hours | None = None

    def differing(self, other: Rules) -> list[str]:
        """The names of the fields in which the two differ, in the order of the table."""
        return [name for name in FIELDS if getattr(self, name) != getattr(other, name)]


DEFAULT_RULES = Rules()


def offered(delivery: str) -> frozenset[str]:
    """The fields that mean something for a code of that delivery; others are neither shown nor taken."""
    return NATIVE_FIELDS if delivery == "native" else frozenset(FIELDS)


def rules_from_json(raw: Mapping[str, Any]) -> Rules:
    """Rules from their stored form; what is missing has its default.

    Raises:
        RuleInvalid: hours or conditions are no such thing.
    """
    known = {one.name for one in fields(Rules)}
    values = {name: value for name, value in raw.items() if name in known}
    for name in ("hours", "verify_hours"):
        if name in values:
            values[name] = hours_read(values[name])
    if "conditions" in values:
        values["conditions"] = tuple(_condition(item) for item in values["conditions"] or ())
    return Rules(**values)


def rules_to_json(rules: Rules) -> dict[str, Any]:
    """The stored form, with every field."""
    stored = {name: getattr(rules, name) for name in FIELDS}
    stored["hours"] = hours_to_json(rules.hours)
    stored["verify_hours"] = hours_to_json(rules.verify_hours)
    stored["conditions"] = [condition_to_json(condition) for condition in rules.conditions]
    return stored


def condition_to_json(condition: ConditionRule) -> dict[str, Any]:
    """The stored form of one condition."""
    stored = asdict(condition)
    for name in ("regions", "subs", "staff", "groups"):
        stored[name] = list(stored[name])
    stored["hours"] = hours_to_json(condition.hours)
    return stored


def hours_read(raw: Any) -> Hours | None:
    """Hours from their stored form, checked and put in order.

    Raises:
        RuleInvalid: no hours at all, or hours that can't be kept; says which day.
    """
    if raw is None:
        return None
    try:
        return hours_checked(hours_from_json(raw) or ())
    except (ValueError, TypeError, AttributeError) as error:
        raise RuleInvalid(str(error) if isinstance(error, RuleInvalid | ValueError) else "时段格式不正确") from error


def _condition(raw: Mapping[str, Any]) -> ConditionRule:
    try:
        return ConditionRule(
            key=int(raw.get("key") or 0),
            name=str(raw.get("name", "")).strip(),
            regions=tuple(dict.fromkeys(str(item) for item in raw.get("regions") or ())),
            hours=hours_read(raw.get("hours")),
            subs=tuple(dict.fromkeys(str(item) for item in raw.get("subs") or ())),
            visitor=str(raw.get("visitor") or ""),
            staff=tuple(sorted({int(item) for item in raw.get("staff") or ()})),
            groups=tuple(sorted({int(item) for item in raw.get("groups") or ()})),
        )
    except (TypeError, AttributeError) as error:
        raise RuleInvalid("分流条件格式不正确") from error
