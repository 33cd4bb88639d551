"""The gallery in a real browser: whole, quiet, accessible, and behaving like a desktop list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.ui.conftest import Complaints
from tests.ui.gallery_pages import PAGES

pytestmark = pytest.mark.browser
Opener = Callable[..., tuple[Page, Complaints]]
SHOTS = Path(__file__).resolve().parents[2] / "test-results" / "ui"
# The parts page polls a job and loads a panel that nobody serves here.
EXPECTED = ("404", "Status Error Code")


def selected(page: Page) -> list[str]:
    return [str(i) for i in page.eval_on_selector_all("tr[aria-selected=true]", "rows => rows.map(r => r.dataset.id)")]


def row(page: Page, number: int) -> Any:
    return page.locator(f"tr[data-id='{number}'] td").nth(2)


@pytest.mark.parametrize("name", sorted(PAGES))
@pytest.mark.parametrize("width", [1440, 1280, 768])
def test_each_page_fits_and_the_console_says_nothing_under_the_production_csp(
    open_page: Opener, name: str, width: int
) -> None:
    page, complaints = open_page(name, width)
    page.wait_for_load_state("networkidle" if name != "parts" else "load")
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}-{width}.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    cut = page.evaluate(
        "[...document.querySelectorAll('.c-table td')].filter(c => c.scrollWidth > c.clientWidth + 1)"
        ".map(c => c.textContent.trim())"
    )
    assert cut == []
    assert [text for text in complaints if not any(word in text for word in EXPECTED)] == []


@pytest.mark.parametrize("name", sorted(PAGES))
def test_axe_finds_no_violation(chromium: Browser, gallery_url: str, name: str) -> None:
    # axe is put into the page by the test, so the page's own CSP has to stand aside for it.
    context = chromium.new_context(bypass_csp=True, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(f"{gallery_url}/{name}")
    found = Axe().run(page).response["violations"]
    context.close()
    assert [(v["id"], v["impact"], v["nodes"][0]["html"][:120]) for v in found] == []


def test_click_selects_one_control_click_adds_and_shift_click_ranges(open_page: Opener) -> None:
    page, _ = open_page("list")
    row(page, 3).click()
    assert selected(page) == ["3"]
    row(page, 6).click(modifiers=["Control"])
    assert selected(page) == ["3", "6"]
    row(page, 2).click()
    row(page, 5).click(modifiers=["Shift"])
    assert selected(page) == ["2", "3", "4", "5"]
    assert page.locator("[data-select-count]").first.text_content() == "4"
    ids = page.eval_on_selector_all("#bulk-form input[name=ids]", "inputs => inputs.map(i => i.value)")
    assert ids == ["2", "3", "4", "5"]


def test_escape_clears_the_selection_and_the_total_stands_in_its_place(open_page: Opener) -> None:
    page, _ = open_page("list")
    row(page, 1).click()
    page.keyboard.press("Escape")
    assert selected(page) == []
    assert page.locator("[data-select-some]").is_hidden()
    assert "共 126 个" in page.locator("[data-select-none]").inner_text()


def test_control_a_takes_the_whole_result_and_says_how_many(open_page: Opener) -> None:
    page, _ = open_page("list")
    row(page, 1).click()
    page.keyboard.press("Control+a")
    assert page.locator("[data-select-count]").first.text_content() == "126"
    assert page.locator("#bulk-form input[name=all]").input_value() == "1"
    assert page.locator("#bulk-form input[name=ids]").count() == 0


def test_checkboxes_are_there_too(open_page: Opener) -> None:
    page, _ = open_page("list")
    page.keyboard.press("Escape")
    page.get_by_label("选择 20261122-DTGG-地铁广告").check()
    page.get_by_label("选择 20260901-SHFW-售后服务").check()
    assert selected(page) == ["1", "3"]
    page.get_by_label("选择本页").check()
    assert len(selected(page)) == 14


def test_right_click_and_the_row_button_open_the_same_menu(open_page: Opener) -> None:
    page, _ = open_page("list")
    row(page, 10).click(button="right")
    menu = page.get_by_role("menu", name="所选活码的操作")
    assert menu.is_visible()
    assert selected(page) == ["10"]
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / "menu.png")
    page.keyboard.press("Escape")
    assert menu.is_hidden()
    page.get_by_label("20261122-DTGG-地铁广告 的操作").click()
    assert menu.is_visible()
    assert selected(page) == ["1"]


def test_the_selection_bar_and_the_menu_have_the_same_entries_in_the_same_order(open_page: Opener) -> None:
    page, _ = open_page("list")
    row(page, 1).click(button="right")
    entries = [text.split("\n")[0] for text in page.locator("#row-menu [role=menuitem]").all_inner_texts()]
    bar = page.locator("[data-select-some] .btn:not([data-select-all]):not([data-select-clear])").all_inner_texts()
    assert entries == bar


def test_shift_f10_opens_the_menu_and_arrows_move_in_it(open_page: Opener) -> None:
    page, _ = open_page("list")
    row(page, 2).click()
    page.keyboard.press("Shift+F10")
    assert page.evaluate("document.activeElement.innerText.split('\\n')[0]") == "批量延长期限"
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.innerText") == "换客服"
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.innerText") == "打包下载"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.id") == "2"


def test_arrow_keys_walk_the_rows_and_space_selects(open_page: Opener) -> None:
    page, _ = open_page("list")
    row(page, 1).click()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    assert selected(page) == ["1", "3"]


def test_enter_on_a_row_opens_it(open_page: Opener) -> None:
    page, _ = open_page("list")
    row(page, 4).click()
    with page.expect_navigation(url="**/codes/4/"):
        page.keyboard.press("Enter")
