"""上线/下线 is the receptionist's own switch, felt by the very next scan (product.md §2.10)."""

from __future__ import annotations

import pytest

from livecode_admin.kernel import clock
from permissions.access import Denied
from routing.services.presence import PresenceRefused, own_online_set
from tenants.context import tenant_context
from tests.console.stage import staff_of, viewer
from tests.factories import TenantFixture, client_for
from tests.routing.conftest import Edges
from tests.routing.stage import StageCode, live_code


def receptionist_s(tenant: TenantFixture, *, others: int = 1) -> StageCode:
    """A code whose first person is the receptionist's own self."""
    me = tenant.member("receptionist")
    staff = staff_of(tenant, 1 + others, member_id=me.member_id)
    return live_code(tenant, roster=1 + others, staff=staff)


def press(tenant: TenantFixture, online: str) -> None:
    """The receptionist's click in the top bar."""
    client = client_for(tenant.member("receptionist"))
    answer = client.post(f"/t/{tenant.slug}/presence/", {"online": online}, headers={"hx-request": "true"})
    assert answer.status_code == 200


@pytest.mark.processes
def test_after_the_click_no_scan_goes_to_them_and_after_the_next_one_they_take_part_again(
    tenant: TenantFixture, edges: Edges
) -> None:
    code = receptionist_s(tenant)
    for _ in range(2):
        edges.scan(code.slug)
    assert code.served() == [0, 1]
    press(tenant, "0")
    edges.scan_many([code.slug] * 20, connections=4)
    assert code.served()[2:] == [1] * 20
    press(tenant, "1")
    edges.scan(code.slug)
    assert code.served()[-1] == 0


@pytest.mark.processes
def test_a_customer_who_has_their_picture_already_keeps_them(tenant: TenantFixture, edges: Edges) -> None:
    code = receptionist_s(tenant, others=0)
    edges.scan(code.slug)
    press(tenant, "0")
    assert code.rows("SELECT state FROM routing_slot") == [("waiting",)]


def test_each_change_is_in_the_audit_log_once(tenant: TenantFixture) -> None:
    code = receptionist_s(tenant)
    for online in ("0", "0", "1"):
        press(tenant, online)
    columns = "action, object_id, before, after"
    query = f"SELECT {columns} FROM permissions_auditentry WHERE action LIKE 'staff.went%%' ORDER BY id"
    assert code.rows(query) == [
        ("staff.went_offline", code.staff[0], {"online": True}, {"online": False}),
        ("staff.went_online", code.staff[0], {"online": False}, {"online": True}),
    ]


def test_the_switch_is_in_the_bar_of_each_page_and_says_what_it_does(tenant: TenantFixture) -> None:
    receptionist_s(tenant)
    member = viewer(tenant, tenant.member("receptionist"))
    home = member.get("")
    assert "我的接待状态" in home
    assert "下线后，下一次扫码起不再分配，已分配的客户仍可添加" in home
    assert 'role="switch" aria-checked="true"' in member.get("codes/")
    press(tenant, "0")
    assert 'role="switch" aria-checked="false"' in member.get("codes/")
    assert "扫码不会分配给您" in member.get("")


def test_nobody_but_the_person_has_that_switch(tenant: TenantFixture) -> None:
    receptionist_s(tenant)
    with tenant_context(tenant.id), pytest.raises(Denied):
        own_online_set(access=tenant.member("campaign_ops"), online=False, now=clock.now())
    with tenant_context(tenant.id), pytest.raises(PresenceRefused, match="没有对应的客服"):
        own_online_set(access=tenant.owner, online=False, now=clock.now())
    assert 'role="switch"' not in viewer(tenant, tenant.owner).get("")
    assert viewer(tenant, tenant.member("campaign_ops")).post("presence/", {"online": "0"}).status_code == 403
