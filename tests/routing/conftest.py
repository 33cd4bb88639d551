"""Real edge processes: granian serving `livecode_admin.asgi:app` on loopback, and a client that scans like WeChat."""

from __future__ import annotations

import os
import re
import secrets
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.routing.regionfile import PLACES, region_file

WECHAT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
    "MicroMessenger/8.0.55(0x18003731) NetType/4G Language/zh_CN"
)
ROOT = Path(__file__).resolve().parents[2]
# Loopback alone: making a context that loads the system's certificates costs more than a scan.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_PICTURE = re.compile(r'<img [^>]*src="([^"]+)"')


@dataclass
class Edges:
    """Edge processes of this test module. Scans go to them in turn."""

    urls: list[str]
    processes: list[subprocess.Popen[bytes]]
    clock_file: Path

    def shift_clock(self, seconds: float) -> None:
        """Let the edge's clock go on (or back); it is felt within 0.2 s."""
        self.clock_file.write_text(str(seconds), encoding="ascii")
        time.sleep(0.25)

    def client(self, number: int = 0, *, agent: str = WECHAT, cookie: str = "") -> httpx.Client:
        """A browser of its own: no cookies but its own."""
        headers = {"user-agent": agent, **({"cookie": f"lv={cookie}"} if cookie else {})}
        return httpx.Client(base_url=self.urls[number % len(self.urls)], headers=headers, timeout=10, verify=NO_TLS)

    def scan(
        self, slug: str, number: int = 0, *, agent: str = WECHAT, cookie: str = "", query: str = ""
    ) -> httpx.Response:
        """One scan by a new visitor, or by the one of ``cookie``."""
        with self.client(number, agent=agent, cookie=cookie) as client:
            return client.get(f"/c/{slug}{query}")

    def scan_many(self, slugs: list[str], *, connections: int) -> list[int]:
        """One scan for each slug, each by a new visitor, over ``connections`` at once; returns the statuses."""

        def work(share: tuple[int, list[str]]) -> list[int]:
            number, own = share
            limits = httpx.Limits(max_connections=1)
            base = self.urls[number % len(self.urls)]
            with httpx.Client(base_url=base, limits=limits, timeout=30, verify=NO_TLS) as client:
                headers = {"user-agent": WECHAT}
                statuses = []
                for slug in own:
                    client.cookies.clear()
                    statuses.append(client.get(f"/c/{slug}", headers=headers).status_code)
                return statuses

        shares = [(number, slugs[number::connections]) for number in range(connections)]
        with ThreadPoolExecutor(connections) as pool:
            return [status for statuses in pool.map(work, shares) for status in statuses]


def picture_url(page: httpx.Response) -> str:
    """The address of the page's only image."""
    found = _PICTURE.findall(page.text)
    assert len(found) == 1, page.text
    return str(found[0])


def new_cookie() -> str:
    """A visitor's cookie as the edge would make it."""
    return secrets.token_urlsafe(16)


def start_edge(port: int, folder: Path, **more: str) -> subprocess.Popen[bytes]:
    """One edge process on a port; waits until it serves."""
    process = subprocess.Popen(
        [
            sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", str(port),
            "--workers", "1", "--no-ws", "--log-level", "warning", "livecode_admin.asgi:app",
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "LIVECODE_SPOOL_DIR": str(folder / "spool"),
            "LIVECODE_CLOCK_OFFSET_FILE": str(folder / "clock"),
            "LIVECODE_ENTRY_URL": f"http://127.0.0.1:{port}",
            # A busy test machine must not look like a database that is away; test_blind.py sets the real one.
            "LIVECODE_BATCH_DEADLINE": "20",
            **more,
        },
    )  # fmt: skip
    for _ in range(200):
        try:
            if httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=1).status_code == 200:
                return process
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("the edge did not start")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def edges(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edges]:
    """Two edge processes on one database, behind a proxy, with the small region file of regionfile.py."""
    folder = tmp_path_factory.mktemp("edge")
    (folder / "clock").write_text("0", encoding="ascii")
    (folder / "ip.xdb").write_bytes(region_file(PLACES))
    more = {"LIVECODE_PROXY_COUNT": "1", "LIVECODE_IP2REGION_XDB": str(folder / "ip.xdb")}
    ports = [free_port(), free_port()]
    processes = [start_edge(port, folder, **more) for port in ports]
    yield Edges([f"http://127.0.0.1:{port}" for port in ports], processes, folder / "clock")
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(10)
