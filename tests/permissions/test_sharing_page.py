"""The page of 跨部门数据共享: what is opened to whom until when, and who sees it because of that (product.md §5.3)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from livecode_admin.kernel import clock
from permissions.access import Scope
from permissions.models import DepartmentShare
from permissions.services import bundle_assign, bundle_revoke
from tenants.context import tenant_context
from tests.console.stage import told, viewer
from tests.factories import TenantFixture, access_of
from tests.permissions.test_sharing import GROWTH, QUALITY, TRAFFIC, ZONE, Company, company_of


@pytest.fixture
def company(tenant: TenantFixture) -> Company:
    return company_of(tenant)


def test_the_page_says_who_sees_a_share_and_ends_it(company: Company) -> None:
    company.who("data_analyst", company.east)
    company.who("receptionist", company.east)
    company.who("data_analyst", company.west)
    browser = viewer(company.tenant, company.tenant.owner)
    form = {"department": company.west, "group": TRAFFIC, "with": "company", "until": ""}
    assert browser.post("sharing/", form).status_code == 302
    page = told(browser.get("sharing/"))
    assert f"data_analyst-{company.east}" in page
    assert f"data_analyst-{company.west}" not in page
    assert f"receptionist-{company.east}" not in page
    for wrong, why in (({"until": "2020-01-01"}, "结束日期已经过去"), ({"with": ""}, "请选择共享给谁")):
        answer = browser.post("sharing/", form | wrong)
        assert (answer.status_code, why in answer.content.decode()) == (422, True)
    with tenant_context(company.tenant.id):
        (share,) = DepartmentShare.objects.all()
    assert browser.post(f"sharing/{share.pk}/end/", {}).status_code == 302
    assert f"data_analyst-{company.east}" not in browser.get("sharing/")


def test_the_last_day_is_the_one_that_was_typed_and_several_groups_go_at_once(company: Company) -> None:
    browser = viewer(company.tenant, company.tenant.owner)
    last = clock.local_day(clock.now(), ZONE) + timedelta(days=9)
    form = {"department": company.west, "group": [TRAFFIC, QUALITY], "with": company.east, "until": last.isoformat()}
    assert browser.post("sharing/", form).status_code == 302
    page = told(browser.get("sharing/"))
    assert page.count(f"至 {last}") == 2
    assert str(last + timedelta(days=1)) not in page
    with tenant_context(company.tenant.id):
        assert {share.group for share in DepartmentShare.objects.all()} == {TRAFFIC, QUALITY}
        assert {share.until for share in DepartmentShare.objects.all()} == {
            clock.day_start(last + timedelta(days=1), ZONE)
        }
    answer = browser.post("sharing/", form | {"group": [GROWTH], "with": company.west})
    assert (answer.status_code, "部门不能共享给自己" in answer.content.decode()) == (422, True)
    assert browser.post("sharing/", form | {"group": []}).status_code == 422


def test_a_department_out_of_the_sharer_s_scope_is_refused_on_the_page_too(company: Company) -> None:
    user_id = company.tenant.add_member(["ops_director"], department_id=company.east)
    member = access_of(company.tenant, user_id, clock.now())
    with tenant_context(company.tenant.id):
        bundle_revoke(
            access=company.tenant.owner, member_id=member.member_id or 0, bundle_key="ops_director", now=clock.now()
        )
        bundle_assign(
            access=company.tenant.owner,
            member_id=member.member_id or 0,
            bundle_key="ops_director",
            scope=Scope.DEPARTMENT,
            now=clock.now(),
        )
    browser = viewer(company.tenant, access_of(company.tenant, user_id, clock.now()))
    form = {"department": company.west, "group": TRAFFIC, "with": "company", "until": ""}
    assert browser.post("sharing/", form).status_code == 403
    assert browser.post("sharing/", form | {"department": company.east}).status_code == 302
    assert "华西" not in re.findall(r"<tr><td>　*([^<]+)</td>", browser.get("sharing/"))


def test_who_may_not_share_has_no_page_and_no_entry(company: Company) -> None:
    browser = viewer(company.tenant, company.who("data_analyst", company.east))
    assert "数据共享" not in told(browser.get(""))
    browser.get("sharing/", 403)
    assert (
        browser.post("sharing/", {"department": company.east, "group": TRAFFIC, "with": "company"}).status_code == 403
    )
