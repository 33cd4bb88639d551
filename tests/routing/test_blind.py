"""PostgreSQL slow or gone: each scan gets a page, and is in PostgreSQL once it is back (design.md §5)."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg2
import pytest

from livecode_admin.kernel import clock
from routing.edge.memory import Memory
from routing.services.slots import friend_added
from tenants.context import tenant_context
from tests.factories import TenantFixture, make_tenant
from tests.routing.conftest import NO_TLS, WECHAT, free_port, picture_url, start_edge
from tests.routing.gate import Gate
from tests.routing.stage import StageCode, live_code

pytestmark = pytest.mark.processes
DEADLINE_S = 1.5  # what production has times five: a busy test machine


@dataclass
class GatedEdge:
    """An edge whose way to PostgreSQL a test can close."""

    gate: Gate
    port: int
    folder: Path
    process: subprocess.Popen[bytes]

    def scan(self, code: StageCode) -> httpx.Response:
        """One scan by a new visitor."""
        return self.get(f"/c/{code.slug}")

    def get(self, path: str, cookie: str = "") -> httpx.Response:
        """One request by WeChat, without cookies or with the visitor's."""
        headers = {"user-agent": WECHAT, **({"cookie": f"lv={cookie}"} if cookie else {})}
        with httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}", verify=NO_TLS, timeout=30, headers=headers
        ) as client:
            return client.get(path)

    def until_it_sees(self) -> None:
        """Wait until nothing is left on the spool and no tenant is served blind."""
        for _ in range(300):
            ready = self.get("/readyz")
            if ready.status_code == 200 and ready.json() == {"database": "ok", "blind_tenants": 0, "spooled": 0}:
                return
            time.sleep(0.1)
        raise AssertionError(ready.text)

    def until_it_remembers(self, code: StageCode) -> None:
        """Wait until the machine's memory holds a code."""
        memory = Memory(self.folder / "spool" / "memory.sqlite")
        for _ in range(300):
            if memory.recall(code.tenant.id, code.code_id) is not None:
                memory.close()
                return
            time.sleep(0.1)
        raise AssertionError("it is not remembered")

    def kill_and_start(self) -> None:
        """kill -9 of the server and its worker, and a new process on the same machine."""
        pid = self.process.pid
        workers = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        self.process.kill()
        for worker in workers:
            os.kill(int(worker), signal.SIGKILL)
        self.process.wait(10)
        self.process = _start(self.gate, self.port, self.folder)


def _start(gate: Gate, port: int, folder: Path) -> subprocess.Popen[bytes]:
    return start_edge(port, folder, DATABASE_URL=gate.url, LIVECODE_BATCH_DEADLINE=str(DEADLINE_S))


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[GatedEdge]:
    """An edge process behind a gate."""
    gate, port = Gate(os.environ["DATABASE_URL"]), free_port()
    gated = GatedEdge(gate, port, tmp_path, _start(gate, port, tmp_path))
    yield gated
    gate.open()
    gated.process.terminate()
    gated.process.wait(10)


def known_code(
    tenant: TenantFixture, edge: GatedEdge, *, roster: int, backups: int = 0, cap: int | None = None
) -> StageCode:
    """A code that the edge has served once and of whose seats it keeps pictures."""
    code = live_code(tenant, roster=roster, backups=backups, cap=cap)
    edge.scan(code)
    edge.until_it_remembers(code)
    return code


@contextmanager
def lock_of(tenant: TenantFixture) -> Iterator[None]:
    """Somebody else holds a tenant's lock, as an edge that hangs in the middle of a batch does."""
    link = psycopg2.connect(os.environ["DATABASE_URL"])
    with link.cursor() as cursor:
        cursor.execute("SELECT set_config('app.tenant', %s, false), routing_lock(%s)", [str(tenant.id), tenant.id])
    yield
    link.close()


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
    assert leased
    now = clock.now()
    with tenant_context(tenant.id):
        found = friend_added(state=state, staff_userid="", customer_id=0, occurred_at=now, now=now)
    assert (found.scan_id, found.match, found.late) == (scan_id, "exact", False)


