"""跨部门数据共享: opening one metric group of a department to another one, and closing it (product.md §5.3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from permissions import audit
from permissions.access import Access, Denied, Scope
from permissions.metric_groups import METRIC_GROUPS
from permissions.models import Department, DepartmentShare

SHARE = "analytics.share"


class ShareRefused(ValueError):
    """The share makes no sense; the text says why, in plain Chinese. ``field``: of the form, what is wrong."""

    def __init__(self, text: str, field: str | None = None) -> None:
        super().__init__(text)
        self.field = field


@transaction.atomic
def shares_give(
    *,
    access: Access,
    department_id: int,
    groups: Iterable[str],
    with_department_id: int | None,
    until: datetime | None,
    now: datetime,
) -> int:
    """Open some metric groups at once, all or none, as :func:`share_give`; how many of them that changed."""
    changed = 0
    for group in sorted(set(groups)):
        changed += share_give(
            access=access,
            department_id=department_id,
            group=group,
            with_department_id=with_department_id,
            until=until,
            now=now,
        )
    return changed


@transaction.atomic
def share_give(
    *,
    access: Access,
    department_id: int,
    group: str,
    with_department_id: int | None,
    until: datetime | None,
    now: datetime,
) -> bool:
    """Open a metric group of a department and those below to another and those below; whether that changed anything.

    ``with_department_id`` None: to the whole company. ``until``: exclusive end, None for good. Given again with another
    end, the end is moved; with the same, nothing happens.
    Raises Denied without ``analytics.share`` or for a department out of the giver's scope, ShareRefused, LookupError
    for an unknown department.
    """
    access.require_fields("department", ["sharing"])
    _within_reach(access, department_id)
    if group not in METRIC_GROUPS:
        raise ShareRefused("没有这组指标", "group")
    if until is not None and until <= now:
        raise ShareRefused("结束日期已经过去", "until")
    if with_department_id == department_id:
        raise ShareRefused("部门不能共享给自己", "receiver")
    wanted = {department_id, with_department_id} - {None}
    # In one order, and before looking for the share: two who give the same one wait for each other.
    rows = {row.pk: row for row in Department.objects.select_for_update().filter(pk__in=wanted).order_by("pk")}
    if len(rows) != len(wanted):
        raise LookupError("no such department")
    source = rows[department_id]
    known = DepartmentShare.objects.filter(department=source, group=group, with_department=with_department_id).first()
    if known is not None and known.until == until:
        return False
    before = {} if known is None else {"until": known.until}
    share = known or DepartmentShare(department=source, group=group, with_department_id=with_department_id)
    share.until, share.given_by_id, share.given_at = until, access.member_id, now
    share.save()
    action = "department.share_changed" if known else "department.share_given"
    _write(access, action, share, source, before={**_facts(share), **before} if known else {}, now=now)
    return True


@transaction.atomic
def share_take(*, access: Access, share_id: int, now: datetime) -> None:
    """Close a share; from the next request on nobody sees anything through it.

    Raises Denied as :func:`share_give`, LookupError when there is no such share (any more).
    """
    access.require_fields("department", ["sharing"])
    share = DepartmentShare.objects.select_for_update(of=("self",)).filter(pk=share_id).first()
    if share is None:
        raise LookupError(f"no share {share_id}")
    _within_reach(access, share.department_id)
    before = _facts(share)
    source = share.department
    _write(access, "department.share_taken", share, source, before=before, now=now)
    share.delete()


def _within_reach(access: Access, department_id: int) -> None:
    """The giver opens their own department and those below, with scope all any (product.md §5.3)."""
    scope = access.require(SHARE)
    if scope is Scope.ALL or (scope is Scope.DEPARTMENT and department_id in access.department_ids):
        return
    raise Denied(SHARE, what="部门")


def _facts(share: DepartmentShare) -> dict[str, object]:
    # The department is the object; with whom is named, as the log is read when departments may have gone.
    other = share.with_department
    return {"group": share.group, "shared_with": other.name if other else "全公司", "until": share.until}


def _write(
    access: Access,
    action: str,
    share: DepartmentShare,
    source: Department,
    *,
    before: dict[str, object],
    now: datetime,
) -> None:
    audit.record(
        access=access,
        action=action,
        object_type="department",
        object_id=source.pk,
        object_label=source.name,
        before=before,
        after={} if action == "department.share_taken" else _facts(share),
        now=now,
    )
