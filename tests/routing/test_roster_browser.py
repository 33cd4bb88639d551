"""The roster editor and the groups in a real browser: drag, pick, share, hours, save; accessible and quiet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect, sync_playwright

from livecode_admin.devstack import chromium
from livecode_admin.kernel import clock
from people.services import group_create, staff_upsert
from tenants.context import tenant_context
from tests.factories import TenantFixture, client_for
from tests.routing.rulestage import changed
from tests.routing.stage import StageCode, live_code, rows_of

pytestmark = pytest.mark.browser


@dataclass
class Visit:
    """A signed-in owner's browser; ``said`` is what its console complained of."""

    page: Page
    home: str
    said: list[str]

    def open(self, path: str) -> None:
        self.page.goto(self.home + path)
        self.page.wait_for_load_state("networkidle")


def browse(tenant: TenantFixture, console_url: str, walk: Callable[[Visit], None]) -> None:
    """Walk through pages; the database is read before and after, never while Playwright's loop is open."""
    session = client_for(tenant.owner).cookies["sessionid"].value
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        context.set_default_timeout(10_000)
        context.add_cookies([{"name": "sessionid", "value": session, "url": console_url}])
        visit = Visit(context.new_page(), f"{console_url}/t/{tenant.slug}/", [])
        visit.page.on("pageerror", lambda error: visit.said.append(str(error)))
        visit.page.on("console", lambda one: visit.said.append(one.text) if one.type == "error" else None)
        walk(visit)
        assert visit.said == []
        browser.close()


def drag(page: Page, what: Locator, to: Locator, *, low: bool = False) -> None:
    """By hand: down, a few moves, up."""
    start, end = what.bounding_box(), to.bounding_box()
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + 20, end["y"] + end["height"] / 2, steps=8)
    page.mouse.move(end["x"] + 24, end["y"] + end["height"] - 3 if low else end["y"] + 3, steps=4)
    page.mouse.up()


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    told = [
        f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found if one["impact"] in ("serious", "critical")
    ]
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        told.append("wider than the window")
    return told


def seats(code: StageCode) -> list[tuple[object, ...]]:
    return code.rows(
        "SELECT staff_id, rung, weight, hours::text FROM routing_seat WHERE code_id = %s AND removed_at IS NULL"
        " AND rung < 3 ORDER BY rung, position",
        code.code_id,
    )


def test_a_roster_is_dragged_picked_weighed_and_given_hours(tenant: TenantFixture, console_url: str) -> None:
    code = live_code(tenant, roster=3)
    changed(code, strategy="weighted")
    a, b, c = code.staff
    with tenant_context(tenant.id):
        new = staff_upsert(wecom_userid="zhou", name="周雨桐", now=clock.now())
        team = group_create(access=tenant.owner, name="夜班组", now=clock.now())

    def walk(visit: Visit) -> None:
        page = visit.page
        visit.open(f"codes/{code.code_id}/roster/")
        rows = page.locator('[data-roster="roster"] > li')
        drag(page, rows.nth(2).locator("[data-grip]"), rows.nth(0))
        expect(rows.first).to_have_attribute("data-id", str(c))
        rows.nth(1).locator("[name^=weight]").press("Alt+ArrowDown")
        expect(rows.nth(2)).to_have_attribute("data-id", str(a))
        page.get_by_label("加到备用").check()
        page.locator(f'[data-roster-add] input[value="{new}"]').click()
        expect(page.locator(f'[data-roster="backups"] > li[data-id="{new}"]')).to_be_visible()
        expect(page.locator(f'[data-roster-add] input[value="{new}"]')).to_be_hidden()
        page.locator(f'[data-roster-add] input[value="g{team}"]').click()
        page.locator(f'[data-id="g{team}"] [data-roster-act=remove]').click()
        expect(page.locator(f'[data-roster-add] input[value="g{team}"]')).to_be_visible()
        page.locator(f"[name=weight_{c}]").fill("0")
        expect(rows.first.locator("[data-nobody]")).to_have_text("权重为 0，不会接到客户")
        expect(rows.first.locator("[data-share]")).to_have_text("0%")
        page.locator(f"[name=weight_{c}]").fill("2")
        expect(rows.first.locator("[data-nobody]")).to_be_hidden()
        expect(rows.first.locator("[data-share]")).to_have_text("50%")
        page.locator(f"[name=hours_{c}]").click()
        grid = page.locator("#seat-hours")
        grid.get_by_role("button", name="工作日 9–18 点").click()
        track = grid.locator("[data-hours-track]").nth(5)
        box = track.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] * 10.1 / 24, box["y"] + 10)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 11.9 / 24, box["y"] + 10, steps=4)
        page.mouse.up()
        expect(grid.get_by_label("周六")).to_have_value("10:00-12:00")
        assert serious(page) == []
        grid.get_by_role("button", name="确定").click()
        expect(page.locator(f"[name=hours_{c}]")).to_have_value("周一至周五 09:00-18:00；周六 10:00-12:00")
        assert serious(page) == []
        page.get_by_role("button", name="保存名单").last.click()
        page.wait_for_url("**/codes/*/")

    browse(tenant, console_url, walk)
    day = "[[540, 1080]]"
    hours = "{" + ", ".join(f'"{row}": {day}' for row in range(5)) + ', "5": [[600, 720]]}'
    assert seats(code) == [(c, 1, 2, hours), (b, 1, 1, None), (a, 1, 1, None), (new, 2, 1, None)]


def test_a_wrong_time_keeps_the_dialog_open_and_says_so(tenant: TenantFixture, console_url: str) -> None:
    code = live_code(tenant, roster=1)

    def walk(visit: Visit) -> None:
        page = visit.page
        visit.open(f"codes/{code.code_id}/roster/")
        page.locator("[data-hours-line]").press("Enter")
        grid = page.locator("#seat-hours")
        grid.get_by_label("周一").fill("九点")
        grid.get_by_role("button", name="确定").click()
        expect(grid).to_be_visible()
        expect(grid.locator("[data-hours-error]").first).to_have_text("请写成 09:00-18:00")
        grid.get_by_label("周一").fill("22:00-06:00")
        grid.get_by_role("button", name="每天", exact=True).click()
        grid.get_by_role("button", name="应用到全部席位").click()
        expect(page.locator("[data-hours-line]")).to_have_value("周一至周日 22:00-06:00")

    browse(tenant, console_url, walk)


def test_somebody_is_dragged_into_a_group(tenant: TenantFixture, console_url: str) -> None:
    with tenant_context(tenant.id):
        new = staff_upsert(wecom_userid="zhou", name="周雨桐", department_id=tenant.department_id, now=clock.now())
        team = group_create(access=tenant.owner, name="夜班组", now=clock.now())

    def walk(visit: Visit) -> None:
        page = visit.page
        visit.open("staff/groups/")
        assert serious(page) == []
        drag(page, page.locator(f'[data-group-staff] li[data-id="{new}"]'), page.locator(f'[data-group="{team}"]'))
        expect(page.locator(f'[data-group="{team}"]')).to_contain_text("周雨桐")
        visit.open(f"staff/groups/{team}/")
        assert serious(page) == []
        visit.open("staff/caps/")
        assert serious(page) == []

    browse(tenant, console_url, walk)
    held = rows_of(tenant.id, "SELECT staff_id FROM people_staffgroupmember WHERE group_id = %s", team)
    assert held == [(new,)]
