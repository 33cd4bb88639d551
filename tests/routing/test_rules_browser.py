"""The rule editor in a real browser: conditions move without a reload, a dry run beside them, no serious fault."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from livecode_admin.devstack import chromium
from livecode_admin.kernel import clock
from routing.services.rules import rule_set
from tenants.context import tenant_context
from tests.console.test_accessibility import faults
from tests.factories import TenantFixture, client_for
from tests.routing.rulestage import stored
from tests.routing.stage import StageCode, live_code

pytestmark = pytest.mark.browser
PAGES = ("rules/", "versions/", "versions/1/", "dry-run/?try_scans=5&try_load=")


def add_condition(page: Page, number: int, name: str, sub: str, person: int) -> None:
    """Fill the spare row and put it into the list."""
    page.click(".spare > details > summary")
    page.fill(f"[name=c{number}_name]", name)
    page.fill(f"[name=c{number}_subs]", sub)
    page.click(".spare .c-more summary")
    page.locator(".spare .c-picker li label").nth(person).click()
    page.click("button[value=add]")
    page.wait_for_selector(f"[name=c{number + 1}_name]", state="attached")


def edited(page: Page) -> list[str]:
    """Add two conditions, move the second up, try out, publish; returns what the panel told."""
    add_condition(page, 1, "夜间", "m1", 0)
    add_condition(page, 2, "二号", "m2", 1)
    page.click("button[value=up-2]")
    expect(page.locator("[name=c1_name]")).to_have_value("二号")
    page.fill("[name=try_sub]", "m2")
    page.click("button[value=try]")
    page.wait_for_selector("[data-testid=tryout]")
    told = page.locator("[data-testid=tryout] li:not(.none)").all_inner_texts()
    page.locator("button[value=review]").nth(1).click()
    page.click("button[value=publish]")
    page.wait_for_load_state("networkidle")
    return told


def test_conditions_are_put_in_order_tried_and_published(tenant: TenantFixture, console_url: str) -> None:
    code = live_code(tenant, roster=2)
    with tenant_context(tenant.id):
        rule_set(access=tenant.owner, code_id=code.code_id, now=clock.now(), overflow=False)
    told, found = visit(tenant, console_url, code)
    assert found == {path: [] for path in found}
    assert "符合分流条件 20 次" in told[0]
    rules = stored(code)
    assert [(one.name, one.subs, one.staff) for one in rules.conditions] == [
        ("二号", ("m2",), (code.staff[1],)),
        ("夜间", ("m1",), (code.staff[0],)),
    ]


def visit(tenant: TenantFixture, console_url: str, code: StageCode) -> tuple[list[str], dict[str, list[str]]]:
    """What the dry run told, and what is wrong with each page."""
    session = client_for(tenant.owner).cookies["sessionid"].value
    home = f"{console_url}/t/{tenant.slug}/"
    addresses = [f"codes/{code.code_id}/{tail}" for tail in PAGES] + ["settings/reception/"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        context.add_cookies([{"name": "sessionid", "value": session, "url": console_url}])
        page = context.new_page()
        page.goto(home + addresses[0])
        told = edited(page)
        page.close()
        found = {path: faults(context.new_page(), home + path) for path in addresses}
        browser.close()
    return told, found
