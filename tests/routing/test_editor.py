"""The roster editor and 「为什么分给了她」 as pages."""

from __future__ import annotations

import re
from typing import Any

import pytest

from livecode_admin.kernel import clock
from livecode_admin.kernel.web.formats import local_datetime
from people.services import group_create, staff_upsert
from permissions.selectors import audit_entries
from routing.forms.hours import hours_line
from routing.selectors import roster_rows
from routing.services.groups import group_people_save
from routing.services.roster import SeatInput, SourceInput, roster_set
from tenants.context import tenant_context
from tests.console.stage import told, viewer
from tests.factories import TenantFixture, client_for
from tests.routing.rulestage import changed, over
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


def test_a_cap_sent_by_somebody_who_may_not_is_refused(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=1, cap=30)
    client = client_for(tenant.member("campaign_ops"))
    html = client.get(page_of(code)).content.decode()
    sent = form_of(html, code, **{f"cap_{code.staff[0]}": "7", f"seat_cap_{code.staff[0]}": "5"})
    assert client.post(page_of(code), sent).status_code == 403
    with tenant_context(tenant.id):
        (row,) = roster_rows(tenant.owner, code.code_id)
    assert (row.cap, row.daily_cap) == (30, None)


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("cap_", "很多", "每日上限应为 0 到 10000 的整数"),
        ("cap_", "-1", "每日上限应为 0 到 10000 的整数"),
        ("seat_cap_", "10001", "席位上限应为 0 到 10000 的整数"),
        ("weight_", "1000", "权重应为 0 到 100 的整数"),
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
    assert f"林晓彤的{error}" in answer.content.decode()
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


def test_weights_and_hours_are_fields_for_those_who_change_rules_and_text_for_others(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=2)
    first = code.staff[0]
    client = client_for(tenant.owner)
    html = client.get(page_of(code)).content.decode()
    typed = {f"weight_{first}": "3", f"hours_{first}": "工作日 9-18；节假日 10:00-12:00"}
    client.post(page_of(code), form_of(html, code, **typed))
    with tenant_context(tenant.id):
        one, other = roster_rows(tenant.owner, code.code_id)
    assert (one.weight, hours_line(one.hours)) == (3, "周一至周五 09:00-18:00；节假日 10:00-12:00")
    assert (other.weight, other.hours) == (1, None)
    seen = client_for(tenant.member("campaign_ops")).get(page_of(code)).content.decode()
    assert re.search(r'name="(weight|hours|cap|seat_cap)_', seen) is None
    assert "周一至周五 09:00–18:00" in seen
    assert [text for text in re.findall(r"data-share>([^<]*)<", seen) if text] == ["50%", "50%"]
    changed(code, strategy="weighted")
    seen = client.get(page_of(code)).content.decode()
    assert [text for text in re.findall(r"data-share>([^<]*)<", seen) if text] == ["75%", "25%"]


@pytest.mark.parametrize("field", ["weight_", "hours_", "cap_", "seat_cap_"])
def test_what_somebody_may_not_change_is_refused_and_nothing_else_is_saved_with_it(
    tenant: TenantFixture, field: str
) -> None:
    code = live_code(tenant, roster=2, cap=30)
    client = client_for(tenant.member("campaign_ops"))
    html = client.get(page_of(code)).content.decode()
    turned = [str(code.staff[1]), str(code.staff[0])]
    sent = form_of(html, code, roster=turned, **{f"{field}{code.staff[0]}": "7"})
    assert client.post(page_of(code), sent).status_code == 403
    assert order(code) == [0, 1]
    with tenant_context(tenant.id):
        row = next(row for row in roster_rows(tenant.owner, code.code_id) if row.staff_id == code.staff[0])
    assert (row.weight, row.hours, row.cap, row.daily_cap) == (1, None, 30, None)


def test_whoever_holds_caps_but_not_rules_changes_caps_alone(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=1, cap=30)
    html = client_for(tenant.member("reception_lead")).get(page_of(code)).content.decode()
    assert f'name="seat_cap_{code.staff[0]}"' in html
    assert re.search(r'name="(weight|hours)_', html) is None


def test_somebody_picked_without_script_is_added_on_saving_where_it_was_said(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=1)
    with tenant_context(tenant.id):
        new = staff_upsert(wecom_userid="new", name="周雨桐", now=clock.now())
    client = client_for(tenant.owner)
    html = client.get(page_of(code)).content.decode()
    client.post(page_of(code), form_of(html, code, add=[str(new)], add_to="backups"))
    with tenant_context(tenant.id):
        assert [(row.name, row.is_backup) for row in roster_rows(code.access, code.code_id)] == [
            ("林晓彤", False),
            ("周雨桐", True),
        ]


