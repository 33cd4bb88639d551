"""Role bundles (角色权限包) and who holds them; guardian's grants follow in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.contrib.auth.models import Group
from django.db import transaction

from permissions import audit
from permissions.access import Access
from permissions.capabilities import BUNDLES, OWNER_BUNDLE
from permissions.grants import target_names
from permissions.models import BundleAssignment, Member, RoleBundle
from permissions.rules import Give, Place, Scope, Target, Tier
from permissions.services.handing_out import BundleRefused, check_gives, check_takable, giver_now, member_to_change
from permissions.services.owners import keep_an_owner
from permissions.services.projection import project as project
from permissions.services.projection import project_on_objects
from tenants.context import require_tenant_id


@transaction.atomic
def bundles_install() -> dict[str, int]:
    """Bring the current tenant's built-in bundles and their projection in guardian to what the table says; key → id.

    Safe to repeat: a changed table raises the bundle's version, unchanged rows stay as they are.
    """
    tenant_id = require_tenant_id()
    rows: dict[str, RoleBundle] = {row.key: row for row in RoleBundle.objects.filter(builtin=True)}
    new = [spec for key, spec in BUNDLES.items() if key not in rows]
    groups = Group.objects.bulk_create([Group(name=group_name(tenant_id, spec.key)) for spec in new])
    made = RoleBundle.objects.bulk_create(
        [
            RoleBundle(
                tenant_id=tenant_id,
                key=spec.key,
                name=spec.name,
                builtin=True,
                capabilities=sorted(spec.capabilities),
                scope=spec.scope,
                tier=spec.tier,
                group=group,
            )
            for spec, group in zip(new, groups, strict=True)
        ]
    )
    for key in rows.keys() & BUNDLES.keys():
        _bring_up_to_date(rows[key])
    rows |= {row.key: row for row in made}
    project(rows.values())
    return {key: row.pk for key, row in rows.items()}


def group_name(tenant_id: int, key: str) -> str:
    """The name of a bundle's group: groups are global, so it carries the tenant."""
    return f"t{tenant_id}:{key}"


@transaction.atomic
def bundle_assign(
    *,
    access: Access,
    member_id: int,
    bundle_key: str,
    now: datetime,
    target: Target = Target.TENANT,
    target_id: int | None = None,
    until: datetime | None = None,
    scope: Scope | None = None,
    tier: Tier | None = None,
) -> int:
    """Give a bundle to a member, or change how they hold it; the assignment's id.

    ``until``: exclusive end, None for good. ``scope`` and ``tier`` replace the bundle's own.
    Raises Denied without ``members.manage``, BundleRefused (product.md §5.6), DoesNotExist for an unknown member,
    LookupError for an unknown bundle, folder or code, ValueError for an owner of less than everything.
    """
    access = giver_now(access, now=now, members=[member_id])
    access.require("members.manage")
    give = Give(bundle_key, target, target_id, until, scope, tier)
    return assign(access, check_gives(access, [give])[bundle_key], member_id, give, now)


@transaction.atomic
def bundle_revoke(
    *,
    access: Access,
    member_id: int,
    bundle_key: str,
    now: datetime,
    target: Target = Target.TENANT,
    target_id: int | None = None,
) -> bool:
    """Take a bundle from a member, felt on their next request; whether they held it.

    Raises Denied without ``members.manage``, BundleRefused for one's own or a bundle one may not give, LastOwner.
    """
    access = giver_now(access, now=now, members=[member_id])
    access.require("members.manage")
    bundle = check_takable(access, [bundle_key])[bundle_key]
    return take(access, bundle, member_id, (bundle_key, target, target_id), now)


def assign(access: Access, bundle: RoleBundle, member_id: int, give: Give, now: datetime) -> int:
    """The giving itself, for services that hold the locks of :func:`giver_now` and have checked what may be given."""
    if not bundle.capabilities:
        raise LookupError(f"the bundle is switched off: {bundle.key}")
    member = member_to_change(access, member_id)
    _not_oneself(access, member)
    if bundle.key == OWNER_BUNDLE and (give.target is not Target.TENANT or give.until is not None):
        raise ValueError("an owner owns the whole tenant, without an end")
    if give.target is not Target.TENANT and not target_names(give.target, [give.target_id or 0]):
        raise LookupError(f"no such {give.target}: {give.target_id}")
    key = {"member": member, "bundle": bundle, "target": give.target, "target_id": give.target_id}
    row: BundleAssignment = BundleAssignment.objects.filter(**key).first() or BundleAssignment(**key)
    before = _terms(row) if row.pk else {}
    row.until, row.scope, row.tier = give.until, give.scope or "", give.tier or ""
    row.given_by_id, row.given_at = access.member_id, now
    row.save()
    if give.target is not Target.TENANT:
        project_on_objects(bundle)
    if bundle.key == OWNER_BUNDLE:
        Member.objects.filter(pk=member_id).update(is_owner=True)
    _write(access, member, "member.bundle_changed" if before else "member.bundle_given", before, _terms(row), now)
    return row.pk


def take(access: Access, bundle: RoleBundle, member_id: int, place: Place, now: datetime) -> bool:
    """The taking itself, as :func:`assign`; whether the member held it."""
    member = member_to_change(access, member_id)
    _not_oneself(access, member)
    if bundle.key == OWNER_BUNDLE:
        keep_an_owner(member)
        Member.objects.filter(pk=member_id).update(is_owner=False)
    _, target, target_id = place
    row: BundleAssignment | None = BundleAssignment.objects.filter(
        member=member, bundle=bundle, target=target, target_id=target_id
    ).first()
    if row is None:
        return False
    before = _terms(row)
    row.delete()
    if target is not Target.TENANT:
        project_on_objects(bundle)
    _write(access, member, "member.bundle_taken", before, {}, now)
    return True


def _bring_up_to_date(row: RoleBundle) -> None:
    spec = BUNDLES[row.key]
    wanted = (spec.name, sorted(spec.capabilities), spec.scope, spec.tier)
    if wanted != (row.name, row.capabilities, row.scope, row.tier):
        row.name, row.capabilities, row.scope, row.tier = wanted
        row.version += 1
        row.save(update_fields=["name", "capabilities", "scope", "tier", "version"])


def _terms(row: BundleAssignment) -> dict[str, object]:
    """What was agreed, as the audit log keeps it; what was left open is left out."""
    terms = {
        "bundle": row.bundle.key,
        "target": row.target,
        "target_name": _target_name(row),
        "until": row.until,
        "scope": row.scope,
        "tier": row.tier,
    }
    return {name: value for name, value in terms.items() if value}


def _target_name(row: BundleAssignment) -> str:
    if row.target_id is None:
        return ""
    return target_names(Target(row.target), [row.target_id]).get(row.target_id, str(row.target_id))


def _not_oneself(access: Access, member: Member) -> None:
    if access.member_id == member.pk:
        raise BundleRefused("members.manage", what="自己的角色权限包")


def _write(
    access: Access,
    member: Member,
    action: str,
    before: Mapping[str, object],
    after: Mapping[str, object],
    now: datetime,
) -> None:
    audit.record(
        access=access,
        action=action,
        object_type="member",
        object_id=member.pk,
        object_label=member.display_name,
        before=before,
        after=after,
        now=now,
    )
