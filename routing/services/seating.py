"""Writing a roster: seats and the groups or departments among them, with history, contact ways and a new version.

No right is checked here: services.roster does for what people save, services.groups follows what is true already.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from codes.services import participants_set
from people.selectors import staff_cards, staff_members
from permissions import audit
from permissions.access import Access
from routing.models import CodeRoute, RosterSource, Seat
from routing.rules.hours import hours_from_json, hours_text, hours_to_json
from routing.rules.placing import KEEP, Place, PlacedSource, Placement, SourceKey
from routing.selectors.sources import Standing, standing
from routing.services.publish import snapshot_store
from routing.services.ways import ways_order


def roster_write(
    *,
    access: Access,
    code_id: int,
    code_name: str,
    wanted: Placement,
    before: Standing,
    now: datetime,
    publish: bool = True,
) -> bool:
    """Store ``wanted``; False when nothing differed. A published code gets ways, and with ``publish`` a version."""
    told, was = _described(before), _fingerprint(before)
    rows = _sources_write(code_id, wanted.sources, before, now)
    active = before.active
    kept = [_seat_write(code_id, place, before.known.get(place.seat.staff_id), rows, now) for place in wanted.seats]
    stay = {seat.staff_id for seat in kept}
    for staff_id, seat in active.items():
        if staff_id not in stay:
            seat.removed_at = now
            seat.save(update_fields=["removed_at"])
    participants_set(code_id=code_id, member_ids=staff_members(stay).values())
    there = standing(code_id)
    if was == _fingerprint(there):
        return False
    audit.record(
        access=access,
        action="code.roster_changed",
        object_type="code",
        object_id=code_id,
        object_label=code_name,
        before=told,
        after=_described(there),
        now=now,
    )
    if CodeRoute.objects.filter(code=code_id).exists():
        ways_order(seats=kept, now=now)
        if publish:
            snapshot_store(access=access, code_id=code_id, reason="roster", now=now)
    return True


def _sources_write(
    code_id: int, wanted: Iterable[PlacedSource], before: Standing, now: datetime
) -> dict[SourceKey, RosterSource]:
    rows = {}
    for one in wanted:
        kind, pk = one.key
        row = before.known_sources.get(one.key) or RosterSource(code_id=code_id, created_at=now, **{f"{kind}_id": pk})
        if row._state.adding or (row.rung, row.position, row.removed_at) != (one.rung, one.position, None):
            row.rung, row.position, row.removed_at = one.rung, one.position, None
            row.save()
        rows[one.key] = row
    for key, row in before.sources.items():
        if key not in rows:
            row.removed_at = now
            row.save(update_fields=["removed_at"])
    return rows


def _seat_write(
    code_id: int, place: Place, known: Seat | None, sources: dict[SourceKey, RosterSource], now: datetime
) -> Seat:
    """The seat as wanted; weight and hours of somebody who comes back are those of a new seat."""
    wanted = place.seat
    seat = known or Seat(code_id=code_id, staff_id=wanted.staff_id, created_at=now)
    stayed = known is not None and known.removed_at is None
    was = _plain(seat)
    seat.rung, seat.position = place.rung, place.position
    seat.daily_cap, seat.paused_until = wanted.daily_cap, wanted.paused_until
    seat.weight = wanted.weight if wanted.weight is not None else (seat.weight if stayed else 1)
    if wanted.hours is not KEEP:
        seat.hours = hours_to_json(wanted.hours)
    elif not stayed:
        seat.hours = None
    seat.source = sources[place.source] if place.source else None
    seat.removed_at = None
    if not stayed or was != _plain(seat):
        seat.save()
    return seat


def _plain(seat: Seat) -> tuple[object, ...]:
    """All of a seat that people set."""
    rule = (seat.weight, hours_from_json(seat.hours))
    return seat.staff_id, seat.rung, seat.position, seat.daily_cap, seat.paused_until, *rule, seat.source_id


def _fingerprint(there: Standing) -> tuple[object, ...]:
    """What tells two rosters apart; names alone don't, because two people may share one."""
    seats = sorted(there.active.values(), key=lambda seat: seat.staff_id)
    return tuple(_plain(seat) for seat in seats), sorted(there.source_places().items())


def _described(there: Standing) -> dict[str, object]:
    """The roster as people read it in the change history."""
    seats = sorted(there.active.values(), key=lambda seat: (seat.rung, seat.position))
    cards = staff_cards(seat.staff_id for seat in seats)
    names = there.source_names()
    described: dict[str, object] = {
        key: [cards[seat.staff_id].name for seat in seats if seat.rung == rung]
        for key, rung in (("roster", Seat.Rung.ROSTER), ("backups", Seat.Rung.BACKUP))
    }
    described["caps"] = {cards[seat.staff_id].name: seat.daily_cap for seat in seats if seat.daily_cap is not None}
    described["paused"] = {
        cards[seat.staff_id].name: seat.paused_until.isoformat() for seat in seats if seat.paused_until
    }
    described["weights"] = {cards[seat.staff_id].name: seat.weight for seat in seats if seat.weight != 1}
    described["hours"] = {
        cards[seat.staff_id].name: hours_text(hours_from_json(seat.hours)) for seat in seats if seat.hours is not None
    }
    described["sources"] = [
        names.get(key, "") for key, row in sorted(there.sources.items(), key=lambda one: (one[1].rung, one[1].position))
    ]
    return described
