"""The phone page in a real browser: from the printed code to the greeting, and the employee's side."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.wecom_simulator.conftest import CorpInUse
from tests.wecom_simulator.console import Console

pytestmark = pytest.mark.browser
CHROMIUM = "/usr/bin/chromium"
HTML = '<!doctype html><title>知行教育</title><h1>林晓彤</h1><img src="/qr.png" alt="码"><a href="/x">换一位</a>'


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    executable = CHROMIUM if Path(CHROMIUM).exists() else None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Any, corp: CorpInUse) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.goto(f"{corp.sim.url}/phone")
    page.get_by_test_id("new-customer").click()
    yield page
    assert said == []
    context.close()


def _landing(corp: CorpInUse, console: Console, **way: Any) -> str:
    config_id = corp.way(state="hosted1", **way)["config_id"]
    console.files["/qr.png"] = corp.sim.client.get(f"/sim/qr/{config_id}.png").content
    console.page = HTML
    return f"{console.url}/c/k3v9x2"


def _greet(corp: CorpInUse, console: Console) -> None:
    """What the console does on an add: greet, tag, remark."""
    fields = console.wait(lambda seen: any("WelcomeCode" in entry.fields for entry in seen))[0].fields
    pair = {"userid": fields["UserID"], "external_userid": fields["ExternalUserID"]}
    text = {"text": {"content": "您好，这里是课程顾问"}}
    corp.api("externalcontact/send_welcome_msg", {"welcome_code": fields["WelcomeCode"], **text})
    tag = corp.api("externalcontact/add_corp_tag", {"group_name": "渠道来源", "tag": [{"name": "地铁广告"}]})
    corp.api("externalcontact/mark_tag", {**pair, "add_tag": [tag["tag_group"]["tag"][0]["id"]]})
    corp.api("externalcontact/remark", {**pair, "remark": "小满-地铁"})


def test_from_the_printed_code_to_the_greeting(corp: CorpInUse, console: Console, page: Page) -> None:
    url = _landing(corp, console)
    corp.sim.post("/sim/codes", {"codes": [{"name": f"地铁{corp.corp_id}", "url": url, "place": "2 号口"}]})
    page.get_by_test_id("scan").click()
    page.get_by_test_id("code").filter(has_text=corp.corp_id).click()
    expect(page.frame_locator('[data-testid="page"]').get_by_role("heading")).to_have_text("林晓彤")
    page.get_by_test_id("recognise").click()
    expect(page.get_by_test_id("confirm-name")).to_have_text("林晓彤")
    greeting = threading.Thread(target=_greet, args=(corp, console))
    greeting.start()
    page.get_by_test_id("add").click()
    expect(page.get_by_test_id("welcome")).to_contain_text("您好，这里是课程顾问")
    expect(page.get_by_test_id("tag")).to_have_text("地铁广告")
    expect(page.get_by_test_id("remark")).to_have_text("小满-地铁")
    expect(page.get_by_test_id("scan-to-welcome")).to_contain_text("秒")
    greeting.join()
    page.get_by_test_id("say").fill("孩子五岁")
    page.get_by_test_id("send").click()
    expect(page.get_by_test_id("chat")).to_contain_text("孩子五岁")
    page.get_by_test_id("unfriend").click()
    expect(page.get_by_test_id("chat")).to_contain_text("你已删除对方")


def test_a_request_waits_until_the_employee_accepts_it(corp: CorpInUse, console: Console, page: Page) -> None:
    url = _landing(corp, console, skip_verify=False)
    page.get_by_test_id("scan").click()
    page.get_by_test_id("scan-text").fill(url)
    page.get_by_test_id("scan-go").click()
    page.get_by_test_id("recognise").click()
    page.get_by_test_id("add").click()
    expect(page.get_by_test_id("chat")).to_contain_text("等待对方通过")
    page.get_by_test_id("tab-staff").click()
    page.get_by_test_id("staff").select_option(f"{corp.corp_id}/linxt")
    page.get_by_test_id("accept").click()
    expect(page.get_by_test_id("chat")).to_contain_text("现在可以开始聊天了")
    page.get_by_test_id("drop").click()
    expect(page.get_by_test_id("chat")).to_contain_text("对方已不是你的好友")


def test_an_uploaded_picture_is_scanned(corp: CorpInUse, page: Page) -> None:
    picture = corp.sim.client.get(f"/sim/qr/{corp.way()['config_id']}.png").content
    page.get_by_test_id("scan").click()
    files: Any = {"name": "code.png", "mimeType": "image/png", "buffer": picture}
    page.get_by_test_id("scan-file").set_input_files(files)
    expect(page.get_by_test_id("confirm-name")).to_have_text("林晓彤")
