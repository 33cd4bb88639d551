"""Lists, filters and groups end where the scope ends, and what stands beyond is changed by no way round (§5.3)."""

from __future__ import annotations

import pytest

from livecode_admin.kernel import clock
from people.selectors import group_members
from people.services import customer_upsert, group_create, group_follow, group_members_set
from permissions.access import Denied
from permissions.selectors import audit_log
from permissions.selectors.audit import AuditFilters, audit_actions
from reception.models import Contact
from reception.selectors import UNSEEN
from routing.selectors import staff_loads
from routing.services.groups import group_remove
from tenants.context import tenant_context
from tests.factories import TenantFixture, client_for
from tests.permissions.stage import TwoDepartments, two_departments


@pytest.fixture
def company(tenant: TenantFixture) -> TwoDepartments:
    return two_departments(tenant)


def group_of(company: TwoDepartments, *places: str) -> int:
    """A group with the colleagues of these departments."""
    owner, now = company.tenant.owner, clock.now()
    with tenant_context(company.tenant.id):
        group_id = group_create(access=owner, name="晚间接待组", now=now)
        people = [company.staff[place] for place in places]
        group_members_set(access=owner, group_id=group_id, staff_ids=people, now=now)
    return group_id


def people_of(company: TwoDepartments, group_id: int) -> set[int]:
    with tenant_context(company.tenant.id):
        return set(group_members([group_id]).get(group_id, ()))


def test_the_caps_page_lists_the_own_department_alone(company: TwoDepartments) -> None:
    lead = company.member("reception_lead")
    with tenant_context(company.tenant.id):
        assert [row.card.name for row in staff_loads(lead, now=clock.now())] == ["华东顾问"]
    page = client_for(lead).get(f"/t/{company.tenant.slug}/staff/caps/").content.decode()
    assert "华东顾问" in page
    assert "华南顾问" not in page


def test_nobody_takes_a_colleague_of_another_department_out_of_a_group(company: TwoDepartments) -> None:
    group_id, lead = group_of(company, "华东", "华南"), company.member("reception_lead")
    url = f"/t/{company.tenant.slug}/staff/groups/{group_id}/"
    listed = client_for(lead).get(f"/t/{company.tenant.slug}/staff/groups/").content.decode()
    assert "把华东顾问移出" in listed
    assert "把华南顾问移出" not in listed
    assert "删除分组" not in client_for(lead).get(url).content.decode()
    for ours in ([company.staff["华东"]], []):
        with tenant_context(company.tenant.id), pytest.raises(Denied):
            group_members_set(access=lead, group_id=group_id, staff_ids=ours, now=clock.now())
    assert people_of(company, group_id) == set(company.staff.values())


def test_nor_by_letting_the_group_follow_the_own_department_or_by_deleting_it(company: TwoDepartments) -> None:
    group_id, lead, now = group_of(company, "华南"), company.member("reception_lead"), clock.now()
    with tenant_context(company.tenant.id):
        with pytest.raises(Denied):
            group_follow(access=lead, group_id=group_id, department_id=company.departments["华东"], now=now)
        with pytest.raises(Denied):
            group_remove(access=lead, group_id=group_id, now=now)
    assert people_of(company, group_id) == {company.staff["华南"]}


def test_a_group_that_follows_another_department_is_only_looked_at(company: TwoDepartments) -> None:
    group_id, lead, now = group_of(company), company.member("reception_lead"), clock.now()
    with tenant_context(company.tenant.id):
        group_follow(access=company.tenant.owner, group_id=group_id, department_id=company.departments["华南"], now=now)
    url = f"/t/{company.tenant.slug}/staff/groups/{group_id}/"
    page = client_for(lead).get(url).content.decode()
    assert "只能查看" in page
    assert 'name="follow"' not in page
    with tenant_context(company.tenant.id), pytest.raises(Denied):
        group_members_set(access=lead, group_id=group_id, staff_ids=[], now=now)
    assert people_of(company, group_id) == {company.staff["华南"]}


def test_a_customer_who_came_by_a_code_beyond_the_scope_is_listed_without_it(company: TwoDepartments) -> None:
    now, root = clock.now(), f"/t/{company.tenant.slug}/"
    with tenant_context(company.tenant.id):
        customer = customer_upsert(external_userid="wm1", name="小满妈妈", avatar_url="", gender=0, kind=1, now=now)
        Contact.objects.create(
            customer_id=customer,
            staff_id=company.staff["华东"],
            code_id=company.codes["华南"],
            state="friend",
            match="exact",
            added_at=now,
            updated_at=now,
        )
    client = client_for(company.member("reception_lead"))
    for path in ("customers/", "search/?q=小满妈妈"):
        page = client.get(root + path).content.decode()
        assert "小满妈妈" in page
        assert UNSEEN in page
        assert "华南的码" not in page
        assert company.path("华南") not in page


def test_the_audit_log_tells_a_lead_what_their_own_department_did(company: TwoDepartments) -> None:
    for place in ("华东", "华南"):
        actor = company.member("campaign_ops", of=place)
        assert client_for(actor).post(company.path(place, "retire/")).status_code == 302
    with tenant_context(company.tenant.id):
        lead = company.member("reception_lead")
        assert [row.object_label for row in audit_log(lead, AuditFilters()).rows] == ["华东的码"]
        assert audit_actions(lead) == ["code.retired"]
        assert len(audit_log(company.tenant.owner, AuditFilters(action="code.retired")).rows) == 2


def test_the_lists_menus_offer_no_other_department(company: TwoDepartments) -> None:
    page = client_for(company.member("campaign_ops")).get(f"/t/{company.tenant.slug}/codes/").content.decode()
    assert f"department={company.departments['华东']}" in page
    assert f"department={company.departments['华南']}" not in page
