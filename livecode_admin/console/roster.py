"""The roster of a code's page: its people with today's figures, where they come from, and what is done with each."""

from __future__ import annotations

from collections.abc import Iterable, Set
from datetime import datetime

from django.db.models import Q

from codes.rules import Status
from codes.selectors import LiveCode, codes_visible
from livecode_admin.kernel.web.page import Action
from permissions.access import Access, Scope
from permissions.links import tenant_url
from reception.selectors import welcome_settable
from routing.selectors import SeatRow, native_notes, roster_rows, source_labels
from routing.services.roster import may_cap

NOTE = "今日按全部活码计，+ 后为迟到添加"
# Whose cap is how far used and who waits: 个人明细, or what it takes to run a roster (product.md §5.3).
PEOPLE = ("analytics.people", "routing.live", "routing.roster", "routing.caps")
# How each colleague does is 个人明细 alone, each figure with the group that it belongs to.
ASSIGNED = frozenset({"analytics.view", "analytics.people", "analytics.traffic"})
RATES = frozenset({"analytics.view", "analytics.people", "analytics.quality"})


def sees_people(access: Access) -> bool:
    """Whether the load of colleagues is shown on some code or other."""
    return any(access.may_enter(one) for one in PEOPLE)


def codes_with_load(access: Access, code_ids: Iterable[int]) -> Set[int]:
    """Those of the codes on which the load of colleagues is shown; a query at most."""
    ids, held = frozenset(code_ids), [one for one in PEOPLE if access.may_enter(one)]
    if any(access.scope(one) is Scope.ALL for one in held):
        return ids
    reach = Q(pk__in=[])
    for one in held:
        reach |= Q(pk__in=codes_visible(access, one).values("pk"))
    return set(codes_visible(access).filter(reach, pk__in=ids).values_list("pk", flat=True)) if held else set()


def roster_panel(access: Access, row: LiveCode, held: Set[str], now: datetime) -> dict[str, object]:
    """What the panel 接待名单 shows; ``held`` are the member's capabilities on this code."""
    seats = roster_rows(access, row.pk, now)
    loads = not held.isdisjoint(PEOPLE)
    # WeCom reports no scans of a native code: it has no queue and no assignments (product.md §1.2). Of links it counts
    # requests, which are not known by seat; the kinds are never mixed (product.md §6.1).
    counted = row.delivery != "native"
    assigned, rates = counted and held >= ASSIGNED, row.delivery == "hosted" and held >= RATES
    backups = sum(seat.is_backup for seat in seats)
    notes = [f"{len(seats) - backups} 人" + (f" + 备用 {backups} 人" if backups else "")] if seats else []
    notes += native_notes(row.pk)
    if loads:
        of_code = "和".join(word for word, shown in (("占比", assigned), ("通过率", rates)) if shown)
        notes.append(NOTE + (f"，{of_code}为本码今日" if of_code else ""))
    return {
        "seats": [(seat, seat_actions(access, row, seat, held)) for seat in seats],
        "sources": list(source_labels(row.pk).values()),
        "loads": loads,
        "waits": loads and counted,
        "assigned": loads and assigned,
        "rates": loads and rates,
        "seats_note": "；".join(notes),
    }


def seat_actions(access: Access, row: LiveCode, seat: SeatRow, held: Set[str]) -> list[Action]:
    """The ⋯ of one seat: only what the member may do."""
    found = []
    if "routing.roster" in held and row.state != "retired":
        roster = tenant_url(access, "routing:roster", row.pk)
        found.append(Action("暂停或调整席位", "player-pause", url=f"{roster}#seats"))
    if may_cap(access, seat.card):
        found.append(Action("接待上限", "settings", url=f"{tenant_url(access, 'routing:caps')}?q={seat.name}"))
    if row.delivery != "native" and not held.isdisjoint({"analytics.traffic", "routing.live"}):
        scans = tenant_url(access, "routing:scans", row.pk)
        found.append(Action("分到的扫码", "qrcode", url=f"{scans}?staff={seat.staff_id}", apart=bool(found)))
    return found


def edit_actions(access: Access, row: LiveCode, status: Status, held: Set[str], *, roster: str) -> list[Action]:
    """What 编辑 offers on this code, ``roster`` under that name if at all; nothing once it is retired."""
    if status is Status.RETIRED:
        return []
    found = []
    if roster:
        found.append(Action(roster, "user-plus", url=tenant_url(access, "routing:roster", row.pk)))
    if not held.isdisjoint({"routing.rules", "codes.edit"}):
        found.append(Action("分流规则", "adjustments-horizontal", url=tenant_url(access, "routing:rules", row.pk)))
    if welcome_settable(access, row):
        found.append(Action("欢迎语", "message-2", url=tenant_url(access, "reception:code-welcome", row.pk)))
    return found
