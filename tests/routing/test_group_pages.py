"""客服分组 as pages: what a change does to codes is told before it is done (product.md §2.11)."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from livecode_admin.kernel import clock
from people.selectors import group_members, groups_list
from people.services import group_create, staff_upsert
from permissions.services import department_upsert
from routing.selectors import roster_rows
from routing.services.groups import group_people_save
from routing.services.roster import SeatInput, SourceInput, roster_set
from tenants.context import tenant_context
from tests.console.stage import staff_of, told, viewer
from tests.factories import TenantFixture, access_of, client_for
from tests.routing.stage import StageCode, live_code


def group(tenant: TenantFixture, name: str, *staff: int) -> int:
    with tenant_context(tenant.id):
        group_id = group_create(access=tenant.owner, name=name, now=clock.now())
        group_people_save(access=tenant.owner, group_id=group_id, staff_ids=staff, now=clock.now())
    return group_id


def held(tenant: TenantFixture, group_id: int) -> list[int]:
    with tenant_context(tenant.id):
        return group_members([group_id]).get(group_id, [])


def using(tenant: TenantFixture, group_id: int) -> StageCode:
    """A code of which the roster is one person and the group."""
    code = live_code(tenant, roster=1, name="地铁广告甲")
    with tenant_context(tenant.id):
        roster_set(
            access=tenant.owner,
            code_id=code.code_id,
            seats=[SeatInput(code.staff[0])],
            sources=[SourceInput("group", group_id, position=1)],
            now=clock.now(),
        )
    return code


def sent(client: Client, url: str, **changes: object) -> dict[str, object]:
    """What the group's page sends when nothing but ``changes`` was touched."""
    html = client.get(url).content.decode()
    stamp = re.search(r'name="stamp" value="(\w+)"', html)
    assert stamp is not None
    return {"stamp": stamp[1], "name": re.findall(r'name="name" value="([^"]*)"', html)[0], "follow": "", **changes}


def test_a_group_is_made_and_filled_by_hand_list_and_file(tenant: TenantFixture) -> None:
    a, b, c, d = staff_of(tenant, 4)
    client = client_for(tenant.member("system_config"))
    answer = client.post(f"/t/{tenant.slug}/staff/groups/", {"name": "夜班组"}, follow=True)
    assert "已新建分组" in answer.content.decode()
    with tenant_context(tenant.id):
        (row,) = groups_list(tenant.owner)
    url = f"/t/{tenant.slug}/staff/groups/{row.id}/"
    listed = SimpleUploadedFile("名单.csv", "姓名,部门\n赵可,一部\n".encode("gb18030"))
    client.post(url, sent(client, url, people=[str(b)], pasted="林晓彤，陈思远", file=listed))
    assert held(tenant, row.id) == [b, a, c, d]


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("pasted", "林晓彤\n某某", "找不到：某某"),
        ("pasted", "王伟", "有同名的人，请改用企业微信账号：王伟"),
        ("name", "", "请填写分组名称"),
        ("name", "甲组", "已有同名的分组"),
        ("follow", "department", "请选择部门"),
    ],
)
def test_errors_stand_beside_the_field_and_nothing_is_saved(
    tenant: TenantFixture, field: str, value: str, error: str
) -> None:
    (a,) = staff_of(tenant, 1)
    with tenant_context(tenant.id):
        for number in range(2):
            staff_upsert(wecom_userid=f"wangwei{number}", name="王伟", now=clock.now())
    group(tenant, "甲组")
    team = group(tenant, "乙组", a)
    client = client_for(tenant.owner)
    url = f"/t/{tenant.slug}/staff/groups/{team}/"
    answer = client.post(url, sent(client, url, people=[str(a)], **{field: value}))
    assert answer.status_code == 422
    assert error in answer.content.decode()
    assert held(tenant, team) == [a]


def test_the_codes_that_change_are_listed_before_anything_is_done(tenant: TenantFixture) -> None:
    a, b = staff_of(tenant, 2)
    team = group(tenant, "一组", a)
    code = using(tenant, team)
    client = client_for(tenant.owner)
    url = f"/t/{tenant.slug}/staff/groups/{team}/"
    preview = client.post(url, sent(client, url, people=[str(b)])).content.decode()
    assert "地铁广告甲" in told(preview)
    assert held(tenant, team) == [a]
    fields = {
        name: re.findall(rf'name="{name}" value="([^"]*)"', preview) for name in ("confirm", "stamp", "name", "people")
    }
    client.post(url, fields)
    assert held(tenant, team) == [b]
    with tenant_context(tenant.id):
        assert [row.staff_id for row in roster_rows(tenant.owner, code.code_id)] == [code.staff[0], b]


