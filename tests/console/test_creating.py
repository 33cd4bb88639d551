"""The one page of creating: the proposed name, errors beside their fields, nothing half made."""

from __future__ import annotations

import re
from typing import Any

import pytest

from codes.selectors import channel_names, codes_visible
from livecode_admin.kernel import clock
from tenants.context import tenant_context
from tests.console.stage import Viewer, staff_of, told, viewer
from tests.factories import TenantFixture


@pytest.fixture
def ops(tenant: TenantFixture) -> Viewer:
    return viewer(tenant, tenant.member("campaign_ops"))


def form(staff: list[int], **changes: Any) -> dict[str, Any]:
    plan: dict[str, Any] = {
        "purpose": "campaign",
        "purpose_text": "冬季招生",
        "channel_name": "地铁广告",
        "name": "冬季招生地铁",
        "kind": "several",
        "validity": "months",
        "roster": [str(pk) for pk in staff],
    }
    return plan | changes


def test_the_name_is_proposed_from_what_is_typed_so_far(ops: Viewer) -> None:
    day = clock.local_day(clock.now(), "Asia/Shanghai").strftime("%Y%m%d")
    for typed, proposed in (
        ("purpose_text=冬季招生&channel_name=地铁广告", f"{day}-DJZS-地铁广告"),
        ("purpose_text=冬季招生", f"{day}-DJZS"),
        ("", ""),
    ):
        part = ops.get(f"codes/new/name/?{typed}")
        assert part.startswith("<input")
        found = re.search(r'value="([^"]*)"', part)
        assert found is not None
        assert found.group(1).startswith(proposed)


def test_a_taken_name_is_proposed_with_a_number(tenant: TenantFixture, ops: Viewer) -> None:
    typed = "codes/new/name/?purpose_text=冬季招生&channel_name=地铁广告"
    name = re.findall(r'value="([^"]*)"', ops.get(typed))[0]
    assert ops.post("codes/new/", form(staff_of(tenant, 1), name=name)).status_code == 302
    assert re.findall(r'value="([^"]*)"', ops.get(typed))[0] == f"{name}-2"


def test_an_empty_roster_is_told_beside_the_picker_too(ops: Viewer) -> None:
    page = ops.post("codes/new/", form([])).content.decode()
    assert '<a href="#roster">请在接待名单中至少选择一位客服</a>' in page
    assert 'id="roster-error">请在接待名单中至少选择一位客服</div>' in page


def test_what_is_typed_stays_and_the_chosen_stand_first_in_their_order(tenant: TenantFixture, ops: Viewer) -> None:
    staff = staff_of(tenant, 4)
    chosen = [staff[3], staff[1]]
    page = ops.post("codes/new/", form(chosen, name="")).content.decode()
    assert "请填写名称" in page
    assert 'value="冬季招生"' in page
    picked = re.findall(r'name="roster" value="(\d+)"( checked)?', page)
    assert [int(pk) for pk, checked in picked if checked] == chosen
    assert [int(pk) for pk, _ in picked][:2] == chosen


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"roster": []}, "请在接待名单中至少选择一位客服"),
        ({"kind": "single"}, "单人活码只能有一位客服"),
        ({"validity": "date", "ends_on": "2020-01-01"}, "有效期必须晚于现在"),
        ({"validity": "date"}, "请选择截止日期"),
        ({"purpose": ""}, "请选择短期活动或长期服务"),
        ({"roster": ["999999999"]}, "客服"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(
    tenant: TenantFixture, ops: Viewer, changes: dict[str, Any], error: str
) -> None:
    reply = ops.post("codes/new/", form(staff_of(tenant, 2), **changes))
    assert reply.status_code == 200
    assert error in told(reply.content.decode())
    with tenant_context(tenant.id):
        assert not codes_visible(tenant.owner).exists()
        assert channel_names() == []


def test_a_colleague_who_cannot_receive_keeps_the_code_from_being_made_with_their_name(
    tenant: TenantFixture, ops: Viewer
) -> None:
    from people.services import staff_left
    from tests.routing.stage import rows_of

    staff = staff_of(tenant, 2)
    ((userid,),) = rows_of(tenant.id, "SELECT wecom_userid FROM people_staff WHERE id = %s", staff[1])
    with tenant_context(tenant.id):
        staff_left(wecom_userid=userid, now=clock.now())
    reply = ops.post("codes/new/", form(staff))
    assert reply.status_code == 200
    assert "王一鸣" in "".join(re.findall(r'(?s)role="alert".*?</div>', reply.content.decode()))


def test_a_new_code_is_a_draft_that_waits_for_its_contact_ways(tenant: TenantFixture, ops: Viewer) -> None:
    reply = ops.post("codes/new/", form(staff_of(tenant, 2)))
    assert reply.status_code == 302
    with tenant_context(tenant.id):
        code = codes_visible(tenant.owner).get()
    page = ops.get(f"codes/{code.pk}/")
    assert code.state == "draft"
    assert 'data-testid="readiness"' in page
    assert "正在为客服准备二维码 0/6" in told(page)
