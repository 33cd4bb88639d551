"""Where the QR stands on real screens (product.md §9), measured in Chromium."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from codes.rules import Status
from livecode_admin.devstack.chromium import find
from routing.edge.landing import (
    Trial,
    code_page,
    fallback_page,
    link_page,
    neutral_page,
    outside_page,
    person_page,
    stale_test_page,
)
from routing.rules.world import Face, Look

pytestmark = pytest.mark.browser
LOOK = Look("知行教育", "#1f6f63", "少儿思维与表达课程", "400-820-1234")
FACE = Face("林晓彤", "课程顾问", None)
LONG = Look("上海云帆远航国际商业贸易发展股份有限公司", "#f5c518", "为每一位顾客提供最贴心的一对一服务与全程陪伴")
PAGES = {
    "person": person_page(LOOK, FACE, "/x.png", "添加后，体验课时间由她与您约定"),
    "long names": person_page(LONG, Face("欧阳·阿卜杜热合曼", "高级客户成功经理", None), "/x.png", "说明" * 60),
    "native": code_page(LOOK, "/x.png", "添加后领取试听课"),
    "native, long names": code_page(LONG, "/x.png", "说明" * 60, trial=Trial("原生活码：由企业微信在名单内分配")),
    "outside": outside_page(LOOK, "/x.png"),
    "somebody else": person_page(LOOK, FACE, "/x.png", "", again="/c/x?another=1-a-b"),
    "test": person_page(LOOK, FACE, "/x.png", "", trial=Trial("按序号轮到")),
    "test, long names": person_page(
        LONG, Face("欧阳·阿卜杜热合曼", "高级客户成功经理", None), "/x.png", "说明" * 60, trial=Trial("按序号轮到")
    ),
}
WITHOUT_QR = {
    "nobody": fallback_page(LOOK),
    "closed": fallback_page(LONG, Status.EXPIRED),
    "unknown": neutral_page(),
    "old test": stale_test_page(),
    "test of nobody": fallback_page(LOOK, trial=Trial("没有可接待的客服")),
    "test of a link": link_page(LOOK, FACE, "https://work.weixin.qq.com/ca/x", Trial("按序号轮到")),
}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser of the browser tests."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find(), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.mark.parametrize(("width", "height"), [(320, 640), (360, 640), (375, 667), (390, 844), (430, 932)])
@pytest.mark.parametrize("name", PAGES)
def test_the_qr_is_large_and_high_enough_and_nothing_overflows(
    chromium: Browser, name: str, width: int, height: int
) -> None:
    page = chromium.new_page(viewport={"width": width, "height": height})
    page.set_content(PAGES[name].html.decode())
    assert page.locator("img").count() == 1
    box = page.locator("img").bounding_box()
    assert box is not None
    assert box["width"] >= 240
    assert box["height"] >= 240
    assert box["y"] >= 80
    assert box["y"] + box["height"] <= 640
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.close()


@pytest.mark.parametrize(("width", "height"), [(360, 640), (390, 844)])
@pytest.mark.parametrize("name", WITHOUT_QR)
def test_a_page_without_a_person_has_no_picture_and_fits(chromium: Browser, name: str, width: int, height: int) -> None:
    page = chromium.new_page(viewport={"width": width, "height": height})
    page.set_content(WITHOUT_QR[name].html.decode())
    assert page.locator("img").count() == 0
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.close()


@pytest.mark.parametrize("name", [*PAGES, *WITHOUT_QR])
def test_every_page_is_light_and_runs_nothing(name: str) -> None:
    page = (PAGES | WITHOUT_QR)[name]
    text = page.html.decode()
    assert len(page.html) < 15 * 1024
    assert "<script" not in text
    assert "style=" not in text
    assert "default-src 'none'" in page.policy


def test_somebody_else_can_be_asked_for_with_a_thumb_and_stands_apart_from_the_qr(chromium: Browser) -> None:
    page = chromium.new_page(viewport={"width": 390, "height": 844})
    page.set_content(PAGES["somebody else"].html.decode())
    link = page.get_by_role("link", name="换一位")
    box, qr = link.bounding_box(), page.locator("img").bounding_box()
    assert box is not None
    assert qr is not None
    assert box["height"] >= 44
    assert box["y"] >= qr["y"] + qr["height"]
    page.close()
