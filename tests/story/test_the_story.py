"""The main job from end to end, as people do it: a code is made, printed, scanned, and a customer is greeted."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright
from standardwebhooks.webhooks import Webhook

from livecode_admin.devstack import chromium
from tests.authenticator import code_of
from tests.story.stack import Stack, until

pytestmark = [pytest.mark.browser, pytest.mark.processes]
SECONDS = 60_000
PURPOSE, CHANNEL = "春季体验课", "门店立牌"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        one = playwright.chromium.launch(executable_path=chromium.find(), args=["--no-sandbox"])
        yield one
        one.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab whose console stays silent: a page that is right has nothing to complain about."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN", accept_downloads=True)
    context.set_default_timeout(SECONDS)
    expect.set_options(timeout=SECONDS)
    tab, said = context.new_page(), []
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    yield tab
    expect.set_options(timeout=5000)
    assert said == []
    context.close()


def sign_in(page: Page, stack: Stack, bundle: str) -> None:
    account = stack.account(bundle)
    page.goto(f"{stack.place.url('console')}/login/")
    page.get_by_label("用户名").fill(account["username"])
    page.get_by_label("密码").fill(account["password"])
    page.get_by_role("button", name="登录").click()
    if account["totp_secret"]:
        page.get_by_label("验证码").fill(code_of(account["totp_secret"]))
        page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def create(page: Page) -> str:
    """Fill in the one page; the proposed name is returned."""
    page.get_by_role("link", name="新建活码").first.click()
    page.get_by_label("短期活动").check()
    page.locator("#id_purpose_text").fill(PURPOSE)
    page.locator("#id_channel_name").fill(CHANNEL)
    page.locator("#id_channel_name").blur()
    expect(page.locator("#id_name")).to_have_value(re.compile(rf"^\d{{8}}-CJTYK-{CHANNEL}(-\d+)?$"))
    name = page.locator("#id_name").input_value()
    roster = page.get_by_role("group", name="接待客服")
    roster.get_by_role("searchbox").fill("lxt")
    roster.get_by_label("林晓彤").check()
    roster.get_by_role("searchbox").fill("陈思远")
    roster.get_by_label("陈思远").check()
    page.locator("#id_template").select_option(label="教育 / 课程顾问")
    tags = page.get_by_role("group", name="标签")
    tags.get_by_role("searchbox").fill("pzyx")
    tags.get_by_label("品质优先").check()
    page.get_by_role("button", name="创建并发布").click()
    return name


def printed(page: Page) -> bytes:
    """Download the PNG that goes to the printer."""
    with page.expect_download() as waiting:
        page.get_by_role("link", name="下载 PNG").click()
    return Path(waiting.value.path()).read_bytes()


def scan_and_add(page: Page, stack: Stack, picture: bytes) -> str:
    """A new customer uploads the printed picture to 扫一扫, recognises the page's code and adds; the nickname."""
    page.goto(f"{stack.place.url('simulator')}/phone")
    with page.expect_response(lambda answer: answer.request.method == "POST") as made:
        page.get_by_test_id("new-customer").click()
    nickname = str(made.value.json()["nickname"])
    customer = page.get_by_test_id("customer").first
    expect(customer).to_contain_text(nickname)
    expect(customer).to_have_attribute("aria-current", "true")
    page.get_by_test_id("scan").click()
    page.get_by_test_id("scan-file").set_input_files({"name": "code.png", "mimeType": "image/png", "buffer": picture})
    expect(page.frame_locator('[data-testid="page"]').locator("body")).to_contain_text("林晓彤")
    page.get_by_test_id("recognise").click()
    expect(page.get_by_test_id("confirm-name")).to_have_text("林晓彤")
    page.get_by_test_id("add").click()
    return nickname


def test_a_code_is_made_printed_scanned_and_a_customer_is_greeted_tagged_and_told(stack: Stack, page: Page) -> None:
    sign_in(page, stack, "campaign_ops")
    name = create(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    expect(page.get_by_text("启用", exact=True).first).to_be_visible()
    page.reload()
    expect(page.locator("h1 + .c-pill")).to_have_text("启用")
    code_page = page.url
    picture = printed(page)
    ((slug,),) = stack.rows("SELECT slug FROM codes_livecode WHERE name = %s", name)
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    assert found.text == f"{stack.place.url('edge')}/c/{slug}"

    nickname = scan_and_add(page, stack, picture)
    greeting = f"您好，{nickname}，我是课程顾问林晓彤。"
    expect(page.get_by_test_id("welcome")).to_contain_text(greeting)
    ((code_id,),) = stack.rows("SELECT id FROM codes_livecode WHERE name = %s", name)
    wanted = {row[0] for row in stack.rows(
        "SELECT t.name FROM tagging_codetag c JOIN tagging_tag t ON t.id = c.tag_id WHERE c.code_id = %s", code_id
    )}  # fmt: skip
    assert "品质优先" in wanted
    for tag in wanted:
        expect(page.get_by_test_id("tag").filter(has_text=tag)).to_be_visible()

    until(lambda: figures(page, code_page) == {"扫码": "1", "分配": "1", "添加": "1"}, what="today's figures")
    listed(page, stack, code_page, nickname)
    crm_told(page, stack, code_id, nickname)


def figures(page: Page, url: str) -> dict[str, str]:
    """Today's figures on the code's page."""
    page.goto(url)
    expect(page.locator(".c-kpi").first).to_be_visible()
    shown = page.locator(".c-kpi").evaluate_all("all => all.map(one => one.innerText)")
    words = [re.split(r"\s+", text.strip()) for text in shown]
    return {word[0]: word[1] for word in words if word[0] in ("扫码", "分配", "添加")}


def listed(page: Page, stack: Stack, code_page: str, nickname: str) -> None:
    """The customer stands on the code's page for whoever sees that colleague's customers (the operator doesn't)."""
    expect(page.get_by_role("row").filter(has_text=nickname)).to_have_count(0)
    page.context.clear_cookies()
    sign_in(page, stack, "ops_director")
    page.goto(code_page)
    expect(page.get_by_role("row").filter(has_text=nickname).filter(has_text="林晓彤")).to_contain_text("精确")


def crm_told(page: Page, stack: Stack, code_id: int, nickname: str) -> None:
    """The CRM has the event, its page calls the signature valid, and so does the reference library."""
    slug = stack.tenant["slug"]
    event = page.get_by_test_id("crm-event").filter(has_text="customer.added").filter(has_text=nickname)
    until(lambda: (page.goto(f"{stack.place.url('simulator')}/crm/{slug}"), event.count())[1], what="the event")
    expect(event.first).to_contain_text("签名有效")
    records = stack.sim("GET", f"/sim/crm/{slug}")["received"]
    record = next(one for one in records if nickname in one["body"] and "customer.added" in one["body"])
    secret = stack.crm_secret()
    verified = Webhook(secret).verify(record["body"], record["headers"])
    assert verified == json.loads(record["body"])
    assert verified["type"] == "customer.added"
    occurred = datetime.fromisoformat(verified["timestamp"])
    assert abs((datetime.now(UTC) - occurred).total_seconds()) < 600
