"""The roster editor's form: people, groups and departments in order, with what is set beside each name."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.http import QueryDict

from livecode_admin.kernel.clock import day_start, local_day
from livecode_admin.kernel.web.parameters import whole_number
from routing.forms.hours import hours_line, hours_of_line
from routing.rules.hours import Hours, HoursInvalid
from routing.rules.native import native_offers
from routing.rules.placing import KEEP, Keep, SourceKey
from routing.selectors import SeatRow
from routing.services.roster import CAP_MAX, WEIGHT_MAX, SeatInput, SourceInput

NUMBERS: Mapping[str, str] = {"cap": "每日上限", "seat_cap": "席位上限", "weight": "权重"}
LISTS = ("roster", "backups")
SIGNS: Mapping[str, str] = {"g": "group", "d": "department"}
# What inputs are called, and the capability without which the page doesn't have them.
_INPUTS = {
    re.compile(r"(add|act|pause_\d+)"): "routing.roster",
    re.compile(r"(seat_)?cap_\d+"): "routing.caps",
    re.compile(r"(weight|hours)_\d+"): "routing.rules",
}


@dataclass(frozen=True, slots=True)
class May:
    """What the member may change on this code: people with order and pauses, caps, weights and hours.

    ``weights`` False: the code knows none (WeCom chooses in a native one, product.md §1.2); they are neither shown
    nor read.
    """

    roster: bool = False
    caps: bool = False
    rules: bool = False
    weights: bool = True

    @classmethod
    def on(cls, delivery: str, held: Collection[str]) -> May:
        """What whoever holds these capabilities may change on a code of that delivery."""
        return cls(
            roster="routing.roster" in held,
            caps="routing.caps" in held,
            rules="routing.rules" in held,
            weights=delivery != "native" or native_offers("weight"),
        )


@dataclass(slots=True)
class RosterForm:
    """What was sent: entries (``12``, ``g3``, ``d4``) in order. ``errors`` is by staff id; ``typed`` what was typed.

    ``caps`` are the staff's caps over all codes that were changed.
    """

    roster: list[str]
    backups: list[str]
    seats: list[SeatInput] = field(default_factory=list)
    sources: list[SourceInput] = field(default_factory=list)
    caps: dict[int, int] = field(default_factory=dict)
    errors: dict[int, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)


def roster_stamp(rows: Sequence[SeatRow], sources: Sequence[SourceInput], *, caps: bool) -> str:
    """What the roster was when the page was opened, so that two people editing it are told.

    ``caps``: the caps over all codes are fields of the page too.
    """
    state = [
        (row.staff_id, row.is_backup, row.position, row.daily_cap, str(row.paused_until), row.weight, row.hours)
        for row in rows
    ]
    limits = [row.cap for row in rows] if caps else []
    return hashlib.sha256(repr((state, list(sources), limits)).encode()).hexdigest()[:16]


def pause_day(paused_until: datetime | None, zone: str) -> str:
    """The last day of a pause as a date field shows it; empty without one."""
    return "" if paused_until is None else local_day(paused_until - timedelta(seconds=1), zone).isoformat()


def token_of(key: SourceKey) -> str:
    """How a source is written in the form."""
    return f"{key[0][0]}{key[1]}"


def source_of(token: str) -> SourceKey | None:
    """The source that a token names; None for a person, or nonsense."""
    number = whole_number(token[1:])
    if number is None or token[:1] not in SIGNS:
        return None
    return ("group", number) if token[0] == "g" else ("department", number)


def stored_form(seats: Sequence[SeatInput], sources: Sequence[SourceInput]) -> RosterForm:
    """The form of the roster as it is stored."""
    lists: dict[bool, list[tuple[int, str]]] = {False: [], True: []}
    for seat in seats:
        if not seat.by_source:
            lists[seat.is_backup].append((seat.position, str(seat.staff_id)))
    for source in sources:
        lists[source.is_backup].append((source.position, token_of(source.key)))
    roster, backups = ([token for _, token in sorted(lists[which], key=lambda one: one[0])] for which in (False, True))
    return RosterForm(roster, backups, list(seats), list(sources))


def read_roster(data: QueryDict, rows: Sequence[SeatRow], stored: RosterForm, *, zone: str, may: May) -> RosterForm:
    """Read the form. What the member may not change isn't read: it stays as it is in ``stored``."""
    known = {row.staff_id: row for row in rows}
    form = RosterForm(*(_lists(data) if may.roster else (stored.roster, stored.backups)))
    for backup, tokens in ((False, form.roster), (True, form.backups)):
        for place, token in enumerate(tokens, start=1):
            key = source_of(token)
            if key is not None:
                form.sources.append(SourceInput(*key, backup, place))
            elif (staff_id := whole_number(token)) is not None:
                form.seats.append(_seat(data, form, staff_id, known.get(staff_id), backup, place, zone, may))
    named = {seat.staff_id for seat in form.seats}
    for row in rows:
        if row.by_source and row.staff_id not in named:
            form.seats.append(_seat(data, form, row.staff_id, row, False, 0, zone, may, by_source=True))
    return form


