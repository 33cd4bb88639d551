"""The contact sync against the simulated WeCom (product.md §1.6, §2.14, §8)."""

from datetime import UTC, datetime, timedelta

import pytest

from people.models import Staff
from people.selectors import staff_for_picker, sync_state
from people.services import SyncResult, contacts_sync, staff_refused_by_wecom
from people.tasks import sync_all_contacts, sync_contacts
from permissions.access import Denied
from permissions.selectors import departments_tree
from tenants.context import NestedTenant, tenant_context
from tests.factories import TenantFixture
from tests.people.wecom_side import Corp

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def sync(tenant: TenantFixture, now: datetime = NOW) -> SyncResult:
    return contacts_sync(access=tenant.owner, now=now)


def reasons(tenant: TenantFixture) -> dict[str, str]:
    with tenant_context(tenant.id):
        return {row.wecom_userid: row.cannot_reason for row in Staff.objects.all()}


def test_everybody_is_shown_with_why_they_cannot_receive(connected: TenantFixture) -> None:
    result = sync(connected)
    assert (result.staff, result.receivable, result.left, result.error) == (6, 2, (), "")
    assert reasons(connected) == {
        "linxt": "",
        "chensy": "",
        "zhouyt": "no_follow",
        "wuzh": "not_activated",
        "qianfr": "disabled",
        "hejy": "out_of_scope",
    }
    with tenant_context(connected.id):
        cards = {card.wecom_userid: card for card in staff_for_picker(connected.owner)}
    assert (cards["linxt"].name, cards["linxt"].initials, cards["linxt"].pinyin) == ("林晓彤", "lxt", "linxiaotong")
    assert (cards["linxt"].receivable, cards["linxt"].department_name) == (True, "顾问一组")
    assert (cards["zhouyt"].receivable, cards["zhouyt"].reason) == (False, "未开客户联系")


def test_the_tree_of_departments_is_taken_over(connected: TenantFixture) -> None:
    sync(connected)
    with tenant_context(connected.id):
        tree = [(row.name, row.depth) for row in departments_tree(connected.owner)]
    assert tree == [("知行教育", 0), ("课程顾问部", 1), ("顾问一组", 2)]


def test_a_second_sync_changes_nothing(connected: TenantFixture) -> None:
    sync(connected)
    before = reasons(connected)
    again = sync(connected, NOW + timedelta(hours=1))
    assert (again.staff, again.left, reasons(connected)) == (6, (), before)


def test_who_is_missing_has_left_and_who_returns_is_back(connected: TenantFixture, corp: Corp) -> None:
    sync(connected)
    corp.sim.delete(f"/sim/corps/{corp.corp_id}/members/chensy")
    gone = sync(connected, NOW + timedelta(hours=1))
    with tenant_context(connected.id):
        row = Staff.objects.get(wecom_userid="chensy")
    assert gone.left == (row.pk,)
    assert (row.status, row.can_receive, row.cannot_reason) == ("left", False, "left")
    assert row.left_at == NOW + timedelta(hours=1)
    corp.sim.post(f"/sim/corps/{corp.corp_id}/members", {"userid": "chensy", "status": 1, "customer_contact": True})
    sync(connected, NOW + timedelta(hours=2))
    with tenant_context(connected.id):
        row.refresh_from_db()
    assert (row.status, row.can_receive, row.left_at) == ("active", True, None)


def test_who_is_moved_out_of_sight_has_not_left(connected: TenantFixture, corp: Corp) -> None:
    sync(connected)
    corp.sim.post(f"/sim/corps/{corp.corp_id}/members", {"userid": "linxt", "department": [99]})
    result = sync(connected, NOW + timedelta(hours=1))
    assert result.left == ()
    assert reasons(connected)["linxt"] == "out_of_scope"


@pytest.mark.parametrize("path", ["department/list", "user/list", "externalcontact/get_follow_user_list", "gettoken"])
def test_an_error_of_wecom_lets_nobody_leave(connected: TenantFixture, corp: Corp, path: str) -> None:
    sync(connected)
    before = reasons(connected)
    corp.sim.post(f"/sim/corps/{corp.corp_id}/expire-tokens")
    corp.fault(path, value=60020)  # address not trusted
    result = sync(connected, NOW + timedelta(hours=1))
    if path == "externalcontact/get_follow_user_list":
        assert result.receivable == 0  # the right to ask is missing: nobody can receive, and the page says so
        assert set(reasons(connected).values()) == {"no_follow", "not_activated", "disabled"}
        return
    assert "可信 IP" in result.error
    assert reasons(connected) == before
    with tenant_context(connected.id):
        state = sync_state(NOW + timedelta(hours=1))
    assert (state.running, state.error) == (False, result.error)


def test_without_a_connection_the_page_says_so(tenant: TenantFixture) -> None:
    assert sync(tenant).error == "尚未连接企业微信"


def test_two_syncs_never_run_at_once_and_a_dead_one_is_taken_over(connected: TenantFixture) -> None:
    from people.services.contacts import CLAIM, _claim

    with tenant_context(connected.id):
        assert _claim(NOW)
    assert sync(connected, NOW + timedelta(minutes=1)).skipped
    assert not reasons(connected)
    assert sync(connected, NOW + CLAIM).staff == 6


def test_unverified_is_told_by_the_first_refusal_and_kept_for_a_day(connected: TenantFixture) -> None:
    sync(connected)
    with tenant_context(connected.id):
        linxt = Staff.objects.get(wecom_userid="linxt").pk
        assert staff_refused_by_wecom(staff_id=linxt, errcode=40098, now=NOW)
        assert not staff_refused_by_wecom(staff_id=linxt, errcode=45009, now=NOW)
    assert reasons(connected)["linxt"] == "unverified"
    sync(connected, NOW + timedelta(hours=2))
    assert reasons(connected)["linxt"] == "unverified"
    sync(connected, NOW + timedelta(hours=25))
    assert reasons(connected)["linxt"] == ""


def test_syncing_needs_the_capability_and_no_open_transaction(connected: TenantFixture) -> None:
    with pytest.raises(Denied):
        contacts_sync(access=connected.member("campaign_ops"), now=NOW)
    with pytest.raises(NestedTenant), tenant_context(connected.id):
        contacts_sync(access=connected.owner, now=NOW)
    assert not reasons(connected)


def test_the_task_does_it_for_one_company(connected: TenantFixture, other_tenant: TenantFixture) -> None:
    sync_contacts(tenant_id=connected.id)
    assert len(reasons(connected)) == 6
    assert reasons(other_tenant) == {}
    assert sync_all_contacts.name == "people.tasks.sync_all_contacts"
