"""What a customer sees: product.md §9, and a page in every state of a code (§1.5)."""

from __future__ import annotations

import io
import re
import time
from datetime import timedelta
from html.parser import HTMLParser

import pytest
import zxingcpp
from PIL import Image

from codes.services import code_pause, code_retire
from livecode_admin.kernel import clock
from tenants.context import tenant_context
from tests.factories import TenantFixture, make_tenant
from tests.routing.conftest import Edges, new_cookie, picture_url
from tests.routing.stage import live_code, rows_of

pytestmark = pytest.mark.processes
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"
SPIDER = "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)"


class Tags(HTMLParser):
    """The tags of a page with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep it."""
        self.found.append((tag, dict(attrs)))

    def named(self, name: str) -> list[dict[str, str | None]]:
        """The attributes of each tag of that name."""
        return [attrs for tag, attrs in self.found if tag == name]


def qr_text(png: bytes) -> str:
    """What a QR decoder reads in the picture."""
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(png)))
    return str(found.text)


def test_the_page_shows_one_person_with_exactly_one_qr_from_our_own_origin(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1, landing_text="添加后，体验课时间由她与您约定")
    page = edges.scan(code.slug)
    assert page.status_code == 200
    tags = Tags(page.text)
    (image,) = tags.named("img")
    assert int(image["width"] or 0) >= 240
    assert (image["src"] or "").startswith("/c/")
    assert not tags.named("script")
    assert not tags.named("canvas")
    assert "background-image" not in page.text
    for text in ("林晓彤", tenant.name, "长按识别", "添加后，体验课时间由她与您约定"):
        assert text in page.text
    assert len(page.content) < 15 * 1024


def test_the_picture_is_a_raster_png_that_decodes_to_the_leased_contact_way(
    tenant: TenantFixture, edges: Edges
) -> None:
    code, cookie = live_code(tenant, roster=1), new_cookie()
    page = edges.scan(code.slug, cookie=cookie)
    with edges.client(1, cookie=cookie) as client:
        picture = client.get(picture_url(page))
    assert picture.headers["content-type"] == "image/png"
    assert min(Image.open(io.BytesIO(picture.content)).size) >= 240
    ((state,),) = code.rows(
        "SELECT w.state FROM routing_slot s JOIN routing_contactway w ON w.id = s.way_id WHERE s.code_id = %s",
        code.code_id,
    )
    assert qr_text(picture.content) == f"way:{state}"


def test_pages_are_never_stored_and_run_nothing(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1)
    page = edges.scan(code.slug)
    assert page.headers["cache-control"] == "no-store"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    cookie = page.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_texts_of_people_are_shown_as_text(edges: Edges) -> None:
    tenant = make_tenant("<b>学</b>\"院'")
    code = live_code(tenant, roster=1, landing_text='<img src=x onerror="alert(1)">')
    page = edges.scan(code.slug)
    assert len(Tags(page.text).named("img")) == 1
    assert "<b>学</b>" not in page.text


@pytest.mark.parametrize(("agent", "kind"), [(BROWSER, "outside"), (SPIDER, "crawler"), ("curl/8.5.0", "crawler")])
def test_outside_of_wechat_no_slot_is_taken_and_our_own_code_is_there_to_save(
    tenant: TenantFixture, edges: Edges, agent: str, kind: str
) -> None:
    code = live_code(tenant, roster=1)
    page = edges.scan(code.slug, agent=agent, query="?p=desk1")
    assert page.status_code == 200
    assert "请用微信扫一扫" in page.text
    with edges.client(agent=agent) as client:
        picture = client.get(picture_url(page))
    assert qr_text(picture.content) == f"{edges.urls[0]}/c/{code.slug}?p=desk1"
    assert code.rows("SELECT kind, outcome FROM routing_scan") == [(kind, "no_slot")]
    assert code.rows("SELECT count(*) FROM routing_slot") == [(0,)]


def test_head_and_prefetch_take_no_slot_and_are_recorded(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1)
    with edges.client() as client:
        assert client.head(f"/c/{code.slug}").status_code == 200
        assert client.get(f"/c/{code.slug}", headers={"sec-purpose": "prefetch"}).status_code == 200
    assert code.rows("SELECT kind FROM routing_scan ORDER BY id") == [("head",), ("prefetch",)]
    assert code.rows("SELECT count(*) FROM routing_slot") == [(0,)]


def test_a_code_can_be_read_aloud_and_typed_in_either_case(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1)
    with edges.client() as client:
        assert client.get(f"/C/{code.slug.upper()}").status_code == 200
    assert code.outcomes() == ["assigned"]


def test_paused_expired_and_retired_codes_end_at_the_company_s_page(edges: Edges) -> None:
    tenant = make_tenant("云帆商贸")
    rows_of(tenant.id, "UPDATE tenants_tenant SET telephone = '400-820-1234' WHERE id = %s", tenant.id)
    now = clock.now()
    paused, retired = live_code(tenant, roster=1), live_code(tenant, roster=1)
    expired = live_code(tenant, roster=1)
    rows_of(
        tenant.id,
        "UPDATE codes_livecode SET expires_at = %s WHERE id = %s",
        now - timedelta(minutes=1),
        expired.code_id,
    )
    with tenant_context(tenant.id):
        code_pause(access=tenant.owner, code_id=paused.code_id, now=now)
        code_retire(access=tenant.owner, code_id=retired.code_id, now=now)
    for code, reason in ((paused, "paused"), (expired, "expired"), (retired, "retired")):
        page = edges.scan(code.slug)
        assert page.status_code == 200
        assert "云帆商贸" in page.text
        assert 'href="tel:400-820-1234"' in page.text
        assert not Tags(page.text).named("img")
        query = "SELECT outcome, reason, staff_id FROM routing_scan WHERE code_id = %s"
        assert code.rows(query, code.code_id) == [("fallback", reason, None)]


@pytest.mark.parametrize("path", ["/c/zzzzzzzzzz", "/c/short", "/c/", "/", "/c/zzzzzzzzzz/q/x.png", "/c/%00%00"])
def test_an_address_that_leads_nowhere_is_a_full_neutral_page(edges: Edges, path: str) -> None:
    with edges.client() as client:
        page = client.get(path)
    assert page.status_code == 404
    assert "没有找到这个二维码" in page.text
    assert re.search("traceback|error|exception", page.text, re.IGNORECASE) is None


def test_health_and_readiness(edges: Edges) -> None:
    with edges.client() as client:
        assert client.get("/healthz").status_code == 200
        ready = client.get("/readyz")
        assert client.post("/c/zzzzzzzzzz").status_code == 405
    assert ready.status_code == 200
    assert ready.json() == {"database": "ok", "blind_tenants": 0, "spooled": 0}


def test_scans_that_belong_to_nobody_are_counted_for_the_platform(tenant: TenantFixture, edges: Edges) -> None:
    def counted() -> int:
        rows = rows_of(tenant.id, "SELECT coalesce(sum(hits), 0)::int FROM routing_orphanscan WHERE kind = 'unknown'")
        return int(rows[0][0])

    before = counted()
    with edges.client() as client:
        client.get("/c/yyyyyyyyyy")
        client.get("/c/xxxxxxxxxx")
    for _ in range(100):
        if counted() >= before + 2:
            break
        time.sleep(0.1)
    assert counted() >= before + 2
