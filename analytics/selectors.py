"""Reads of figures: rollups alone, cut by what the member may see (product.md §5.3, §6.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet, Sum

from analytics.models import HourlyFigure, Watermark
from codes.selectors import code_cards, codes_of_departments, codes_visible
from livecode_admin.kernel.clock import day_start
from permissions.access import Access, Scope
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


_GROUPS = {
    "analytics.traffic": ("scans", "assigned", "revisits", "overflowed", "fallbacks"),
    "analytics.growth": ("added", "late", "lost"),
}
_COUNTS = tuple(name for names in _GROUPS.values() for name in names)
# 客户通过率 belongs to 质量, so its two counts are summed within that group's own scope.
_RATE = {"rate_added": "added", "rate_assigned": "assigned"}
_NOTHING: Mapping[str, int] = dict.fromkeys((*_COUNTS, *_RATE), 0)


def _sums(access: Access, shares: Shares = NO_SHARES) -> dict[str, Sum]:
    """What to add up: each metric group over the codes that *its* capability reaches (product.md §5.3).

    Holding one group for all codes and another for one's own shows the second of one's own alone. A share opens its
    own group and no other.
    """
    # The kinds are never averaged together: by assignments, hosted codes alone (product.md §6.1).
    within = None
    if access.can("analytics.quality"):
        hosted = codes_visible(access, "analytics.quality").filter(delivery="hosted")
        within = _with_shared(access, "analytics.quality", Q(code_id__in=hosted.values("pk")), shares, hosted=True)
    # First, since from then on a sum of the same name as its column hides the column.
    sums = {name: Sum(column, filter=within, default=0) for name, column in _RATE.items()}
    for group, names in _GROUPS.items():
        reach = _beyond_view(access, group)
        if shares.departments:
            reach = _with_shared(access, group, reach, shares)
        sums |= {name: Sum(name, filter=reach, default=0) for name in names}
    return sums


def _beyond_view(access: Access, group: str) -> Q | None:
    """A condition on cells where the group's reach may be narrower than that of ``analytics.view``; else None."""
    if access.scope(group) in (Scope.ALL, None):
        return None
    return Q(code_id__in=codes_visible(access, group).values("pk"))


def _with_shared(access: Access, group: str, own: Q | None, shares: Shares, *, hosted: bool = False) -> Q:
    """The cells of one group that the member reaches (``own``, None: whatever ``analytics.view`` reaches), and those
    that are shared with them: what other groups' shares brought into the query stays out."""
    reach = own or Q()
    if shares.departments:
        reach &= Q(code_id__in=codes_visible(access, "analytics.view").values("pk"))
    if departments := shares.of(group):
        shared = codes_of_departments(departments)
        reach |= Q(code_id__in=(shared.filter(delivery="hosted") if hosted else shared).values("pk"))
    return reach


def _figures(access: Access, counts: Mapping[str, int]) -> Figures:
    """What of ``counts`` the member's metric groups show; the others leave no trace."""
    shown = {name: counts[name] for group, names in _GROUPS.items() if access.can(group) for name in names}
    hidden = {name: None for name in _COUNTS if name not in shown}
    rate = None
    if access.can("analytics.quality") and counts["rate_assigned"]:
        rate = counts["rate_added"] / counts["rate_assigned"]
    cut: dict[str, Any] = {**shown, **hidden}
    # Without 质量 there is no rate, and no way of counting it either.
    return Figures(**cut, acceptance=rate, basis="assigned" if access.can("analytics.quality") else "")


def _of_kind(figures: Figures, delivery: str, asked: Requests) -> Figures:
    """The figures of codes of one kind, with no more than that kind has (product.md §6.1)."""
    if delivery == "native":
        return replace(figures, **dict.fromkeys(_GROUPS["analytics.traffic"]), acceptance=None, basis="")
    if delivery == "link" and figures.basis:
        return replace(figures, acceptance=asked.friends / asked.asked if asked.asked else None, basis="requested")
    return figures


def _kinds(code_ids: Iterable[int]) -> dict[int, str]:
    """How each code reaches WeCom, by id."""
    return {code_id: card.delivery for code_id, card in code_cards(code_ids).items()}


def _asked(access: Access, kinds: Mapping[int, str], *, day: date, until_hour: int = 23) -> dict[int, Requests]:
    """Friend requests of the link codes among ``kinds`` whose quality the member may see."""
    links = [code_id for code_id, kind in kinds.items() if kind == "link"]
    if not links or not access.can("analytics.quality"):
        return {}
    until = day_start(day, tenant_facts().time_zone) + timedelta(hours=until_hour + 1)
    return link_requests(_reached(access, "analytics.quality", links), day=day, until=until)


def _readable(access: Access, code_ids: Iterable[int] | None, shares: Shares = NO_SHARES) -> QuerySet[HourlyFigure]:
    """Cells of codes in the member's scope for figures; naming a code outside of it brings nothing, shared or not.

    Raises:
        Denied: without ``analytics.view``.
    """
    access.require("analytics.view")
    visible = codes_visible(access, "analytics.view")
    if code_ids is not None:
        visible = visible.filter(pk__in=list(code_ids))
    reach = Q(code_id__in=visible.values("pk"))
    if code_ids is None and shares.departments:
        opened = frozenset().union(*shares.departments.values())
        reach |= Q(code_id__in=codes_of_departments(opened).values("pk"))
    cells: QuerySet[HourlyFigure] = HourlyFigure.objects.filter(reach)
    return cells


