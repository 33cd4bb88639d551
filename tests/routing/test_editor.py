"""The roster editor and 「为什么分给了她」 as pages."""

from __future__ import annotations

import re
from typing import Any

import pytest

from routing.selectors import roster_rows
from tenants.context import tenant_context
from tests.factories import TenantFixture, client_for
from tests.routing.stage import StageCode, live_code


def page_of(code: StageCode, tail: str = "roster/") -> str:
    """The address of a page of the code."""
    return f"/t/{code.tenant.slug}/codes/{code.code_id}/{tail}"


def form_of(html: str, code: StageCode, **changes: Any) -> dict[str, Any]:
    """What the editor sends when nothing but ``changes`` was touched."""
    stamp = re.search(r'name="stamp" value="(\w+)"', html)
    assert stamp is not None
    sent = {
        "stamp": stamp[1],
        "roster": re.findall(r'name="roster" value="(\d+)"', html),
        "backups": re.findall(r'name="backups" value="(\d+)"', html),
    }
    return sent | changes


def order(code: StageCode) -> list[int]:
    """The places in ``code.staff`` of the present seats."""
    with tenant_context(code.tenant.id):
        return [code.staff.index(row.staff_id) for row in roster_rows(code.access, code.code_id)]


def test_dragging_somebody_up_is_saved_and_told(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=3)
    client = client_for(tenant.member("campaign_ops"))
    html = client.get(page_of(code)).content.decode()
    moved = [str(code.staff[place]) for place in (2, 0, 1)]
    answer = client.post(page_of(code), form_of(html, code, roster=moved), follow=True)
    assert "接待名单已保存" in answer.content.decode()
    assert order(code) == [2, 0, 1]


def test_caps_are_text_for_those_who_may_not_change_them_and_fields_for_those_who_may(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=1, cap=30)
    without = client_for(tenant.member("campaign_ops")).get(page_of(code)).content.decode()
    assert f'name="cap_{code.staff[0]}"' not in without
    assert "只有持有「接待上限」权限的人能修改上限" in without
    client = client_for(tenant.owner)
    html = client.get(page_of(code)).content.decode()
    client.post(page_of(code), form_of(html, code, **{f"cap_{code.staff[0]}": "7", f"seat_cap_{code.staff[0]}": "5"}))
    with tenant_context(tenant.id):
        (row,) = roster_rows(tenant.owner, code.code_id)
    assert (row.cap, row.daily_cap) == (7, 5)


def test_a_cap_sent_by_somebody_who_may_not_is_not_taken(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=1, cap=30)
    client = client_for(tenant.member("campaign_ops"))
    html = client.get(page_of(code)).content.decode()
    client.post(page_of(code), form_of(html, code, **{f"cap_{code.staff[0]}": "7", f"seat_cap_{code.staff[0]}": "5"}))
    with tenant_context(tenant.id):
        (row,) = roster_rows(tenant.owner, code.code_id)
    assert (row.cap, row.daily_cap) == (30, None)


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("cap_", "很多", "每日上限应为整数"),
        ("pause_", "明天", "暂停日期应为"),
        ("pause_", "2020-01-01", "暂停时间应晚于现在"),
    ],
)
def test_errors_stand_beside_the_name_and_nothing_is_saved(
    tenant: TenantFixture, field: str, value: str, error: str
) -> None:
    code = live_code(tenant, roster=2)
    client = client_for(tenant.owner)
    html = client.get(page_of(code)).content.decode()
    turned = [str(code.staff[1]), str(code.staff[0])]
    answer = client.post(page_of(code), form_of(html, code, roster=turned, **{f"{field}{code.staff[0]}": value}))
    assert answer.status_code == 422
    assert f'id="error_{code.staff[0]}"' in answer.content.decode()
    assert error in answer.content.decode()
    assert order(code) == [0, 1]


def test_two_people_editing_the_same_roster_are_told(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=2)
    client = client_for(tenant.owner)
    html = client.get(page_of(code)).content.decode()
    client.post(page_of(code), form_of(html, code, roster=[str(code.staff[1]), str(code.staff[0])]))
    answer = client.post(page_of(code), form_of(html, code, roster=[str(code.staff[0])]))
    assert "名单刚刚被其他人修改过" in answer.content.decode()
    assert order(code) == [1, 0]


def test_others_get_403_and_strangers_404(tenant: TenantFixture, other_tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=1)
    assert client_for(tenant.member("data_analyst")).get(page_of(code)).status_code == 403
    foreign = client_for(other_tenant.owner)
    assert foreign.get(page_of(code)).status_code == 404
    assert foreign.get(f"/t/{other_tenant.slug}/codes/{code.code_id}/roster/").status_code == 404
