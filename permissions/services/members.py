"""Members (成员): a person's account in one tenant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from permissions import audit
from permissions.access import Access, Denied, Scope, Tier
from permissions.capabilities import OWNER_BUNDLE
from permissions.models import BundleAssignment, Department, Member, RoleBundle
from permissions.rules import Give, Target
from permissions.selectors.reach import departments_within
from permissions.services.handing_out import BundleRefused, check_givable, check_gives, giver_now, member_to_change
from permissions.services.owners import keep_an_owner


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
    Denied for a department out of reach, LookupError for an unknown bundle or department, IntegrityError when the
    person is a member already.
    """
    access = giver_now(access, now=now)
    access.require("members.manage")
    bundles = check_givable(access, bundle_keys)
    department = _department(access, department_id)
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

    Raises Denied without ``members.manage``, BundleRefused for an owner when the acting member is none, LastOwner,
    ValueError for oneself, DoesNotExist.
    """
    _switch(access, member_id, False, now)


@transaction.atomic
def member_activate(*, access: Access, member_id: int, now: datetime) -> None:
    """Switch a membership on again, with the bundles it had. Raises as :func:`member_deactivate`."""
    _switch(access, member_id, True, now)


@transaction.atomic
def member_update(
    *, access: Access, member_id: int, display_name: str, department_id: int | None, now: datetime
) -> list[str]:
    """Change a member's name and department; the fields that changed.

    What reaches "the department and below" follows at once, so nobody moves themselves but an owner.
    Raises Denied without ``members.manage`` or for a department out of reach, BundleRefused for moving oneself or,
    without being one, an owner, LookupError for an unknown department, DoesNotExist.
    """
    access = giver_now(access, now=now, members=[member_id])
    access.require("members.manage")
    member = member_to_change(access, member_id)
    before = _facts(member)
    if member.department_id != department_id:
        if not access.is_owner:
            if member.pk == access.member_id:
                raise BundleRefused("members.manage", what="自己的部门")
            _owners_alone(access, member)
        member.department = _department(access, department_id)
    member.display_name = display_name
    after = _facts(member)
    changed = [name for name in after if before[name] != after[name]]
    if changed:
        access.require_fields("member", changed)
        member.save(update_fields=["display_name", "department"])
        _note(
            access,
            member,
            "updated",
            {name: before[name] for name in changed},
            {name: after[name] for name in changed},
            now,
        )
    return changed


@transaction.atomic
def member_identify(*, access: Access, member_id: int, wecom_userid: str, now: datetime) -> None:
    """Note who the member is in the company's WeCom, for signing in by scan; empty takes it away.

    Whoever could name another's WeCom account could sign in as them: so only those who may hand out all that the
    member holds do it, and nobody for themselves but an owner.
    Raises Denied without ``members.manage``, BundleRefused, IntegrityError when it is another member's, DoesNotExist.
    """
    access = giver_now(access, now=now, members=[member_id])
    access.require("members.manage")
    member = member_to_change(access, member_id)
    if not access.is_owner:
        if member.pk == access.member_id:
            raise BundleRefused("members.manage", what="自己的企业微信账号")
        check_gives(access, _held(member))
    if member.wecom_userid != wecom_userid:
        before = member.wecom_userid
        member.wecom_userid = wecom_userid
        member.save(update_fields=["wecom_userid"])
        _note(access, member, "identified", {"wecom_userid": before}, {"wecom_userid": wecom_userid}, now)


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
    _note(
        access,
        member,
        "added",
        {},
        {"name": display_name, "department": department.name if department else None, "bundles": keys},
        now,
    )
    return member.pk


def _switch(access: Access, member_id: int, active: bool, now: datetime) -> None:
    access = giver_now(access, now=now, members=[member_id])
    access.require("members.manage")
    member = member_to_change(access, member_id)
    if member.pk == access.member_id:
        raise ValueError("nobody switches themselves off or on")
    if member.is_active == active:
        return
    _owners_alone(access, member)
    if not active and member.is_owner:
        keep_an_owner(member)
    member.is_active = active
    member.save(update_fields=["is_active"])
    _note(
        access, member, "activated" if active else "deactivated", {"is_active": not active}, {"is_active": active}, now
    )


def _owners_alone(access: Access, member: Member) -> None:
    if member.is_owner and not access.is_owner and access.member_id is not None:
        raise BundleRefused("bundles.manage", what=f"超级管理员「{member.display_name}」")


def _department(access: Access, department_id: int | None) -> Department | None:
    """The department for a member; none is the whole company's. Raises Denied out of reach, LookupError."""
    within = departments_within(access)
    if within is not None and department_id not in within:
        raise Denied("members.manage", what="部门")
    department: Department | None = Department.objects.filter(pk=department_id).first()
    if department_id is not None and department is None:
        raise LookupError(f"no such department: {department_id}")
    return department


def _held(member: Member) -> list[Give]:
    """What the member holds, as it would have to be given."""
    rows = member.assignments.values_list("bundle__key", "target", "target_id", "scope", "tier")
    return [
        Give(key, Target(target), target_id, None, Scope(scope) if scope else None, Tier(tier) if tier else None)
        for key, target, target_id, scope, tier in rows
    ]


def _facts(member: Member) -> dict[str, object]:
    department: Department | None = member.department
    return {"name": member.display_name, "department": department.name if department else None}


def _note(
    access: Access, member: Member, verb: str, before: Mapping[str, object], after: Mapping[str, object], now: datetime
) -> None:
    audit.record(
        access=access,
        action=f"member.{verb}",
        object_type="member",
        object_id=member.pk,
        object_label=member.display_name,
        before=before,
        after=after,
        now=now,
    )
