"""The live page in a real browser with the production policy: a scan appears by itself, a hidden tab asks nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from livecode_admin.devstack import chromium
from tests.console.stage import staff_of
from tests.factories import TenantFixture, client_for
from tests.routing.conftest import Edges
from tests.routing.stage import StageCode, live_code

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture
def code(tenant: TenantFixture) -> StageCode:
    """A code that two people receive for, the first of whom is a receptionist of the console."""
    staff = staff_of(tenant, 2, member_id=tenant.member("receptionist").member_id)
    return live_code(tenant, roster=2, staff=staff, cap=2, name="地铁广告")


# Everything of the database is done before: Playwright's loop would make Django refuse it in this thread.
@pytest.fixture
def sessions(tenant: TenantFixture, code: StageCode) -> dict[str, str]:
    """The cookies of those who look."""
    who = {"owner": tenant.owner, "receptionist": tenant.member("receptionist")}
    return {name: client_for(access).cookies["sessionid"].value for name, access in who.items()}


@pytest.fixture
def context(sessions: dict[str, str], console_url: str) -> Iterator[BrowserContext]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=["--no-sandbox"])
        one = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        one.add_cookies([{"name": "sessionid", "value": sessions["owner"], "url": console_url}])
        yield one
        browser.close()


def opened(context: BrowserContext, url: str) -> tuple[Page, list[str]]:
    """The page, and what the browser complains of."""
    page, said = context.new_page(), []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.goto(url)
    return page, said


def test_a_scan_and_a_cap_that_is_reached_appear_by_themselves(
    code: StageCode, context: BrowserContext, edges: Edges, console_url: str
) -> None:
    page, said = opened(context, f"{console_url}/t/{code.tenant.slug}/live/")
    first = page.locator(f'[data-key="s{code.staff[0]}"]')
    row = page.locator(f'[data-key="c{code.code_id}"]')
    expect(first).to_contain_text("0/2")
    edges.scan(code.slug)
    expect(first).to_contain_text("1/2")
    expect(row.locator("td").nth(3)).to_have_text("1")
    for _ in range(4):
        edges.scan(code.slug)
    expect(first).to_contain_text("已满")
    expect(row).to_contain_text("兜底页")
    assert said == []


def test_the_focus_stays_where_it_is_while_its_row_changes(
    code: StageCode, context: BrowserContext, edges: Edges, console_url: str
) -> None:
    page, _ = opened(context, f"{console_url}/t/{code.tenant.slug}/live/")
    first = page.locator(f'[data-key="s{code.staff[0]}"]')
    first.locator("a").focus()
    edges.scan(code.slug)
    expect(first).to_contain_text("1/2")
    expect(first.locator("a")).to_be_focused()
    first.locator("a").press("Enter")
    expect(page.locator("dialog[open]")).to_contain_text("地铁广告")
    edges.scan(code.slug)
    expect(page.locator(f'[data-key="s{code.staff[1]}"]')).to_contain_text("1/2")
    expect(page.locator("dialog[open]")).to_contain_text("接待的活码")


def test_a_hidden_tab_asks_nothing_and_catches_up_when_it_is_seen(
    code: StageCode, context: BrowserContext, edges: Edges, console_url: str
) -> None:
    page, _ = opened(context, f"{console_url}/t/{code.tenant.slug}/live/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/live/now/" in request.url else None)
    with page.expect_response("**/live/now/**"):
        pass
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    page.wait_for_timeout(500)  # an answer that was under way
    before = len(asked)
    page.wait_for_timeout(2500)
    assert len(asked) == before
    edges.scan(code.slug)
    page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(f'[data-key="s{code.staff[0]}"]')).to_contain_text("1/2")


def test_a_console_that_is_gone_is_said_beside_the_title_and_taken_back(
    code: StageCode, context: BrowserContext, console_url: str
) -> None:
    page, _ = opened(context, f"{console_url}/t/{code.tenant.slug}/live/")
    page.route("**/live/now/**", lambda route: route.abort())
    expect(page.locator("[data-poll-state]")).to_have_text("连接中断，正在重试")
    assert page.locator("#toasts [data-toast]").count() == 0
    page.unroute("**/live/now/**")
    expect(page.locator("[data-poll-state]")).to_contain_text("自动更新")


def test_why_is_a_dialog_over_the_panel_and_the_pages_have_no_serious_fault(
    code: StageCode, context: BrowserContext, edges: Edges, console_url: str
) -> None:
    for _ in range(5):
        edges.scan(code.slug)
    home = f"{console_url}/t/{code.tenant.slug}/"
    page, said = opened(context, f"{home}codes/{code.code_id}/")
    page.get_by_role("link", name="没有可接待的客服").first.click()
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("跳过 林晓彤")
    wide = dialog.bounding_box()
    assert wide is not None
    assert wide["width"] > 400
    assert said == []
    faults = {}
    for path in ("live/", f"live/staff/{code.staff[0]}/", f"codes/{code.code_id}/scans/"):
        page, said = opened(context, home + path)
        found = Axe().run(page).response["violations"]
        faults[path] = said + [one["id"] for one in found if one["impact"] in ("serious", "critical")]
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            faults[path].append("wider than the window")
    assert faults == {path: [] for path in faults}


def test_a_receptionist_goes_off_line_with_one_click_and_the_next_scan_is_somebody_elses(
    code: StageCode, context: BrowserContext, sessions: dict[str, str], edges: Edges, console_url: str
) -> None:
    context.clear_cookies()
    context.add_cookies([{"name": "sessionid", "value": sessions["receptionist"], "url": console_url}])
    page, said = opened(context, f"{console_url}/t/{code.tenant.slug}/")
    switches = page.get_by_role("switch")
    expect(switches).to_have_count(2)
    expect(switches.first).to_be_checked()
    switches.first.click()
    expect(page.locator('[role="switch"][aria-checked="false"]')).to_have_count(2)
    expect(page.locator("#toasts")).to_contain_text("下一次扫码起不再分配给您")
    edges.scan(code.slug)
    assert code.served() == [1]
    page.set_viewport_size({"width": 780, "height": 700})
    expect(switches.first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert said == []
