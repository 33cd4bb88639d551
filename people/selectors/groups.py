"""Reading groups (客服分组) and departments as sets of staff."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q, QuerySet
from django.http import Http404

from people.models import Staff, StaffGroup, StaffGroupMember
from people.selectors.staff import StaffCard, staff_cards
from permissions.access import Access
from permissions.selectors import department_paths


class GroupNotFound(ObjectDoesNotExist, Http404):
    """No such group in this company."""


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group with its people, in order. ``department_id`` is set when the group follows a department."""

    id: int
    name: str
    department_id: int | None
    department_name: str
    people: tuple[StaffCard, ...]

    @property
    def staff_ids(self) -> list[int]:
        """The people's ids."""
        return [card.id for card in self.people]


def group_names() -> dict[int, str]:
    """All groups of the company by id, in the order of their names."""
    return dict(StaffGroup.objects.order_by("name").values_list("id", "name"))


def group_members(group_ids: Iterable[int]) -> dict[int, list[int]]:
    """The staff of each group who haven't left (product.md §2.11), the same few queries for 2 groups and for 200.

    In the order in which they were put in; those of a group that follows a department by pinyin.
    """
    wanted = set(group_ids)
    if not wanted:
        return {}
    follows = dict(
        StaffGroup.objects.filter(pk__in=wanted, department__isnull=False).values_list("id", "department_id")
    )
    of_departments = department_members(follows.values())
    found = {group_id: list(of_departments[department_id]) for group_id, department_id in follows.items()}
    rows = StaffGroupMember.objects.filter(group__in=wanted - follows.keys()).exclude(staff__status=Staff.Status.LEFT)
    for group_id, staff_id in rows.order_by("id").values_list("group_id", "staff_id"):
        found.setdefault(group_id, []).append(staff_id)
    return {group_id: staff for group_id, staff in found.items() if staff}


def department_members(department_ids: Iterable[int]) -> dict[int, list[int]]:
    """The staff of each department and of those below it who haven't left, by pinyin."""
    paths = department_paths(department_ids)
    if not paths:
        return {}
    within = Q()
    for path in paths.values():
        within |= Q(department__path__startswith=path)
    rows = Staff.objects.filter(within).exclude(status=Staff.Status.LEFT).order_by("pinyin", "id")
    people = list(rows.values_list("id", "department__path"))
    return {
        department_id: [staff_id for staff_id, own in people if own.startswith(path)]
        for department_id, path in paths.items()
    }


def groups_list(access: Access) -> list[GroupRow]:
    """All groups with their people by name; the same few queries for 2 and 200.

    Raises:
        Denied: without ``staff.manage``.
    """
    access.require("staff.manage")
    return _rows(StaffGroup.objects.order_by("name"))


def group_for(access: Access, group_id: int) -> GroupRow:
    """One group with its people. Raises GroupNotFound, and Denied without ``staff.manage``."""
    access.require("staff.manage")
    rows = _rows(StaffGroup.objects.filter(pk=group_id))
    if not rows:
        raise GroupNotFound
    return rows[0]


def _rows(groups: QuerySet[StaffGroup]) -> list[GroupRow]:
    found = list(groups.select_related("department"))
    members = group_members(group.pk for group in found)
    cards = staff_cards(pk for ids in members.values() for pk in ids)
    return [
        GroupRow(
            id=group.pk,
            name=group.name,
            department_id=group.department_id,
            department_name=group.department.name if group.department else "",
            people=tuple(cards[pk] for pk in members.get(group.pk, ())),
        )
        for group in found
    ]
