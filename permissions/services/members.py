"""Members (成员): a person's account in one tenant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from permissions import audit
from permissions.access import Access
from permissions.capabilities import OWNER_BUNDLE
from permissions.models import BundleAssignment, Department, Member, RoleBundle
from permissions.services.bundles import check_givable
from permissions.services.owners import keep_an_owner, locked


@transaction.atomic
def member_add(
    *,
    access: Access,
    user_id: int,
    display_name: str,
    department_id: int | None,
    bundle_keys: Sequence[str],
    now: datetime,
) -> int:
    """Make a person a member with these bundles on the whole tenant; the member's id.

    Raises Denied without ``members.manage``, BundleRefused for a bundle that the giver may not hand out,
    LookupError for an unknown bundle or department, IntegrityError when the person is a member already.
    """
    access.require("members.manage")
    bundles = check_givable(access, bundle_keys)
    department = Department.objects.filter(pk=department_id).first()
    if department_id is not None and department is None:
        raise LookupError(f"no such department: {department_id}")
    return _add(access, user_id, display_name, department, list(bundles.values()), now)


@transaction.atomic
def owner_add(*, access: Access, user_id: int, display_name: str, now: datetime) -> int:
    """Make a person the first owner of a new tenant; the member's id. ``access`` is the system's.

    Raises ValueError when the tenant has members: from then on owners make owners.
    """
    if access.member_id is not None or Member.objects.exists():
        raise ValueError("only the system makes the first owner, and only of a tenant without members")
    owner = RoleBundle.objects.get(key=OWNER_BUNDLE)
    return _add(access, user_id, display_name, None, [owner], now)


@transaction.atomic
def member_deactivate(*, access: Access, member_id: int, now: datetime) -> None:
    """Switch a membership off; felt on the member's next request.

    Raises Denied without ``members.manage``, LastOwner, ValueError for oneself, DoesNotExist.
    """
    _switch(access, member_id, False, now)


@transaction.atomic
def member_activate(*, access: Access, member_id: int, now: datetime) -> None:
    """Switch a membership on again, with the bundles it had. Raises as :func:`member_deactivate`."""
    _switch(access, member_id, True, now)


def _add(
    access: Access,
    user_id: int,
    display_name: str,
    department: Department | None,
    bundles: Sequence[RoleBundle],
    now: datetime,
) -> int:
    keys = sorted(row.key for row in bundles)
    member = Member(
        user_id=user_id,
        display_name=display_name,
        department=department,
        is_owner=OWNER_BUNDLE in keys,
        joined_at=now,
    )
    member.save()
    BundleAssignment.objects.bulk_create(
        [
            BundleAssignment(
                tenant_id=member.tenant_id, member=member, bundle=row, given_by_id=access.member_id, given_at=now
            )
            for row in bundles
        ]
    )
    audit.record(
        access=access,
        action="member.added",
        object_type="member",
        object_id=member.pk,
        object_label=display_name,
        before={},
        after={"name": display_name, "department": department.name if department else None, "bundles": keys},
        now=now,
    )
    return member.pk


def _switch(access: Access, member_id: int, active: bool, now: datetime) -> None:
    access.require("members.manage")
    member = locked(member_id)
    if member.pk == access.member_id:
        raise ValueError("nobody switches themselves off or on")
    if member.is_active == active:
        return
    if not active and member.is_owner:
        keep_an_owner(member)
    member.is_active = active
    member.save(update_fields=["is_active"])
    audit.record(
        access=access,
        action="member.activated" if active else "member.deactivated",
        object_type="member",
        object_id=member.pk,
        object_label=member.display_name,
        before={"is_active": not active},
        after={"is_active": active},
        now=now,
    )
