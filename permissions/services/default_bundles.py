"""默认权限包: what newcomers of a department or with a position are proposed with (product.md §5.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from permissions import audit
from permissions.access import Access, Denied
from permissions.models import Department, PositionBundle, RoleBundle
from permissions.selectors.reach import departments_within
from permissions.services.handing_out import check_givable, giver_now
from permissions.services.newcomers import newcomers_propose

POSITION_LENGTH = 40


@transaction.atomic
def default_bundles_set(
    *, access: Access, departments: Mapping[int, str], positions: Mapping[str, str], now: datetime
) -> int:
    """Set the default bundle of these departments and positions (key, or empty for none); how many changed.

    All or nothing. A bundle that is set, and one that is taken away, must be one that the member may hand out. Those
    who wait under 待开通 are proposed with the new ones.
    Raises Denied without ``members.manage``, for a department out of reach, or for positions, which are the whole
    company's, without reaching all of it; BundleRefused, LookupError for an unknown bundle or department, ValueError
    for a position that is empty or too long.
    """
    access = giver_now(access, now=now)
    access.require_fields("department", ["default_bundle"])
    if any(not name.strip() or len(name) > POSITION_LENGTH for name in positions):
        raise ValueError("a position has 1 to 40 characters")
    rows = _departments(access, departments)
    kept = {row.position: row for row in PositionBundle.objects.select_for_update().filter(position__in=positions)}
    was = {row.pk: row.default_bundle.key if row.default_bundle else "" for row in rows}
    had = {name: kept[name].bundle.key if name in kept else "" for name in positions}
    changed = {pk: key for pk, key in departments.items() if was[pk] != key}
    moved = {name: key for name, key in positions.items() if had[name] != key}
    keys = {*changed.values(), *moved.values(), *(was[pk] for pk in changed), *(had[name] for name in moved)}
    if moved and departments_within(access) is not None:
        raise Denied("members.manage", what="职务")
    bundles = check_givable(access, keys - {""})
    for row in rows:
        if row.pk in changed:
            row.default_bundle = bundles.get(changed[row.pk])
            row.save(update_fields=["default_bundle"])
            _write(access, row.pk, row.name, was[row.pk], changed[row.pk], now)
    for name, key in moved.items():
        _position(name, key, kept.get(name), bundles)
        _write(access, 0, f"职务 {name}", had[name], key, now)
    if changed or moved:
        newcomers_propose()
    return len(changed) + len(moved)


def _departments(access: Access, wanted: Mapping[int, str]) -> list[Department]:
    within = departments_within(access)
    if within is not None and not within.issuperset(wanted):
        raise Denied("members.manage", what="部门")
    rows = Department.objects.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("id")
    found = list(rows.select_related("default_bundle"))
    if len(found) != len(wanted):
        raise LookupError("no such department")
    return found


def _position(name: str, key: str, row: PositionBundle | None, bundles: Mapping[str, RoleBundle]) -> None:
    if not key:
        if row is not None:
            row.delete()
        return
    row = row or PositionBundle(position=name)
    row.bundle = bundles[key]
    row.save()


def _write(access: Access, object_id: int, label: str, before: str, after: str, now: datetime) -> None:
    audit.record(
        access=access,
        action="department.default_bundle_set",
        object_type="department",
        object_id=object_id,
        object_label=label,
        before={"default_bundle": before or None},
        after={"default_bundle": after or None},
        now=now,
    )
