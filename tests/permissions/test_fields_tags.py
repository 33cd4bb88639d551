"""A sensitive tag is hidden from whoever is below its tier: no page, picker or audit entry names it (§3.3)."""

from __future__ import annotations

import pytest

from livecode_admin.kernel import clock
from permissions.rules import Scope, Tier
from permissions.selectors import audit_entries, audit_log
from permissions.selectors.audit import AuditFilters
from permissions.services import bundle_assign
from tagging.models import Tag
from tagging.services import code_tags_set, tag_switch, tags_install
from tenants.context import tenant_context
from tests.console.stage import codes_of, staff_of, viewer
from tests.factories import TenantFixture, access_of

SENSITIVE = "高净值客户"


@pytest.fixture
def code(tenant: TenantFixture) -> int:
    """A code that everybody sees, with one sensitive and one basic tag, and an audit log that tells of both."""
    now = clock.now()
    with tenant_context(tenant.id):
        tags_install(now)
        sensitive = Tag.objects.get(name=SENSITIVE)
        basic = Tag.objects.get(name="华东")
    (code_id,) = codes_of(tenant.owner, 1, staff=staff_of(tenant, 1), department_id=tenant.department_id)
    with tenant_context(tenant.id):
        code_tags_set(access=tenant.owner, code_id=code_id, tag_ids=[sensitive.pk], now=now)
        code_tags_set(access=tenant.owner, code_id=code_id, tag_ids=[sensitive.pk, basic.pk], now=now)
        tag_switch(access=tenant.owner, tag_id=sensitive.pk, active=False, now=now)
        tag_switch(access=tenant.owner, tag_id=sensitive.pk, active=True, now=now)
    return code_id


def pages_of(tenant: TenantFixture, code: int) -> list[str]:
    """All pages on which tags might stand."""
    search = f"search/?q={SENSITIVE}"
    return ["", "codes/", f"codes/{code}/", "codes/new/", "tags/", "customers/", "welcomes/", "crm/", "audit/", search]


@pytest.mark.parametrize("bundle", ["campaign_ops", "data_analyst"])
def test_no_page_names_a_sensitive_tag_to_those_below(tenant: TenantFixture, code: int, bundle: str) -> None:
    browser = viewer(tenant, tenant.member(bundle))
    for path in pages_of(tenant, code):
        reply = browser.client.get(f"/t/{tenant.slug}/{path}")
        shown = reply.content.decode().replace(f'value="{SENSITIVE}"', "").replace(f"“{SENSITIVE}”", "")
        assert "敏感标签" not in shown, path
        if "search" not in path:
            assert SENSITIVE not in shown, path
    assert SENSITIVE in viewer(tenant, tenant.owner).get(f"codes/{code}/")


def test_the_picker_has_it_for_a_director_alone(tenant: TenantFixture, code: int) -> None:
    assert SENSITIVE in viewer(tenant, tenant.member("ops_director")).get("codes/new/")
    assert SENSITIVE not in viewer(tenant, tenant.member("campaign_ops")).get("codes/new/")


@pytest.mark.parametrize("bundle", ["campaign_ops", "data_analyst", "intern"])
def test_the_codes_own_history_leaves_it_out(tenant: TenantFixture, code: int, bundle: str) -> None:
    with tenant_context(tenant.id):
        told = [row for row in audit_entries(tenant.member(bundle), "code", code) if row.action == "code.tags_set"]
        everything = [row for row in audit_entries(tenant.owner, "code", code) if row.action == "code.tags_set"]
    assert [[(one.before, one.after) for one in row.changes] for row in told] == [[([], ["地区/华东"])]]
    assert len(everything) == 2
    assert SENSITIVE in str(everything)


def test_an_auditor_below_the_tier_reads_neither_the_tag_nor_its_entries(tenant: TenantFixture, code: int) -> None:
    user_id, now = tenant.add_member([]), clock.now()
    member_id = access_of(tenant, user_id, now).member_id
    assert member_id is not None
    with tenant_context(tenant.id):
        bundle_assign(
            access=tenant.owner,
            member_id=member_id,
            bundle_key="ops_director",
            scope=Scope.ALL,
            tier=Tier.STANDARD,
            now=now,
        )
        below = access_of(tenant, user_id, now)
        assert SENSITIVE not in str(audit_log(below, AuditFilters(), limit=200))
        assert SENSITIVE in str(audit_log(tenant.owner, AuditFilters(), limit=200))
    assert SENSITIVE not in viewer(tenant, below).get("audit/")
