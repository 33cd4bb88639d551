"""Conditions: which group of seats receives, by who scans, when and where (product.md §2.7). Ordered, first match wins.

A condition holds when each of the criteria that it names holds; within one criterion any value will do. Stored with the
rule as ``{"key": 3, "name": "晚间", "regions": ["上海"], "hours": {…}, "subs": ["poster12"], "visitor": "new",
"staff": [7], "groups": [2]}``; in a snapshot people and groups have become seats.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from sys import intern
from typing import Any

from routing.rules.hours import Hours, LocalTime, hours_from_json, hours_to_json, is_open

CONDITIONS_MAX = 20
NO_WORDS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Region:
    """Where an address is, as far as the operator's data says; empty when unknown. A city is only about right (约)."""

    province: str = ""
    city: str = ""


NOWHERE = Region()


@dataclass(slots=True)  # one for each scan: frozen ones cost five times as much to make
class Visitor:
    """What conditions may ask of a scan. ``returning``: this visitor has scanned a code of the company before."""

    sub_channel: str = ""
    returning: bool = False
    region: Region = NOWHERE


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a snapshot. Empty criteria are not asked; ``returning`` None: new and returning visitors.

    ``seats``: their ids, rising. A process keeps thousands of conditions: a tuple takes a third of a set's room.
    ``key`` stays with the condition for its life, so that its turn goes on through edits and re-ordering.
    """

    key: int
    name: str
    seats: tuple[int, ...]
    regions: frozenset[str] = NO_WORDS
    hours: Hours | None = None
    subs: frozenset[str] = NO_WORDS
    returning: bool | None = None

    def holds(self, at: LocalTime, visitor: Visitor) -> bool:
        """Whether the scan is one of those that this condition is for."""
        if self.subs and visitor.sub_channel not in self.subs:
            return False
        if self.returning is not None and visitor.returning is not self.returning:
            return False
        if self.hours is not None and not is_open(self.hours, at):
            return False
        return not self.regions or visitor.region.province in self.regions or visitor.region.city in self.regions


def matching(conditions: Sequence[Condition], at: LocalTime, visitor: Visitor) -> Condition | None:
    """The first condition that holds, or None."""
    for condition in conditions:
        if condition.holds(at, visitor):
            return condition
    return None


def compiled(raw: Mapping[str, Any], seats_of: Callable[[Sequence[int], Sequence[int]], Sequence[int]]) -> Condition:
    """The snapshot's form of a stored condition; ``seats_of`` (staff, groups) names the seats of the present roster."""
    visitor = raw.get("visitor", "")
    return Condition(
        key=raw["key"],
        name=raw.get("name", ""),
        seats=tuple(sorted(set(seats_of(raw.get("staff", ()), raw.get("groups", ()))))),
        regions=frozenset(raw.get("regions", ())),
        hours=hours_from_json(raw.get("hours")),
        subs=frozenset(raw.get("subs", ())),
        returning=None if not visitor else visitor == "returning",
    )


def condition_to_json(condition: Condition) -> dict[str, Any]:
    """The snapshot's stored form."""
    return {
        "key": condition.key,
        "name": condition.name,
        "seats": list(condition.seats),
        "regions": sorted(condition.regions),
        "hours": hours_to_json(condition.hours),
        "subs": sorted(condition.subs),
        "returning": condition.returning,
    }


def condition_from_json(raw: Mapping[str, Any]) -> Condition:
    """Read the snapshot's stored form."""
    return Condition(
        key=raw["key"],
        name=intern(raw["name"]),
        seats=tuple(raw["seats"]),
        regions=_words(raw["regions"]),
        hours=hours_from_json(raw["hours"]),
        subs=_words(raw["subs"]),
        returning=raw["returning"],
    )


def _words(raw: Sequence[str]) -> frozenset[str]:
    """Most conditions name neither: each empty set of its own would be as large as one of four words."""
    return frozenset(map(intern, raw)) if raw else NO_WORDS
