"""One company with a member for each bundle and an object of every kind in every relation, and a foreign one."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client

from livecode_admin.kernel import clock
from permissions.rules import Scope
from permissions.services import bundle_assign, bundles_install, department_upsert
from tenants.context import tenant_context
from tests.console.stage import codes_of
from tests.factories import TenantFixture, make_user
from tests.isolation.factory import SHORTEST_CANARY, Side, make_side, row_of
from tests.isolation.pages import Page, pages, signed_in
from tests.matrix.tables import BUNDLES, COMPANY, FOREIGN, NOBODY, Entry

_numbers = itertools.count(1)
PAGES: dict[str, Page] = {page.name: page for page in pages()}


@dataclass
class Cast:
    """The company (``side`` has a row in every table of it), the foreign one, and who looks at them."""

    side: Side
    foreign: Side
    tenant: TenantFixture
    clients: dict[str, Client] = field(default_factory=dict)
    members: dict[str, int] = field(default_factory=dict)
    users: dict[str, int] = field(default_factory=dict)
    codes: dict[tuple[str, str], int] = field(default_factory=dict)
    staff: dict[tuple[str, str], int] = field(default_factory=dict)
    scans: dict[int, uuid.UUID] = field(default_factory=dict)

    def address(self, entry: Entry, bundle: str, relation: str) -> str:
        """The entry's address with the object that stands in this relation to the bundle's member."""
        page = PAGES[entry.page]
        if relation in (NOBODY, FOREIGN):
            return page.path(slug=self.side.slug, victim=self.foreign)
        path = page.path(slug=self.side.slug, victim=self.side)
        mine = str(self.side.row_id)
        if relation == COMPANY:
            if entry.object.startswith("spare ") and entry.method == "POST":
                path = path.replace(mine, str(self.spare(entry.kind)), 1)
            return path
        owned = (self.codes if entry.kind == "code" else self.staff)[bundle, relation]
        if "<uuid:" in page.route:
            scan = self.scans[owned]
            head, _, _ = path.partition("/scans/")
            path = f"{head}/scans/{scan}/"
        return path.replace(mine, str(owned), 1)

    def spare(self, kind: str) -> int:
        """A fresh row of something that the entry does away with."""
        match kind:
            case "member":
                return self.copy("permissions.Member", user_id=make_user(), is_owner=False)
            case "bundle":
                group = Group.objects.create(name=f"t{self.side.tenant_id}:spare-{next(_numbers)}")
                return self.copy("permissions.RoleBundle", group_id=group.pk)
            case "share":
                return self.copy("permissions.DepartmentShare", group=f"analytics.{next(_numbers)}")
        return self.copy({"group": "people.StaffGroup", "file": "routing.VerificationFile"}[kind])

    def copy(self, label: str, **changes: Any) -> int:
        """One more row like the company's own of this model."""
        number = next(_numbers)
        with tenant_context(self.side.tenant_id):
            row: Any = row_of(_model(label), self.side)
            row.pk = self.side.row_id + 100_000_000 * number
            for one in row._meta.concrete_fields:
                text = getattr(row, one.attname)
                if isinstance(text, str) and not one.choices and (one.max_length or 0) >= SHORTEST_CANARY:
                    setattr(row, one.attname, f"{number}{text}"[: one.max_length])
            for name, value in changes.items():
                setattr(row, name, value)
            row.save(force_insert=True)
            return int(row.pk)


def _model(label: str) -> Any:
    return apps.get_model(label)


def make_cast() -> Cast:
    """Both companies, filled; committed."""
    foreign, side = make_side("FOREIGN"), make_side("MATRIX")
    now = clock.now()
    tenant = TenantFixture(side.tenant_id, side.slug, "", side.row_id, side.user.pk)
    with tenant_context(side.tenant_id):
        bundles_install()
        here = department_upsert(access=tenant.owner, name="华东", parent_id=None, now=now)
        there = department_upsert(access=tenant.owner, name="华北", parent_id=None, now=now)
        _model("permissions.Invitation").objects.update(bundles=["campaign_ops"])
    cast = Cast(side, foreign, tenant)
    for bundle, parts in BUNDLES.items():
        _member(cast, bundle, parts, here)
        _objects(cast, bundle, here, there)
    return cast


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
    user = _model("permissions.User").objects.get(pk=user_id)
    cast.members[bundle], cast.users[bundle], cast.clients[bundle] = access.member_id, user_id, signed_in(user)


def _objects(cast: Cast, bundle: str, here: int, there: int) -> None:
    """A seat in a code of another department; a code of the member's department; one of another. Staff likewise."""
    from people.services import staff_upsert

    now, number = clock.now(), next(_numbers)
    for relation, department_id in (("own", there), ("department", here), ("other", there)):
        with tenant_context(cast.tenant.id):
            staff = staff_upsert(
                wecom_userid=f"m{number}-{relation}",
                name=f"客服{number}{relation}"[:20],
                department_id=here if relation == "own" else department_id,
                member_id=cast.members[bundle] if relation == "own" else None,
                now=now,
            )
        (code,) = codes_of(cast.tenant.owner, 1, staff=[staff], department_id=department_id, owner_id=None)
        cast.staff[bundle, relation], cast.codes[bundle, relation] = staff, code
        with tenant_context(cast.tenant.id):
            scan: Any = row_of(_model("routing.Scan"), cast.side)
            scan.pk = cast.side.row_id + 100_000_000 * next(_numbers)
            scan.code_id, scan.scan_id, scan.department_id, scan.trace = code, uuid.uuid4(), department_id, None
            scan.save(force_insert=True)
        cast.scans[code] = scan.scan_id


def denials(tenant_id: int) -> int:
    """How many refused attempts stand in the company's audit log."""
    with tenant_context(tenant_id), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM permissions_auditentry WHERE action = 'access.denied'")
        return int(cursor.fetchone()[0])
