"""A new colleague with 活动运营, in four clicks of an administrator's browser and their own (product.md §5)."""

from __future__ import annotations

import os
import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from livecode_admin.devstack import chromium
from permissions.models import Member
from routing.selectors import roster_rows
from tenants.context import tenant_context
from tests.factories import TenantFixture, client_for
from tests.permissions.browsing import by_hand
from tests.routing.stage import live_code

pytestmark = pytest.mark.browser
SECRET = "three-boats-and-rain"
# A folder for pictures of what the walk saw, for those who look; none are made without it.
PICTURES = os.environ.get("LIVECODE_TEST_PICTURES", "")


class Hand:
    """Clicks, counted."""

    def __init__(self) -> None:
        self.clicks = 0

    def click(self, control: Locator) -> None:
        control.click()
        self.clicks += 1


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png")


def new_page(browser: Browser, console_url: str, session: str = "") -> Page:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    context.set_default_timeout(15_000)
    if session:
        context.add_cookies([{"name": "sessionid", "value": session, "url": console_url}])
    return context.new_page()


def test_a_new_member_is_made_in_four_clicks_and_changes_rosters_alone(tenant: TenantFixture, console_url: str) -> None:
    code = live_code(tenant, roster=3)
    username = f"new.colleague.{tenant.slug}"
    session = client_for(tenant.owner).cookies["sessionid"].value
    hand = Hand()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=["--no-sandbox"])
        page = new_page(browser, console_url, session)
        page.goto(f"{console_url}/t/{tenant.slug}/members/")
        hand.click(page.get_by_role("button", name="邀请成员"))
        page.get_by_label("姓名").fill("周启航")
        picture(page, "invite")
        hand.click(page.get_by_label("活动运营"))
        hand.click(page.get_by_role("button", name="生成邀请链接"))
        link = page.get_by_label("链接只显示这一次").input_value()
        picture(page, "link")

        theirs = new_page(browser, console_url)
        theirs.goto(link)
        theirs.get_by_label("用户名").fill(username)
        theirs.locator("[name=password]").fill(SECRET)
        theirs.locator("[name=again]").fill(SECRET)
        picture(theirs, "join")
        hand.click(theirs.get_by_role("button", name="创建账号并加入"))
        expect(theirs.get_by_role("heading", name="工作台")).to_be_visible()
        picture(theirs, "joined")

        theirs.goto(f"{console_url}/t/{tenant.slug}/codes/{code.code_id}/roster/")
        theirs.locator("[data-roster=roster] > li").nth(1).locator("[data-roster-act=up]").click()
        theirs.get_by_role("button", name="保存名单").last.click()
        expect(theirs.get_by_text("接待名单已保存")).to_be_visible()
        expect(theirs.get_by_text(re.compile("修改规则|接待上限"))).to_have_count(0)
        for tail in (f"codes/{code.code_id}/rules/", "staff/caps/", "settings/reception/"):
            assert by_hand(theirs, f"{console_url}/t/{tenant.slug}/{tail}", [("strategy", "weighted")]) == 403
        browser.close()
    assert hand.clicks <= 4
    with tenant_context(tenant.id):
        made = Member.objects.get(user__username=username)
        assert made.display_name == "周启航"
        order = [code.staff.index(row.staff_id) for row in roster_rows(tenant.owner, code.code_id)]
    assert order == [1, 0, 2]
