"""Daily caps are a right of their own (product.md §2.10), and reach as far as the member's scope."""

from __future__ import annotations

import pytest

from livecode_admin.kernel import clock
from permissions.access import Denied
from permissions.services import department_upsert
from routing.selectors import staff_caps
from routing.services.roster import staff_cap_set
from tenants.context import tenant_context
from tests.company import Company
from tests.factories import access_of, client_for


def caps(company: Company) -> dict[int, int]:
    with tenant_context(company.tenant.id):
        return staff_caps(company.staff.values())


def test_system_configuration_sets_caps_without_touching_rosters(company: Company) -> None:
    lin = company.staff["LinXiaoTong"]
    client = client_for(company.tenant.member("system_config"))
    url = f"/t/{company.tenant.slug}/staff/caps/"
    assert "林晓彤" in client.get(url).content.decode()
    assert client.post(url, {f"cap_{lin}": "35"}).status_code == 302
    assert caps(company)[lin] == 35


def test_a_wrong_number_is_told_beside_the_person_and_nothing_is_saved(company: Company) -> None:
    lin, chen = company.staff["LinXiaoTong"], company.staff["ChenSiYuan"]
    client = client_for(company.tenant.member("system_config"))
    answer = client.post(f"/t/{company.tenant.slug}/staff/caps/", {f"cap_{lin}": "很多", f"cap_{chen}": "20"})
    assert answer.status_code == 422
    assert "请填写 0 到 10000 之间的整数" in answer.content.decode()
    assert caps(company)[chen] == 100


def test_a_lead_sets_the_caps_of_the_own_department_only(company: Company) -> None:
    tenant, lin = company.tenant, company.staff["LinXiaoTong"]
    with tenant_context(tenant.id):
        other = department_upsert(access=tenant.owner, name="二部", parent_id=tenant.department_id, now=clock.now())
    lead = access_of(tenant, tenant.add_member(["reception_lead"], department_id=other), clock.now())
    with tenant_context(tenant.id), pytest.raises(Denied):
        staff_cap_set(access=lead, staff_id=lin, daily_cap=1, now=clock.now())
    page = client_for(lead).get(f"/t/{tenant.slug}/staff/caps/").content.decode()
    assert f'name="cap_{lin}"' not in page
    client_for(lead).post(f"/t/{tenant.slug}/staff/caps/", {f"cap_{lin}": "1"})
    assert caps(company)[lin] == 100


def test_campaign_staff_have_no_caps_page(company: Company) -> None:
    client = client_for(company.tenant.member("campaign_ops"))
    assert client.get(f"/t/{company.tenant.slug}/staff/caps/").status_code == 403