@pytest.mark.parametrize(
    ("act", "lists"),
    [
        ("up:{1}", ([1, 0], [2])),
        ("down:{0}", ([1, 0], [2])),
        ("swap:{0}", ([1], [2, 0])),
        ("swap:{2}", ([0, 1, 2], [])),
        ("remove:{1}", ([0], [2])),
    ],
)
def test_the_buttons_work_without_script_and_save_nothing(
    tenant: TenantFixture, act: str, lists: tuple[list[int], list[int]]
) -> None:
    code = live_code(tenant, roster=2, backups=1)
    client = client_for(tenant.owner)
    html = client.get(page_of(code)).content.decode()
    page = client.post(page_of(code), form_of(html, code, act=act.format(*code.staff))).content.decode()
    shown = [
        [code.staff.index(int(pk)) for pk in re.findall(rf'name="{name}" value="(\d+)"', page)]
        for name in ("roster", "backups")
    ]
    assert tuple(shown) == lists
    assert order(code) == [0, 1, 2]


def test_a_group_in_the_editor_shows_its_people_and_who_can_not_receive(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=1)
    with tenant_context(tenant.id):
        ids = [
            staff_upsert(wecom_userid=name, name=name, cannot_reason=why, now=clock.now())
            for name, why in (("周雨桐", ""), ("何嘉怡", "no_follow"))
        ]
        team = group_create(access=tenant.owner, name="一组", now=clock.now())
        group_people_save(access=tenant.owner, group_id=team, staff_ids=ids, now=clock.now())
    client = client_for(tenant.owner)
    html = client.get(page_of(code)).content.decode()
    client.post(page_of(code), form_of(html, code, add=[f"g{team}"]))
    html = client.get(page_of(code)).content.decode()
    assert "暂不能接待：何嘉怡（未开客户联系）" in html
    assert f'name="weight_{ids[0]}"' in html
    sent = form_of(html, code, **{f"weight_{ids[0]}": "4"}) | {"roster": [str(code.staff[0]), f"g{team}"]}
    client.post(page_of(code), sent)
    with tenant_context(tenant.id):
        assert [(row.name, row.weight) for row in roster_rows(code.access, code.code_id)] == [
            ("林晓彤", 1),
            ("周雨桐", 4),
        ]


def test_two_versions_are_shown_beside_each_other(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=2)
    client = client_for(tenant.owner)
    mine = form_of(client.get(page_of(code)).content.decode(), code, **{f"weight_{code.staff[0]}": "5"})
    html = client.get(page_of(code)).content.decode()
    client.post(page_of(code), form_of(html, code, roster=[str(code.staff[1]), str(code.staff[0])]))
    page = client.post(page_of(code), mine).content.decode()
    shown = told(page)
    assert "接待顺序 王一鸣、林晓彤 林晓彤、王一鸣" in shown
    assert "权重 林晓彤 1 5" in shown
    with tenant_context(tenant.id):
        row = audit_entries(tenant.owner, "code", code.code_id)[0]
    assert f"已保存的版本 {row.who} · {local_datetime(row.at, 'Asia/Shanghai')}" in shown
    again = form_of(page, code, **{f"weight_{code.staff[0]}": "5"})
    assert client.post(page_of(code), again).status_code == 422
    assert order(code) == [1, 0]
    assert client.post(page_of(code), again | over(page)).status_code == 302
    assert order(code) == [0, 1]


def test_two_names_and_twenty_cost_the_same(tenant: TenantFixture) -> None:
    owner = viewer(tenant, tenant.owner)
    costs = []
    for count in (2, 20):
        code = live_code(tenant, roster=1)
        with tenant_context(tenant.id):
            ids = [staff_upsert(wecom_userid=f"q{count}-{n}", name=f"客服{n}", now=clock.now()) for n in range(count)]
            teams = [group_create(access=tenant.owner, name=f"组{count}-{n}", now=clock.now()) for n in range(count)]
            for team in teams:
                group_people_save(access=tenant.owner, group_id=team, staff_ids=ids, now=clock.now())
            seats = [SeatInput(pk, position=place) for place, pk in enumerate(ids[: count - 1])]
            sources = [SourceInput("group", team, position=30 + place) for place, team in enumerate(teams)]
            roster_set(access=tenant.owner, code_id=code.code_id, seats=seats, sources=sources, now=clock.now())
        costs.append(owner.queries(f"codes/{code.code_id}/roster/"))
    assert costs[0] == costs[1]
