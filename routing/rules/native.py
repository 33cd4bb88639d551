"""Native codes: whom WeCom may choose among, as a pure function of rules, clock and counters (product.md §1.2).

The same engine, walked rung by rung: all of the roster who can receive; else the first backup who can; else the duty
person; and never nobody: at worst the people whom WeCom has now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from routing.rules.counters import CAPS, Counters, SeatLoad, Turn, blocked
from routing.rules.engine import Walk, plan_for
from routing.rules.hours import LocalTime
from routing.rules.ruleset import offered
from routing.rules.snapshot import Rung, Snapshot

# WeCom takes at most 100 members in a contact way (document 92572, 41041).
USERS_MAX = 100
# What a seat may have in a native code beside its person: turns and weights are WeCom's.
SEAT_FIELDS = frozenset({"people", "position", "is_backup", "paused_until", "daily_cap", "hours"})


@dataclass(frozen=True, slots=True)
class NativeRoster:
    """Staff ids in the order of the roster, and the rung that they stand on. Rung FALLBACK: nobody can, they stay."""

    staff: tuple[int, ...]
    rung: Rung


def roster_for(
    snapshot: Snapshot, at: LocalTime, counters: Counters, *, is_open: bool = True, last: Sequence[int] = ()
) -> NativeRoster:
    """Whom WeCom may choose among now.

    ``is_open`` False (paused, expired, retired): the duty person alone. ``last``: whom WeCom has now; they stay when
    nobody else can receive, because a way is never empty. Empty only for a new code of which nobody can receive at all.

    Queues, turns, weights and conditions don't apply: WeCom chooses.
    """
    plain = replace(snapshot, peak_window=None, conditions=())
    ladder = plan_for(plain, at, None)
    # A native code has one way of its own: nobody is missing one.
    ready = Counters(counters.staff, {pk: SeatLoad(load.used) for pk, load in counters.seats.items()})
    walk = Walk(ladder, ready, Turn(), ())
    if is_open:
        roster = [(seat.staff_id, walk.reason(seat)) for _, _, seats in ladder.people for seat in seats]
        able = tuple(staff_id for staff_id, reason in roster if reason is None)[:USERS_MAX]
        if able:
            return NativeRoster(able, Rung.ROSTER)
        # 溢出自动切换 off: a cap leads straight to the duty person (product.md §2.3).
        if snapshot.overflow or not any(reason in CAPS for _, reason in roster):
            for seat in ladder.backups:
                if walk.reason(seat) is None:
                    return NativeRoster((seat.staff_id,), Rung.BACKUP)
    for seat in ladder.duty:
        if blocked(seat, ready, at.epoch) is None:
            return NativeRoster((seat.staff_id,), Rung.DUTY)
    if last:
        return NativeRoster(tuple(last), Rung.FALLBACK)
    anybody = [seat.staff_id for seat in snapshot.seats() if _may_receive(seat.staff_id, counters)]
    return NativeRoster(tuple(anybody[:USERS_MAX]), Rung.FALLBACK)


def _may_receive(staff_id: int, counters: Counters) -> bool:
    staff = counters.staff.get(staff_id)
    return staff is not None and staff.receivable


def native_offers(field: str) -> bool:
    """Whether a field of the rules or of a seat has an effect in a native code; others are not offered."""
    return field in offered("native") or field in SEAT_FIELDS
