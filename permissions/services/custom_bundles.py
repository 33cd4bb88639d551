"""Custom role bundles: made of the same capabilities as the built-in ones, every change a version (product.md §5.1).

Only who holds every capability of one, in its scope and tier, may make, change or restore it (product.md §5.6).
A bundle without capabilities is switched off: it gives nothing, nobody can be given it, and its versions stay.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q

from permissions import audit
from permissions.access import Access
from permissions.bundle_limits import lacking
from permissions.capabilities import CAPABILITIES, check
from permissions.models import BundleAssignment, BundleVersion, Department, PositionBundle, RoleBundle
from permissions.rules import Scope, Tier
from permissions.services.bundles import group_name
from permissions.services.handing_out import BundleRefused, giver_now
from permissions.services.projection import project

NAME_LENGTH = 40


@dataclass(frozen=True)
class BundlePlan:
    """What a custom bundle is to hold."""

    name: str
    capabilities: frozenset[str]
    scope: Scope
    tier: Tier


class BundleUnfit(ValueError):
    """The plan can't be saved; ``field`` (name, capabilities or empty) is what ``text`` (plain Chinese) is about."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field
        self.text = text


class BundleMoved(ValueError):
    """Somebody saved the bundle since the editor opened it; ``version`` is the present one."""

    def __init__(self, version: int) -> None:
        super().__init__(f"version {version} is there")
        self.version = version


@transaction.atomic
def custom_bundle_create(*, access: Access, plan: BundlePlan, now: datetime) -> int:
    """Make a custom bundle with its first version and its projection in guardian; the bundle's id.

    Raises Denied without ``bundles.manage``, BundleRefused for what the maker does not hold, BundleUnfit,
    UnknownCapability.
    """
    access = giver_now(access, now=now)
    access.require("bundles.manage")
    plan = _fit(plan)
    _refuse_more_than_held(access, plan)
    _name_is_free(plan.name, None)
    key = f"custom-{secrets.token_hex(6)}"
    row = RoleBundle(key=key, name=plan.name, capabilities=_sorted(plan), scope=plan.scope, tier=plan.tier)
    row.group = Group.objects.create(name=group_name(access.tenant_id, key))
    row.save()
    _keep_version(access, row, now)
    project([row])
    _record(access, "bundle.created", row, {}, _facts(row), now)
    return row.pk


@transaction.atomic
def custom_bundle_save(*, access: Access, bundle_id: int, version: int, plan: BundlePlan, now: datetime) -> bool:
    """Make ``plan`` the bundle's next version, felt by everybody who holds it on their next request; False: no change.

    ``version`` is the one that the editor saw. Raises as :func:`custom_bundle_create`, DoesNotExist for an unknown
    or built-in bundle, BundleMoved, BundleRefused also for a bundle that the editor holds.
    """
    access = giver_now(access, now=now)
    access.require("bundles.manage")
    row = _locked(bundle_id)
    _may_change(access, row)
    if row.version != version:
        raise BundleMoved(row.version)
    return _change(access, row, plan, "bundle.updated", now)


@transaction.atomic
def custom_bundle_restore(*, access: Access, bundle_id: int, version: int, to: int, now: datetime) -> bool:
    """Make what version ``to`` held the next version; also switches a bundle on again. False: it holds that already.

    Raises as :func:`custom_bundle_save`, BundleUnfit for a version in which it was switched off.
    """
    access = giver_now(access, now=now)
    access.require("bundles.manage")
    row = _locked(bundle_id)
    _may_change(access, row)
    if row.version != version:
        raise BundleMoved(row.version)
    old: BundleVersion = BundleVersion.objects.get(bundle=row, version=to)
    plan = BundlePlan(old.name, frozenset(old.capabilities) & set(CAPABILITIES), Scope(old.scope), Tier(old.tier))
    return _change(access, row, plan, "bundle.version_restored", now)


@transaction.atomic
def custom_bundle_switch_off(*, access: Access, bundle_id: int, now: datetime) -> None:
    """Take a bundle that nobody holds out of use, as a version without capabilities; its history stays.

    Raises Denied without ``bundles.manage``, BundleRefused, DoesNotExist, BundleUnfit while somebody holds it or a
    department or position proposes it.
    """
    access = giver_now(access, now=now)
    access.require("bundles.manage")
    row = _locked(bundle_id)
    _may_change(access, row)
    if not row.capabilities:
        return
    if BundleAssignment.objects.filter(_counts(now), bundle=row).exists():
        raise BundleUnfit("", "还有成员持有这个权限包，收回后才能停用")
    if Department.objects.filter(default_bundle=row).exists() or PositionBundle.objects.filter(bundle=row).exists():
        raise BundleUnfit("", "它是部门或职位的默认权限包，换一个后才能停用")
    before = _facts(row)
    row.capabilities = []
    _next_version(access, row, now)
    _record(access, "bundle.disabled", row, before, _facts(row), now)


