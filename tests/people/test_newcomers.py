"""Who stands under 待开通 after the contact sync and after somebody left (product.md §5.1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from people.services import contacts_sync, staff_left
from permissions.selectors.arrivals import newcomers_waiting
from tenants.context import tenant_context
from tests.factories import TenantFixture
from tests.people.wecom_side import Corp

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def waiting(tenant: TenantFixture) -> set[str]:
    access = tenant.owner
    with tenant_context(tenant.id):
        return {row.wecom_userid for row in newcomers_waiting(access)}


def test_everybody_with_an_account_at_work_waits(connected: TenantFixture) -> None:
    contacts_sync(access=connected.owner, now=NOW)
    # qianfr is disabled in WeCom.
    assert waiting(connected) == {"linxt", "chensy", "zhouyt", "wuzh", "hejy"}


def test_who_left_disappears_and_who_returns_is_back(connected: TenantFixture, corp: Corp) -> None:
    contacts_sync(access=connected.owner, now=NOW)
    with tenant_context(connected.id):
        staff_left(wecom_userid="linxt", now=NOW)
    corp.sim.delete(f"/sim/corps/{corp.corp_id}/members/chensy")
    assert "linxt" not in waiting(connected)
    contacts_sync(access=connected.owner, now=NOW + timedelta(hours=1))
    assert "chensy" not in waiting(connected)
    assert "linxt" in waiting(connected), "WeCom names them again"
