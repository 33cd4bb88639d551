"""A visitor's network address decides the region and is kept nowhere, as the landing page says."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL

import httpx
import psycopg2
import pytest
import redis
from psycopg2 import sql

from livecode_admin.devstack import programs
from tests.factories import TenantFixture
from tests.routing.conftest import NO_TLS, ROOT, WECHAT, free_port, picture_url
from tests.routing.gate import Gate
from tests.routing.regionfile import PLACES, region_file
from tests.routing.stage import live_code

pytestmark = pytest.mark.processes
# Where the connection comes from (all of 127/8 is loopback), and what our own proxy says of the visitor.
PEER = "127.77.66.55"
VISITOR = "203.0.113.87"


@dataclass
class LoggedEdge:
    """An edge as the demo starts it, its words in a file, behind a gate; its environment asks for access logs."""

    gate: Gate
    url: str
    folder: Path

    def get(self, path: str, *, agent: str = WECHAT, cookie: str = "") -> httpx.Response:
        """One request from the recognisable address."""
        headers = {"user-agent": agent, "x-forwarded-for": VISITOR, **({"cookie": f"lv={cookie}"} if cookie else {})}
        transport = httpx.HTTPTransport(local_address=PEER, verify=NO_TLS)
        with httpx.Client(base_url=self.url, headers=headers, timeout=30, transport=transport) as client:
            return client.get(path)

    def until(self, **wanted: object) -> None:
        """Wait until it says so of itself."""
        for _ in range(300):
            said = self.get("/readyz").json()
            if all(said[name] == value for name, value in wanted.items()):
                return
            time.sleep(0.1)
        raise AssertionError(said)


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[LoggedEdge]:
    gate, port = Gate(os.environ["DATABASE_URL"]), free_port()
    (tmp_path / "ip.xdb").write_bytes(region_file(PLACES))
    environment = {
        **os.environ,
        "DATABASE_URL": gate.url,
        "LIVECODE_SPOOL_DIR": str(tmp_path / "spool"),
        "LIVECODE_ENTRY_URL": f"http://127.0.0.1:{port}",
        "LIVECODE_PROXY_COUNT": "1",
        "LIVECODE_IP2REGION_XDB": str(tmp_path / "ip.xdb"),
        "LIVECODE_LOG_LEVEL": "DEBUG",
        "GRANIAN_LOG_ACCESS_ENABLED": "true",
    }
    command = programs.edge(port, environment).command
    with (tmp_path / "said.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    running = LoggedEdge(gate, f"http://127.0.0.1:{port}", tmp_path)
    for _ in range(600):
        with suppress(httpx.TransportError):
            if running.get("/healthz").status_code == 200:
                break
        time.sleep(0.1)
    yield running
    gate.open()
    process.terminate()
    process.wait(15)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, SIGKILL)


def rows_with(text: str) -> list[str]:
    """The tables of the database with a row that contains a text anywhere, whoever's row it is."""
    found = []
    with closing(psycopg2.connect(os.environ["DATABASE_ADMIN_URL"])) as link, link.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            name = sql.Identifier(table)
            cursor.execute(sql.SQL("SELECT 1 FROM {} AS t WHERE t::text LIKE %s LIMIT 1").format(name), [f"%{text}%"])
            found += [table] if cursor.fetchone() else []
    return found


def files_with(folder: Path, texts: tuple[str, ...]) -> list[str]:
    """The files under a folder that contain one of these texts."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [str(path) for path in files if any(text.encode() in path.read_bytes() for text in texts)]


def keys_with(text: str) -> list[object]:
    """The Redis keys whose name or value contains a text."""
    with closing(redis.Redis.from_url(os.environ["CACHE_URL"])) as cache:
        return [key for key in cache.scan_iter("*") if text.encode() in key + (cache.dump(key) or b"")]


def test_a_visitors_address_is_in_no_table_no_file_and_no_log(tenant: TenantFixture, edge: LoggedEdge) -> None:
    code = live_code(tenant, roster=2)
    page = edge.get(f"/c/{code.slug}?p=stand")
    assert "网络地址只用来判断所在地区，不保存" in re.sub(r"\s", "", page.text)
    edge.get(picture_url(page), cookie=page.cookies["lv"])
    for path in ("?test=1", "?another=x", "/code.png"):
        edge.get(f"/c/{code.slug}{path}")
    for path in ("/c/zzzzzzzzzz", "/nowhere"):
        edge.get(path)
    for agent in ("curl/8.0", "Mozilla/5.0 (Macintosh)"):
        edge.get(f"/c/{code.slug}", agent=agent)
    # Without PostgreSQL: what is spooled, remembered and logged of it.
    edge.gate.close()
    assert edge.get(f"/c/{code.slug}").status_code == 200
    edge.get("/c/yyyyyyyyyy")
    spooled = [path for path in (edge.folder / "spool").glob("scans-*.jsonl") if path.stat().st_size]
    assert spooled
    assert files_with(edge.folder, (PEER, VISITOR)) == []
    edge.gate.open()
    edge.until(database="ok", blind_tenants=0, spooled=0)
    assert code.rows("SELECT count(*) FROM routing_scan WHERE code_id = %s", code.code_id)[0][0] >= 4
    assert (edge.folder / "said.log").stat().st_size > 0  # it does write a log
    assert files_with(edge.folder, (PEER, VISITOR)) == []
    for address in (PEER, VISITOR):
        assert (rows_with(address), keys_with(address)) == ([], [])


def test_the_servers_of_production_keep_no_access_log_and_the_proxy_leaves_addresses_out() -> None:
    compose = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    starts = re.findall(r"granian --interface[^\n]*\n[^\n]*", compose)
    assert len(starts) == 2
    assert all("--no-access-log" in words for words in starts)
    caddy = (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8")
    for field in ("request>remote_ip", "request>client_ip", "request>headers"):
        assert f"{field} delete" in caddy
