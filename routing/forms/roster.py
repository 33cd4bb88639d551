"""The roster editor's form: names in order, pauses and caps beside each name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.http import QueryDict

from livecode_admin.kernel.clock import day_start, local_day
from livecode_admin.kernel.web.parameters import whole_number, whole_numbers
from routing.selectors import SeatRow
from routing.services.roster import CAP_MAX, SeatInput

# Longer than any cap, short enough for an integer column.
MOST_TYPED = 999_999


@dataclass(slots=True)
class RosterForm:
    """What was sent. ``errors`` is by staff id; ``caps`` are the staff's caps over all codes that were sent."""

    roster: list[int]
    backups: list[int]
    seats: list[SeatInput] = field(default_factory=list)
    caps: dict[int, int] = field(default_factory=dict)
    errors: dict[int, str] = field(default_factory=dict)

    @property
    def problems(self) -> list[str]:
        """The same errors for the summary."""
        return list(dict.fromkeys(self.errors.values()))


def roster_stamp(rows: Sequence[SeatRow]) -> str:
    """What the roster was when the page was opened, so that two people editing it are told."""
    state = [(row.staff_id, row.is_backup, row.position, row.daily_cap, str(row.paused_until)) for row in rows]
    return hashlib.sha256(repr(state).encode()).hexdigest()[:16]


def pause_day(paused_until: datetime | None, zone: str) -> str:
    """The last day of a pause as a date field shows it; empty without one."""
    return "" if paused_until is None else local_day(paused_until - timedelta(seconds=1), zone).isoformat()


def read_roster(data: QueryDict, rows: Sequence[SeatRow], *, zone: str, may_caps: bool) -> RosterForm:
    """Read the form. Who may not change caps sends none: the present ones stay."""
    known = {row.staff_id: row for row in rows}
    form = RosterForm(
        roster=_ids(data, "roster", "add_roster"),
        backups=_ids(data, "backups", "add_backups"),
    )
    for place, staff_id in enumerate([*form.roster, *form.backups]):
        form.seats.append(
            SeatInput(
                staff_id=staff_id,
                is_backup=place >= len(form.roster),
                position=place,
                daily_cap=_seat_cap(data, form, staff_id, known.get(staff_id), may_caps),
                paused_until=_pause(data, form, staff_id, known.get(staff_id), zone),
            )
        )
        if may_caps and (sent := data.get(f"cap_{staff_id}")) is not None:
            cap = _number(sent, form, staff_id, "每日上限")
            if cap is not None and staff_id in known and known[staff_id].cap != cap:
                form.caps[staff_id] = cap
    return form


def _ids(data: QueryDict, *names: str) -> list[int]:
    sent = whole_numbers(value for name in names for value in data.getlist(name))
    return list(dict.fromkeys(sent)) if len(names) > 1 else sent


def _seat_cap(data: QueryDict, form: RosterForm, staff_id: int, row: SeatRow | None, may_caps: bool) -> int | None:
    sent = data.get(f"seat_cap_{staff_id}")
    if not may_caps or sent is None:
        return row.daily_cap if row else None
    return _number(sent, form, staff_id, "席位上限") if sent.strip() else None


def _pause(data: QueryDict, form: RosterForm, staff_id: int, row: SeatRow | None, zone: str) -> datetime | None:
    sent = data.get(f"pause_{staff_id}")
    if sent is None:
        return row.paused_until if row else None
    if row is not None and sent == pause_day(row.paused_until, zone):
        return row.paused_until
    if not sent.strip():
        return None
    try:
        return day_start(date.fromisoformat(sent) + timedelta(days=1), zone)
    except (ValueError, OverflowError):
        form.errors[staff_id] = "暂停日期应为 2026-11-22 这样的日期"
        return None


def _number(sent: str, form: RosterForm, staff_id: int, label: str) -> int | None:
    number = whole_number(sent.strip())
    if number is None or number > MOST_TYPED:
        form.errors[staff_id] = f"{label}应为整数"
        return None
    return number


def read_caps(data: QueryDict, present: Mapping[int, int]) -> tuple[dict[int, int], dict[int, str]]:
    """The caps that were changed, and what is wrong, both by staff id; ``present``: those that may be changed."""
    wanted: dict[int, int] = {}
    errors: dict[int, str] = {}
    for staff_id, cap in present.items():
        sent = data.get(f"cap_{staff_id}")
        if sent is None or sent.strip() == str(cap):
            continue
        number = whole_number(sent.strip())
        if number is None or number > CAP_MAX:
            errors[staff_id] = f"请填写 0 到 {CAP_MAX} 之间的整数"
        else:
            wanted[staff_id] = number
    return wanted, errors
