"""What one colleague takes over all codes: daily cap, peak threshold and leave (product.md §2.1, §2.2, §2.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from people.selectors import StaffCard, staff_cards
from permissions import audit
from permissions.access import Access, Denied
from routing.models import StaffLimit
from routing.rules.placing import KEEP, Keep
from routing.selectors.loads import in_scope
from routing.services.changing import RoutingRefused

CAP_MAX = 10_000
PEAK_MAX = 1_000
# What the audit log calls a change of just that one.
ACTIONS: dict[tuple[str, ...], str] = {
    ("daily_cap",): "staff.cap_changed",
    ("paused_until",): "staff.leave_changed",
}


class RosterRefused(RoutingRefused):
    """The roster or the caps as given can't be kept; nothing was changed."""


@dataclass(frozen=True, slots=True)
class LimitInput:
    """Wanted limits of one colleague; None leaves a number as it is.

    ``daily_cap`` 0 to 10,000 customers a day; ``peak_threshold`` 1 to 1,000 customers waiting at once.
    ``paused_until``: on leave in all codes until then, None for nobody's leave, KEEP leaves it as it is.
    """

    daily_cap: int | None = None
    peak_threshold: int | None = None
    paused_until: datetime | Keep | None = KEEP


def may_cap(access: Access, card: StaffCard) -> bool:
    """Whether the member may set this colleague's cap: it holds over all codes, so its scope goes by the colleague."""
    return in_scope(access, "routing.caps", card)


def may_leave(access: Access, card: StaffCard) -> bool:
    """Whether the member may send this colleague on leave: all codes feel it, so its scope goes by the colleague."""
    return in_scope(access, "routing.roster", card)


@transaction.atomic
def staff_cap_set(*, access: Access, staff_id: int, daily_cap: int, now: datetime) -> None:
    """The daily cap of one staff over all codes, 0 to 10,000. Felt by the very next scan.

    Raises as :func:`staff_limits_save`.
    """
    staff_limits_save(access=access, limits={staff_id: LimitInput(daily_cap=daily_cap)}, now=now)


@transaction.atomic
def staff_limits_save(*, access: Access, limits: Mapping[int, LimitInput], now: datetime) -> int:
    """The limits of several colleagues at once; how many were changed is returned. Felt by the very next scan.

    Raises:
        Denied: without ``routing.caps`` (a leave: ``routing.roster``), or not for one of them; nothing is kept.
        RosterRefused: out of range, a leave that ends before ``now``, or no such staff; nothing is kept.
    """
    fields = {
        name
        for limit in limits.values()
        for name in ("daily_cap", "peak_threshold")
        if getattr(limit, name) is not None
    }
    access.require_fields("staff", sorted(fields))
    if any(limit.paused_until is not KEEP for limit in limits.values()):
        access.require_fields("seat", ["paused_until"])  # a pause of all the person's seats
    cards = staff_cards(limits)
    _check(access, limits, cards, now)
    # A first save makes the row, so that a second at the same time waits for it instead of making another.
    StaffLimit.objects.bulk_create([StaffLimit(staff_id=pk) for pk in sorted(limits)], ignore_conflicts=True)
    rows = {
        row.staff_id: row for row in StaffLimit.objects.select_for_update().filter(staff__in=limits).order_by("staff")
    }
    return sum(_save(access, rows[staff_id], limit, cards[staff_id], now) for staff_id, limit in limits.items())


def _check(access: Access, limits: Mapping[int, LimitInput], cards: Mapping[int, StaffCard], now: datetime) -> None:
    fields: dict[int, str] = {}
    for staff_id, limit in limits.items():
        card = cards.get(staff_id)
        if card is None:
            raise RosterRefused("该客服不存在")
        leave = limit.paused_until
        if (limit.daily_cap, limit.peak_threshold) != (None, None) and not may_cap(access, card):
            raise Denied("routing.caps", what=card.name)
        if leave is not KEEP and not may_leave(access, card):
            raise Denied("routing.roster", what=card.name)
        if limit.daily_cap is not None and not 0 <= limit.daily_cap <= CAP_MAX:
            fields[staff_id] = f"每日接待上限应在 0 到 {CAP_MAX} 之间"
        elif limit.peak_threshold is not None and not 1 <= limit.peak_threshold <= PEAK_MAX:
            fields[staff_id] = f"峰值人数应在 1 到 {PEAK_MAX} 之间"
        elif isinstance(leave, datetime) and leave <= now:
            fields[staff_id] = "休假应晚于现在"
    if fields:
        raise RosterRefused(*dict.fromkeys(fields.values()), fields=fields)


def _save(access: Access, row: StaffLimit, limit: LimitInput, card: StaffCard, now: datetime) -> bool:
    numbers = {"daily_cap": limit.daily_cap, "peak_threshold": limit.peak_threshold}
    wanted: dict[str, int | datetime | None] = {name: value for name, value in numbers.items() if value is not None}
    if not isinstance(limit.paused_until, Keep):
        wanted["paused_until"] = limit.paused_until
    before = {name: getattr(row, name) for name, value in wanted.items() if getattr(row, name) != value}
    if not before:
        return False
    after = {name: wanted[name] for name in before}
    for name, value in after.items():
        setattr(row, name, value)
    row.save()
    audit.record(
        access=access,
        action=ACTIONS.get(tuple(after), "staff.limits_changed"),
        object_type="staff",
        object_id=card.id,
        object_label=card.name,
        before=before,
        after=after,
        now=now,
    )
    return True
