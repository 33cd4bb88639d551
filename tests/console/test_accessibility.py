"""Home, list, create and code page in a real browser with the production policy: whole, quiet and accessible."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

from livecode_admin.devstack import chromium
from tests.console.stage import codes_of, staff_of
from tests.factories import TenantFixture, client_for

pytestmark = pytest.mark.browser


def faults(page: Page, url: str) -> list[str]:
    """What is wrong with a page: serious findings of axe-core, a sideways scroll bar, complaints of the browser."""
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.goto(url)
    page.wait_for_load_state("networkidle")
    if page.url != url:
        said.append(f"led away to {page.url}")
    found = Axe().run(page).response["violations"]
    said += [
        f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found if one["impact"] in ("serious", "critical")
    ]
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        said.append("the page is wider than the window")
    return said


def test_the_main_pages_have_no_serious_fault(tenant: TenantFixture, console_url: str) -> None:
    (code, *_) = codes_of(tenant.owner, 3, staff=staff_of(tenant, 3))
    session = client_for(tenant.owner).cookies["sessionid"].value
    home = f"{console_url}/t/{tenant.slug}/"
    # Everything of the database is done: Playwright's loop would make Django refuse it in this thread.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        context.add_cookies([{"name": "sessionid", "value": session, "url": console_url}])
        told = {
            path: faults(context.new_page(), home + path) for path in ("", "codes/", "codes/new/", f"codes/{code}/")
        }
        browser.close()
    assert told == {path: [] for path in told}