def roster_beyond(data: QueryDict, stored: RosterForm, held: Collection[str], *, fresh: bool) -> list[str]:
    """The capabilities that what was sent needs and the member doesn't hold: inputs that their page doesn't have.

    ``fresh``: opened from what is stored. Lists that differ are then the sender's doing; else somebody else's.
    """
    missing = [
        capability
        for name, capability in _INPUTS.items()
        if capability not in held and any(name.fullmatch(key) for key in data)
    ]
    differ = any(which in data and _tokens(data.getlist(which)) != list(getattr(stored, which)) for which in LISTS)
    if fresh and differ and "routing.roster" not in held:
        missing.append("routing.roster")
    return list(dict.fromkeys(missing))


def _lists(data: QueryDict) -> tuple[list[str], list[str]]:
    """Both lists as they were sent, with what was picked, after the button that was pressed."""
    roster, backups = (_tokens(data.getlist(name)) for name in LISTS)
    here = {*roster, *backups}
    added = [token for token in _tokens(data.getlist("add")) if token not in here]
    (backups if data.get("add_to") == "backups" else roster).extend(added)
    return _acted(roster, backups, data.get("act", ""))


def _tokens(sent: Sequence[str]) -> list[str]:
    """Without what is no entry. A person who was sent twice stays twice: that is refused by name."""
    return [token for token in sent if whole_number(token) is not None or source_of(token) is not None]


def _acted(roster: list[str], backups: list[str], act: str) -> tuple[list[str], list[str]]:
    """What a button without script does: ``up:12``, ``down:g3``, ``swap:12`` to the other list, ``remove:12``."""
    verb, _, token = act.partition(":")
    for mine, other in ((roster, backups), (backups, roster)):
        if token not in mine:
            continue
        at = mine.index(token)
        mine.remove(token)
        if verb == "swap":
            other.append(token)
        elif verb != "remove":
            mine.insert(max(at - 1, 0) if verb == "up" else at + (verb == "down"), token)
        break
    return roster, backups


def _seat(
    data: QueryDict,
    form: RosterForm,
    staff_id: int,
    row: SeatRow | None,
    backup: bool,
    place: int,
    zone: str,
    may: May,
    *,
    by_source: bool = False,
) -> SeatInput:
    if may.caps and (sent := data.get(f"cap_{staff_id}")) is not None:
        cap = _number(sent, form, staff_id, "cap", CAP_MAX)
        if cap is not None and row is not None and row.cap != cap:
            form.caps[staff_id] = cap
    return SeatInput(
        staff_id=staff_id,
        is_backup=backup,
        position=place,
        daily_cap=_seat_cap(data, form, staff_id, row, may),
        paused_until=_pause(data, form, staff_id, row, zone, may),
        weight=_weight(data, form, staff_id, may),
        hours=_hours(data, form, staff_id, row, may),
        by_source=by_source,
    )


def _seat_cap(data: QueryDict, form: RosterForm, staff_id: int, row: SeatRow | None, may: May) -> int | None:
    sent = data.get(f"seat_cap_{staff_id}")
    if not may.caps or sent is None:
        return row.daily_cap if row else None
    return _number(sent, form, staff_id, "seat_cap", CAP_MAX) if sent.strip() else None


def _weight(data: QueryDict, form: RosterForm, staff_id: int, may: May) -> int | None:
    sent = data.get(f"weight_{staff_id}")
    if sent is None or not (may.rules and may.weights):
        return None
    return _number(sent, form, staff_id, "weight", WEIGHT_MAX)


def _hours(data: QueryDict, form: RosterForm, staff_id: int, row: SeatRow | None, may: May) -> Hours | Keep | None:
    sent = data.get(f"hours_{staff_id}")
    if not may.rules or sent is None or (row is not None and sent.strip() == hours_line(row.hours)):
        return KEEP
    try:
        return hours_of_line(sent)
    except HoursInvalid as invalid:
        _wrong(form, staff_id, f"接待时段：{invalid}")
        form.typed[f"hours_{staff_id}"] = sent
        return KEEP


def _pause(
    data: QueryDict, form: RosterForm, staff_id: int, row: SeatRow | None, zone: str, may: May
) -> datetime | None:
    sent = data.get(f"pause_{staff_id}")
    if sent is None or not may.roster:
        return row.paused_until if row else None
    if row is not None and sent == pause_day(row.paused_until, zone):
        return row.paused_until
    if not sent.strip():
        return None
    try:
        return day_start(date.fromisoformat(sent) + timedelta(days=1), zone)
    except (ValueError, OverflowError):
        _wrong(form, staff_id, "暂停日期应为 2026-11-22 这样的日期")
        return None


def _number(sent: str, form: RosterForm, staff_id: int, name: str, most: int) -> int | None:
    number = whole_number(sent.strip())
    if number is None or number > most:
        _wrong(form, staff_id, f"{NUMBERS[name]}应为 0 到 {most} 的整数")
        form.typed[f"{name}_{staff_id}"] = sent
        return None
    return number


def _wrong(form: RosterForm, staff_id: int, text: str) -> None:
    """Beside the name stands everything that is wrong there."""
    form.errors[staff_id] = f"{form.errors[staff_id]}；{text}" if staff_id in form.errors else text
