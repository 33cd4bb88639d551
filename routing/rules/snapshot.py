"""The snapshot: all that routing needs of one published code, frozen (docs/snapshot.md).

Compiled by ``routing.services.publish`` from the roster and the rules, stored by version, cached in each edge
process by (code, version). What may change without a publish (caps, leaves, counters) is not in it: the batch
reads that for every scan.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from enum import IntEnum
from sys import intern
from typing import Any

import orjson

from routing.rules.conditions import Condition, condition_from_json, condition_to_json
from routing.rules.hours import Hours, hours_from_json, hours_to_json

SCHEMA = 2
READABLE = (1, 2)
HOLD_SECONDS = 180
FALLBACK_HOPS = 3


class Rung(IntEnum):
    """The ladder, always in this order (product.md §2.8): the seats that a condition chose, the whole roster, backups,
    the duty person. Fallback is a page, not a person.
    """

    RULE = 0
    ROSTER = 1
    BACKUP = 2
    DUTY = 3
    FALLBACK = 4


@dataclass(frozen=True, slots=True)
class SeatPlan:
    """One seat as routing sees it. ``paused_until`` is in epoch seconds; ``daily_cap`` None means only the staff's;
    ``hours`` None means always.
    """

    seat_id: int
    staff_id: int
    position: int
    daily_cap: int | None = None
    weight: int = 1
    paused_until: float | None = None
    hours: Hours | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One version of one code. ``roster`` and ``backups`` stand in the order of their positions.

    ``peak_window`` (seconds) None: 峰值溢出自动转接 is off. ``fallback``: ``page``, ``duty`` or ``code``, for scans
    that nobody of the ladder can take and for codes that are closed (product.md §1.5). ``delivery``: ``hosted``,
    ``link`` or ``native`` (product.md §1.2).
    """

    code_id: int
    version: int
    roster: tuple[SeatPlan, ...]
    backups: tuple[SeatPlan, ...] = ()
    duty: SeatPlan | None = None
    strategy: str = "in_turn"
    overflow: bool = True
    pending_seconds: int = 1800
    sticky_seconds: int = 86400
    turns_count: str = "assignments"
    peak_window: int | None = None
    hours: Hours | None = None
    conditions: tuple[Condition, ...] = ()
    fallback: str = "page"
    fallback_code: int | None = None
    delivery: str = "hosted"
    schema: int = SCHEMA

    def seat(self, seat_id: int) -> tuple[SeatPlan, Rung] | None:
        """The seat of that id with its rung, or None when it is no longer in the roster."""
        for rung, seats in ((Rung.ROSTER, self.roster), (Rung.BACKUP, self.backups)):
            for seat in seats:
                if seat.seat_id == seat_id:
                    return seat, rung
        if self.duty is not None and self.duty.seat_id == seat_id:
            return self.duty, Rung.DUTY
        return None

    def seats(self) -> tuple[SeatPlan, ...]:
        """All seats, rung after rung."""
        return (*self.roster, *self.backups, *((self.duty,) if self.duty else ()))

    @property
    def size(self) -> int:
        """How many seats it has."""
        return len(self.roster) + len(self.backups) + (self.duty is not None)


class SnapshotUnreadable(ValueError):
    """Stored by a newer release than this process runs, or damaged."""


def to_json(snapshot: Snapshot) -> dict[str, Any]:
    """The stored form (docs/snapshot.md): short keys, seats as lists."""
    return {
        "schema": snapshot.schema,
        "code": snapshot.code_id,
        "version": snapshot.version,
        "strategy": snapshot.strategy,
        "overflow": snapshot.overflow,
        "pending": snapshot.pending_seconds,
        "sticky": snapshot.sticky_seconds,
        "roster": [_seat_json(seat) for seat in snapshot.roster],
        "backups": [_seat_json(seat) for seat in snapshot.backups],
        "duty": _seat_json(snapshot.duty) if snapshot.duty else None,
        "turns": snapshot.turns_count,
        "peak": snapshot.peak_window,
        "hours": hours_to_json(snapshot.hours),
        "conditions": [condition_to_json(condition) for condition in snapshot.conditions],
        "fallback": snapshot.fallback,
        "fallback_code": snapshot.fallback_code,
        "delivery": snapshot.delivery,
    }


def from_json(data: dict[str, Any] | str) -> Snapshot:
    """Read the stored form.

    Raises:
        SnapshotUnreadable: the schema is newer than this release knows, or a field is missing.
    """
    try:
        raw = json.loads(data) if isinstance(data, str) else data
        if raw["schema"] not in READABLE:
            raise SnapshotUnreadable(f"snapshot schema {raw['schema']}, this release reads {READABLE}")
        return Snapshot(
            code_id=raw["code"],
            version=raw["version"],
            roster=tuple(_seat(item) for item in raw["roster"]),
            backups=tuple(_seat(item) for item in raw["backups"]),
            duty=_seat(raw["duty"]) if raw["duty"] else None,
            strategy=intern(raw["strategy"]),
            overflow=raw["overflow"],
            pending_seconds=raw["pending"],
            sticky_seconds=raw["sticky"],
            turns_count=intern(raw.get("turns", "assignments")),
            peak_window=raw.get("peak"),
            hours=hours_from_json(raw.get("hours")),
            conditions=tuple(condition_from_json(item) for item in raw.get("conditions", ())),
            fallback=intern(raw.get("fallback", "page")),
            fallback_code=raw.get("fallback_code"),
            delivery=intern(raw.get("delivery", "hosted")),
            schema=raw["schema"],
        )
    except SnapshotUnreadable:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SnapshotUnreadable(f"snapshot is damaged: {error!r}") from error


def packed(data: dict[str, Any]) -> bytes:
    """The stored form as small as it gets in 20 µs: a fifth of what the snapshot takes."""
    return zlib.compress(orjson.dumps(data), 1)


def unpacked(pack: bytes) -> Snapshot:
    """The snapshot of :func:`packed`. Raises as :func:`from_json`."""
    return from_json(orjson.loads(zlib.decompress(pack)))


def _seat_json(seat: SeatPlan) -> list[Any]:
    hours = hours_to_json(seat.hours)
    return [seat.seat_id, seat.staff_id, seat.position, seat.daily_cap, seat.weight, seat.paused_until, hours]


def _seat(item: list[Any]) -> SeatPlan:
    seat_id, staff_id, position, daily_cap, weight, paused_until, *later = item
    hours = hours_from_json(later[0]) if later else None
    return SeatPlan(seat_id, staff_id, position, daily_cap, weight, paused_until, hours)
