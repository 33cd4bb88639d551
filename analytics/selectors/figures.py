"""Reads of figures: rollups alone, cut by what the member may see (product.md §5.3, §6.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, Sum

from analytics.models import Watermark
from analytics.selectors.reach import (
    EVERYTHING,
    GROWTH,
    QUALITY,
    TRAFFIC,
    CodeReach,
    Part,
    cells_of,
    group_reach,
    groups_shown,
    reach_of_codes,
    require_view,
)
from codes.selectors import codes_visible
from livecode_admin.kernel.clock import day_start
from permissions.access import Access
from permissions.selectors.sharing import NO_SHARES, Shares
from routing.selectors.requests import Requests, link_requests
from tenants.selectors import tenant_facts


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts over some hours; None where the member's metric groups don't reach (product.md §5.3).

    Of native codes WeCom reports no scans: their traffic is None too. ``revisits`` visitors got the same person again
    and took no slot. ``acceptance`` is 客户通过率 counted by ``basis`` (product.md §6.1): adds per assignment of hosted
    codes (``assigned``; 0 to 1 and over), friends per friend request of links (``requested``), for native codes nothing
    (empty). None while there is nothing to divide by.
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
    basis: str = "assigned"


@dataclass(frozen=True, slots=True)
class DayFigures:
    """One local day."""

    day: date
    figures: Figures


_GROUPS = {TRAFFIC: ("scans", "assigned", "revisits", "overflowed", "fallbacks"), GROWTH: ("added", "late", "lost")}
_COUNTS = tuple(name for names in _GROUPS.values() for name in names)
# 客户通过率 belongs to 质量, so its two counts are summed within that group's own scope.
_RATE = {"rate_added": "added", "rate_assigned": "assigned"}
_NOTHING: Mapping[str, int] = dict.fromkeys((*_COUNTS, *_RATE), 0)


def today(
    access: Access,
    *,
    day: date,
    code_ids: Sequence[int] | None = None,
    until_hour: int = 23,
    part: Part = EVERYTHING,
) -> Figures:
    """The figures of one local day up to an hour of it (0 to 23, included), over the named codes or all in scope.

    ``part``: of a dashboard, where no code is named. 客户通过率 of codes of one kind is counted as that kind is, of
    several kinds it is that of the hosted ones.

    Raises:
        Denied: without ``analytics.view``.
    """
    if code_ids is None:
        cells = cells_of(access, None, part).filter(day=day, hour__lte=until_hour)
        return _figures(groups_shown(access, part), cells.aggregate(**_sums(access, part.shares)))
    cells = cells_of(access, code_ids).filter(day=day, hour__lte=until_hour)
    counts = cells.aggregate(**_sums(access))
    reach = reach_of_codes(access, code_ids)
    figures = _figures(frozenset[str]().union(*(one.groups for one in reach.values())), counts)
    kinds = {one.delivery for one in reach.values()}
    if len(kinds) != 1:
        return figures
    asked = _asked(reach, day=day, until_hour=until_hour).values()
    all_asked = Requests(sum(one.asked for one in asked), sum(one.friends for one in asked))
    return _of_kind(figures, kinds.pop(), all_asked)


def today_by_code(access: Access, *, day: date, code_ids: Sequence[int]) -> dict[int, Figures]:
    """The figures of one local day for each named code in scope; a code without any has zeros, one beyond is absent.

    Raises:
        Denied: without ``analytics.view``.
    """
    cells: Iterable[Any] = cells_of(access, code_ids).filter(day=day).values("code_id").annotate(**_sums(access))
    found: dict[int, Mapping[str, int]] = {row["code_id"]: row for row in cells}
    reach = reach_of_codes(access, code_ids)
    asked = _asked(reach, day=day)
    return {
        pk: _of_kind(_figures(one.groups, found.get(pk, _NOTHING)), one.delivery, asked.get(pk, Requests()))
        for pk, one in reach.items()
    }


def busiest_codes(access: Access, *, day: date, most: int, part: Part = EVERYTHING) -> list[int]:
    """The codes in scope with the most scans of one local day, at most ``most`` of them, busiest first.

    Raises:
        Denied: without ``analytics.view`` or ``analytics.traffic``.
    """
    require_view(access, TRAFFIC)
    # Codes of departments that only share their figures are in no list.
    own = cells_of(access, None, replace(part, shares=NO_SHARES)).filter(day=day)
    cells = own.filter(code_id__in=codes_visible(access, TRAFFIC).values("pk"))
    scans = cells.values("code_id").annotate(total=Sum("scans")).filter(total__gt=0)
    return list(scans.order_by("-total", "code_id").values_list("code_id", flat=True)[:most])


def daily(
    access: Access, *, last_day: date, days: int, code_id: int | None = None, part: Part = EVERYTHING
) -> list[DayFigures]:
    """``days`` local days up to ``last_day``, oldest first, days without facts as zeros; ``part`` as in `today`.

    Raises:
        Denied: without ``analytics.view``.
    """
    first = last_day - timedelta(days=days - 1)
    wanted = None if code_id is None else [code_id]
    part = part if wanted is None else EVERYTHING
    chosen = cells_of(access, wanted, part).filter(day__range=(first, last_day))
    cells: Iterable[Any] = chosen.values("day").annotate(**_sums(access, part.shares))
    found: dict[date, Mapping[str, int]] = {row["day"]: row for row in cells}
    every_day = [first + timedelta(days=offset) for offset in range(days)]
    if code_id is None:
        groups = groups_shown(access, part)
        return [DayFigures(day, _figures(groups, found.get(day, _NOTHING))) for day in every_day]
    reach = reach_of_codes(access, [code_id]).get(code_id, CodeReach("hosted", frozenset()))
    # 客户通过率 of a link's single days is nobody's question yet: no request is counted for it.
    return [
        DayFigures(day, _of_kind(_figures(reach.groups, found.get(day, _NOTHING)), reach.delivery, Requests()))
        for day in every_day
    ]


def sparklines(access: Access, *, code_ids: Sequence[int], last_day: date, days: int = 14) -> Mapping[int, list[int]]:
    """Scans of each named code in scope on the last ``days`` local days, oldest first; native codes are left out.

    Raises:
        Denied: without ``analytics.view`` or ``analytics.traffic``.
    """
    require_view(access, TRAFFIC)
    first = last_day - timedelta(days=days - 1)
    cells = (
        cells_of(access, code_ids)
        .filter(day__range=(first, last_day))
        .values_list("code_id", "day")
        .annotate(total=Sum("scans"))
    )
    reach = reach_of_codes(access, code_ids)
    lines = {pk: [0] * days for pk, one in reach.items() if TRAFFIC in one.groups and one.delivery != "native"}
    for code_id, day, total in cells:
        if code_id in lines:
            lines[code_id][(day - first).days] = total
    return lines


def data_until() -> datetime | None:
    """Until when the figures reach: the older of the two watermarks' last moves; None before the first."""
    moves = list(Watermark.objects.values_list("moved_at", flat=True))
    return min(moves) if moves else None


