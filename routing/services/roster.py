"""Rosters and caps: two things with two permissions (product.md §2.10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from codes.services import code_note, participants_set
from people.selectors import StaffCard, staff_cards, staff_members
from permissions import audit
from permissions.access import Access, Denied, Scope
from routing.models import CodeRoute, Seat, StaffLimit
from routing.services.changing import RoutingRefused, code_to_change
from routing.services.publish import snapshot_store
from routing.services.ways import ways_order

CAP_MAX = 10_000
SEATS_MAX = 200


class RosterRefused(RoutingRefused):
    """The roster as given can't be kept; nothing was changed."""


@dataclass(frozen=True, slots=True)
class SeatInput:
    """One wanted seat. ``daily_cap`` None: only the staff's own cap holds. ``paused_until`` None: not on leave."""

    staff_id: int
    is_backup: bool = False
    position: int = 0
    daily_cap: int | None = None
    paused_until: datetime | None = None


@transaction.atomic
def roster_set(*, access: Access, code_id: int, seats: Sequence[SeatInput], now: datetime) -> None:
    """Make the roster exactly ``seats``, in order of position, roster and backups apart. Felt by the very next scan.

    Raises:
        NotFound, Denied: not this member's code, or a changed field's capability misses (nothing is saved).
        RosterRefused: somebody twice, unknown, newly added but unable to receive; an empty roster of a published code.
    """
    code = code_to_change(access, code_id, "routing.roster")
    present = {seat.staff_id: seat for seat in Seat.objects.filter(code=code_id).exclude(rung=Seat.Rung.DUTY)}
    active = {staff_id: seat for staff_id, seat in present.items() if seat.removed_at is None}
    cards = staff_cards([*(seat.staff_id for seat in seats), *active])
    published = CodeRoute.objects.filter(code=code_id).exists()
    _check(seats, active, cards, now, single=code.kind == "single", published=published)
    wanted = _placed(seats)
    changed = _changed(wanted, active)
    access.require_fields("seat", sorted(changed))
    if "daily_cap" in changed:
        code_to_change(access, code_id, "routing.caps")
    before = _described(active, cards)
    kept = [_apply(code_id, place, present.get(place[0].staff_id), now) for place in wanted]
    gone = [seat for staff_id, seat in active.items() if staff_id not in {seat.staff_id for seat in kept}]
    for seat in gone:
        seat.removed_at = now
        seat.save(update_fields=["removed_at"])
    members = staff_members([seat.staff_id for seat in kept])
    participants_set(code_id=code_id, member_ids=members.values())
    after = _described({seat.staff_id: seat for seat in kept}, cards)
    if before == after:
        return
    code_note(access, code, "roster_changed", before=before, after=after, now=now)
    if published:
        ways_order(seats=kept, now=now)
        snapshot_store(access=access, code_id=code_id, reason="roster", now=now)


@transaction.atomic
def roster_save(
    *, access: Access, code_id: int, seats: Sequence[SeatInput], caps: Mapping[int, int], now: datetime
) -> None:
    """What the roster editor saves at once: the roster, and the staff's caps over all codes that were changed.

    Raises as roster_set and staff_cap_set; nothing is kept when any part is refused.
    """
    roster_set(access=access, code_id=code_id, seats=seats, now=now)
    staff_caps_save(access=access, caps=caps, now=now)


def may_cap(access: Access, card: StaffCard) -> bool:
    """Whether the member may set this colleague's cap: it holds over all codes, so its scope goes by the colleague."""
    scope = access.scope("routing.caps")
    return scope is Scope.ALL or (scope is Scope.DEPARTMENT and card.department_id in access.department_ids)


@transaction.atomic
def staff_cap_set(*, access: Access, staff_id: int, daily_cap: int, now: datetime) -> None:
    """The daily cap of one staff over all codes, 0 to 10,000. Felt by the very next scan.

    Raises:
        Denied: without ``routing.caps``, or not for this colleague.
        RosterRefused: out of range, or no such staff.
    """
    access.require_fields("staff", ["daily_cap"])
    card = staff_cards([staff_id]).get(staff_id)
    if card is None:
        raise RosterRefused("该客服不存在")
    if not may_cap(access, card):
        raise Denied("routing.caps", what=card.name)
    if not 0 <= daily_cap <= CAP_MAX:
        raise RosterRefused(f"每日接待上限应在 0 到 {CAP_MAX} 之间", fields={staff_id: "超出范围"})
    limit, _ = StaffLimit.objects.get_or_create(staff_id=staff_id)
    before, limit.daily_cap = limit.daily_cap, daily_cap
    if before == daily_cap:
        return
    limit.save(update_fields=["daily_cap"])
    audit.record(
        access=access,
        action="staff.cap_changed",
        object_type="staff",
        object_id=staff_id,
        object_label=card.name,
        before={"daily_cap": before},
        after={"daily_cap": daily_cap},
        now=now,
    )


