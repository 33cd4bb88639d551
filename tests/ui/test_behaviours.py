"""Keys, dialogs, counters, pickers, rosters and the end of a session, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Dialog, Page, Route, expect

from tests.ui.conftest import Complaints

pytestmark = pytest.mark.browser
Opener = Callable[..., tuple[Page, Complaints]]


def test_slash_focuses_the_search_and_typing_there_triggers_no_key(open_page: Opener) -> None:
    page, _ = open_page("list")
    page.keyboard.press("Slash")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.type("c?")
    assert page.url.endswith("/list")
    assert page.locator("dialog[open]").count() == 0


def test_question_mark_lists_the_keys_and_single_keys_can_be_switched_off(open_page: Opener) -> None:
    page, _ = open_page("list")
    page.keyboard.press("Shift+Slash")
    page.locator("#keys-help[open]").get_by_label("关闭单键快捷键").check()
    page.keyboard.press("Escape")
    page.keyboard.press("Slash")
    assert page.evaluate("document.activeElement.name") != "q"


def test_keys_are_ignored_while_an_input_method_composes(open_page: Opener) -> None:
    page, _ = open_page("list")
    page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown',"
        " {code: 'Slash', key: 'Process', keyCode: 229, isComposing: true, bubbles: true}))"
    )
    assert page.evaluate("document.activeElement.name") != "q"


def test_c_opens_a_new_code(open_page: Opener) -> None:
    page, _ = open_page("list")
    with page.expect_navigation(url="**/c/new/"):
        page.keyboard.press("c")


def test_the_tenant_switcher_is_a_menu_that_marks_the_present_one(open_page: Opener) -> None:
    page, _ = open_page("list")
    page.get_by_role("button", name="切换企业").click()
    present = page.locator("#tenant-menu [aria-checked=true]")
    assert present.inner_text() == "知行教育"
    assert page.locator("#tenant-menu a").nth(1).get_attribute("href") == "/t/qinghe/"


def test_a_filter_with_many_values_is_narrowed_while_one_types(open_page: Opener) -> None:
    page, _ = open_page("list")
    page.get_by_role("button", name="渠道 全部").click()
    page.keyboard.type("渠道 14")
    assert page.locator("#filter-channel [data-option]:visible").all_inner_texts() == ["渠道 14"]
    with page.expect_navigation(url="**/*c=14"):
        page.keyboard.press("Enter")


def test_a_dialog_opens_closes_and_gives_focus_back(open_page: Opener) -> None:
    page, _ = open_page("parts")
    opener = page.get_by_role("button", name="打开对话框")
    opener.click()
    assert page.locator("#confirm[open]").is_visible()
    page.locator("#confirm [data-dialog-close]").first.click()
    assert page.locator("#confirm").is_hidden()
    assert page.evaluate("document.activeElement.innerText") == "打开对话框"


def test_an_error_summary_takes_focus_and_leads_to_the_field(open_page: Opener) -> None:
    page, _ = open_page("parts")
    assert "有 2 处要改" in page.evaluate("document.activeElement.innerText")
    field = page.locator("#id_name")
    assert field.get_attribute("aria-invalid") == "true"
    assert (
        page.locator(f"#{(field.get_attribute('aria-describedby') or '').split()[-1]}").inner_text()
        == "这个字段是必填项。"
    )


def test_counters_count_characters_and_bytes_as_wecom_does(open_page: Opener) -> None:
    page, _ = open_page("parts")
    page.fill("#id_name", "地铁广告😀")
    assert page.locator("[data-count-for=id_name]").inner_text() == "5/30"
    page.fill("#id_greeting", "您好")
    assert page.locator("[data-count-for=id_greeting]").inner_text() == "6/4,000 字节"
    page.fill("#id_greeting", "字" * 1334)
    assert "over" in (page.locator("[data-count-for=id_greeting]").get_attribute("class") or "")


def test_leaving_with_changes_is_asked_about(open_page: Opener) -> None:
    page, _ = open_page("parts")
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.type("#id_name", "x")
    page.goto(page.url.replace("/parts", "/list"))
    assert asked == ["beforeunload"]


def test_the_picker_finds_people_by_pinyin_initials_and_shows_who_cannot_receive(open_page: Opener) -> None:
    page, _ = open_page("parts")
    page.fill("[data-picker-find]", "csy")
    assert page.locator("[data-picker] li:visible").count() == 1
    page.keyboard.press("Enter")
    assert page.locator("[data-picker-count]").inner_text() == "2"
    page.fill("[data-picker-find]", "hjy")
    barred = page.locator("[data-picker] li:visible")
    assert barred.locator("input").count() == 0
    assert "未开客户联系" in barred.inner_text()
    page.fill("[data-picker-find]", "zzz")
    assert page.locator("[data-picker-none]").is_visible()


def order(page: Page) -> list[str]:
    return [
        page.locator("[data-roster] input").nth(i).input_value() for i in range(page.locator("[data-grip]").count())
    ]


def test_the_roster_is_ordered_by_keyboard_and_by_drag(open_page: Opener) -> None:
    page, _ = open_page("parts")
    page.locator("[data-grip]").first.focus()
    page.keyboard.press("ArrowDown")
    assert order(page) == ["1", "0", "2"]
    assert page.locator("[data-roster-status]").text_content() == "第 2 位，共 3 位"
    grips = page.locator("[data-grip]")
    grips.nth(2).scroll_into_view_if_needed()
    start, end = grips.nth(2).bounding_box(), grips.nth(0).bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 8, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(end["x"] + 8, end["y"] + 12, steps=12)
    page.mouse.move(end["x"] + 8, end["y"] + 2, steps=4)
    page.mouse.up()
    expect(page.locator("[data-roster] input").first).to_have_value("2")
    assert order(page) == ["2", "1", "0"]
    page.get_by_label("移出 陈思远").click()
    assert order(page) == ["2", "0"]


def test_an_ended_session_keeps_the_page_and_offers_the_login(open_page: Opener) -> None:
    page, _ = open_page("list")

    def over(route: Route) -> None:
        route.fulfill(status=401, headers={"HX-Redirect": "/login/?next=/list"})

    page.route("**/staff/", over)
    page.locator("tr[data-id='1'] td").nth(2).click()
    page.locator("[data-select-some]").get_by_role("button", name="换客服").click()
    page.locator("#session-over[open]").wait_for()
    assert page.url.endswith("/list")
    assert page.locator("[data-login-link]").get_attribute("href") == "/login/?next=/list"


def test_bulk_work_sends_the_selected_ids_and_its_dialog_opens(open_page: Opener) -> None:
    page, _ = open_page("list")
    sent: list[str] = []

    def answer(route: Route) -> None:
        sent.append(route.request.post_data or "")
        route.fulfill(status=200, content_type="text/html", body="<dialog class='c-dialog'><h2>换客服</h2></dialog>")

    page.route("**/staff/", answer)
    page.locator("tr[data-id='1'] td").nth(2).click()
    page.locator("tr[data-id='3'] td").nth(2).click(modifiers=["Control"])
    page.locator("[data-select-some]").get_by_role("button", name="换客服").click()
    page.locator("#dialog-slot dialog[open]").wait_for()
    assert "ids=1" in sent[0]
    assert "ids=3" in sent[0]
    assert "all=0" in sent[0]


def test_a_refusal_is_said_and_nothing_is_swapped_in(open_page: Opener) -> None:
    page, _ = open_page("list")
    page.route("**/staff/", lambda route: route.fulfill(status=403, body="no"))
    page.locator("tr[data-id='1'] td").nth(2).click()
    page.locator("[data-select-some]").get_by_role("button", name="换客服").click()
    page.locator(".c-toast.bad").wait_for()
    assert "没有这项操作的权限" in page.locator(".c-toast.bad").inner_text()
    assert page.locator("#dialog-slot").inner_html() == ""
