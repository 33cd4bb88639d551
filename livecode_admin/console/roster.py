"""The roster of a code's page: its people with today's figures, where they come from, and what is done with each."""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime

from codes.rules import Status
from codes.selectors import LiveCode
from livecode_admin.kernel.web.page import Action
from permissions.access import Access
from permissions.links import tenant_url
from reception.selectors import welcome_settable
from routing.selectors import SeatRow, native_notes, roster_rows, source_labels

NOTE = "今日按全部活码计，+ 后为迟到添加"
SHARE_NOTE = "，占比和通过率为本码今日"
PEOPLE = ("analytics.people", "routing.live", "routing.roster", "routing.caps")


def sees_people(access: Access) -> bool:
    """Whether the load of single colleagues is shown: 个人明细, or what it takes to run a roster (product.md §5.3)."""
    return any(access.can(one) for one in PEOPLE)


def roster_panel(access: Access, row: LiveCode, held: Set[str], now: datetime) -> dict[str, object]:
    """What the panel 接待名单 shows; ``held`` are the member's capabilities on this code."""
    seats = roster_rows(access, row.pk, now)
    counted = row.delivery != "native"
    backups = sum(seat.is_backup for seat in seats)
    notes = [f"{len(seats) - backups} 人" + (f" + 备用 {backups} 人" if backups else "")] if seats else []
    notes += native_notes(row.pk)
    if sees_people(access):
        notes.append(NOTE + (SHARE_NOTE if counted else ""))
    return {
        "seats": [(seat, seat_actions(access, row, seat, held)) for seat in seats],
        "sources": list(source_labels(row.pk).values()),
        "people_figures": sees_people(access),
        # Of links WeCom counts requests, which are not known by seat; the kinds are never mixed (product.md §6.1).
        "rates": row.delivery == "hosted" and "analytics.quality" in held,
        "seats_note": "；".join(notes),
    }


def seat_actions(access: Access, row: LiveCode, seat: SeatRow, held: Set[str]) -> list[Action]:
    """The ⋯ of one seat: only what the member may do."""
    found = []
    if "routing.roster" in held and row.state != "retired":
        roster = tenant_url(access, "routing:roster", row.pk)
        found.append(Action("暂停或调整席位", "player-pause", url=f"{roster}#seats"))
    if "routing.caps" in held:
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
