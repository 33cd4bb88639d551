"""`./run demo` with its real processes: ready, restarted, stopped, started again with its data."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from livecode_admin.devstack import leftovers
from livecode_admin.devstack.place import ROOT, Place

pytestmark = pytest.mark.processes
PROGRAMS = {"postgres", "redis", "simulator", "console", "edge", "worker-welcome", "worker-outgoing", "worker", "beat"}
# What the suite itself set would otherwise be taken for servers that the person gave.
OF_THE_SUITE = ("DATABASE", "BROKER", "CACHE", "LIVECODE", "DJANGO", "PG", "TZ")


def free_ports() -> int:
    """A port that is free together with the two above it."""
    for port in range(20000 + os.getpid() % 9000, 60000, 7):
        with socket.socket() as one, socket.socket() as two, socket.socket() as three:
            try:
                for offset, probe in enumerate((one, two, three)):
                    probe.bind(("127.0.0.1", port + offset))
            except OSError:
                continue
            return port
    pytest.fail("no three free ports")


class Demo:
    """One data directory and the commands on it."""

    def __init__(self, folder: Path) -> None:
        self.place = Place(folder, free_ports())

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OF_THE_SUITE)}
        return subprocess.run(
            [sys.executable, "-m", "livecode_admin.devstack", *words, "--data", str(self.place.data_dir)],
            cwd=ROOT,
            env={**kept, "PORT": str(self.place.port), "EDGE_PROCESSES": "2"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def start(self) -> dict[str, Any]:
        done = self.run("demo", "--detach")
        log = self.place.log_dir / "run.log"
        assert done.returncode == 0, done.stderr + (log.read_text(encoding="utf-8")[-4000:] if log.exists() else "")
        return self.state()

    def state(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads(self.place.state_file.read_text(encoding="utf-8"))
        return loaded

    def until(self, holds: Callable[[], bool], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                pytest.fail((self.place.log_dir / "run.log").read_text(encoding="utf-8")[-4000:])
            time.sleep(0.1)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    one = Demo(tmp_path_factory.mktemp("demo"))
    one.start()
    yield one
    one.run("down")
    assert leftovers.find(one.place) == []


def answer(url: str) -> int:
    with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310  # our own loopback address
        return int(response.status)


def rows(state: dict[str, Any]) -> int:
    """How many tenants there are: the resolver function is all that the app role may ask without a tenant."""
    connection = psycopg2.connect(state["database_url"])
    try:
        with connection.cursor() as cursor:
            found = 0
            for tenant in state["tenants"]:
                cursor.execute("SELECT count(*) FROM livecode_tenant_by_slug(%s)", [tenant["slug"]])
                found += (cursor.fetchone() or (0,))[0]
            return found
    finally:
        connection.close()


def test_state_json_tells_what_runs_and_every_web_process_is_ready(demo: Demo) -> None:
    state = demo.state()
    assert set(state["pids"]) - {"demo-history"} == PROGRAMS
    assert state["ready"] is True
    assert demo.place.state_file.stat().st_mode & 0o777 == 0o600
    for url in (state["console_url"], state["edge_url"]):
        assert answer(f"{url}/healthz") == 200
        assert answer(f"{url}/readyz") == 200
    assert len(state["tenants"]) == 2
    assert rows(state) == 2
    for tenant in state["tenants"]:
        assert {"id", "slug", "name", "corp_id", "callback_url", "callback_token", "callback_aes_key"} <= set(tenant)
        assert {"username", "password", "bundle"} <= set(tenant["accounts"][0])
        assert {"slug", "name"} <= set(tenant["codes"][0])
    assert demo.run("status").returncode == 0


def test_a_printed_code_is_answered_by_the_edge(demo: Demo) -> None:
    state = demo.state()
    assert answer(f"{state['edge_url']}/c/{state['tenants'][0]['codes'][0]['slug']}") == 200


@pytest.mark.parametrize("name", ["worker-welcome", "edge", "redis", "postgres"])
def test_a_killed_process_is_replaced_and_the_console_is_ready_again(demo: Demo, name: str) -> None:
    before = demo.state()["pids"][name]
    os.kill(before, signal.SIGKILL)
    demo.until(lambda: demo.state()["pids"].get(name, before) != before)
    demo.until(lambda: demo.run("status").returncode == 0)


def test_after_a_killed_supervisor_the_next_start_cleans_up_and_keeps_the_data(demo: Demo) -> None:
    before = demo.state()
    supervisor = int((demo.place.data_dir / "lock").read_text(encoding="utf-8"))
    os.kill(supervisor, signal.SIGKILL)
    after = demo.start()
    assert not set(before["pids"].values()) & set(after["pids"].values())
    assert after["tenants"] == before["tenants"]
    assert rows(after) == 2


def test_down_leaves_nothing_and_says_so(demo: Demo) -> None:
    assert demo.run("down").stdout == "Stopped.\n"
    assert leftovers.find(demo.place) == []
    assert demo.state()["pids"] == {}
    assert demo.run("status").returncode == 3
