"""Reading about departments. Inside a tenant's context."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from permissions.access import Access
from permissions.models import Department


@dataclass(frozen=True)
class DepartmentRow:
    """One line of the department tree, parents before children; ``depth`` of a root is 0."""

    id: int
    name: str
    path: str
    depth: int


def departments_tree(access: Access) -> list[DepartmentRow]:
    """All departments, depth first, brothers by their order in WeCom."""
    children: dict[int | None, list[Department]] = {}
    for department in Department.objects.order_by("-order", "name", "id"):
        children.setdefault(department.parent_id, []).append(department)
    rows: list[DepartmentRow] = []
    waiting = [(row, 0) for row in reversed(children.get(None, []))]
    while waiting:
        row, depth = waiting.pop()
        rows.append(DepartmentRow(row.pk, row.name, row.path, depth))
        waiting.extend((child, depth + 1) for child in reversed(children.get(row.pk, [])))
    return rows


def department_paths(ids: Iterable[int]) -> dict[int, str]:
    """The paths of departments by id: whoever's department's path begins with one of them is in it or below it."""
    return dict(Department.objects.filter(pk__in=set(ids)).values_list("id", "path"))


def department_names(ids: Iterable[int]) -> dict[int, str]:
    """The names of departments by id."""
    return dict(Department.objects.filter(pk__in=set(ids)).values_list("id", "name"))
