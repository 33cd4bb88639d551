"""The form of the caps page: daily cap, peak threshold and leave of each colleague, one by one or for a selection."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from django.http import QueryDict

from livecode_admin.kernel.clock import day_start
from livecode_admin.kernel.web.parameters import whole_number, whole_numbers
from routing.forms.roster import pause_day
from routing.services.caps import CAP_MAX, PEAK_MAX, LimitInput

# Field of the form → its label, smallest and largest value.
FIELDS: Mapping[str, tuple[str, int, int]] = {
    "cap": ("每日上限", 0, CAP_MAX),
    "peak": ("峰值人数", 1, PEAK_MAX),
}
NAMES = {"cap": "daily_cap", "peak": "peak_threshold"}


@dataclass(slots=True)
class CapsForm:
    """What was sent: changed limits by staff id, errors by field name (``cap_7``, ``all_cap``), and what was typed."""

    limits: dict[int, LimitInput] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)


def read_caps(data: QueryDict, present: Mapping[int, tuple[int, int]]) -> CapsForm:
    """The limits that differ. ``present``: cap and peak of those whom the member may change; others aren't read.

    A field that still says what it showed (``was_cap_7``) is left alone, whatever others have saved meanwhile; one that
    two people changed is told, and goes through when it is sent again.

    With ``bulk`` the values of ``all_cap`` and ``all_peak`` go to those who are ticked (``ids``) instead.
    """
    form = CapsForm()
    if "bulk" in data:
        _read_bulk(data, present, form)
        return form
    for staff_id, now in present.items():
        values = {
            name: _changed(data, f"{name}_{staff_id}", name, now[place], form)
            for place, name in enumerate(FIELDS)
            if f"{name}_{staff_id}" in data
        }
        _want(form, staff_id, now, values)
    return form


def caps_beyond(data: QueryDict, capped: Collection[int], leaving: Collection[int]) -> list[str]:
    """The capabilities that miss for what was sent of single people: inputs that the member's page doesn't have.

    ``capped`` and ``leaving``: whose limits, and whose leave, the member may set.
    """
    missing = []
    for key in data:
        name, _, number = key.rpartition("_")
        pk = whole_number(number)
        if name in FIELDS and pk not in capped:
            missing.append("routing.caps")
        elif name == "leave" and pk not in leaving:
            missing.append("routing.roster")
    if data.get("all_leave", "").strip() and not leaving:
        missing.append("routing.roster")
    return list(dict.fromkeys(missing))


def read_leaves(
    data: QueryDict, form: CapsForm, present: Mapping[int, datetime | None], *, zone: str, now: datetime
) -> None:
    """Add to ``form`` the leaves that differ. ``present``: until when those are away whom the member may send on leave.

    A date is the last day of the leave in ``zone``; an empty one ends it. With ``bulk`` the date of ``all_leave`` goes
    to those who are ticked; an empty one changes nobody.
    """
    for staff_id, until in _leaves_asked(data, present):
        key, stored = f"leave_{staff_id}", pause_day(until, zone)
        sent = data.get("all_leave" if "bulk" in data else key, "").strip()
        if sent == (stored if "bulk" in data else data.get(f"was_{key}", stored)):
            continue
        if "bulk" not in data and data.get(f"was_{key}", stored) != stored and sent != stored:
            form.typed[key] = sent
            form.errors[key] = f"刚刚被其他人改为 {stored or '不休假'}，再保存一次即按此保存"
            continue
        ends = _last_day(sent, "all_leave" if "bulk" in data else key, form, zone, now)
        if ends != until and not form.errors:
            form.limits[staff_id] = replace(form.limits.get(staff_id, LimitInput()), paused_until=ends)


def _leaves_asked(data: QueryDict, present: Mapping[int, datetime | None]) -> list[tuple[int, datetime | None]]:
    if "bulk" not in data:
        return [(staff_id, until) for staff_id, until in present.items() if f"leave_{staff_id}" in data]
    if not data.get("all_leave", "").strip():
        return []
    return [(pk, present[pk]) for pk in whole_numbers(data.getlist("ids")) if pk in present]


def _last_day(sent: str, key: str, form: CapsForm, zone: str, now: datetime) -> datetime | None:
    if not sent:
        return None
    form.typed[key] = sent
    try:
        ends = day_start(date.fromisoformat(sent) + timedelta(days=1), zone)
    except (ValueError, OverflowError):
        form.errors[key] = "休假日期应为 2026-11-22 这样的日期"
        return None
    if ends <= now:
        form.errors[key] = "休假应到今天或以后"
    return ends


def _changed(data: QueryDict, key: str, name: str, now: int, form: CapsForm) -> int | None:
    """The value when this member changed it on the page; ``now`` is what is stored."""
    was = data.get(f"was_{key}", str(now))
    if data.get(key, "").strip() == was:
        return None
    value = _read(data, key, name, form)
    if value is not None and was != str(now) and value != now:
        form.errors[key] = f"刚刚被其他人改为 {now}，再保存一次即为 {value}"
        return None
    return value


def _read_bulk(data: QueryDict, present: Mapping[int, tuple[int, int]], form: CapsForm) -> None:
    chosen = [pk for pk in whole_numbers(data.getlist("ids")) if pk in present]
    away = data.get("all_leave", "").strip()
    values = {name: _read(data, f"all_{name}", name, form) for name in FIELDS if data.get(f"all_{name}", "").strip()}
    if not chosen:
        form.errors["bulk"] = "请先勾选要设置的客服"
    elif not values and not away:
        form.errors["bulk"] = "请填写每日上限、峰值人数或休假日期"
    if not form.errors:
        for staff_id in chosen:
            _want(form, staff_id, present[staff_id], values)


def _want(form: CapsForm, staff_id: int, now: tuple[int, int], values: Mapping[str, int | None]) -> None:
    changed = {
        NAMES[name]: value
        for name, value in values.items()
        if value is not None and value != now[list(FIELDS).index(name)]
    }
    if changed:
        form.limits[staff_id] = LimitInput(changed.get("daily_cap"), changed.get("peak_threshold"))


def _read(data: QueryDict, key: str, name: str, form: CapsForm) -> int | None:
    sent = data.get(key, "").strip()
    form.typed[key] = sent
    _, low, high = FIELDS[name]
    number = whole_number(sent)
    if number is None or not low <= number <= high:
        form.errors[key] = f"请填写 {low} 到 {high} 之间的整数"
        return None
    return number
