"""Who looks at what in the matrix: members, their objects, and the addresses of pages with them."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client

from codes.services import participants_set
from tenants.context import tenant_context
from tests.factories import TenantFixture, make_user
from tests.isolation.factory import SHORTEST_CANARY, Side, row_of
from tests.isolation.pages import Page, pages
from tests.matrix.tables import COMPANY, FOREIGN, NOBODY, Entry

_numbers = itertools.count(1)
# What a plain new code is made with; ``{new}`` in bodies.
NEW_CODE = (
    "purpose=campaign&purpose_text=地推&channel_name=地铁广告&name=码{n}&kind=several&validity=months&roster={mate}"
)
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
    things: dict[str, object] = field(default_factory=dict)
    makers: dict[str, Callable[[], int]] = field(default_factory=dict)

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
        whose = bundle if (bundle, relation) in self.codes else "owner"
        owned = (self.codes if entry.kind == "code" else self.staff)[whose, relation]
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
            case "group":
                # Of the department of those who ask: nobody takes people out of a group whom they do not manage.
                return self.copy("people.StaffGroup", department_id=self.things["here"])
        assert kind == "file"
        return self.copy("routing.VerificationFile")

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

    def userid(self, staff_id: int) -> str:
        """A colleague's name in WeCom; empty for one of another company."""
        with tenant_context(self.tenant.id):
            return str(
                _model("people.Staff").objects.filter(pk=staff_id).values_list("wecom_userid", flat=True).first() or ""
            )

    def mend_code(self, code_id: int, bundle: str, relation: str) -> None:
        """Make a stage code what it was: live, for good, with both of its people, one of them the member's own."""
        with tenant_context(self.tenant.id):
            _model("codes.LiveCode").objects.filter(pk=code_id).update(state="live", expires_at=None)
            _model("routing.Seat").objects.filter(code=code_id).update(removed_at=None, rung=1)
            if relation == "own":
                participants_set(code_id=code_id, member_ids=[self.members[bundle]])


def next_number() -> int:
    """A number that nothing else has."""
    return next(_numbers)


def _model(label: str) -> Any:
    return apps.get_model(label)


def denials(tenant_id: int) -> int:
    """How many refused attempts stand in the company's audit log."""
    with tenant_context(tenant_id), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM permissions_auditentry WHERE action = 'access.denied'")
        return int(cursor.fetchone()[0])
