"""A company's own hosts at the edge (product.md §1.12): the printed one sends on, the other shows the page."""

from __future__ import annotations

import io
import os
import secrets
import time
from pathlib import Path

import httpx
import pytest
import zxingcpp
from PIL import Image

from livecode_admin.kernel import clock
from routing.services.domains import domains_set, verification_file_put
from tenants.context import tenant_context
from tests.factories import TenantFixture
from tests.routing.conftest import NO_TLS, WECHAT, Edges, free_port, new_cookie, picture_url, start_edge
from tests.routing.gate import Gate
from tests.routing.stage import live_code

pytestmark = pytest.mark.processes
FILE = "WW_verify_A1b2C3d4E5f6G7h8.txt"


def give_hosts(tenant: TenantFixture, *, landing: bool = True) -> tuple[str, str]:
    """Set the company's hosts; returns entry and landing host."""
    word = secrets.token_hex(6)
    entry, shown = f"scan-{word}.example.com", f"hi-{word}.example.com" if landing else ""
    with tenant_context(tenant.id):
        domains_set(access=tenant.owner, entry_host=entry, landing_host=shown, now=clock.now())
    return entry, shown


def get(edges: Edges, host: str, path: str, *, cookie: str = "", number: int = 0) -> httpx.Response:
    """One request of WeChat's browser to a host."""
    with edges.client(number, cookie=cookie) as client:
        return client.get(path, headers={"host": host})


def port_of(edges: Edges) -> str:
    """The port that the first edge's addresses carry."""
    return edges.urls[0].rpartition(":")[2]


def test_the_printed_host_only_sends_on_and_nothing_is_taken_or_counted(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=2)
    entry, landing = give_hosts(tenant)
    answer = get(edges, entry, f"/c/{code.slug}?p=poster12&x=%E4%B8%AD")
    assert answer.status_code == 302
    assert answer.headers["location"] == f"http://{landing}:{port_of(edges)}/c/{code.slug}?p=poster12&x=%E4%B8%AD"
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    assert code.rows("SELECT count(*) FROM routing_scan") == [(0,)]
    assert code.rows("SELECT count(*) FROM routing_slot") == [(0,)]


def test_the_landing_host_shows_the_page_with_a_cookie_of_its_own(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=2)
    _, landing = give_hosts(tenant)
    page = get(edges, landing.upper(), f"/c/{code.slug}?p=poster12")
    assert page.status_code == 200
    assert page.headers["set-cookie"].startswith("lv=")
    assert "Domain=" not in page.headers["set-cookie"]
    assert picture_url(page).startswith(f"/c/{code.slug}/q/")
    assert get(edges, landing, picture_url(page)).headers["content-type"] == "image/png"
    assert code.rows("SELECT sub_channel FROM routing_scan") == [("poster12",)]


def test_without_a_landing_host_the_printed_host_shows_the_page(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1)
    entry, _ = give_hosts(tenant, landing=False)
    assert get(edges, f"{entry}:443", f"/c/{code.slug}").status_code == 200
    assert code.outcomes() == ["assigned"]


def test_a_companys_host_serves_no_code_of_another_company_and_the_shared_host_serves_all(
    tenant: TenantFixture, other_tenant: TenantFixture, edges: Edges
) -> None:
    ours, theirs = live_code(tenant, roster=1), live_code(other_tenant, roster=1)
    _, landing = give_hosts(tenant)
    refused = get(edges, landing, f"/c/{theirs.slug}")
    assert refused.status_code == 404
    assert "没有找到这个二维码" in refused.text
    assert other_tenant.name not in refused.text
    assert get(edges, landing, f"/c/{theirs.slug}/code.png").status_code == 404
    assert theirs.rows("SELECT count(*) FROM routing_scan") == [(0,)]
    for code in (ours, theirs):
        assert edges.scan(code.slug).status_code == 200


def test_the_picture_to_save_outside_of_wechat_says_the_printed_host(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1)
    entry, landing = give_hosts(tenant)
    for host in (landing, "127.0.0.1"):
        picture = get(edges, host, f"/c/{code.slug}/code.png?p=a1")
        (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture.content)))
        assert found.text == f"http://{entry}:{port_of(edges)}/c/{code.slug}?p=a1"


def test_a_verification_file_is_at_the_root_of_its_companys_hosts_alone(
    tenant: TenantFixture, other_tenant: TenantFixture, edges: Edges
) -> None:
    entry, landing = give_hosts(tenant)
    _, elsewhere = give_hosts(other_tenant)
    with tenant_context(tenant.id):
        verification_file_put(access=tenant.owner, name=FILE, content=b"A1b2C3d4\n", now=clock.now())
    for host in (entry, landing):
        answer = get(edges, host, f"/{FILE}")
        assert (answer.status_code, answer.text) == (200, "A1b2C3d4\n")
        assert answer.headers["content-type"] == "text/plain"
    for host in (elsewhere, "127.0.0.1"):
        assert get(edges, host, f"/{FILE}").status_code == 404
    assert get(edges, landing, "/WW_verify_nobody12345678.txt").status_code == 404


def test_the_proxy_is_told_for_which_hosts_a_certificate_may_be_ordered(tenant: TenantFixture, edges: Edges) -> None:
    entry, landing = give_hosts(tenant)
    with edges.client() as client:
        statuses = [
            client.get("/known-host", params={"domain": host}).status_code
            for host in (entry, landing, f"not-{entry}", "")
        ]
    assert statuses == [200, 200, 404, 404]


def test_a_moved_host_is_followed_by_whoever_does_not_remember_it(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1)
    entry, first = give_hosts(tenant)
    assert first in get(edges, entry, f"/c/{code.slug}").headers["location"]
    moved = f"new-{first}"
    with tenant_context(tenant.id):
        domains_set(access=tenant.owner, entry_host=entry, landing_host=moved, now=clock.now())
    # The second process never saw the host, so that it reads what holds now.
    assert moved in get(edges, entry, f"/c/{code.slug}", number=1).headers["location"]


def test_without_postgresql_a_known_host_stays_a_companys_and_an_unknown_one_serves_by_the_code(
    tenant: TenantFixture, other_tenant: TenantFixture, tmp_path: Path
) -> None:
    ours, theirs = live_code(tenant, roster=1), live_code(other_tenant, roster=1)
    (entry, landing), (_, unseen) = give_hosts(tenant), give_hosts(other_tenant)
    gate, port = Gate(os.environ["DATABASE_URL"]), free_port()
    process = start_edge(port, tmp_path, DATABASE_URL=gate.url, LIVECODE_BATCH_DEADLINE="1.5")
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", verify=NO_TLS, timeout=30) as client:

            def status(host: str, slug: str) -> int:
                headers = {"host": host, "user-agent": WECHAT, "cookie": f"lv={new_cookie()}"}
                return client.get(f"/c/{slug}", headers=headers).status_code

            assert [status(landing, ours.slug), status("127.0.0.1", theirs.slug), status(entry, ours.slug)] == [
                200,
                200,
                302,
            ]
            time.sleep(1)
            gate.close()
            assert status(landing, ours.slug) == 200
            assert status(entry, ours.slug) == 302
            assert status(landing, theirs.slug) == 404
            assert status(unseen, theirs.slug) == 200
    finally:
        gate.open()
        process.terminate()
        process.wait(10)
