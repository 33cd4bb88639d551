"""Rosters: who receives, in which order, with what beside each name (product.md §2.10, §2.11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from codes.selectors import code_for, held_on
from people.selectors import StaffCard, staff_cards
from permissions.access import Access, Denied, FieldDenied
from permissions.capabilities import capability_for
from routing.models import CodeRoute, Seat
from routing.rules.hours import Hours, hours_from_json
from routing.rules.placing import KEEP, Placement, SeatInput, SourceInput, placed
from routing.selectors.sources import Standing, source_receivers, standing
from routing.services.caps import CAP_MAX, LimitInput, RosterRefused, may_cap, staff_cap_set, staff_limits_save
from routing.services.changing import publish_lock
from routing.services.seating import roster_write

__all__ = [
    "CAP_MAX",
    "KEEP",
    "SEATS_MAX",
    "SEAT_FIELDS",
    "WEIGHT_MAX",
    "LimitInput",
    "RosterRefused",
    "SeatInput",
    "SourceInput",
    "may_cap",
    "roster_save",
    "roster_set",
    "staff_cap_set",
    "staff_limits_save",
]

SEATS_MAX = 200
WEIGHT_MAX = 100
# Who holds any of these on a code has something to change in its roster: people, caps, or weights and hours.
SEAT_FIELDS = ("routing.roster", "routing.caps", "routing.rules")


@transaction.atomic
def roster_set(
    *,
    access: Access,
    code_id: int,
    seats: Sequence[SeatInput],
    now: datetime,
    sources: Sequence[SourceInput] = (),
    publish: bool = True,
) -> None:
    """Make the roster exactly ``seats`` and the people of ``sources``, in order of position, roster and backups apart.

    Felt by the very next scan. Who stands there by name isn't doubled by a group; of a group's people those who can
    receive get seats. Without ``publish`` the caller stores the version, in the same transaction.

    Raises:
        NotFound: not this member's code.
        Denied: a changed field's capability misses on it, or each of them does (nothing is saved).
        RosterRefused: somebody or a group twice or unknown, somebody newly added who can't receive, a value out of
            range, too many seats, an empty roster of a published code.
    """
    publish_lock(code_id)
    code = code_for(access, code_id)
    if not held_on(access, code_id, SEAT_FIELDS):
        raise Denied(SEAT_FIELDS[0])
    now_there = standing(code_id)
    members = source_receivers(source.key for source in sources)
    wanted = placed(seats, sources, members)
    cards = staff_cards([*(place.seat.staff_id for place in wanted.seats), *now_there.active])
    published = CodeRoute.objects.filter(code=code_id).exists()
    _check(wanted, seats, sources, now_there, cards, now, single=code.kind == "single", published=published)
    _require(access, code_id, _changed(wanted, now_there))
    roster_write(
        access=access,
        code_id=code_id,
        code_name=code.name,
        wanted=wanted,
        before=now_there,
        now=now,
        publish=publish,
    )


@transaction.atomic
def roster_save(
    *,
    access: Access,
    code_id: int,
    seats: Sequence[SeatInput],
    caps: Mapping[int, int],
    now: datetime,
    sources: Sequence[SourceInput] = (),
) -> None:
    """What the roster editor saves at once: the roster, and the staff's caps over all codes that were changed.

    Raises as roster_set and staff_limits_save; nothing is kept when any part is refused.
    """
    roster_set(access=access, code_id=code_id, seats=seats, sources=sources, now=now)
    if caps:
        limits = {staff_id: LimitInput(daily_cap=cap) for staff_id, cap in caps.items()}
        staff_limits_save(access=access, limits=limits, now=now)


def _require(access: Access, code_id: int, changed: set[str]) -> None:
    """Refuse the whole save if one changed field isn't covered for this very code (default deny)."""
    needed = {}
    for name in sorted(changed):
        capability = capability_for("seat", name)
        if capability is None:
            raise FieldDenied("seat", name)
        needed[capability] = name
    held = held_on(access, code_id, needed)
    if missing := [capability for capability in needed if capability not in held]:
        raise Denied(*missing, what="seat")


