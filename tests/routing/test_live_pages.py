"""The live page as people open it: its scope, its address, 204 while nothing changes, one cost for any size."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from livecode_admin.kernel import clock
from permissions.access import Access
from permissions.services import department_upsert
from routing.models import StaffLimit, StaffSuspect
from tenants.context import tenant_context
from tests.console.stage import codes_of, staff_of, told, viewer
from tests.factories import TenantFixture, access_of, client_for
from tests.routing.stage import live_code


def now_of(client: Client, slug: str, query: str = "") -> tuple[int, str]:
    answer = client.get(f"/t/{slug}/live/now/{query}", headers={"hx-request": "true"})
    return answer.status_code, answer.content.decode()


def stamp_of(html: str) -> str:
    found = re.search(r'data-stamp="(\w+)"', html)
    assert found is not None
    return found.group(1)


def department(tenant: TenantFixture, name: str, number: int) -> int:
    with tenant_context(tenant.id):
        return department_upsert(
            access=tenant.owner, name=name, parent_id=tenant.department_id, wecom_id=number, now=clock.now()
        )


def lead_of(tenant: TenantFixture, department_id: int) -> Access:
    user_id = tenant.add_member(["reception_lead"], name="赵磊", department_id=department_id)
    return access_of(tenant, user_id, clock.now())


def test_the_page_names_people_codes_states_and_figures(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=2, name="20261122-DTGG-地铁广告")
    html = viewer(tenant, tenant.owner).get("live/")
    text = told(html)
    for word in ("实时接待", "林晓彤", "王一鸣", "接待中", "0/100", "20261122-DTGG-地铁广告"):
        assert word in text
    for figure in ("可接待", "等待中", "今日接待", "兜底页"):
        assert figure in text
    assert f"/codes/{code.code_id}/" in html
    assert "every 1s" in html


def test_while_nothing_changed_the_answer_is_empty(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=2)
    client = client_for(tenant.owner)
    status, html = now_of(client, tenant.slug)
    assert status == 200
    assert now_of(client, tenant.slug, f"?stamp={stamp_of(html)}") == (204, "")
    with tenant_context(tenant.id):
        StaffLimit.objects.create(staff_id=code.staff[0], online=False)
    status, changed = now_of(client, tenant.slug, f"?stamp={stamp_of(html)}")
    assert status == 200
    assert "已下线" in changed
    assert stamp_of(changed) != stamp_of(html)


def test_the_address_filters_and_the_part_asks_for_the_same(tenant: TenantFixture) -> None:
    code, other = live_code(tenant, roster=1), live_code(tenant, roster=1)
    html = viewer(tenant, tenant.owner).get(f"live/?code={code.code_id}&state=receiving")
    assert f'data-key="c{code.code_id}"' in html
    assert f'data-key="c{other.code_id}"' not in html
    assert f'data-key="s{other.staff[0]}"' not in html
    assert f"/live/now/?code={code.code_id}&amp;state=receiving" in html
    assert 'data-key="s' not in viewer(tenant, tenant.owner).get("live/?state=offline")


def test_a_department_in_the_address_keeps_its_people_and_their_codes(tenant: TenantFixture) -> None:
    inside, outside = live_code(tenant, roster=1), live_code(tenant, roster=1)
    group = department(tenant, "一组", 31)
    inside.rows("UPDATE people_staff SET department_id = %s WHERE id = %s", group, inside.staff[0])
    html = viewer(tenant, tenant.owner).get(f"live/?department={group}")
    assert f'data-key="s{inside.staff[0]}"' in html
    assert f'data-key="c{inside.code_id}"' in html
    assert f'data-key="s{outside.staff[0]}"' not in html
    assert f'data-key="c{outside.code_id}"' not in html


def test_a_lead_sees_the_own_people_wherever_they_receive_and_no_other_departments_codes(
    tenant: TenantFixture,
) -> None:
    group, far = department(tenant, "一组", 31), department(tenant, "二组", 32)
    theirs = live_code(tenant, roster=2)
    theirs.rows("UPDATE codes_livecode SET department_id = %s WHERE id = %s", far, theirs.code_id)
    theirs.rows("UPDATE people_staff SET department_id = %s WHERE id = %s", group, theirs.staff[0])
    html = viewer(tenant, lead_of(tenant, group)).get("live/")
    assert f'data-key="s{theirs.staff[0]}"' in html
    assert f'data-key="s{theirs.staff[1]}"' not in html
    assert f'data-key="c{theirs.code_id}"' not in html
    person = viewer(tenant, lead_of(tenant, group)).get(f"live/staff/{theirs.staff[0]}/")
    assert "另有 1 个活码不在您的权限范围内" in person
    viewer(tenant, lead_of(tenant, group)).get(f"live/staff/{theirs.staff[1]}/", status=404)


@pytest.mark.parametrize("bundle", ["receptionist", "intern", "system_config"])
def test_without_the_capability_there_is_neither_page_nor_entry(tenant: TenantFixture, bundle: str) -> None:
    live_code(tenant, roster=1)
    member = viewer(tenant, tenant.member(bundle))
    member.get("live/", status=403)
    member.get("live/now/", status=403)
    assert "实时接待" not in member.get("")
    assert "实时接待" in viewer(tenant, tenant.owner).get("")


def test_another_company_sees_nothing(tenant: TenantFixture, other_tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=1)
    stranger = viewer(other_tenant, other_tenant.owner)
    assert "您的权限范围内还没有启用的活码" in stranger.get("live/")
    stranger.get(f"live/staff/{code.staff[0]}/", status=404)


def test_two_people_and_codes_cost_as_many_statements_as_forty(tenant: TenantFixture) -> None:
    owner, staff = viewer(tenant, tenant.owner), staff_of(tenant, 2)
    codes_of(tenant.owner, 2, staff=staff)
    pages = ("live/", "live/now/", f"live/staff/{staff[0]}/")
    few = [owner.queries(page) for page in pages]
    codes_of(tenant.owner, 38, staff=staff + staff_of(tenant, 38))
    assert [owner.queries(page) for page in pages] == few


def test_somebody_held_as_full_is_taken_back_by_who_runs_rosters_alone(tenant: TenantFixture) -> None:
    code, now = live_code(tenant, roster=1), clock.now()
    with tenant_context(tenant.id):
        StaffSuspect.objects.create(staff_id=code.staff[0], since=now, until=now.replace(year=2099), assigned=20)
    analyst, url = viewer(tenant, tenant.member("ops_director")), f"live/staff/{code.staff[0]}/lift/"
    code.rows("UPDATE people_staff SET department_id = %s WHERE id = %s", tenant.department_id, code.staff[0])
    assert "恢复接待" not in viewer(tenant, tenant.member("data_analyst")).get("live/")
    assert viewer(tenant, tenant.member("data_analyst")).post(url, {}).status_code == 403
    assert "恢复接待" in analyst.get("live/")
    assert analyst.post(url, {}).status_code == 302
    assert "疑似已满，" not in analyst.get("live/")
    (entry,) = code.rows("SELECT object_label FROM permissions_auditentry WHERE action = 'staff.suspect_lifted'")
    assert entry == ("林晓彤",)


def test_a_person_shows_the_codes_with_what_stands_in_the_way(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=1, cap=0)
    html = viewer(tenant, tenant.owner).get(f"live/staff/{code.staff[0]}/")
    assert "今日已达上限" in html
    assert "今天还没有扫码分配到这里" in html
