"""The pages 待开通 and 默认权限包, and what opening does to staff and their codes."""

from __future__ import annotations

import re

from livecode_admin.kernel import clock
from permissions.models import Member, Newcomer
from permissions.services.newcomers import Arrival, newcomers_note
from tenants.context import tenant_context
from tests.console.stage import codes_of, told, viewer
from tests.factories import TenantFixture, client_for


def arrive(tenant: TenantFixture, *userids: str) -> list[int]:
    with tenant_context(tenant.id):
        people = [Arrival(one, f"新人{one}", "课程顾问", tenant.department_id) for one in userids]
        newcomers_note(arrivals=people, now=clock.now())
        return list(Newcomer.objects.order_by("id").values_list("id", flat=True))


def test_opened_people_see_the_codes_that_they_receive_at(tenant: TenantFixture) -> None:
    from people.services import staff_upsert

    with tenant_context(tenant.id):
        staff = staff_upsert(wecom_userid="a", name="新人a", department_id=tenant.department_id, now=clock.now())
    (code_id,) = codes_of(tenant.owner, 1, staff=[staff])
    (pk,) = arrive(tenant, "a")
    page = viewer(tenant, tenant.owner).post("members/newcomers/open/", {"only": pk, f"bundle-{pk}": "receptionist"})
    assert page.status_code == 302
    with tenant_context(tenant.id):
        user_id = Member.objects.get(wecom_userid="a").user_id
    tenant.user_ids["a"] = user_id
    answer = client_for(tenant.member("a")).get(f"/t/{tenant.slug}/codes/{code_id}/")
    assert answer.status_code == 200


def test_ticked_people_are_opened_together_and_the_rest_told(tenant: TenantFixture) -> None:
    first, second, third = arrive(tenant, "a", "b", "c")
    owner = viewer(tenant, tenant.owner)
    sent = {"ids": [first, second], f"bundle-{first}": "intern", f"bundle-{second}": ""}
    text = told(owner.post("members/newcomers/open/", sent).content.decode())
    assert "已开通 1 人，1 人没有开通" in text
    assert "新人b：没有默认权限包，请选择一个" in text
    assert owner.post("members/newcomers/aside/", {"only": third}).status_code == 302
    shown = owner.get("members/newcomers/")
    assert ("新人a" in shown.split("<tbody>")[1], "新人b" in shown, "新人c" in shown.split("<tbody>")[1]) == (
        False,
        True,
        False,
    )


def test_default_bundles_are_set_on_their_page_and_two_people_are_told(tenant: TenantFixture) -> None:
    arrive(tenant, "a")
    owner = viewer(tenant, tenant.owner)
    page = owner.get("members/defaults/")
    stamp = re.search(r'name="stamp" value="(\w+)"', page)
    assert stamp
    sent = {"stamp": stamp.group(1), f"department-{tenant.department_id}": "intern", "position-0": "receptionist"}
    assert owner.post("members/defaults/", sent).status_code == 302
    assert re.search(r'value="receptionist" selected', owner.get("members/newcomers/"))
    assert "刚刚被其他人修改过" in owner.post("members/defaults/", sent).content.decode()


def test_more_newcomers_take_no_more_queries(tenant: TenantFixture) -> None:
    owner = viewer(tenant, tenant.owner)
    arrive(tenant, "a", "b")
    before = owner.queries("members/newcomers/")
    arrive(tenant, *(f"n{number}" for number in range(40)))
    assert owner.queries("members/newcomers/") == before


def test_only_who_manages_members_opens_the_pages(tenant: TenantFixture) -> None:
    for key in ("campaign_ops", "ops_director", "reception_lead"):
        person = viewer(tenant, tenant.member(key))
        for path in ("members/newcomers/", "members/defaults/", "members/invitations/", "members/import/"):
            person.get(path, 403)
