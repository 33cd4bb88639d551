"""The form of the caps page: the daily cap and the peak threshold of each colleague, one by one or for a selection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.http import QueryDict

from livecode_admin.kernel.web.parameters import whole_number, whole_numbers
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
    values = {name: _read(data, f"all_{name}", name, form) for name in FIELDS if data.get(f"all_{name}", "").strip()}
    if not chosen:
        form.errors["bulk"] = "请先勾选要设置的客服"
    elif not values:
        form.errors["bulk"] = "请填写每日上限或峰值人数"
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
        form.limits[staff_id] = LimitInput(**changed)


def _read(data: QueryDict, key: str, name: str, form: CapsForm) -> int | None:
    sent = data.get(key, "").strip()
    form.typed[key] = sent
    _, low, high = FIELDS[name]
    number = whole_number(sent)
    if number is None or not low <= number <= high:
        form.errors[key] = f"请填写 {low} 到 {high} 之间的整数"
        return None
    return number
