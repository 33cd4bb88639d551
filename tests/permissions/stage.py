"""What the tests about fields and scopes share: a company with two departments, and a code in each."""

from __future__ import annotations

from dataclasses import dataclass

from codes.services import code_create
from livecode_admin.kernel import clock
from people.services import staff_upsert
from permissions.access import Access
from permissions.services import department_upsert
from routing.services.roster import SeatInput, roster_set
from tenants.context import tenant_context
from tests.factories import TenantFixture, access_of


@dataclass
class TwoDepartments:
    """华东 and 华南 under one root; ``codes`` and ``staff`` by the department's name."""

    tenant: TenantFixture
    departments: dict[str, int]
    codes: dict[str, int]
    staff: dict[str, int]

    def member(self, *bundles: str, of: str = "华东") -> Access:
        """A new member of that department with these bundles."""
        user_id = self.tenant.add_member(bundles, department_id=self.departments[of])
        return access_of(self.tenant, user_id, clock.now())

    def path(self, of: str, tail: str = "") -> str:
        """The address of a page of that department's code."""
        return f"/t/{self.tenant.slug}/codes/{self.codes[of]}/{tail}"


def two_departments(tenant: TenantFixture) -> TwoDepartments:
    """Both departments, each with a colleague and a code of its own that belongs to nobody else."""
    now, made = clock.now(), TwoDepartments(tenant, {}, {}, {})
    with tenant_context(tenant.id):
        for place, name in enumerate(("华东", "华南"), start=2):
            department = department_upsert(
                access=tenant.owner, name=name, parent_id=tenant.department_id, wecom_id=place, now=now
            )
            staff = staff_upsert(wecom_userid=f"u{place}", name=f"{name}顾问", department_id=department, now=now)
            code = code_create(
                access=tenant.owner,
                now=now,
                name=f"{name}的码",
                purpose="campaign",
                purpose_text="地铁广告",
                department_id=department,
            )
            roster_set(access=tenant.owner, code_id=code, seats=[SeatInput(staff)], now=now)
            made.departments[name], made.staff[name], made.codes[name] = department, staff, code
    return made
