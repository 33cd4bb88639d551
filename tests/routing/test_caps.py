"""Daily caps are a right of their own (product.md §2.10), and reach as far as the member's scope."""

from __future__ import annotations

import pytest

from livecode_admin.kernel import clock
from permissions.access import Denied
from permissions.selectors import audit_entries
from permissions.services import department_upsert
from routing.selectors import staff_caps, staff_loads
from routing.services.roster import staff_cap_set
from tenants.context import tenant_context
from tests.company import Company
from tests.console.stage import staff_of, viewer
from tests.factories import TenantFixture, access_of, client_for


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


def limits(company: Company) -> dict[int, tuple[int, int]]:
    with tenant_context(company.tenant.id):
        return {row.card.id: (row.cap, row.peak) for row in staff_loads(company.tenant.owner, now=clock.now())}


def test_the_peak_threshold_stands_beside_the_cap_and_is_50_unless_said(company: Company) -> None:
    lin = company.staff["LinXiaoTong"]
    client = client_for(company.tenant.member("system_config"))
    url = f"/t/{company.tenant.slug}/staff/caps/"
    assert f'name="peak_{lin}" value="50"' in client.get(url).content.decode()
    client.post(url, {f"cap_{lin}": "100", f"peak_{lin}": "8"})
    assert limits(company)[lin] == (100, 8)
    with tenant_context(company.tenant.id):
        (entry, *_) = audit_entries(company.tenant.owner, "staff", lin)
    assert [(change.name, change.before, change.after) for change in entry.changes] == [("peak_threshold", 50, 8)]


@pytest.mark.parametrize("value", ["0", "1001", "-3", "五十", ""])
def test_a_wrong_threshold_is_told_beside_the_person(company: Company, value: str) -> None:
    lin = company.staff["LinXiaoTong"]
    client = client_for(company.tenant.member("system_config"))
    answer = client.post(f"/t/{company.tenant.slug}/staff/caps/", {f"peak_{lin}": value})
    assert answer.status_code == 422
    assert f'id="error_peak_{lin}"' in answer.content.decode()
    assert limits(company)[lin] == (100, 50)


def test_a_selection_is_set_at_once_and_the_others_stay(company: Company) -> None:
    lin, chen, zhou = (company.staff[userid] for userid in ("LinXiaoTong", "ChenSiYuan", "ZhouYuTong"))
    client = client_for(company.tenant.member("system_config"))
    sent = {"bulk": "1", "ids": [str(lin), str(chen)], "all_cap": "60", "all_peak": "", f"cap_{zhou}": "9"}
    answer = client.post(f"/t/{company.tenant.slug}/staff/caps/", sent, follow=True)
    assert "已保存 2 位客服的设置" in answer.content.decode()
    assert [limits(company)[pk] for pk in (lin, chen, zhou)] == [(60, 50), (60, 50), (100, 50)]


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ({"all_cap": "60"}, "请先勾选要设置的客服"),
        ({"ids": "all"}, "请填写每日上限、峰值人数或休假日期"),
        ({"ids": "all", "all_peak": "0"}, "请填写 1 到 1000 之间的整数"),
    ],
)
def test_a_bulk_setting_without_people_or_values_says_so(company: Company, sent: dict[str, str], error: str) -> None:
    everybody = {"ids": [str(pk) for pk in company.staff.values()]} if "ids" in sent else {}
    client = client_for(company.tenant.member("system_config"))
    answer = client.post(f"/t/{company.tenant.slug}/staff/caps/", {"bulk": "1", **sent, **everybody})
    assert answer.status_code == 422
    assert error in answer.content.decode()


def test_two_people_and_twenty_cost_the_same(tenant: TenantFixture) -> None:
    owner = viewer(tenant, tenant.owner)
    staff_of(tenant, 2)
    few = owner.queries("staff/caps/")
    staff_of(tenant, 18)
    assert owner.queries("staff/caps/") == few