def test_scans_that_had_to_share_a_way_are_not_told_apart_exactly(tenant: TenantFixture, edge: GatedEdge) -> None:
    code = known_code(tenant, edge, roster=1)
    ways = len(code.rows("SELECT id FROM routing_contactway"))
    edge.gate.close()
    pages = [edge.scan(code) for _ in range(2 * ways)]
    edge.gate.open()
    edge.until_it_sees()
    assert len({picture_url(page) for page in pages}) == ways
    slots = "SELECT count(*) FROM routing_slot s JOIN routing_scan n ON n.scan_id = s.scan_id WHERE n.degraded"
    assert code.rows(f"{slots} AND s.leased") == [(0,)]
    assert code.rows(slots) == [(2 * ways,)]


def test_a_code_nobody_has_scanned_yet_is_served_too(tenant: TenantFixture, edge: GatedEdge) -> None:
    stranger = live_code(tenant, roster=2)
    edge.until_it_remembers(stranger)
    edge.gate.close()
    pages = [edge.scan(stranger) for _ in range(2)]
    assert [edge.get(picture_url(page)).headers["content-type"] for page in pages] == ["image/png"] * 2
    edge.gate.open()
    edge.until_it_sees()
    assert stranger.served() == [0, 1]


def test_an_edge_that_starts_while_postgresql_is_away_serves_what_the_machine_remembers(
    tenant: TenantFixture, edge: GatedEdge
) -> None:
    code = known_code(tenant, edge, roster=2, cap=2)
    edge.gate.close()
    edge.scan(code)
    edge.kill_and_start()
    pages = [edge.scan(code) for _ in range(2)]
    assert [edge.get(picture_url(page)).headers["content-type"] for page in pages] == ["image/png"] * 2
    edge.gate.open()
    edge.until_it_sees()
    assert code.rows("SELECT degraded, count(*) FROM routing_scan GROUP BY 1 ORDER BY 1") == [(False, 1), (True, 3)]


def test_a_slug_that_is_nobodys_or_brand_new_gets_a_full_page_to_try_again(edge: GatedEdge) -> None:
    edge.gate.close()
    page = edge.get("/c/0123456789")
    assert page.status_code == 503
    assert page.headers["retry-after"]
    assert "二维码" in page.text


def test_the_picture_of_a_page_served_before_is_shown_during_the_outage(tenant: TenantFixture, edge: GatedEdge) -> None:
    code = known_code(tenant, edge, roster=2)
    page = edge.scan(code)
    edge.gate.close()
    picture = edge.get(picture_url(page), cookie=page.cookies["lv"])
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")


def test_a_batch_that_is_merely_late_is_waited_for(tenant: TenantFixture, edge: GatedEdge) -> None:
    code = known_code(tenant, edge, roster=1)
    with ThreadPoolExecutor(1) as pool:
        with lock_of(tenant):
            page = pool.submit(edge.scan, code)
            time.sleep(DEADLINE_S + 0.2)
        assert page.result().status_code == 200
    assert code.rows("SELECT count(*) FROM routing_scan WHERE degraded") == [(0,)]


def test_tenants_whose_locks_are_held_do_not_hold_up_the_others(tenant: TenantFixture, edge: GatedEdge) -> None:
    free = known_code(tenant, edge, roster=1)
    held = [known_code(make_tenant(), edge, roster=1) for _ in range(8)]
    with ThreadPoolExecutor(len(held)) as pool, ExitStack() as locks:
        for code in held:
            locks.enter_context(lock_of(code.tenant))
        waiting = [pool.submit(edge.scan, code) for code in held]
        while not all(page.done() for page in waiting):
            assert edge.scan(free).status_code == 200
        locks.close()
        assert {page.result().status_code for page in waiting} == {200}
    edge.until_it_sees()
    assert free.rows("SELECT count(*) FROM routing_scan WHERE degraded") == [(0,)]
    for code in held:
        assert code.rows("SELECT degraded, count(*) FROM routing_scan GROUP BY 1 ORDER BY 1") == [
            (False, 1),
            (True, 1),
        ]
