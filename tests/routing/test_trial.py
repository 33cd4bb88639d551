"""测试扫码 (product.md §1.8): what a customer would see now; it takes no slot, no turn, no count and no row."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import httpx
import pytest

from livecode_admin.kernel import clock
from routing.edge.answers import page_of_test
from routing.edge.asks import ScanAnswer
from routing.edge.tokens import TEST_SECONDS, trial_token
from routing.rules.engine import Outcome
from routing.rules.world import Face, Look
from tests.factories import TenantFixture, client_for, make_tenant
from tests.routing.conftest import Edges
from tests.routing.stage import StageCode, live_code

pytestmark = pytest.mark.processes
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"
BANNER = "测试扫码：不占名额、不计数"
LEFT = (
    "SELECT (SELECT count(*) FROM routing_scan), (SELECT count(*) FROM routing_slot),"
    " (SELECT coalesce(sum(assigned), 0) FROM routing_staffday), (SELECT max(cursor) FROM routing_codeturn),"
    " (SELECT first_scan_at FROM codes_livecode WHERE id = %s)"
)


def try_it(edges: Edges, code: StageCode, *, token: str = "", agent: str = BROWSER) -> httpx.Response:
    """Open the test's page, in a desktop browser."""
    sign = token or trial_token(code.slug, clock.now().timestamp())
    return edges.scan(code.slug, agent=agent, query=f"?test={sign}")


def name_on(page: httpx.Response) -> str:
    """The person that the page shows."""
    found = re.search(r"<h1>([^<]+)</h1>", page.text)
    assert found is not None
    return found[1]


def test_the_test_shows_the_next_customers_person_and_leaves_nothing(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=3, cap=10)
    for number in range(4):
        before = code.rows(LEFT, code.code_id)
        pages = [try_it(edges, code) for _ in range(5)]
        assert code.rows(LEFT, code.code_id) == before
        assert {page.status_code for page in pages} == {200}
        assert all(BANNER in page.text and "按序号轮到" in page.text for page in pages)
        assert not any("set-cookie" in page.headers for page in pages)
        real = edges.scan(code.slug, number)
        assert {name_on(page) for page in pages} == {name_on(real)}
        assert BANNER not in real.text
    assert code.served() == [0, 1, 2, 0]


def test_the_picture_of_a_test_can_be_seen_and_keeps_no_slot(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1)
    page = try_it(edges, code)
    (source,) = re.findall(r'<img [^>]*src="([^"]+)"', page.text)
    with edges.client(agent=BROWSER) as client:
        assert client.get(source).headers["content-type"] == "image/png"
    assert code.rows("SELECT count(*) FROM routing_slot") == [(0,)]


def test_at_the_cap_the_test_tells_the_page_and_the_reason(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1, cap=1)
    edges.scan(code.slug)
    page = try_it(edges, code)
    assert "客服暂时繁忙" in page.text
    assert "没有可接待的客服" in page.text
    assert code.outcomes() == ["assigned"]


def test_of_a_link_the_test_says_where_customers_are_sent_instead_of_sending(tenant: TenantFixture) -> None:
    link = "https://work.weixin.qq.com/ca/cawcde?a=1&b=2"
    answer = ScanAnswer(Look("知行教育"), Outcome.ASSIGNED, "in_turn", Face("林晓彤", "", None), link=link)
    html = page_of_test(answer, tenant_id=tenant.id, slug="3kz9qw7x2m").html.decode()
    assert BANNER in html
    assert 'href="https://work.weixin.qq.com/ca/cawcde?a=1&amp;b=2"' in html
    assert "林晓彤 的获客链接" in html
    assert "<img" not in html


@pytest.mark.parametrize("case", ["old", "of another code", "made up"])
def test_a_token_that_is_not_good_shows_nobody_and_takes_nothing(
    tenant: TenantFixture, edges: Edges, case: str
) -> None:
    code, other = live_code(tenant, roster=1), live_code(tenant, roster=1)
    now = clock.now().timestamp()
    token = {
        "old": trial_token(code.slug, now - TEST_SECONDS - 1),
        "of another code": trial_token(other.slug, now),
        "made up": f"{int(now) + 60}-{'0' * 24}",
    }[case]
    page = try_it(edges, code, token=token)
    assert page.status_code == 200
    assert "测试链接已失效" in page.text
    assert "<img" not in page.text
    assert code.rows("SELECT count(*) FROM routing_scan") == [(0,)]


def test_the_button_on_the_codes_page_opens_it_for_those_who_see_the_code(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1)
    client = client_for(tenant.owner)
    page = client.get(f"/t/{tenant.slug}/codes/{code.code_id}/")
    address = f"/t/{tenant.slug}/codes/{code.code_id}/test/"
    assert f'href="{address}" target="_blank" rel="noopener"' in page.content.decode()
    target = urlsplit(client.get(address)["Location"])
    assert target.path == f"/c/{code.slug}"
    assert BANNER in edges.scan(code.slug, agent=BROWSER, query=f"?{target.query}").text
    stranger = make_tenant()
    assert client_for(stranger.owner).get(f"/t/{stranger.slug}/codes/{code.code_id}/test/").status_code == 404