def _sums(access: Access, shares: Shares = NO_SHARES) -> dict[str, Sum]:
    """What to add up: each metric group over the codes that *its* capability reaches (product.md §5.3)."""
    # The kinds are never averaged together: by assignments, hosted codes alone (product.md §6.1).
    hosted = group_reach(access, QUALITY, shares, delivery="hosted") if access.may_enter(QUALITY) else Q(pk__in=[])
    # First, since from then on a sum of the same name as its column hides the column.
    sums = {name: Sum(column, filter=hosted, default=0) for name, column in _RATE.items()}
    for group, names in _GROUPS.items():
        reach = group_reach(access, group, shares)
        sums |= {name: Sum(name, filter=reach, default=0) for name in names}
    return sums


def _figures(groups: frozenset[str], counts: Mapping[str, int]) -> Figures:
    """What of ``counts`` these metric groups show; the others leave no trace."""
    shown = {name: counts[name] for group, names in _GROUPS.items() if group in groups for name in names}
    cut: dict[str, Any] = {**dict.fromkeys(_COUNTS), **shown}
    if QUALITY not in groups:
        # Without 质量 there is no rate, and no way of counting it either.
        return Figures(**cut, acceptance=None, basis="")
    assigned = counts["rate_assigned"]
    return Figures(**cut, acceptance=counts["rate_added"] / assigned if assigned else None)


def _of_kind(figures: Figures, delivery: str, asked: Requests) -> Figures:
    """The figures of codes of one kind, with no more than that kind has (product.md §6.1)."""
    if delivery == "native":
        return replace(figures, **dict.fromkeys(_GROUPS[TRAFFIC]), acceptance=None, basis="")
    if delivery == "link" and figures.basis:
        return replace(figures, acceptance=asked.friends / asked.asked if asked.asked else None, basis="requested")
    return figures


def _asked(reach: Mapping[int, CodeReach], *, day: date, until_hour: int = 23) -> dict[int, Requests]:
    """Friend requests of the link codes whose quality the member may see."""
    links = [code_id for code_id, one in reach.items() if one.delivery == "link" and QUALITY in one.groups]
    if not links:
        return {}
    until = day_start(day, tenant_facts().time_zone) + timedelta(hours=until_hour + 1)
    return link_requests(links, day=day, until=until)
