"""Where the QR stands on real screens (product.md §9), measured in Chromium."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from livecode_admin.devstack.chromium import find
from routing.landing import outside_page, person_page
from routing.world import Face, Look

pytestmark = pytest.mark.browser
LOOK = Look("知行教育", "#1f6f63", "少儿思维与表达课程", "400-820-1234")
LONG = Look("上海云帆远航国际商业贸易发展股份有限公司", "#f5c518", "为每一位顾客提供最贴心的一对一服务与全程陪伴")
PAGES = {
    "person": person_page(LOOK, Face("林晓彤", "课程顾问", None), "/x.png", "添加后，体验课时间由她与您约定"),
    "long names": person_page(LONG, Face("欧阳·阿卜杜热合曼", "高级客户成功经理", None), "/x.png", "说明" * 60),
    "outside": outside_page(LOOK, "/x.png"),
}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser of the browser tests."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find(), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.mark.parametrize("width", [320, 375, 390, 430])
@pytest.mark.parametrize("name", PAGES)
def test_the_qr_is_large_and_high_enough_and_nothing_overflows(chromium: Browser, name: str, width: int) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 640})
    page.set_content(PAGES[name].html.decode())
    box = page.locator("img").bounding_box()
    assert box is not None
    assert box["width"] >= 240
    assert box["height"] >= 240
    assert box["y"] >= 80
    assert box["y"] + box["height"] <= 640
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.close()
