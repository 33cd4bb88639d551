"""「我的活码」: ordinary staff see their own codes and download them, and nothing else opens (product.md §5.4)."""

from __future__ import annotations

import pytest

from tests.console.stage import staff_of
from tests.factories import TenantFixture, client_for
from tests.isolation.pages import Page, pages
from tests.routing.stage import live_code

OPEN = {"console:code": 200, "codes:qr-png": 200, "codes:qr-svg": 200}
# Their own figures, within the metric groups of the bundle (客服: 自己的数据); an intern has none.
FIGURES = {"analytics:code-figures", "analytics:code-chart"}


def pages_of_codes() -> list[Page]:
    """Every address that names a code, whatever else it names."""
    return [page for page in pages() if "<int:code_id>" in page.route]


def address(page: Page, slug: str, code_id: int) -> str:
    path = page.route.replace("<slug:tenant_slug>", slug).replace("<int:code_id>", str(code_id))
    path = path.replace("<int:version>", "1").replace("<uuid:scan_id>", "0" * 8 + "-0000-4000-8000-" + "0" * 12)
    assert "<" not in path, path
    return f"/{path}"


@pytest.mark.parametrize("bundle", ["receptionist", "intern"])
def test_of_an_own_code_the_page_and_the_downloads_open_and_nothing_else(tenant: TenantFixture, bundle: str) -> None:
    member = tenant.member(bundle)
    code = live_code(tenant, roster=2, staff=staff_of(tenant, 2, member_id=member.member_id), name="有我的码")
    client = client_for(member)
    opened = {}
    for page in pages_of_codes():
        answer = client.get(address(page, tenant.slug, code.code_id))
        if answer.status_code not in (403, 404):
            opened[page.name] = answer.status_code
        posted = client.post(address(page, tenant.slug, code.code_id), {"do": "x", "confirm": "1"})
        assert posted.status_code in (403, 404, 405), page.name
    assert {name: status for name, status in opened.items() if name not in FIGURES and status != 405} == OPEN


@pytest.mark.parametrize("bundle", ["receptionist", "intern"])
def test_nothing_of_a_code_of_others_opens(tenant: TenantFixture, bundle: str) -> None:
    code = live_code(tenant, roster=1, name="别人的码")
    client = client_for(tenant.member(bundle))
    for page in pages_of_codes():
        path = address(page, tenant.slug, code.code_id)
        assert client.get(path).status_code in (403, 404, 405), page.name
        assert client.post(path).status_code in (403, 404, 405), page.name


@pytest.mark.parametrize("bundle", ["receptionist", "intern"])
def test_the_first_page_names_own_codes_without_colleagues(tenant: TenantFixture, bundle: str) -> None:
    member = tenant.member(bundle)
    colleagues = staff_of(tenant, 2, member_id=member.member_id)
    live_code(tenant, roster=2, staff=colleagues, name="有我的码")
    html = client_for(member).get(f"/t/{tenant.slug}/").content.decode()
    assert "有我的码" in html
    for word in ("王一鸣", "即将到期", "今日活码", "活码列表", "客服、客户"):
        assert word not in html