@transaction.atomic
def staff_caps_save(*, access: Access, caps: Mapping[int, int], now: datetime) -> int:
    """The daily caps of several colleagues at once; how many were given is returned.

    Raises as staff_cap_set; nothing is kept when one is refused.
    """
    for staff_id, daily_cap in caps.items():
        staff_cap_set(access=access, staff_id=staff_id, daily_cap=daily_cap, now=now)
    return len(caps)


Place = tuple[SeatInput, int, int]  # the input, its rung, its position within the rung from 1


def _placed(seats: Sequence[SeatInput]) -> list[Place]:
    """Positions are renumbered from 1 within each rung; equal positions keep the order given."""
    placed = []
    for rung, backup in ((Seat.Rung.ROSTER, False), (Seat.Rung.BACKUP, True)):
        of_rung = sorted((seat for seat in seats if seat.is_backup is backup), key=lambda seat: seat.position)
        placed += [(seat, int(rung), place) for place, seat in enumerate(of_rung, start=1)]
    return placed


def _check(
    seats: Sequence[SeatInput],
    active: dict[int, Seat],
    cards: dict[int, StaffCard],
    now: datetime,
    *,
    single: bool,
    published: bool,
) -> None:
    fields: dict[int, str] = {}
    seen: set[int] = set()
    for seat in seats:
        card = cards.get(seat.staff_id)
        if card is None:
            fields[seat.staff_id] = "该客服不存在"
        elif seat.staff_id in seen:
            fields[seat.staff_id] = f"{card.name}在名单中出现了两次"
        elif not card.receivable and seat.staff_id not in active:
            fields[seat.staff_id] = f"{card.name}无法接待：{card.reason}"
        elif seat.daily_cap is not None and not 0 <= seat.daily_cap <= CAP_MAX:
            fields[seat.staff_id] = f"{card.name}的上限应在 0 到 {CAP_MAX} 之间"
        elif seat.paused_until is not None and seat.paused_until <= now and not _same_pause(seat, active):
            fields[seat.staff_id] = f"{card.name}的暂停时间应晚于现在"
        seen.add(seat.staff_id)
    messages = list(dict.fromkeys(fields.values()))
    roster = [seat for seat in seats if not seat.is_backup]
    if published and not roster:
        messages.append("接待名单不能为空：请至少保留一位客服")
    if single and len(roster) > 1:
        messages.append("单人活码只能有一位客服")
    if len(seats) > SEATS_MAX:
        messages.append(f"一个活码最多 {SEATS_MAX} 个席位")
    if messages:
        raise RosterRefused(*messages, fields=fields)


def _same_pause(seat: SeatInput, active: dict[int, Seat]) -> bool:
    known = active.get(seat.staff_id)
    return known is not None and known.paused_until == seat.paused_until


def _changed(wanted: list[Place], active: dict[int, Seat]) -> set[str]:
    """The fields of the table (field_capabilities.csv, object seat) that this roster would change."""
    changed: set[str] = set()
    if {seat.staff_id for seat, _, _ in wanted} != set(active):
        changed.add("staff")
    for seat, rung, position in wanted:
        known = active.get(seat.staff_id)
        if known is None:
            changed |= {"daily_cap"} if seat.daily_cap is not None else set()
            changed |= {"paused_until"} if seat.paused_until is not None else set()
            continue
        differs = {
            "position": known.position != position,
            "backup": known.rung != rung,
            "daily_cap": known.daily_cap != seat.daily_cap,
            "paused_until": known.paused_until != seat.paused_until,
        }
        changed |= {name for name, is_different in differs.items() if is_different}
    return changed


def _apply(code_id: int, place: Place, known: Seat | None, now: datetime) -> Seat:
    wanted, rung, position = place
    seat = known or Seat(code_id=code_id, staff_id=wanted.staff_id, created_at=now)
    seat.rung, seat.position = rung, position
    seat.daily_cap, seat.paused_until = wanted.daily_cap, wanted.paused_until
    seat.removed_at = None
    seat.save()
    return seat


def _described(seats: dict[int, Seat], cards: dict[int, StaffCard]) -> dict[str, object]:
    """The roster as people read it in the change history."""
    described: dict[str, object] = {}
    for key, rung in (("roster", Seat.Rung.ROSTER), ("backups", Seat.Rung.BACKUP)):
        of_rung = sorted((seat for seat in seats.values() if seat.rung == rung), key=lambda seat: seat.position)
        described[key] = [cards[seat.staff_id].name for seat in of_rung]
    described["caps"] = {
        cards[seat.staff_id].name: seat.daily_cap for seat in seats.values() if seat.daily_cap is not None
    }
    described["paused"] = {
        cards[seat.staff_id].name: seat.paused_until.isoformat() for seat in seats.values() if seat.paused_until
    }
    return described
