"""An empty list says why it is empty: no codes at all, or none of those that the member may see (product.md §5.3)."""

from __future__ import annotations

from livecode_admin.kernel import clock
from permissions.services import department_upsert
from tenants.context import tenant_context
from tests.console.stage import codes_of, staff_of, viewer
from tests.factories import TenantFixture, access_of

NONE_AT_ALL = "活码印一次就一直有效"
NONE_IN_SCOPE = "您可见的范围内还没有活码"


def test_a_lead_of_another_department_reads_that_none_is_in_their_scope(tenant: TenantFixture) -> None:
    now = clock.now()
    with tenant_context(tenant.id):
        other = department_upsert(access=tenant.owner, name="课程顾问部", parent_id=tenant.department_id, now=now)
    codes_of(tenant.owner, 1, staff=staff_of(tenant, 1))
    user_id = tenant.add_member(["reception_lead"], department_id=other)
    page = viewer(tenant, access_of(tenant, user_id, now)).get("codes/")
    assert NONE_IN_SCOPE in page
    assert NONE_AT_ALL not in page


def test_a_company_without_codes_reads_what_a_code_is(tenant: TenantFixture) -> None:
    page = viewer(tenant, tenant.owner).get("codes/")
    assert NONE_AT_ALL in page
    assert NONE_IN_SCOPE not in page
