"""One company with a member for each bundle and an object of every kind in every relation, and a foreign one."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

from django.apps import apps

from livecode_admin.kernel import clock
from permissions.capabilities import CAPABILITIES
from permissions.rules import Scope, Tier
from permissions.services import bundle_assign, bundles_install, department_upsert
from permissions.services.custom_bundles import BundlePlan, custom_bundle_create
from tenants.context import tenant_context
from tests.console.stage import codes_of
from tests.factories import TenantFixture
from tests.isolation.factory import make_side, row_of
from tests.isolation.pages import signed_in
from tests.matrix.cast import Cast, next_number
from tests.matrix.tables import BUNDLES, lacking


def make_cast() -> Cast:
    """Both companies, filled; committed."""
    foreign, side = make_side("FOREIGN"), make_side("MATRIX")
    now = clock.now()
    tenant = TenantFixture(side.tenant_id, side.slug, "", side.row_id, side.user.pk)
    with tenant_context(side.tenant_id):
        bundles_install()
        here = department_upsert(access=tenant.owner, name="华东", parent_id=None, now=now)
        there = department_upsert(access=tenant.owner, name="华北", parent_id=None, now=now)
        below = department_upsert(access=tenant.owner, name="华东一组", parent_id=here, now=now)
        apps.get_model("tagging.Tag").objects.update(tier="basic", is_active=True)
        # The job that this row names is nobody's: whatever comes next would have to end it.
        apps.get_model("routing.ReceptionDefault").objects.update(republish_job=None)
        apps.get_model("permissions.Invitation").objects.update(bundles=["campaign_ops"])
    cast = Cast(side, foreign, tenant)
    mate = _colleague(cast, here, None)
    for bundle, parts in BUNDLES.items():
        _member(cast, bundle, parts, here)
        _objects(cast, bundle, here, there, mate)
    row = side.row_id
    cast.things |= {"here": here, "there": there, "below": below, "mate": mate, "owner": cast.members["owner"]}
    cast.things |= {"folder": row, "channel": row, "template": row, "tag": row, "slug": _target(cast)}
    cast.makers |= {
        "someone": partial(_colleague, cast, here, None),
        "newcomer": lambda: cast.copy("permissions.Newcomer"),
        "guest": lambda: cast.spare("member"),
    }
    return cast


def add_lacking(cast: Cast, capability: str) -> None:
    """A member with everything in the whole company but this capability."""
    bundle, tenant = lacking(capability), cast.tenant
    with tenant_context(tenant.id):
        plan = BundlePlan(bundle, frozenset(CAPABILITIES) - {capability}, Scope.ALL, Tier.SENSITIVE)
        bundle_id = custom_bundle_create(access=tenant.owner, plan=plan, now=clock.now())
        key = apps.get_model("permissions.RoleBundle").objects.get(pk=bundle_id).key
    _member(cast, bundle, ((key, ""),), int(str(cast.things["here"])))


def _target(cast: Cast) -> str:
    """The short name of a live code that others may fall back on."""
    with tenant_context(cast.tenant.id):
        return str(apps.get_model("codes.LiveCode").objects.get(pk=cast.codes["owner", "other"]).slug)


def _colleague(cast: Cast, department_id: int, member_id: int | None) -> int:
    """Somebody who can receive."""
    from people.services import staff_upsert

    number, limits = next_number(), apps.get_model("routing.StaffLimit")
    with tenant_context(cast.tenant.id):
        staff: int = staff_upsert(
            wecom_userid=f"m{number}",
            name=f"客服{number}",
            department_id=department_id,
            member_id=member_id,
            now=clock.now(),
        )
        limits.objects.create(staff_id=staff)
    return staff


def _member(cast: Cast, bundle: str, parts: tuple[tuple[str, str], ...], department_id: int) -> None:
    tenant, now = cast.tenant, clock.now()
    keys = [key for key, widened in parts if not widened and key != "owner"]
    if bundle == "owner":
        user_id = cast.side.user.pk
    else:
        user_id = tenant.add_member(keys, name=f"成员{bundle}"[:20], department_id=department_id)
    tenant.user_ids[bundle] = user_id
    access = tenant.member(bundle)
    assert access.member_id is not None
    with tenant_context(tenant.id):
        for key, widened in parts:
            if widened:
                bundle_assign(
                    access=tenant.owner, member_id=access.member_id, bundle_key=key, scope=Scope(widened), now=now
                )
    user = apps.get_model("permissions.User").objects.get(pk=user_id)
    cast.members[bundle], cast.users[bundle], cast.clients[bundle] = access.member_id, user_id, signed_in(user)


def _objects(cast: Cast, bundle: str, here: int, there: int, mate: int) -> None:
    """A seat in a code of another department; a code of the member's department; one of another. Staff likewise."""
    for relation, department_id in (("own", there), ("department", here), ("other", there)):
        mine = relation == "own"
        staff = _colleague(cast, here if mine else department_id, cast.members[bundle] if mine else None)
        (code,) = codes_of(cast.tenant.owner, 1, staff=[staff, mate], department_id=department_id, owner_id=None)
        cast.staff[bundle, relation], cast.codes[bundle, relation] = staff, code
        with tenant_context(cast.tenant.id):
            apps.get_model("routing.RoutingRule").objects.create(code_id=code)
            scan: Any = row_of(apps.get_model("routing.Scan"), cast.side)
            scan.pk = cast.side.row_id + 100_000_000 * next_number()
            scan.code_id, scan.scan_id, scan.department_id = code, uuid.uuid4(), department_id
            scan.save(force_insert=True)
        cast.scans[code] = scan.scan_id
