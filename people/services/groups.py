"""Groups (客服分组): named sets of staff, put together by hand or following a department (product.md §2.11).

Rosters that hold a group change with it: call these through ``routing.services.groups``, which makes both in one
transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from people.models import Staff, StaffGroup, StaffGroupMember
from people.selectors import GroupNotFound, department_members, group_members, staff_cards, staff_within
from people.services.staff import staff_moved
from permissions import audit
from permissions.access import Access, Denied, Scope
from permissions.selectors import department_paths

NAME_MAX = 40
MEMBERS_MAX = 500


class GroupRefused(Exception):
    """A group that can't be kept; nothing was changed. ``field``: beside which field the message stands."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


@transaction.atomic
def group_create(*, access: Access, name: str, now: datetime) -> int:
    """A new, empty group; its id.

    Raises:
        Denied: without ``staff.manage``.
        GroupRefused: no name, a long one, or one that another group has.
    """
    access.require_fields("staff", ["groups"])
    row = StaffGroup.objects.create(name=_name(name), created_at=now)
    _note(access, row, "created", {}, {"name": row.name}, now)
    group_id: int = row.pk
    return group_id


@transaction.atomic
def group_rename(*, access: Access, group_id: int, name: str, now: datetime) -> None:
    """Another name for the group. Raises as group_create, and GroupNotFound."""
    row = _row(access, group_id)
    before, wanted = row.name, _name(name, but=group_id)
    if before == wanted:
        return
    row.name = wanted
    row.save(update_fields=["name"])
    _note(access, row, "renamed", {"name": before}, {"name": wanted}, now)


@transaction.atomic
def group_members_set(*, access: Access, group_id: int, staff_ids: Sequence[int], now: datetime) -> None:
    """Make the group hold exactly these people; it no longer follows a department.

    Raises:
        GroupNotFound, Denied: without ``staff.manage``, or for somebody beyond the member's scope.
        GroupRefused: somebody who doesn't exist or has left, or too many.
    """
    row = _row(access, group_id)
    wanted = list(dict.fromkeys(staff_ids))
    present = list(StaffGroupMember.objects.filter(group=row).order_by("id").values_list("staff_id", flat=True))
    here = [] if row.department_id else present
    _check_people(access, wanted, here)
    _check_scope(access, {*wanted} ^ _people(row))
    if here == wanted and row.department_id is None:
        return
    names = {pk: card.name for pk, card in staff_cards([*wanted, *here]).items()}
    before = _follows(row) | {"people": [names[pk] for pk in here if pk in names]}
    StaffGroupMember.objects.filter(group=row).exclude(staff__in=wanted).delete()
    StaffGroupMember.objects.bulk_create(
        [StaffGroupMember(group=row, staff_id=pk) for pk in wanted if pk not in present]
    )
    if row.department_id is not None:
        row.department = None
        row.save(update_fields=["department"])
    staff_moved()
    _note(access, row, "members_changed", before, {"people": [names[pk] for pk in wanted]}, now)


@transaction.atomic
def group_follow(*, access: Access, group_id: int, department_id: int, now: datetime) -> None:
    """Let the group hold the people of a department and of those below it, as the contact sync brings them.

    Raises:
        GroupNotFound, Denied: without ``staff.manage`` for that department, or for somebody who would leave or join.
        GroupRefused: no such department.
    """
    row = _row(access, group_id)
    if row.department_id == department_id:
        return
    if department_id not in department_paths([department_id]):
        raise GroupRefused("该部门不存在", "department")
    if access.scope("staff.manage") is not Scope.ALL and department_id not in access.department_ids:
        raise Denied("staff.manage")
    _check_scope(access, _people(row) ^ set(department_members([department_id]).get(department_id, ())))
    before = _follows(row)
    StaffGroupMember.objects.filter(group=row).delete()
    row.department_id = department_id
    row.save(update_fields=["department"])
    row.refresh_from_db()
    staff_moved()
    _note(access, row, "members_changed", before, _follows(row), now)


@transaction.atomic
def group_delete(*, access: Access, group_id: int, now: datetime) -> None:
    """Delete a group that nothing uses; whoever calls has looked at rosters and rules (routing.services.groups).

    Raises:
        GroupNotFound, Denied: without ``staff.manage``, for all its people.
    """
    row = _row(access, group_id)
    _check_scope(access, _people(row))
    StaffGroupMember.objects.filter(group=row).delete()
    _note(access, row, "deleted", {"name": row.name}, {}, now)
    StaffGroup.objects.filter(pk=row.pk).delete()


def _row(access: Access, group_id: int) -> StaffGroup:
    access.require_fields("staff", ["groups"])
    row: StaffGroup | None = (
        StaffGroup.objects.select_for_update(of=("self",)).select_related("department").filter(pk=group_id).first()
    )
    if row is None:
        raise GroupNotFound
    return row


def _name(name: str, but: int | None = None) -> str:
    wanted = " ".join(name.split())
    if not wanted:
        raise GroupRefused("请填写分组名称", "name")
    if len(wanted) > NAME_MAX:
        raise GroupRefused(f"分组名称最多 {NAME_MAX} 个字", "name")
    if StaffGroup.objects.filter(name=wanted).exclude(pk=but).exists():
        raise GroupRefused("已有同名的分组", "name")
    return wanted


def _check_people(access: Access, wanted: list[int], present: list[int]) -> None:
    if len(wanted) > MEMBERS_MAX:
        raise GroupRefused(f"一个分组最多 {MEMBERS_MAX} 人", "people")
    known = {row.pk: row for row in Staff.objects.filter(pk__in=wanted)}
    for pk in wanted:
        if pk not in known:
            raise GroupRefused("有客服不存在，请刷新后重试", "people")
        if known[pk].status == Staff.Status.LEFT and pk not in present:
            raise GroupRefused(f"{known[pk].name}已离职，不能加入分组", "people")


def _people(row: StaffGroup) -> set[int]:
    """Whom the group holds now, by hand or by its department."""
    return set(group_members([row.pk]).get(row.pk, ()))


def _check_scope(access: Access, moved: set[int]) -> None:
    """Nobody is put into a group, or out of it, by whoever may not manage them: rosters follow (product.md §2.11)."""
    if staff_within(access).filter(pk__in=moved).count() != len(moved):
        raise Denied("staff.manage", what="groups")


def _follows(row: StaffGroup) -> dict[str, Any]:
    return {"follows": row.department.name} if row.department else {}


def _note(
    access: Access, row: StaffGroup, verb: str, before: Mapping[str, Any], after: Mapping[str, Any], now: datetime
) -> None:
    audit.record(
        access=access,
        action=f"staff_group.{verb}",
        object_type="staff_group",
        object_id=row.pk,
        object_label=row.name,
        before=before,
        after=after,
        now=now,
    )