def _change(access: Access, row: RoleBundle, plan: BundlePlan, action: str, now: datetime) -> bool:
    plan = _fit(plan)
    _refuse_more_than_held(access, plan)
    _name_is_free(plan.name, row.pk)
    before = _facts(row)
    row.name, row.capabilities, row.scope, row.tier = plan.name, _sorted(plan), plan.scope, plan.tier
    after = _facts(row)
    if before == after:
        return False
    _next_version(access, row, now)
    _record(access, action, row, before, after, now)
    return True


def _next_version(access: Access, row: RoleBundle, now: datetime) -> None:
    row.version += 1
    row.save(update_fields=["name", "capabilities", "scope", "tier", "version"])
    _keep_version(access, row, now)
    project([row])


def _keep_version(access: Access, row: RoleBundle, now: datetime) -> None:
    kept = BundleVersion(bundle=row, version=row.version, name=row.name, capabilities=row.capabilities)
    kept.scope, kept.tier, kept.changed_by_id, kept.changed_at = row.scope, row.tier, access.member_id, now
    kept.save(force_insert=True)


def _locked(bundle_id: int) -> RoleBundle:
    """The custom bundle, locked: two editors wait for each other. A built-in one is not there for changing."""
    row: RoleBundle = RoleBundle.objects.select_for_update().get(pk=bundle_id, builtin=False)
    return row


def _may_change(access: Access, row: RoleBundle) -> None:
    """What is in it now must be held too, and nobody changes a bundle of their own; an owner's rights are no bundle."""
    present = BundlePlan(row.name, frozenset(row.capabilities), Scope(row.scope), Tier(row.tier))
    _refuse_more_than_held(access, present, row)
    if not access.is_owner and BundleAssignment.objects.filter(bundle=row, member_id=access.member_id).exists():
        raise BundleRefused("bundles.manage", what="自己的角色权限包")


def _refuse_more_than_held(access: Access, plan: BundlePlan, row: RoleBundle | None = None) -> None:
    """``row``: a bundle that people hold, some of them further than it says: what is put into it reaches as far."""
    held = BundleAssignment.objects.filter(bundle=row).values_list("scope", "tier") if row else ()
    scope = max([plan.scope, *(Scope(one) for one, _ in held if one)], key=lambda one: one.width)
    tier = max([plan.tier, *(Tier(one) for _, one in held if one)], key=lambda one: one.width)
    if missing := sorted(lacking(access.scopes, access.tiers, plan.capabilities, scope, tier)):
        raise BundleRefused(*missing, what=plan.name)


def _fit(plan: BundlePlan) -> BundlePlan:
    name = " ".join(plan.name.split())
    if not name:
        raise BundleUnfit("name", "请填写名称")
    if len(name) > NAME_LENGTH:
        raise BundleUnfit("name", f"名称最多 {NAME_LENGTH} 个字")
    if not plan.capabilities:
        raise BundleUnfit("capabilities", "至少选择一项权限")
    return BundlePlan(name, frozenset(check(one) for one in plan.capabilities), plan.scope, plan.tier)


def _name_is_free(name: str, bundle_id: int | None) -> None:
    other: RoleBundle | None = RoleBundle.objects.filter(name=name).exclude(pk=bundle_id).first()
    if other is not None:
        off = "（已停用，可以恢复）" if not other.capabilities else ""
        raise BundleUnfit("name", f"已有同名的权限包{off}，请换一个名称")


def _sorted(plan: BundlePlan) -> list[str]:
    return sorted(plan.capabilities)


def _facts(row: RoleBundle) -> dict[str, object]:
    return {"name": row.name, "capabilities": sorted(row.capabilities), "scope": str(row.scope), "tier": str(row.tier)}


def _counts(now: datetime) -> Q:
    return Q(until__isnull=True) | Q(until__gt=now)


def _record(
    access: Access, action: str, row: RoleBundle, before: dict[str, object], after: dict[str, object], now: datetime
) -> None:
    changed = [name for name in after if before.get(name) != after[name]]
    audit.record(
        access=access,
        action=action,
        object_type="bundle",
        object_id=row.pk,
        object_label=row.name,
        before={name: before[name] for name in changed if name in before},
        after={name: after[name] for name in changed} | {"version": row.version},
        now=now,
    )
