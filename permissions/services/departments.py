"""Departments (部门): the company's tree, kept in step with WeCom's 通讯录."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr

from permissions import audit
from permissions.access import Access
from permissions.models import Department


class DepartmentCycle(ValueError):
    """A department was to be moved below itself."""


@transaction.atomic
def department_upsert(
    *,
    access: Access,
    name: str,
    parent_id: int | None,
    now: datetime,
    wecom_id: int | None = None,
    order: int = 0,
) -> int:
    """Make a department, or bring the one with this ``wecom_id`` (else this name and parent) up to date; its id.

    ``order``: WeCom's weight, larger stands first. Moving a department moves all below it.
    Raises Denied without ``members.manage``, DepartmentCycle.
    """
    access.require("members.manage")
    rows = Department.objects.select_for_update(of=("self",)).select_related("parent")
    parent = Department.objects.get(pk=parent_id) if parent_id is not None else None
    known = rows.filter(wecom_id=wecom_id) if wecom_id is not None else rows.filter(parent_id=parent_id, name=name)
    row = known.first() or Department(wecom_id=wecom_id)
    before = _facts(row) if row.pk else {}
    if parent is not None and row.pk and parent.path.startswith(row.path):
        raise DepartmentCycle(f"{row.pk} below {parent.pk}")
    old_path = row.path
    row.name, row.parent, row.order = name, parent, order
    row.save()
    row.path = f"{parent.path if parent else '/'}{row.pk}/"
    if row.path != old_path:
        row.save(update_fields=["path"])
        if before:
            _move_below(old_path, row.path)
    after = _facts(row)
    if before != after:
        audit.record(
            access=access,
            action="department.updated" if before else "department.created",
            object_type="department",
            object_id=row.pk,
            object_label=name,
            before=before,
            after=after,
            now=now,
        )
    return row.pk


def _facts(row: Department) -> dict[str, object]:
    return {"name": row.name, "parent": row.parent.name if row.parent else None, "order": row.order}


def _move_below(old: str, new: str) -> None:
    below = Department.objects.filter(path__startswith=old).exclude(path=new)
    below.update(path=Concat(Value(new), Substr(F("path"), len(old) + 1)))