def _reached(access: Access, capability: str, code_ids: Sequence[int]) -> Sequence[int]:
    """Those of the codes that the capability reaches; no query when it reaches all."""
    if access.scope(capability) is Scope.ALL:
        return code_ids
    found = set(codes_visible(access, capability).filter(pk__in=list(code_ids)).values_list("pk", flat=True))
    return [code_id for code_id in code_ids if code_id in found]


def today(
    access: Access,
    *,
    day: date,
    code_ids: Sequence[int] | None = None,
    until_hour: int = 23,
    shares: Shares = NO_SHARES,
) -> Figures:
    """The figures of one local day up to an hour of it (0 to 23, included), over the named codes or all in scope.

    ``shares``: what else counts where no code is named, each department in the groups that it shares.

    客户通过率 of codes of one kind is counted as that kind is, of several kinds it is that of the hosted ones.

    Raises:
        Denied: without ``analytics.view``.
    """
    shares = shares if code_ids is None else NO_SHARES
    cells = _readable(access, code_ids, shares).filter(day=day, hour__lte=until_hour)
    figures = _figures(access, cells.aggregate(**_sums(access, shares)))
    kinds = _kinds(code_ids or ())
    if len(set(kinds.values())) != 1:
        return figures
    asked = _asked(access, kinds, day=day, until_hour=until_hour).values()
    all_asked = Requests(sum(one.asked for one in asked), sum(one.friends for one in asked))
    return _of_kind(figures, next(iter(kinds.values())), all_asked)


def today_by_code(access: Access, *, day: date, code_ids: Sequence[int]) -> dict[int, Figures]:
    """The figures of one local day for each named code in scope; a code without any has zeros, one beyond is absent.

    Raises:
        Denied: without ``analytics.view``.
    """
    cells: Iterable[Any] = _readable(access, code_ids).filter(day=day).values("code_id").annotate(**_sums(access))
    found: dict[int, Mapping[str, int]] = {row["code_id"]: row for row in cells}
    reach = _reached(access, "analytics.view", code_ids)
    kinds = _kinds(reach)
    asked = _asked(access, kinds, day=day)
    return {
        pk: _of_kind(_figures(access, found.get(pk, _NOTHING)), kinds[pk], asked.get(pk, Requests()))
        for pk in reach
        if pk in kinds
    }


def busiest_codes(access: Access, *, day: date, most: int) -> list[int]:
    """The codes in scope with the most scans of one local day, at most ``most`` of them, busiest first.

    Raises:
        Denied: without ``analytics.view`` or ``analytics.traffic``.
    """
    access.require("analytics.traffic")
    cells = _readable(access, None).filter(day=day, code_id__in=codes_visible(access, "analytics.traffic").values("pk"))
    scans = cells.values("code_id").annotate(total=Sum("scans")).filter(total__gt=0)
    return list(scans.order_by("-total", "code_id").values_list("code_id", flat=True)[:most])


def daily(
    access: Access, *, last_day: date, days: int, code_id: int | None = None, shares: Shares = NO_SHARES
) -> list[DayFigures]:
    """``days`` local days up to ``last_day``, oldest first, days without facts as zeros; ``shares`` as in `today`.

    Raises:
        Denied: without ``analytics.view``.
    """
    first = last_day - timedelta(days=days - 1)
    wanted = None if code_id is None else [code_id]
    shares = shares if wanted is None else NO_SHARES
    within = _readable(access, wanted, shares).filter(day__range=(first, last_day))
    cells: Iterable[Any] = within.values("day").annotate(**_sums(access, shares))
    found: dict[date, Mapping[str, int]] = {row["day"]: row for row in cells}
    kind = _kinds(wanted or ()).get(code_id or 0, "hosted")
    every_day = (first + timedelta(days=offset) for offset in range(days))
    # 客户通过率 of a link's single days is nobody's question yet: no request is counted for it.
    figures = {day: _figures(access, found.get(day, _NOTHING)) for day in every_day}
    return [DayFigures(day, _of_kind(one, kind, Requests())) for day, one in figures.items()]


def sparklines(access: Access, *, code_ids: Sequence[int], last_day: date, days: int = 14) -> Mapping[int, list[int]]:
    """Scans of each named code in scope on the last ``days`` local days, oldest first; native codes are left out.

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
    reach = _kinds(_reached(access, "analytics.traffic", code_ids))
    lines = {code_id: [0] * days for code_id, kind in reach.items() if kind != "native"}
    for code_id, day, total in cells:
        if code_id in lines:
            lines[code_id][(day - first).days] = total
    return lines


def data_until() -> datetime | None:
    """Until when the figures reach: the older of the two watermarks' last moves; None before the first."""
    moves = list(Watermark.objects.values_list("moved_at", flat=True))
    return min(moves) if moves else None
