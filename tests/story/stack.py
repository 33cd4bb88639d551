"""The demo's processes as the supervisor runs them, in a data directory of the test's own: no past, few codes.

``STORY_DEMO=DIR`` uses a demo that already runs there (``./run demo --detach --data DIR``), for working on the tests.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psycopg2
import pytest

from livecode_admin.devstack.place import ROOT, Place

# What the suite itself set would otherwise be taken for servers that the person gave.
OF_THE_SUITE = ("DATABASE", "BROKER", "CACHE", "LIVECODE", "DJANGO", "PG", "TZ")
PATIENCE = 120.0
Found = TypeVar("Found")


def free_ports() -> int:
    """A port that is free together with the two above it."""
    for port in range(30000 + os.getpid() % 9000, 60000, 11):
        with socket.socket() as one, socket.socket() as two, socket.socket() as three:
            try:
                for offset, probe in enumerate((one, two, three)):
                    probe.bind(("127.0.0.1", port + offset))
            except OSError:
                continue
            return port
    pytest.fail("no three free ports")


def until(look: Callable[[], Found], *, seconds: float = PATIENCE, what: str = "") -> Found:
    """What ``look`` finds as soon as that is truthy; fails when it never is."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            pytest.fail(f"not within {seconds:.0f} s: {what or look}; last seen {found!r}")
        time.sleep(0.2)


class Stack:
    """One running demo: its state, its database as the application sees it, its simulator."""

    def __init__(self, folder: Path, port: int) -> None:
        self.place = Place(folder, port)
        self.phone = httpx.Client(timeout=30, trust_env=False)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command of `./run` on this data directory."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OF_THE_SUITE)}
        own = {"PORT": str(self.place.port), "EDGE_PROCESSES": "2", "LIVECODE_DEMO_HISTORY": "0"}
        return subprocess.run(
            [sys.executable, "-m", "livecode_admin.devstack", *words, "--data", str(self.place.data_dir)],
            cwd=ROOT,
            env={**kept, **own, "LIVECODE_DEMO_CODES": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def start(self) -> None:
        """Start everything; fails with the end of the log."""
        done = self.run("demo", "--detach")
        assert done.returncode == 0, done.stderr + self.log("run")

    def stop(self) -> None:
        """Stop everything."""
        self.run("down")

    def log(self, name: str) -> str:
        """The end of a process's log."""
        path = self.place.log_dir / f"{name}.log"
        return path.read_text(encoding="utf-8", errors="replace")[-4000:] if path.exists() else ""

    @property
    def state(self) -> dict[str, Any]:
        """state.json, as it is now."""
        loaded: dict[str, Any] = json.loads(self.place.state_file.read_text(encoding="utf-8"))
        return loaded

    @property
    def tenant(self) -> dict[str, Any]:
        """The first of the two companies."""
        found: dict[str, Any] = self.state["tenants"][0]
        return found

    def account(self, bundle: str) -> dict[str, str]:
        """The demo's account that holds a bundle."""
        found: dict[str, str] = next(one for one in self.tenant["accounts"] if one["bundle"] == bundle)
        return found

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows as the application role sees them for the company: what PostgreSQL holds is what is judged."""
        link = psycopg2.connect(self.state["database_url"])
        try:
            with link, link.cursor() as cursor:
                cursor.execute("SELECT set_config('app.tenant', %s, true)", [str(self.tenant["id"])])
                cursor.execute(sql, values)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            link.close()

    def kill(self, name: str) -> int:
        """kill -9 of a process and its children, as a machine that loses power; its process id."""
        pid = int(self.state["pids"][name])
        os.killpg(pid, signal.SIGKILL)
        return pid

    def until_replaced(self, name: str, pid: int) -> None:
        """Wait until the supervisor has started a new process."""
        until(lambda: self.state["pids"].get(name, pid) != pid, what=f"a new {name}")

    def sim(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """A call to the simulator; fails unless it is answered with 2xx."""
        reply = self.phone.request(method, f"{self.place.url('simulator')}{path}", json=body)
        assert reply.is_success, f"{method} {path}: {reply.status_code} {reply.text[:300]}"
        return reply.json()

    def fault(self, path: str, kind: str, *, value: int = 0, times: int = 0) -> int:
        """A fault in WeCom for the company; its id."""
        body = {"path": path, "kind": kind, "value": value, "times": times, "corp": self.tenant["corp_id"]}
        return int(self.sim("POST", "/sim/faults", body)["id"])

    def customer(self, nickname: str) -> str:
        """A new customer; the person's id."""
        return str(self.sim("POST", "/sim/customers", {"nickname": nickname})["person_id"])

    def walk(self, person: str, url: str) -> dict[str, Any]:
        """Scan, 长按识别 and add; the new friend."""
        answer = self.sim("POST", f"/sim/customers/{person}/walk", {"text": url})
        assert "friend" in answer, answer
        friend: dict[str, Any] = answer["friend"]
        return friend

    def friend(self, person: str) -> dict[str, Any]:
        """The customer's only friend in the company, as the phone shows it."""
        friends = self.sim("GET", f"/sim/customers/{person}")["friends"]
        (found,) = [one for one in friends if one["corp_id"] == self.tenant["corp_id"]]
        return dict(found)

    def greetings(self, person: str) -> list[str]:
        """The greetings in the customer's chat."""
        return [one["text"]["content"] for one in self.friend(person)["messages"] if one.get("welcome")]

    def crm_secret(self) -> str:
        """The company's webhook secret, as it was given to the simulated CRM."""
        folder = self.place.data_dir / "simulator" / "sinks"
        return (folder / f"secret.{self.tenant['slug']}").read_text(encoding="utf-8")
