"""Reading 跨部门数据共享: what it opens to a member, what is shared now, and who sees it. Inside a tenant's context."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Coalesce, NullIf

from permissions.access import Access, Denied, Scope
from permissions.holdings import holdings
from permissions.metric_groups import METRIC_GROUPS
from permissions.models import BundleAssignment, Department, DepartmentShare, Member
from permissions.rules import Rights, combine
from permissions.selectors.departments import DepartmentRow, departments_tree

VIEW = "analytics.view"


@dataclass(frozen=True)
class Shares:
    """Departments whose figures a member sees on dashboards beyond their own reach, by metric group.

    Part of no `Access`: lists, code pages, search and exports know nothing of it (product.md §5.3).
    ``sources``: (department's name, its groups) of what adds to the member's own, for the note beside the figures.
    """

    departments: Mapping[str, frozenset[int]] = field(default_factory=dict)
    sources: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def widened(self) -> frozenset[str]:
        """The metric groups whose figures are more than the member's own."""
        return frozenset(group for _, groups in self.sources for group in groups)

    @property
    def told(self) -> list[tuple[str, str]]:
        """Each department that shares something with the names of its groups."""
        return [
            (name, "、".join(title for group, title in METRIC_GROUPS.items() if group in groups))
            for name, groups in self.sources
        ]

    def of(self, group: str) -> frozenset[int]:
        """The departments whose figures of this metric group are open; none is the usual answer."""
        return self.departments.get(group, frozenset())


NO_SHARES = Shares()


@dataclass(frozen=True)
class ShareRow:
    """One share that counts, with those who see something only through it."""

    id: int
    department_id: int
    department: str
    group: str
    group_name: str
    shared_with: str
    until: datetime | None
    given_by: str
    seers: tuple[str, ...]


def shares_for(access: Access, *, now: datetime) -> Shares:
    """What is shared with the member now; one query, none where no share could add anything.

    A share widens the reach of a metric group that the member holds and gives none. ``until`` is exclusive and needs no
    job. A share with a department is one with all below it.
    """
    groups = [name for name in METRIC_GROUPS if _could_widen(access, name)]
    if not groups:
        return NO_SHARES
    inside = Department.objects.filter(pk=access.department_id, path__startswith=OuterRef("with_department__path"))
    below = Department.objects.filter(path__startswith=OuterRef("department__path")).values("id")
    rows = (
        DepartmentShare.objects.filter(Q(with_department=None) | Exists(inside), _ahead(now), group__in=groups)
        .annotate(below=ArraySubquery(below))
        .order_by("department__name", "department_id", "group")
    )
    found: dict[str, set[int]] = {}
    sources: dict[tuple[int, str], list[str]] = {}
    for pk, name, group, ids in rows.values_list("department_id", "department__name", "group", "below"):
        found.setdefault(group, set()).update(ids)
        if not _reaches(access, group, ids) and group not in sources.setdefault((pk, name), []):
            sources[pk, name].append(group)
    adding = tuple((name, tuple(groups)) for (_, name), groups in sources.items() if groups)
    return Shares({group: frozenset(ids) for group, ids in found.items()}, adding)


def _could_widen(access: Access, group: str) -> bool:
    if not access.can(VIEW) or not access.can(group):
        return False
    return {access.scope(VIEW), access.scope(group)} != {Scope.ALL}


def _reaches(access: Access, group: str, department_ids: Iterable[int]) -> bool:
    """Whether the member sees the group of these departments without any share."""
    scopes = access.scope(VIEW), access.scope(group)
    return Scope.OWN not in scopes and access.department_ids.issuperset(department_ids)


def shareable_departments(access: Access) -> list[DepartmentRow]:
    """The departments that the member may share, in tree order.

    Raises Denied without ``analytics.share``, and with scope *own*: a department is nobody's own.
    """
    scope = access.require("analytics.share")
    if scope is Scope.OWN:
        raise Denied("analytics.share", what="部门")
    tree = departments_tree(access)
    return tree if scope is Scope.ALL else [row for row in tree if row.id in access.department_ids]


def shares_list(access: Access, *, now: datetime) -> list[ShareRow]:
    """The shares that count now, within the member's reach, with who sees what through them; at most four queries.

    Raises Denied without ``analytics.share``.
    """
    scope = access.require("analytics.share")
    rows = DepartmentShare.objects.filter(_ahead(now)).select_related("department", "with_department", "given_by")
    if scope is not Scope.ALL:
        rows = rows.filter(department__in=access.department_ids if scope is Scope.DEPARTMENT else ())
    order = list(METRIC_GROUPS)
    shares = list(rows.order_by("department__path", "with_department__name", "id"))
    shares.sort(key=lambda row: (row.department.path, order.index(row.group)))
    people = _people(now) if shares else []
    return [
        ShareRow(
            id=row.pk,
            department_id=row.department_id,
            department=row.department.name,
            group=row.group,
            group_name=METRIC_GROUPS[row.group],
            shared_with=row.with_department.name if row.with_department else "全公司",
            until=row.until,
            given_by=row.given_by.display_name if row.given_by else "系统",
            seers=tuple(person.name for person in people if _sees_by(person, row)),
        )
        for row in shares
    ]


@dataclass(frozen=True)
class _Person:
    name: str
    path: str
    rights: Rights


def _sees_by(person: _Person, share: DepartmentShare) -> bool:
    """Whether the share shows this person figures that they would not see without it."""
    scopes = [person.rights.scopes.get(name) for name in (VIEW, share.group)]
    if None in scopes:
        return False
    other = share.with_department
    if other is not None and not person.path.startswith(other.path):
        return False
    above = bool(person.path) and share.department.path.startswith(person.path)
    return not all(scope is Scope.ALL or (scope is Scope.DEPARTMENT and above) for scope in scopes)


def _people(now: datetime) -> list[_Person]:
    """Active members who are no owners, with their rights, by name; three queries at most."""
    members = Member.objects.filter(is_active=True, user__is_active=True, is_owner=False)
    rows: list[dict[str, Any]] = list(
        BundleAssignment.objects.filter(_ahead(now), member__in=members)
        .annotate(
            group=F("bundle__group_id"),
            capabilities=F("bundle__capabilities"),
            reach=Coalesce(NullIf("scope", Value("")), "bundle__scope"),
            height=Coalesce(NullIf("tier", Value("")), "bundle__tier"),
        )
        .values("member_id", "group", "capabilities", "reach", "height", "target", "target_id")
    )
    held: dict[int, list[Any]] = {}
    for row, one in zip(rows, holdings([r | {"scope": r["reach"], "tier": r["height"]} for r in rows]), strict=True):
        held.setdefault(row["member_id"], []).append(one)
    named = members.order_by("display_name", "id").values_list("id", "display_name", "department__path")
    return [_Person(name, path or "", combine(held.get(pk, ()))) for pk, name, path in named]


def _ahead(now: datetime) -> Q:
    return Q(until__isnull=True) | Q(until__gt=now)
