"""Who sees what on the console's pages (product.md §5, role_bundles.csv)."""

from __future__ import annotations

import re

from codes.selectors import codes_visible
from tenants.context import tenant_context
from tests.console.stage import codes_of, staff_of, told, viewer
from tests.factories import TenantFixture


def test_a_receptionist_sees_only_own_codes_under_their_name(tenant: TenantFixture) -> None:
    receptionist = tenant.member("receptionist")
    own_staff = staff_of(tenant, 1, member_id=receptionist.member_id)
    codes_of(tenant.owner, 1, staff=own_staff, name="有我的码")
    (foreign,) = codes_of(tenant.owner, 1, staff=staff_of(tenant, 1), name="别人的码")
    browser = viewer(tenant, receptionist)
    page = browser.get("codes/")
    assert "我的活码" in page
    assert "活码列表" not in told(page)
    assert "有我的码" in page
    assert "别人的码" not in page
    browser.get(f"codes/{foreign}/", status=404)
    assert "别人的码" not in browser.get("search/?q=的码")


def test_an_intern_sees_no_figures(tenant: TenantFixture) -> None:
    intern = tenant.member("intern")
    (code,) = codes_of(tenant.owner, 1, staff=staff_of(tenant, 1, member_id=intern.member_id))
    browser = viewer(tenant, intern)
    home = browser.get("")
    assert "c-kpi" not in home
    page = browser.get(f"codes/{code}/")
    assert f"codes/{code}/figures/" not in page
    assert f"codes/{code}/chart/" not in page
    browser.get(f"codes/{code}/figures/", status=403)
    browser.get(f"codes/{code}/chart/", status=403)


def test_a_receptionist_sees_growth_but_no_traffic(tenant: TenantFixture) -> None:
    browser = viewer(tenant, tenant.member("receptionist"))
    words = re.findall(r'class="c-kpi"><dt>(\S+)', browser.get(""))
    assert words == ["添加", "客户通过率"]


def test_an_analyst_has_no_create_button_and_is_refused_without_a_trace(tenant: TenantFixture) -> None:
    analyst = tenant.member("data_analyst")
    staff = staff_of(tenant, 1)
    browser = viewer(tenant, analyst)
    for path in ("", "codes/"):
        page = browser.get(path)
        assert "新建活码" not in told(page)
        assert "codes/new/" not in page
    form = {
        "purpose": "campaign",
        "purpose_text": "偷建",
        "channel_name": "偷建渠道",
        "name": "偷建的码",
        "kind": "several",
        "validity": "months",
        "roster": [str(staff[0])],
    }
    refused = browser.post("codes/new/", form)
    assert refused.status_code == 403
    with tenant_context(tenant.id):
        assert not codes_visible(tenant.owner).exists()
    assert "偷建渠道" not in viewer(tenant, tenant.owner).get("channels/")


def test_a_refusal_says_what_is_missing_and_who_can_grant_it(tenant: TenantFixture) -> None:
    page = told(viewer(tenant, tenant.member("data_analyst")).get("codes/new/", status=403))
    assert "新建" in page or "创建" in page
    assert "方圆" in page


def test_a_campaign_operator_has_no_controls_for_caps_and_rules(tenant: TenantFixture) -> None:
    ops = tenant.member("campaign_ops")
    (code,) = codes_of(ops, 1, staff=staff_of(tenant, 2))
    browser = viewer(tenant, ops)
    roster = browser.get(f"codes/{code}/roster/")
    assert re.search(r'name="(seat_)?cap_', roster) is None
    assert "只有持有「接待上限」权限的人能修改上限" in roster
    assert "只有持有「分流规则」权限的人能修改" in browser.get(f"codes/{code}/")
    lead = viewer(tenant, tenant.member("reception_lead")).get(f"codes/{code}/roster/")
    assert re.search(r'name="cap_', lead) is not None


def test_actions_without_a_right_are_neither_shown_nor_done(tenant: TenantFixture) -> None:
    analyst = tenant.member("data_analyst")
    (code,) = codes_of(tenant.owner, 1, staff=staff_of(tenant, 1), department_id=analyst.department_id)
    browser = viewer(tenant, analyst)
    page = browser.get("codes/")
    for word in ("批量延长期限", "暂停", "归档"):
        assert word not in told(page.split("<tbody>")[1].split("</tbody>")[0])
    for do in ("renew", "pause", "resume", "retire"):
        reply = browser.post("codes/batch/", {"do": do, "confirm": "1", "ids": [str(code)], "months": "3"})
        assert reply.status_code == 403
    with tenant_context(tenant.id):
        assert codes_visible(tenant.owner).get(pk=code).state == "live"


def test_another_companys_code_is_not_found(tenant: TenantFixture, other_tenant: TenantFixture) -> None:
    (foreign,) = codes_of(other_tenant.owner, 1, staff=staff_of(other_tenant, 1))
    browser = viewer(tenant, tenant.owner)
    browser.get(f"codes/{foreign}/", status=404)
    dialog = browser.post("codes/batch/", {"do": "retire", "confirm": "1", "ids": [str(foreign)]})
    assert "地铁广告" not in dialog.content.decode()
    with tenant_context(other_tenant.id):
        assert codes_visible(other_tenant.owner).get(pk=foreign).state == "live"
