"""Roles in a browser: who changes rosters finds no rule and no cap, who watches deletes no history (product.md §5)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from codes.selectors import code_for
from livecode_admin.kernel import clock
from permissions.rules import Scope
from permissions.services import bundle_assign
from routing.selectors import roster_rows
from tenants.context import tenant_context
from tests.console.stage import staff_of
from tests.factories import TenantFixture, access_of, client_for
from tests.permissions.browsing import browse, by_hand, everything_offered
from tests.permissions.stage import two_departments
from tests.routing.stage import live_code

pytestmark = pytest.mark.browser
CONTROLS = "[name^=cap_], [name^=seat_cap_], [name^=weight_], [name^=hours_], [name=strategy], [name=overflow]"
# A group of colleagues and a file of a domain are no history: both are put together and taken apart as one likes.
NO_HISTORY = {"删除分组"}


def test_campaign_operations_change_a_roster_and_find_no_rule_and_no_cap(
    tenant: TenantFixture, console_url: str
) -> None:
    code = live_code(tenant, roster=3)
    home = f"{console_url}/t/{tenant.slug}/"
    found: list[str] = []

    def walk(page: Page) -> None:
        page.goto(f"{home}codes/{code.code_id}/roster/")
        page.locator("[data-roster=roster] > li").nth(1).locator("[data-roster-act=up]").click()
        page.get_by_role("button", name="保存名单").last.click()
        expect(page.get_by_text("接待名单已保存")).to_be_visible()
        visited = set()
        for here, words, _, _ in everything_offered(page, home):
            if here not in visited:
                visited.add(here)
                assert page.locator(CONTROLS).count() == 0, here
            if re.search("修改规则|接待上限|权重|发布规则", words):
                found.append(f"{words} on {here}")
        assert {f"/t/{tenant.slug}/{path}" for path in ("", "codes/", "live/")} <= visited

    browse(tenant.member("campaign_ops"), console_url, walk)
    assert found == []
    with tenant_context(tenant.id):
        order = [code.staff.index(row.staff_id) for row in roster_rows(tenant.owner, code.code_id)]
    assert order == [1, 0, 2]


def test_operations_of_a_department_with_analysis_of_all_see_all_and_edit_their_own(
    tenant: TenantFixture, console_url: str
) -> None:
    company = two_departments(tenant)
    user_id = tenant.add_member(["campaign_ops"], department_id=company.departments["华东"])
    access = access_of(tenant, user_id, clock.now())
    with tenant_context(tenant.id):
        bundle_assign(
            access=tenant.owner,
            member_id=access.member_id or 0,
            bundle_key="data_analyst",
            scope=Scope.ALL,
            now=clock.now(),
        )

    def walk(page: Page) -> None:
        for name in ("华东", "华南"):
            page.goto(f"{console_url}/t/{tenant.slug}/codes/")
            page.get_by_role("link", name=f"{name}的码").first.click()
            expect(page.get_by_role("heading", name=f"{name}的码")).to_be_visible()
            expect(page.get_by_role("region", name="扫码与添加")).to_be_visible()
            edits = 1 if name == "华东" else 0
            expect(page.locator("main").get_by_text("编辑名单")).to_have_count(2 * edits)  # the panel's and the menu's
            expect(page.get_by_role("button", name="编辑", exact=True)).to_have_count(edits)
            answer = page.goto(f"{console_url}{company.path(name, 'roster/')}")
            assert answer is not None
            assert answer.status == (200 if edits else 403)
        page.goto(f"{console_url}/t/{tenant.slug}/")
        for tail in ("roster/", "rules/", "renew/", "pause/", "retire/", "welcome/"):
            assert by_hand(page, f"{console_url}{company.path('华南', tail)}", [("months", "3")]) == 403
        expect(page.get_by_role("button", name=re.compile("部门"))).to_be_visible()
        for name in ("华东", "华南"):
            expect(page.locator(".c-menu").get_by_text(name)).to_have_count(1)

    browse(access, console_url, walk)
    with tenant_context(tenant.id):
        assert code_for(tenant.owner, company.codes["华南"]).state == "draft"
        assert len(roster_rows(tenant.owner, company.codes["华南"])) == 1


def test_a_lead_sees_live_data_and_finds_no_way_to_delete_history(tenant: TenantFixture, console_url: str) -> None:
    code = live_code(tenant, roster=2)
    home = f"{console_url}/t/{tenant.slug}/"
    ways: list[str] = []
    visited: set[str] = set()

    def walk(page: Page) -> None:
        for here, words, target, deletes in everything_offered(page, home):
            visited.add(here)
            told = re.search("删除|清空|清除|抹去|注销", words) and words not in NO_HISTORY
            led = re.search("delete|erase|purge|remove", target) and "/staff/groups/" not in target
            if told or led or deletes:
                ways.append(f"{words} → {target} on {here}")

    browse(tenant.member("reception_lead"), console_url, walk)
    assert ways == []
    paths = ("live/", "audit/", "customers/", f"codes/{code.code_id}/scans/", f"codes/{code.code_id}/versions/")
    assert {f"/t/{tenant.slug}/{path}" for path in paths} <= visited


@pytest.mark.parametrize("bundle", ["receptionist", "intern"])
def test_ordinary_staff_have_my_codes_with_download_and_nothing_else(
    tenant: TenantFixture, console_url: str, bundle: str
) -> None:
    member = tenant.member(bundle)
    code = live_code(tenant, roster=2, staff=staff_of(tenant, 2, member_id=member.member_id), name="有我的码")
    live_code(tenant, roster=1, name="别人的码")
    home = f"{console_url}/t/{tenant.slug}/"

    def walk(page: Page) -> None:
        page.goto(f"{home}codes/")
        expect(page.locator("nav").get_by_text("我的活码")).to_have_count(1)
        for entry in ("活码列表", "分类", "渠道"):
            expect(page.locator("nav").get_by_text(entry, exact=True)).to_have_count(0)
        main = page.locator("main")
        expect(main.get_by_text("有我的码")).to_have_count(1)
        expect(main.get_by_text("别人的码")).to_have_count(0)
        expect(main.locator("input, select, form")).to_have_count(0)
        with page.expect_download() as download:
            main.get_by_role("link", name="PNG").click()
        assert download.value.suggested_filename.endswith(".png")
        page.goto(f"{home}codes/{code.code_id}/")
        for panel in ("分流规则", "接待名单", "变更记录", "自动标签"):
            expect(page.get_by_text(panel)).to_have_count(0)
        expect(page.get_by_role("link", name="下载 PNG")).to_have_count(1)
        expect(page.locator("main input, main form")).to_have_count(0)

    browse(member, console_url, walk)
    assert client_for(member).get(f"/t/{tenant.slug}/codes/{code.code_id}/versions/").status_code == 403
