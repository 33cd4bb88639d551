"""Dry run: what rules would do with a given time, load and number of scans (product.md §2.9). Pure.

The decisions are those of the engine, one after the other on copies of the counters and the turn, so that
it can't differ from the real thing. Each visitor is a new one; meanwhile nothing is given back and nobody is added.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from routing.rules.conditions import Visitor, matching
from routing.rules.counters import Counters, Passed, Turn, turn_read, turn_written
from routing.rules.engine import Decision, Plan, pick, plan_for
from routing.rules.hours import LocalTime
from routing.rules.snapshot import Rung, SeatPlan, Snapshot

SCANS_MAX = 10_000


@dataclass(slots=True)
class Share:
    """What one seat got. ``rung``: where it stands; ``total``: scans that went to it.

    ``reasons``: how many of these by which reason, ``passed``: how often it was passed over and why (keys of
    words.py). ``used`` and ``cap``: the person's load over all codes at the end; None when nothing is known.
    """

    seat: SeatPlan
    rung: Rung
    total: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    passed: Counter[Passed] = field(default_factory=Counter)
    used: int | None = None
    cap: int | None = None


@dataclass(slots=True)
class DryRun:
    """Who got how many and why. ``shares``: each seat in the ladder's order; ``pages``: scans that nobody took.

    ``served``: the seat of each scan in order, None for a page. ``conditions``: scans by the key of the condition that
    held, None for the whole roster.
    """

    scans: int
    shares: tuple[Share, ...]
    pages: int = 0
    served: list[int | None] = field(default_factory=list)
    conditions: Counter[int | None] = field(default_factory=Counter)


def run(snapshot: Snapshot, *, counters: Counters, turn: Turn, at: LocalTime, visitors: Sequence[Visitor]) -> DryRun:
    """Scan once for each of ``visitors``, at ``at`` and with the load and the turn given; both stay as they are.

    Raises:
        ValueError: more than 10,000 visitors.
    """
    if len(visitors) > SCANS_MAX:
        raise ValueError(f"a dry run has at most {SCANS_MAX} scans")
    load = copied(counters)
    rungs = ((Rung.ROSTER, snapshot.roster), (Rung.BACKUP, snapshot.backups))
    shares = {seat.seat_id: Share(seat, rung) for rung, seats in rungs for seat in seats}
    if snapshot.duty is not None:
        shares.setdefault(snapshot.duty.seat_id, Share(snapshot.duty, Rung.DUTY))
    result = DryRun(len(visitors), tuple(shares.values()))
    for decision in decisions(snapshot, counters=load, turn=turn, at=at, visitors=visitors):
        _tally(result, shares, decision)
    for share in result.shares:
        staff = load.staff.get(share.seat.staff_id)
        if staff is not None:
            share.used, share.cap = staff.used, staff.cap
    return result


def decisions(
    snapshot: Snapshot, *, counters: Counters, turn: Turn, at: LocalTime, visitors: Sequence[Visitor]
) -> Iterator[Decision]:
    """The decision for each visitor in order; ``counters`` are counted up, ``turn`` stays as it is."""
    own_turn = turn_read(*turn_written(turn))
    ladders: dict[int | None, Plan] = {}
    for visitor in visitors:
        condition = matching(snapshot.conditions, at, visitor) if snapshot.conditions else None
        key = condition.key if condition else None
        if key not in ladders:
            ladders[key] = plan_for(snapshot, at, condition)
        yield pick(ladders[key], counters, own_turn, trace=None)


def copied(counters: Counters) -> Counters:
    """Counters of their own, to count up without touching the given ones."""
    return Counters(
        staff={key: replace(load) for key, load in counters.staff.items()},
        seats={key: replace(load) for key, load in counters.seats.items()},
        waits=dict(counters.waits),
        windows=counters.windows,
    )


def with_load(counters: Counters, *, used: Mapping[int, int], waiting: Mapping[int, int]) -> Counters:
    """A load as somebody typed it: staff → slots of the day over all codes, staff → people waiting at once.

    Staff who aren't named keep what they have; those who aren't known are left out.
    """
    typed = copied(counters)
    for staff_id, number in used.items():
        if staff_id in typed.staff:
            typed.staff[staff_id].used = number
    for staff_id, number in waiting.items():
        for window in typed.windows:
            typed.waits[staff_id, window] = number
    return typed


def _tally(result: DryRun, shares: Mapping[int, Share], decision: Decision) -> None:
    result.conditions[decision.condition] += 1
    result.served.append(decision.seat.seat_id if decision.seat else None)
    if decision.seat is None:
        result.pages += 1
    else:
        share = shares[decision.seat.seat_id]
        share.total += 1
        share.reasons[decision.reason] += 1
    for seat_id, reason in decision.passed:
        shares[seat_id].passed[reason] += 1
