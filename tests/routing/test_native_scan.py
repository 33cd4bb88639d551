"""A native code opened at our own address: WeCom's picture of the code, of nobody in particular (product.md §1.2)."""

from __future__ import annotations

import io
import re

import httpx
import pytest
import zxingcpp
from PIL import Image

from codes.services import code_pause, code_retire
from livecode_admin.kernel import clock
from routing.edge.tokens import trial_token
from tenants.context import tenant_context
from tests.factories import TenantFixture
from tests.routing.conftest import Edges, picture_url
from tests.routing.stage import StageCode, live_code, native_code
from tests.routing.test_blind import GatedEdge, edge

__all__ = ["edge"]  # the fixture
pytestmark = pytest.mark.processes
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"
TAKEN = (
    "SELECT (SELECT count(*) FROM routing_slot), (SELECT coalesce(sum(assigned), 0) FROM routing_staffday),"
    " (SELECT count(*) FROM routing_codeturn WHERE cursor > 0),"
    " (SELECT count(*) FROM codes_livecode WHERE first_scan_at IS NOT NULL),"
    " (SELECT count(*) FROM routing_scan WHERE kind IN ('visit', 'outside'))"
)
NOTHING = [(0, 0, 0, 0, 0)]


def text_of(picture: httpx.Response) -> str:
    """What a customer's WeChat reads in the picture."""
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture.content)))
    return found.text


def shown(edges: Edges, page: httpx.Response, number: int = 0) -> str:
    """What the picture of a page says, fetched from any of the edges."""
    with edges.client(number) as client:
        return text_of(client.get(picture_url(page)))


def printed(code: StageCode) -> str:
    """What WeCom's own QR of the code says."""
    return str(code.rows("SELECT qr_content FROM routing_nativeway WHERE code_id = %s", code.code_id)[0][0])


def test_a_customer_sees_the_codes_own_qr_and_takes_nothing(tenant: TenantFixture, edges: Edges) -> None:
    code = native_code(tenant, roster=3, landing_text="添加后领取试听课")
    pages = [edges.scan(code.slug, number) for number in range(4)]
    assert {page.status_code for page in pages} == {200}
    assert {shown(edges, page, number + 1) for number, page in enumerate(pages)} == {printed(code)}
    (name,) = code.rows("SELECT name FROM tenants_tenant WHERE id = %s", tenant.id)[0]
    assert all(re.findall(r"<h1>([^<]+)</h1>", page.text) == [name] for page in pages)
    assert all("长按识别二维码添加" in page.text and "添加后领取试听课" in page.text for page in pages)
    people = [name for (name,) in code.rows("SELECT name FROM people_staff")]
    assert not any(person in page.text for person in people for page in pages)
    assert code.rows(TAKEN) == NOTHING
    facts = "SELECT DISTINCT kind, outcome, reason, staff_id FROM routing_scan"
    assert code.rows(facts) == [("native", "no_slot", "native", None)]


def test_outside_of_wechat_the_same_qr_is_there_to_save(tenant: TenantFixture, edges: Edges) -> None:
    code = native_code(tenant, roster=1)
    page = edges.scan(code.slug, agent=BROWSER)
    assert "请用微信扫一扫" in page.text
    assert shown(edges, page) == printed(code)
    assert code.rows(TAKEN) == NOTHING


def test_the_test_shows_it_too_and_says_who_chooses(tenant: TenantFixture, edges: Edges) -> None:
    code = native_code(tenant, roster=1)
    page = edges.scan(code.slug, agent=BROWSER, query=f"?test={trial_token(code.slug, clock.now().timestamp())}")
    assert "测试扫码：不占名额、不计数" in page.text
    assert "由企业微信在名单内分配" in page.text
    assert shown(edges, page) == printed(code)
    assert code.rows("SELECT count(*) FROM routing_scan") == [(0,)]


@pytest.mark.parametrize("change", [code_pause, code_retire])
def test_paused_or_retired_it_leads_to_the_fallback(tenant: TenantFixture, edges: Edges, change: object) -> None:
    assert callable(change)
    code = native_code(tenant, roster=1)
    with tenant_context(tenant.id):
        change(access=code.access, code_id=code.code_id, now=clock.now())
    page = edges.scan(code.slug)
    assert (page.status_code, "当前入口已停用" in page.text) == (200, True)
    assert "<img" not in page.text
    assert code.rows(TAKEN) == NOTHING


def test_only_native_codes_have_a_picture_of_their_own(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1)
    with edges.client() as client:
        assert client.get(f"/c/{code.slug}/native.png").status_code == 404


def test_without_postgresql_the_picture_that_was_shown_before_is_shown(tenant: TenantFixture, edge: GatedEdge) -> None:
    code, stranger = native_code(tenant, roster=1), native_code(tenant, roster=1)
    edge.scan(code)
    edge.until_it_remembers(code)
    edge.until_it_remembers(stranger)
    edge.gate.close()
    assert text_of(edge.get(picture_url(edge.scan(code)))) == printed(code)
    unknown = edge.scan(stranger)
    assert (unknown.status_code, "客服暂时繁忙" in unknown.text) == (200, True)
    edge.kill_and_start()
    assert text_of(edge.get(picture_url(edge.scan(code)))) == printed(code)
    edge.gate.open()
    edge.until_it_sees()
    assert code.rows(TAKEN) == NOTHING
    assert code.rows("SELECT degraded, count(*) FROM routing_scan GROUP BY 1 ORDER BY 1") == [(False, 1), (True, 3)]
