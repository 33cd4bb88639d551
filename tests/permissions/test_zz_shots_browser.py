"""Roles in a browser: 活动运营 finds no rule and no cap; 客服 and 实习生 see their own codes alone (product.md §5)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from livecode_admin.devstack import chromium
from permissions.access import Access
from routing.selectors import roster_rows
from tenants.context import tenant_context
from tests.console.stage import staff_of
from tests.factories import TenantFixture, client_for
from tests.routing.stage import live_code

pytestmark = pytest.mark.browser
CONTROLS = "[name^=cap_], [name^=seat_cap_], [name^=weight_], [name^=hours_], [name=strategy], [name=overflow]"


def browse(access: Access, console_url: str, walk: Callable[[Page], None]) -> None:
    """Walk as this member; the database is read before and after, never while Playwright's loop is open."""
    session = client_for(access).cookies["sessionid"].value
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        context.set_default_timeout(15_000)
        context.add_cookies([{"name": "sessionid", "value": session, "url": console_url}])
        walk(context.new_page())
        browser.close()


def test_campaign_operations_change_a_roster_and_find_no_rule_and_no_cap(
    tenant: TenantFixture, console_url: str
) -> None:
    code = live_code(tenant, roster=3)
    home = f"{console_url}/t/{tenant.slug}/"

    def walk(page: Page) -> None:
        page.goto(f"{home}codes/{code.code_id}/")
        expect(page.get_by_text("修改规则")).to_have_count(0)
        expect(page.locator("nav").get_by_text("接待上限")).to_have_count(0)
        page.goto(f"{home}codes/{code.code_id}/roster/")
        expect(page.locator(CONTROLS)).to_have_count(0)
        expect(page.get_by_text("只有持有「接待上限」权限的人能修改上限")).to_be_visible()
        page.locator("[data-roster=roster] > li").nth(1).locator("[data-roster-act=up]").click()
        page.get_by_role("button", name="保存名单").last.click()
        expect(page.get_by_text("接待名单已保存")).to_be_visible()
        page.goto(f"{home}codes/{code.code_id}/rules/")
        expect(page.locator(CONTROLS)).to_have_count(0)

    browse(tenant.member("campaign_ops"), console_url, walk)
    with tenant_context(tenant.id):
        order = [code.staff.index(row.staff_id) for row in roster_rows(tenant.owner, code.code_id)]
    assert order == [1, 0, 2]


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
        page.screenshot(path=f"/tmp/f_{bundle}_list.png")
        with page.expect_download() as download:
            main.get_by_role("link", name="PNG").click()
        assert download.value.suggested_filename.endswith(".png")
        page.goto(f"{home}codes/{code.code_id}/")
        for panel in ("分流规则", "接待名单", "变更记录", "自动标签"):
            expect(page.get_by_text(panel)).to_have_count(0)
        expect(page.get_by_role("link", name="下载 PNG")).to_have_count(1)
        page.screenshot(path=f"/tmp/f_{bundle}_code.png")
        expect(page.locator("main input, main form")).to_have_count(0)

    browse(member, console_url, walk)
    assert client_for(member).get(f"/t/{tenant.slug}/codes/{code.code_id}/versions/").status_code == 403


def test_a_lead_sees_live_data_and_finds_no_way_to_delete_history(tenant: TenantFixture, console_url: str) -> None:
    code = live_code(tenant, roster=2)
    home = f"{console_url}/t/{tenant.slug}/"

    def walk(page: Page) -> None:
        for path in ("live/", "audit/", "customers/", f"codes/{code.code_id}/", f"codes/{code.code_id}/scans/",
                     f"codes/{code.code_id}/versions/"):  # fmt: skip
            answer = page.goto(home + path)
            assert answer is not None
            assert answer.status == 200, path
            for word in ("删除", "清空", "清除"):
                expect(page.locator("button, a, [role=menuitem]").filter(has_text=word)).to_have_count(0)

    browse(tenant.member("reception_lead"), console_url, walk)
