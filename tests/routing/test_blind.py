"""PostgreSQL slow or gone: each scan gets a page, and is in PostgreSQL once that is back (design.md §5)."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from livecode_admin.kernel import clock
from routing.services.slots import friend_added
from tenants.context import tenant_context
from tests.factories import TenantFixture
from tests.routing.conftest import NO_TLS, WECHAT, free_port, picture_url, start_edge
from tests.routing.gate import Gate
from tests.routing.stage import StageCode, live_code

pytestmark = pytest.mark.processes


@dataclass
class GatedEdge:
    """An edge whose way to PostgreSQL a test can close."""

    gate: Gate
    url: str

    def scan(self, code: StageCode) -> httpx.Response:
        """One scan by a new visitor."""
        return self.get(f"/c/{code.slug}")

    def get(self, path: str) -> httpx.Response:
        """One request by WeChat without cookies."""
        with httpx.Client(base_url=self.url, verify=NO_TLS, timeout=30, headers={"user-agent": WECHAT}) as client:
            return client.get(path)

    def until_it_sees(self) -> None:
        """Wait until nothing is left on the spool and no tenant is served blind."""
        for _ in range(300):
            ready = self.get("/readyz")
            if ready.status_code == 200 and ready.json() == {"database": "ok", "blind_tenants": 0, "spooled": 0}:
                return
            time.sleep(0.1)
        raise AssertionError(ready.text)


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[GatedEdge]:
    """An edge process behind a gate, with the deadline that production has times five (a busy test machine)."""
    gate = Gate(os.environ["DATABASE_URL"])
    port = free_port()
    process = start_edge(port, tmp_path, DATABASE_URL=gate.url, LIVECODE_BATCH_DEADLINE="1.5")
    yield GatedEdge(gate, f"http://127.0.0.1:{port}")
    gate.open()
    process.terminate()
    process.wait(10)


def known_code(
    tenant: TenantFixture, edge: GatedEdge, *, roster: int, backups: int = 0, cap: int | None = None
) -> StageCode:
    """A code that the edge has served once and of whose seats it keeps a picture."""
    code = live_code(tenant, roster=roster, backups=backups, cap=cap)
    edge.scan(code)
    time.sleep(1)
    return code


@pytest.mark.parametrize("trouble", ["close", "freeze"])
def test_scans_go_on_in_turn_with_a_picture_and_are_all_recorded_afterwards(
    tenant: TenantFixture, edge: GatedEdge, trouble: str
) -> None:
    code = known_code(tenant, edge, roster=3)
    getattr(edge.gate, trouble)()
    pages = [edge.scan(code) for _ in range(6)]
    assert [page.status_code for page in pages] == [200] * 6
    pictures = [edge.get(picture_url(page)) for page in pages]
    assert {picture.headers["content-type"] for picture in pictures} == {"image/png"}
    assert len({picture_url(page) for page in pages}) == 3
    edge.gate.open()
    edge.until_it_sees()
    assert code.rows("SELECT degraded, count(*) FROM routing_scan GROUP BY 1 ORDER BY 1") == [(False, 1), (True, 6)]
    assert Counter(code.served()) == {0: 3, 1: 2, 2: 2}
    assert sum(row[0] for row in code.rows("SELECT assigned FROM routing_staffday")) == 7
    edge.scan(code)
    assert code.rows("SELECT count(*) FROM routing_scan WHERE NOT degraded") == [(2,)]


def test_the_caps_that_were_known_hold_while_postgresql_is_away(tenant: TenantFixture, edge: GatedEdge) -> None:
    code = known_code(tenant, edge, roster=1, backups=1, cap=2)
    edge.gate.close()
    for _ in range(4):
        edge.scan(code)
    edge.gate.open()
    edge.until_it_sees()
    assert code.outcomes() == ["assigned", "assigned", "overflow", "overflow", "fallback"]


def test_the_add_of_somebody_who_scanned_meanwhile_finds_its_scan(tenant: TenantFixture, edge: GatedEdge) -> None:
    code = known_code(tenant, edge, roster=1)
    edge.gate.close()
    page = edge.scan(code)
    edge.gate.open()
    edge.until_it_sees()
    ((scan_id, way_id, state, leased),) = code.rows(
        "SELECT s.scan_id, w.id, w.state, s.leased FROM routing_slot s JOIN routing_contactway w ON w.id = s.way_id"
        " JOIN routing_scan n ON n.scan_id = s.scan_id WHERE n.degraded"
    )
    assert f"/w/{way_id}-" in picture_url(page)
    assert not leased
    now = clock.now()
    with tenant_context(tenant.id):
        found = friend_added(state=state, staff_userid="", customer_id=0, occurred_at=now, now=now)
    assert (found.scan_id, found.match, found.late) == (scan_id, "oldest", False)


def test_a_code_this_process_never_saw_still_gets_a_page(tenant: TenantFixture, edge: GatedEdge) -> None:
    known = known_code(tenant, edge, roster=1)
    stranger = live_code(tenant, roster=1)
    edge.gate.close()
    edge.scan(known)
    page = edge.scan(stranger)
    assert page.status_code == 503
    assert "二维码" in page.text