def _check(
    wanted: Placement,
    seats: Sequence[SeatInput],
    sources: Sequence[SourceInput],
    there: Standing,
    cards: Mapping[int, StaffCard],
    now: datetime,
    *,
    single: bool,
    published: bool,
) -> None:
    fields: dict[int, str] = {}
    seen: set[int] = set()
    brought = {place.seat.staff_id for place in wanted.seats if place.source}
    for seat in seats:
        if seat.by_source and seat.staff_id not in brought:
            continue
        if problem := _problem(seat, seat.staff_id in seen, there, cards.get(seat.staff_id), now):
            fields[seat.staff_id] = problem
        seen.add(seat.staff_id)
    messages = list(dict.fromkeys(fields.values()))
    if published and not wanted.roster:
        messages.append("接待名单不能为空：请至少保留一位客服")
    if single and (len(wanted.roster) > 1 or sources):
        messages.append("单人活码只能有一位客服")
    if len(wanted.seats) > SEATS_MAX:
        messages.append(f"一个活码最多 {SEATS_MAX} 个席位，现在有 {len(wanted.seats)} 个")
    names = there.source_names(source.key for source in sources)
    if any(source.key not in names for source in sources):
        messages.append("分组或部门不存在，请刷新后重试")
    if doubled := {source.key for source in sources if [one.key for one in sources].count(source.key) > 1}:
        messages += [f"{names.get(key, '分组')}在名单中出现了两次" for key in sorted(doubled)]
    if messages:
        raise RosterRefused(*messages, fields=fields)


def _problem(seat: SeatInput, twice: bool, there: Standing, card: StaffCard | None, now: datetime) -> str:
    """What is wrong with one seat, or an empty text."""
    known = there.active.get(seat.staff_id)
    if card is None:
        return "该客服不存在"
    if twice:
        return f"{card.name}在名单中出现了两次"
    if not card.receivable and known is None:
        return f"{card.name}无法接待：{card.reason}"
    if seat.daily_cap is not None and not 0 <= seat.daily_cap <= CAP_MAX:
        return f"{card.name}的上限应在 0 到 {CAP_MAX} 之间"
    if seat.weight is not None and not 0 <= seat.weight <= WEIGHT_MAX:
        return f"{card.name}的权重应在 0 到 {WEIGHT_MAX} 之间"
    same_pause = known is not None and known.paused_until == seat.paused_until
    if seat.paused_until is not None and seat.paused_until <= now and not same_pause:
        return f"{card.name}的暂停时间应晚于现在"
    return ""


def _changed(wanted: Placement, there: Standing) -> set[str]:
    """The fields of the table (field_capabilities.csv, object seat) that this roster would change."""
    changed: set[str] = set()
    if {place.seat.staff_id for place in wanted.seats} != set(there.active):
        changed.add("staff")
    if {one.key: (one.rung, one.position) for one in wanted.sources} != there.source_places():
        changed.add("staff")
    for place in wanted.seats:
        known = there.active.get(place.seat.staff_id)
        if known is not None:
            differs = {
                "staff": there.source_key(known) != place.source,
                "position": known.position != place.position,
                "backup": known.rung != place.rung,
            }
            changed |= {name for name, is_different in differs.items() if is_different}
        changed |= _settings_changed(place.seat, known)
    return changed


def _settings_changed(seat: SeatInput, known: Seat | None) -> set[str]:
    cap, paused, weight, hours = _settings(known)
    differs = {
        "daily_cap": seat.daily_cap != cap,
        "paused_until": seat.paused_until != paused,
        "weight": seat.weight is not None and seat.weight != weight,
        "hours": seat.hours is not KEEP and seat.hours != hours,
    }
    return {name for name, is_different in differs.items() if is_different}


def _settings(known: Seat | None) -> tuple[int | None, datetime | None, int, Hours | None]:
    """Cap, pause, weight and hours of a seat; of a new one, what a plain seat has."""
    if known is None:
        return None, None, 1, None
    return known.daily_cap, known.paused_until, known.weight, hours_from_json(known.hours)