def test_a_drag_asks_first_when_codes_change_and_saves_at_once_when_none_does(tenant: TenantFixture) -> None:
    a, b = staff_of(tenant, 2)
    team, unused = group(tenant, "一组", a), group(tenant, "二组")
    using(tenant, team)
    client = client_for(
        tenant.owner,
    )
    asked = client.post(f"/t/{tenant.slug}/staff/groups/{team}/", {"add": str(b)}, headers={"HX-Request": "true"})
    assert "<dialog" in asked.content.decode()
    assert held(tenant, team) == [a]
    done = client.post(f"/t/{tenant.slug}/staff/groups/{unused}/", {"add": str(b)}, headers={"HX-Request": "true"})
    assert done.headers["HX-Redirect"].endswith("/staff/groups/")
    assert held(tenant, unused) == [b]


def test_a_group_follows_a_department_once_told_to(tenant: TenantFixture) -> None:
    (a,) = staff_of(tenant, 1)
    with tenant_context(tenant.id):
        sales = department_upsert(access=tenant.owner, name="销售部", parent_id=None, now=clock.now())
        b = staff_upsert(wecom_userid="b", name="乙", department_id=sales, now=clock.now())
    team = group(tenant, "一组", a)
    client = client_for(tenant.owner)
    url = f"/t/{tenant.slug}/staff/groups/{team}/"
    client.post(url, sent(client, url, follow="department", department=str(sales)))
    assert held(tenant, team) == [b]


def test_two_people_editing_a_group_are_told(tenant: TenantFixture) -> None:
    a, b = staff_of(tenant, 2)
    team = group(tenant, "一组", a)
    client = client_for(tenant.owner)
    url = f"/t/{tenant.slug}/staff/groups/{team}/"
    mine = sent(client, url, people=[str(a)])
    client.post(url, {"add": str(b)})
    answer = client.post(url, mine)
    assert "分组刚刚被其他人修改过" in answer.content.decode()
    assert held(tenant, team) == [a, b]


def test_somebody_beyond_the_scope_stays_where_they_are(tenant: TenantFixture) -> None:
    (a,) = staff_of(tenant, 1)
    with tenant_context(tenant.id):
        outside = staff_upsert(wecom_userid="out", name="外部门", now=clock.now())
    team = group(tenant, "一组", outside)
    lead = access_of(tenant, tenant.add_member(["reception_lead"], department_id=tenant.department_id), clock.now())
    client = client_for(lead)
    url = f"/t/{tenant.slug}/staff/groups/{team}/"
    assert f'name="people" value="{outside}"' not in client.get(url).content.decode()
    client.post(url, sent(client, url, people=[str(a)]))
    assert held(tenant, team) == [outside, a]
    assert client.post(url, {"remove": str(outside)}).status_code == 403


def test_an_unused_group_is_deleted_and_a_used_one_is_not(tenant: TenantFixture) -> None:
    (a,) = staff_of(tenant, 1)
    team, unused = group(tenant, "一组", a), group(tenant, "二组")
    using(tenant, team)
    client = client_for(tenant.owner)
    refused = client.post(f"/t/{tenant.slug}/staff/groups/{team}/delete/", follow=True)
    assert "有 1 个活码正在使用这个分组" in refused.content.decode()
    client.post(f"/t/{tenant.slug}/staff/groups/{unused}/delete/")
    with tenant_context(tenant.id):
        assert [row.id for row in groups_list(tenant.owner)] == [team]


def test_groups_are_for_those_who_manage_staff(tenant: TenantFixture, other_tenant: TenantFixture) -> None:
    team = group(tenant, "一组")
    assert client_for(tenant.member("campaign_ops")).get(f"/t/{tenant.slug}/staff/groups/").status_code == 403
    foreign = client_for(other_tenant.owner)
    assert foreign.get(f"/t/{other_tenant.slug}/staff/groups/{team}/").status_code == 404


def test_two_groups_and_twenty_cost_the_same(tenant: TenantFixture) -> None:
    staff = staff_of(tenant, 3)
    owner = viewer(tenant, tenant.owner)
    teams = [group(tenant, f"组{number}", *staff) for number in range(2)]
    using(tenant, teams[0])
    few = owner.queries("staff/groups/"), owner.queries(f"staff/groups/{teams[0]}/")
    for number in range(18):
        group(tenant, f"更多{number}", *staff)
    assert (owner.queries("staff/groups/"), owner.queries(f"staff/groups/{teams[0]}/")) == few
