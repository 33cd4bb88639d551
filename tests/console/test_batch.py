"""Work on selected codes: told before, done row by row, told after (product.md §1.9)."""

from __future__ import annotations

import pytest

from codes.rules import default_end
from codes.selectors import codes_visible
from livecode_admin.kernel import clock
from tenants.context import tenant_context
from tests.console.stage import Viewer, codes_of, staff_of, told, viewer
from tests.factories import TenantFixture

ZONE = "Asia/Shanghai"


@pytest.fixture
def owner(tenant: TenantFixture) -> Viewer:
    return viewer(tenant, tenant.owner)


def states(tenant: TenantFixture) -> dict[int, str]:
    with tenant_context(tenant.id):
        return dict(codes_visible(tenant.owner).values_list("id", "state"))


def act(owner: Viewer, do: str, ids: list[int], **more: str) -> str:
    reply = owner.post("codes/batch/", {"do": do, "ids": [str(pk) for pk in ids], **more})
    assert reply.status_code == 200
    return told(reply.content.decode())


def test_the_dialog_says_what_would_happen_and_changes_nothing(tenant: TenantFixture, owner: Viewer) -> None:
    codes = codes_of(tenant.owner, 3, staff=staff_of(tenant, 1))
    act(owner, "pause", codes[:1], confirm="1")
    dialog = act(owner, "pause", codes)
    assert "将处理 2 个活码， 1 个不能处理" in dialog
    assert "当前为「已暂停」" in dialog
    assert sorted(states(tenant).values()) == ["live", "live", "paused"]


def test_each_code_is_done_by_itself_and_told(tenant: TenantFixture, owner: Viewer) -> None:
    first, second, third = codes_of(tenant.owner, 3, staff=staff_of(tenant, 1))
    act(owner, "retire", [third], confirm="1")
    result = act(owner, "pause", [first, second, third], confirm="1")
    assert "已处理 2 个， 1 个未处理" in result
    assert "当前为「已归档」" in result
    assert states(tenant) == {first: "paused", second: "paused", third: "retired"}
    act(owner, "resume", [first, third], confirm="1")
    assert states(tenant) == {first: "live", second: "paused", third: "retired"}


def test_renewal_counts_from_the_later_of_today_and_the_old_end(tenant: TenantFixture, owner: Viewer) -> None:
    now, staff = clock.now(), staff_of(tenant, 1)
    end = default_end(now=now, zone=ZONE, months=5)
    (dated,) = codes_of(tenant.owner, 1, staff=staff, expires_at=end)
    (permanent,) = codes_of(tenant.owner, 1, staff=staff)
    result = act(owner, "renew", [dated, permanent], confirm="1", months="2")
    assert "已处理 1 个， 1 个未处理" in result
    assert "永久有效，无需延长" in result
    with tenant_context(tenant.id):
        ends = dict(codes_visible(tenant.owner).values_list("id", "expires_at"))
    assert ends == {dated: default_end(now=end, zone=ZONE, months=2), permanent: None}


@pytest.mark.parametrize("months", ["0", "37", "", "abc", "-1", "1.5"])
def test_wrong_months_are_told_beside_the_field(tenant: TenantFixture, owner: Viewer, months: str) -> None:
    end = default_end(now=clock.now(), zone=ZONE)
    (code,) = codes_of(tenant.owner, 1, staff=staff_of(tenant, 1), expires_at=end)
    assert "请填写 1 至 36 个月" in act(owner, "renew", [code], confirm="1", months=months)
    with tenant_context(tenant.id):
        assert codes_visible(tenant.owner).get(pk=code).expires_at == end


def test_campaign_and_service_codes_renewed_together_are_pointed_out(tenant: TenantFixture, owner: Viewer) -> None:
    end, staff = default_end(now=clock.now(), zone=ZONE), staff_of(tenant, 1)
    mixed = [
        code
        for purpose in ("campaign", "service")
        for code in codes_of(tenant.owner, 1, staff=staff, expires_at=end, purpose=purpose)
    ]
    assert (
        "c-alert warn" in owner.post("codes/batch/", {"do": "renew", "ids": [str(pk) for pk in mixed]}).content.decode()
    )
    alone = owner.post("codes/batch/", {"do": "renew", "ids": [str(mixed[0])]}).content.decode()
    assert "c-alert warn" not in alone


def test_the_whole_filter_result_is_reached_beyond_the_page(tenant: TenantFixture, owner: Viewer) -> None:
    codes = codes_of(tenant.owner, 22, staff=staff_of(tenant, 1))
    act(owner, "pause", codes[:2], confirm="1")
    act(owner, "retire", codes[:1], all="1", query="state=live", confirm="1")
    assert sorted(states(tenant).values()) == ["paused"] * 2 + ["retired"] * 20


def test_an_unknown_action_is_refused(owner: Viewer) -> None:
    assert owner.post("codes/batch/", {"do": "delete", "ids": ["1"]}).status_code == 400
