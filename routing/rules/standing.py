"""How people and codes stand at this moment, for the live page (product.md §6.3). Pure; the engine itself is asked.

A seat stands as the next scan would find it, so that the page can never say 接待中 of somebody whom a scan passes over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from routing.rules.counters import CAPS, Counters, Passed, SeatLoad, StaffLoad, Turn, blocked, give_back
from routing.rules.engine import Outcome, Walk, pick, plan_for
from routing.rules.hours import LocalTime
from routing.rules.native import roster_for
from routing.rules.snapshot import Rung, Snapshot


class Standing(StrEnum):
    """What a person does just now; in the order in which a list should show them: trouble first."""

    SUSPECT = "suspect"
    PEAK = "peak"
    FULL = "full"
    RECEIVING = "receiving"
    STANDBY = "standby"
    OFF_HOURS = "off_hours"
    LEAVE = "leave"
    OFFLINE = "offline"
    PENDING = "pending"
    UNABLE = "unable"


class Flow(StrEnum):
    """Where the next scan of a code goes: worst first. ``PEAK`` and ``CAPPED``: a part of them leaves the roster."""

    FALLBACK = "fallback"
    DUTY = "duty"
    BACKUP = "backup"
    CAPPED = "capped"
    PEAK = "peak"
    ROSTER = "roster"


AWAKE = frozenset({Standing.RECEIVING, Standing.PEAK, Standing.STANDBY})
_ASLEEP = frozenset({Passed.OFF_HOURS, Passed.CODE_HOURS, Passed.PAUSED})


@dataclass(frozen=True, slots=True)
class SeatNow:
    """One seat: ``why`` the next scan would pass it over, None when it would not."""

    seat_id: int
    staff_id: int
    code_id: int
    rung: Rung
    why: Passed | None


def seats_now(snapshot: Snapshot, at: LocalTime, counters: Counters) -> list[SeatNow]:
    """Each seat of a code as the engine finds it at ``at``, roster first. Conditions are left out: any visitor.

    Of a native code: whom WeCom may choose among (product.md §1.2). Its people need no way of their own, and queues and
    weights are none of ours.
    """
    if snapshot.delivery == "native":
        snapshot = replace(snapshot, peak_window=None, strategy="in_turn")
        counters = Counters(counters.staff, {pk: SeatLoad(load.used) for pk, load in counters.seats.items()})
    ladder = plan_for(snapshot, at, None)
    asleep = dict(ladder.excluded)
    walk = Walk(ladder, counters, Turn(), ())
    found = []
    for rung, seats in ((Rung.ROSTER, snapshot.roster), (Rung.BACKUP, snapshot.backups)):
        for seat in seats:
            why = asleep.get(seat.seat_id) or walk.reason(seat)
            if why is None and rung is Rung.ROSTER and snapshot.strategy == "weighted" and seat.weight < 1:
                why = Passed.NO_WEIGHT
            found.append(SeatNow(seat.seat_id, seat.staff_id, snapshot.code_id, rung, why))
    if snapshot.duty is not None:
        duty = snapshot.duty
        why = asleep.get(duty.seat_id) or blocked(duty, counters, at.epoch)
        found.append(SeatNow(duty.seat_id, duty.staff_id, snapshot.code_id, Rung.DUTY, why))
    return found


def flow_of(snapshot: Snapshot, at: LocalTime, counters: Counters, seats: Sequence[SeatNow]) -> Flow:
    """Where the code's scans go now; ``counters`` are left as they were. Of a native code: where WeCom's choice is."""
    if snapshot.delivery == "native":
        return _NATIVE[roster_for(snapshot, at, counters).rung]
    roster = [seat.why for seat in seats if seat.rung is Rung.ROSTER]
    if None in roster:
        if Passed.PEAK in roster:
            return Flow.PEAK
        return Flow.CAPPED if not snapshot.overflow and not CAPS.isdisjoint(roster) else Flow.ROSTER
    decision = pick(plan_for(snapshot, at, None), counters, Turn())
    if decision.seat is not None and decision.takes_slot:
        give_back(decision.seat, counters, snapshot)
        counters.seats[decision.seat.seat_id].owed += decision.made_up
    return {
        Outcome.ASSIGNED: Flow.PEAK,  # nobody but those whose queue is long
        Outcome.OVERFLOW: Flow.BACKUP,
        Outcome.DUTY: Flow.DUTY,
    }.get(decision.outcome, Flow.FALLBACK)


def standing_of(staff: StaffLoad, seats: Sequence[SeatNow], moment: float) -> Standing:
    """What one person does at ``moment`` (epoch seconds), over all their seats."""
    if not staff.receivable:
        return Standing.UNABLE
    if staff.paused_until is not None and staff.paused_until > moment:
        return Standing.LEAVE
    if not staff.online:
        return Standing.OFFLINE
    if staff.suspect:
        return Standing.SUSPECT
    if staff.used >= staff.cap:
        return Standing.FULL
    whys = [seat.why for seat in seats]
    if whys and all(why is Passed.PAUSED for why in whys):
        return Standing.LEAVE
    if Passed.PEAK in whys:
        return Standing.PEAK
    if None in whys:
        rungs = {seat.rung for seat in seats if seat.why is None}
        return Standing.RECEIVING if Rung.ROSTER in rungs else Standing.STANDBY
    if Passed.SEAT_CAP in whys:
        return Standing.FULL
    if whys and all(why in _ASLEEP for why in whys):
        return Standing.OFF_HOURS
    return Standing.PENDING


_NATIVE = {Rung.ROSTER: Flow.ROSTER, Rung.BACKUP: Flow.BACKUP, Rung.DUTY: Flow.DUTY, Rung.FALLBACK: Flow.FALLBACK}
