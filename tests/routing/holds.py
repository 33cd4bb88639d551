"""What must hold of every decision of the engine, whatever led to it (product.md §2.2-§2.8)."""

from __future__ import annotations

from routing.rules.counters import CAPS, Counters, Passed
from routing.rules.engine import OUTCOME_OF_RUNG, Decision, Outcome
from routing.rules.hours import LocalTime, is_open
from routing.rules.snapshot import Rung, SeatPlan, Snapshot


def holds(snap: Snapshot, decision: Decision, before: Counters, at: LocalTime) -> None:
    """Raise AssertionError when ``decision`` breaks a rule; ``before``: the load that it was made on."""
    passed = [seat_id for seat_id, _ in decision.passed]
    assert len(set(passed)) == len(passed), "no seat twice in a trace"
    if decision.seat is None:
        assert decision.outcome is Outcome.FALLBACK
        assert not decision.takes_slot
        _nobody_could(snap, decision, before, at)
        return
    assert decision.outcome is OUTCOME_OF_RUNG[decision.rung]
    assert decision.takes_slot
    assert _there(decision.seat, before, at)
    if decision.rung is Rung.DUTY:
        _nobody_could(snap, decision, before, at)
        return
    assert _room(decision.seat, before)
    assert not before.staff[decision.seat.staff_id].suspect
    assert is_open(decision.seat.hours, at)
    assert decision.rung is Rung.BACKUP or is_open(snap.hours, at)
    assert decision.reason == "peak_kept" or not _long_queue(snap, decision.seat, before)
    assert snap.strategy != "weighted" or decision.rung is Rung.BACKUP or decision.seat.weight > 0
    if decision.rung is Rung.BACKUP:
        _backup_is_right(snap, decision, before, at)


def _backup_is_right(snap: Snapshot, decision: Decision, before: Counters, at: LocalTime) -> None:
    """A backup serves when nobody of the roster could, or for somebody with a long queue; never for a cap with the
    switch off.
    """
    of_roster = {seat.seat_id for seat in snap.roster}
    reasons = {reason for seat_id, reason in decision.passed if seat_id in of_roster}
    if not snap.overflow:
        assert not reasons & CAPS
    if Passed.PEAK not in reasons:
        assert not any(_could(snap, seat, before, at) for seat in snap.roster)


def _nobody_could(snap: Snapshot, decision: Decision, before: Counters, at: LocalTime) -> None:
    """Duty and page are for scans that nobody could take, or that the switch keeps from passing on.

    A person with a long queue comes after the duty person and before the page.
    """
    if decision.seat is None:
        assert snap.duty is None or not _there(snap.duty, before, at)
    if snap.overflow or not CAPS & set(dict(decision.passed).values()):
        tried = [seat for seat in snap.roster if decision.seat is None or not _long_queue(snap, seat, before)]
        assert not any(_could(snap, seat, before, at) for seat in (*tried, *snap.backups))


def _could(snap: Snapshot, seat: SeatPlan, before: Counters, at: LocalTime) -> bool:
    """Whether that seat could have taken the scan; a long queue is no hindrance for the roster's people."""
    of_roster = seat in snap.roster
    if of_roster and ((snap.strategy == "weighted" and seat.weight == 0) or not is_open(snap.hours, at)):
        return False
    if not of_roster and _long_queue(snap, seat, before):
        return False
    suspect = before.staff[seat.staff_id].suspect
    return _there(seat, before, at) and is_open(seat.hours, at) and _room(seat, before) and not suspect


def _there(seat: SeatPlan, before: Counters, at: LocalTime) -> bool:
    """Whether the person is there at all."""
    staff = before.staff[seat.staff_id]
    paused = any(until is not None and until > at.epoch for until in (staff.paused_until, seat.paused_until))
    return staff.receivable and staff.online and not paused


def _room(seat: SeatPlan, before: Counters) -> bool:
    """Whether both caps leave room."""
    staff = before.staff[seat.staff_id]
    return staff.used < staff.cap and (seat.daily_cap is None or before.seats[seat.seat_id].used < seat.daily_cap)


def _long_queue(snap: Snapshot, seat: SeatPlan, before: Counters) -> bool:
    """Whether too many wait for that person."""
    waiting = before.waits.get((seat.staff_id, snap.peak_window or 0), 0)
    return snap.peak_window is not None and waiting >= before.staff[seat.staff_id].peak
