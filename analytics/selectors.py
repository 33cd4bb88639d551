"""Reads of figures: rollups alone, cut by what the member may see (product.md §5.3, §6.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet, Sum

from analytics.models import HourlyFigure, Watermark
from codes.selectors import codes_visible
from permissions.access import Access


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts over some hours; None where the member's metric groups don't reach (product.md §5.3).

    ``revisits`` visitors got the same person again and took no slot. ``acceptance`` is 客户通过率 按分配计: adds per
    assignment, 0 to 1 and over, None while nobody was assigned (product.md §6.1).
    """

    scans: int | None = 0
    assigned: int | None = 0
    revisits: int | None = 0
    overflowed: int | None = 0
    fallbacks: int | None = 0
    added: int | None = 0
    late: int | None = 0
    lost: int | None = 0
    acceptance: float | None = None


@dataclass(frozen=True, slots=True)
class DayFigures:
    """One local day."""

    day: date
    figures: Figures


_GROUPS = {
    "analytics.traffic": ("scans", "assigned", "revisits", "overflowed", "fallbacks"),
    "analytics.growth": ("added", "late", "lost"),
}
_SUMS = {name: Sum(name, default=0) for names in _GROUPS.values() for name in names}


def _figures(access: Access, counts: Mapping[str, int]) -> Figures:
    """What of ``counts`` the member's metric groups show; the others leave no trace."""
    shown = {name: counts[name] for group, names in _GROUPS.items() if access.can(group) for name in names}
    hidden = dict.fromkeys(_SUMS.keys() - shown.keys())
    rate = None
    if access.can("analytics.quality") and counts["assigned"]:
        rate = counts["added"] / counts["assigned"]
    return Figures(**(shown | hidden), acceptance=rate)


_NOTHING = dict.fromkeys(_SUMS, 0)


def _readable(access: Access, code_ids: Iterable[int] | None) -> QuerySet[HourlyFigure]:
    """Cells of codes in the member's scope for figures; naming a code outside of it brings nothing.

    Raises:
        Denied: without ``analytics.view``.
    """
    access.require("analytics.view")
    visible = codes_visible(access, "analytics.view")
    if code_ids is not None:
        visible = visible.filter(pk__in=list(code_ids))
    cells: QuerySet[HourlyFigure] = HourlyFigure.objects.filter(code_id__in=visible.values("pk"))
    return cells


def today(access: Access, *, day: date, code_ids: Iterable[int] | None = None, until_hour: int = 23) -> Figures:
    """The figures of one local day up to an hour of it (0 to 23, included), over the named codes or all in scope.

    Raises:
        Denied: without ``analytics.view``.
    """
    cells = _readable(access, code_ids).filter(day=day, hour__lte=until_hour)
    return _figures(access, cells.aggregate(**_SUMS))


def today_by_code(access: Access, *, day: date, code_ids: Sequence[int]) -> dict[int, Figures]:
    """The figures of one local day for each named code in scope; a code without any has zeros.

    Raises:
        Denied: without ``analytics.view``.
    """
    cells: Iterable[Any] = _readable(access, code_ids).filter(day=day).values("code_id").annotate(**_SUMS)
    found: dict[int, Mapping[str, int]] = {row["code_id"]: row for row in cells}
    return {code_id: _figures(access, found.get(code_id, _NOTHING)) for code_id in code_ids}


def daily(access: Access, *, last_day: date, days: int, code_id: int | None = None) -> list[DayFigures]:
    """``days`` local days up to ``last_day``, oldest first, days without facts as zeros.

    Raises:
        Denied: without ``analytics.view``.
    """
    first = last_day - timedelta(days=days - 1)
    wanted = None if code_id is None else [code_id]
    within = _readable(access, wanted).filter(day__range=(first, last_day))
    cells: Iterable[Any] = within.values("day").annotate(**_SUMS)
    found: dict[date, Mapping[str, int]] = {row["day"]: row for row in cells}
    every_day = (first + timedelta(days=offset) for offset in range(days))
    return [DayFigures(day, _figures(access, found.get(day, _NOTHING))) for day in every_day]


def sparklines(access: Access, *, code_ids: Sequence[int], last_day: date, days: int = 14) -> Mapping[int, list[int]]:
    """Scans of each named code on the last ``days`` local days, oldest first.

    Raises:
        Denied: without ``analytics.view`` or ``analytics.traffic``.
    """
    access.require("analytics.traffic")
    first = last_day - timedelta(days=days - 1)
    cells = (
        _readable(access, code_ids)
        .filter(day__range=(first, last_day))
        .values_list("code_id", "day")
        .annotate(total=Sum("scans"))
    )
    lines = {code_id: [0] * days for code_id in code_ids}
    for code_id, day, total in cells:
        lines[code_id][(day - first).days] = total
    return lines


def data_until() -> datetime | None:
    """Until when the figures reach: the older of the two watermarks' last moves; None before the first."""
    moves = list(Watermark.objects.values_list("moved_at", flat=True))
    return min(moves) if moves else None
