"""Which cells count for a member: by metric group, by code, by department (product.md §5.3, §6.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from analytics.models import HourlyFigure
from codes.selectors import codes_of_departments, codes_visible
from permissions.access import Access, Denied, Scope
from permissions.metric_groups import ON_DASHBOARDS
from permissions.selectors.sharing import NO_SHARES, Shares

VIEW = "analytics.view"
TRAFFIC, GROWTH, QUALITY = ON_DASHBOARDS
NO_GROUPS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Part:
    """What of a dashboard is looked at.

    ``shares``: what other departments opened, counted where no department is chosen or where it is one of theirs.
    ``department_ids``: the chosen department with those below; None: none is chosen. ``groups``: the metric groups
    that the member sees of the whole of that department; the others are not shown of it. ``shared``: those of them that
    a share alone opens.
    """

    shares: Shares = NO_SHARES
    department_ids: frozenset[int] | None = None
    groups: frozenset[str] = NO_GROUPS
    shared: frozenset[str] = NO_GROUPS

    @property
    def is_shared_alone(self) -> bool:
        """Whether a department is chosen of which the member sees nothing but what it shares."""
        return self.department_ids is not None and self.groups == self.shared


EVERYTHING = Part()


@dataclass(frozen=True, slots=True)
class CodeReach:
    """One code in the member's scope for figures: how it reaches WeCom, and the metric groups shown of it."""

    delivery: str
    groups: frozenset[str]


def require_view(access: Access, *others: str) -> None:
    """Raises Denied without ``analytics.view`` (and ``others``) for the company, a folder or a code."""
    for name in (VIEW, *others):
        if not access.may_enter(name):
            raise Denied(name)


def groups_held(access: Access) -> frozenset[str]:
    """The metric groups of dashboards that the member's bundles name, however far they reach."""
    return frozenset(name for name in ON_DASHBOARDS if access.may_enter(name))


def groups_shown(access: Access, part: Part) -> frozenset[str]:
    """The metric groups of which this part of a dashboard has figures."""
    held = groups_held(access)
    return held if part.department_ids is None else held & part.groups


def reach_of_codes(access: Access, code_ids: Iterable[int]) -> dict[int, CodeReach]:
    """Those of the codes that ``analytics.view`` reaches, each with its kind and its metric groups; one query."""
    held = groups_held(access)
    wide = frozenset(name for name in held if access.scope(name) is Scope.ALL)
    asked = {
        f"sees_{name.rpartition('.')[2]}": (name, Exists(codes_visible(access, name).filter(pk=OuterRef("pk"))))
        for name in held - wide
    }
    codes = codes_visible(access, VIEW).filter(pk__in=list(code_ids))
    rows = codes.annotate(**{alias: reach for alias, (_, reach) in asked.items()}).values("pk", "delivery", *asked)
    return {
        row["pk"]: CodeReach(row["delivery"], wide.union(name for alias, (name, _) in asked.items() if row[alias]))
        for row in rows
    }


def cells_of(access: Access, code_ids: Iterable[int] | None, part: Part = EVERYTHING) -> QuerySet[HourlyFigure]:
    """Cells of codes in the member's scope for figures; naming a code outside of it brings nothing, shared or not.

    Not cut by metric group: what is added up of them is filtered by :func:`group_reach`.
    Raises Denied without ``analytics.view``.
    """
    require_view(access)
    visible = codes_visible(access, VIEW)
    if code_ids is not None:
        cells: QuerySet[HourlyFigure] = HourlyFigure.objects.filter(
            code_id__in=visible.filter(pk__in=list(code_ids)).values("pk")
        )
        return cells
    reach = Q(code_id__in=visible.values("pk"))
    if part.shares.departments:
        opened = frozenset[int]().union(*part.shares.departments.values())
        reach |= Q(code_id__in=codes_of_departments(opened).values("pk"))
    cells = HourlyFigure.objects.filter(reach)
    return cells.filter(within(part))


def within(part: Part) -> Q:
    """The cells of the chosen department; all where none is chosen."""
    if part.department_ids is None:
        return Q()
    return Q(code_id__in=codes_of_departments(part.department_ids).values("pk"))


def group_reach(access: Access, group: str, shares: Shares = NO_SHARES, *, delivery: str = "") -> Q | None:
    """The cells among :func:`cells_of` of which one metric group counts; None: all of them.

    Holding one group for all codes and another for one's own shows the second of one's own alone, and a share opens
    its own group and no other. ``delivery``: of codes of this kind alone.
    """
    kind: Mapping[str, str] = {"delivery": delivery} if delivery else {}
    wide = access.scope(group) is Scope.ALL
    if wide and not kind and not shares.departments:
        return None
    reach = Q(code_id__in=codes_visible(access, group).filter(**kind).values("pk")) if kind or not wide else Q()
    if shares.departments:
        # What other groups' shares brought among the cells stays out of this one.
        reach &= Q(code_id__in=codes_visible(access, VIEW).values("pk"))
    if opened := shares.of(group):
        reach |= Q(code_id__in=codes_of_departments(opened).filter(**kind).values("pk"))
    return reach
