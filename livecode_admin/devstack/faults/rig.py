"""What a fault run breaks: a PostgreSQL and a Valkey of its own and two edges, kept alive as the demo's are.

Everything lives in a temporary folder. The edges run with what production has: `synchronous_commit`, `fsync` and the
batch deadline are not touched.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from livecode_admin.devstack import databases, postgres, programs, valkey
from livecode_admin.devstack.output import Output
from livecode_admin.devstack.place import ROOT, Place
from livecode_admin.devstack.problems import DevstackProblem
from livecode_admin.devstack.supervisor import TICK_SECONDS, Program, Supervisor
from tenants import roles

EDGES = 2
DATABASE = "livecode"
START_SECONDS = 60.0


class Log(Output):
    """Files only; what the supervisor itself says is kept to be told at the end."""

    def _write(self, text: str) -> None:
        """Nothing on the terminal."""


class Rig:
    """The processes of a run. A context manager: started on entry, all gone on exit."""

    def __init__(self, folder: Path) -> None:
        self.place = Place(folder, 1)
        self.place.make()
        words = self.place.secrets()
        self.passwords = {role: words[role.removeprefix("livecode_")] for role in roles.LOGIN_ROLES}
        self.cluster = postgres.Cluster(folder / "postgres", self.place.socket_dir, password=words["postgres"])
        self.redis = valkey.Server(folder / "redis", self.place.socket_dir)
        self.ports = _free_ports(EDGES)
        self.environment: dict[str, str] = {}
        self.supervisor = Supervisor(Log(self.place.log_dir, colour=False), lambda pids: None)
        self._over = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True, name="supervisor")

    def __enter__(self) -> Rig:
        """Start the servers, make the database, start the edges."""
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Stop everything."""
        self._over.set()
        if self._ticker.ident is not None:
            self._ticker.join()
        for program in self.supervisor.programs.values():
            program.signal_group(signal.SIGCONT)
        self.supervisor.stop()

    def _start(self) -> None:
        self.cluster.ensure_initialised()
        postgres_program = Program("postgres", spawn=self.cluster.spawn, stop_signal=postgres.STOP_SIGNAL, layer=0)
        self.supervisor.launch(postgres_program)
        self.supervisor.launch(Program("redis", spawn=self.redis.spawn, layer=0))
        self.cluster.wait_ready(postgres_program.child)
        self.redis.wait_ready(self.program("redis").child)
        databases.create_roles(self.cluster.url(), self.passwords)
        databases.create_database(self.cluster.url(), DATABASE)
        self.environment = {
            **self.place.base_environment(),
            **databases.urls_for(self.cluster.url(), DATABASE, self.passwords).environment(),
            "BROKER_URL": self.redis.broker_url(0),
            "CACHE_URL": self.redis.cache_url(1),
            "LIVECODE_BATCH_DEADLINE": os.environ.get("LIVECODE_BATCH_DEADLINE") or "0.3",
        }
        migrate = [sys.executable, str(ROOT / "manage.py"), "migrate", "--database", "owner", "--verbosity", "0"]
        done = subprocess.run(migrate, env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise DevstackProblem(f"The migrations failed: {(done.stderr.strip().splitlines() or ['?'])[-1]}")
        for number, port in enumerate(self.ports):
            self.supervisor.launch(programs.edge(port, self.environment, name=f"edge-{number}"))
        self._ticker.start()
        self.until(lambda: all(self.ready(number) for number in range(EDGES)), START_SECONDS, "the edges answer")

    def _tick(self) -> None:
        while not self._over.wait(TICK_SECONDS):
            self.supervisor.tick()

    def program(self, name: str) -> Program:
        """One of `postgres`, `redis`, `edge-0`, `edge-1`."""
        return self.supervisor.programs[name]

    def pid(self, name: str) -> int:
        """The process id of a program that runs."""
        child = self.program(name).child
        if child is None:
            raise DevstackProblem(f"{name} does not run")
        return child.pid

    def children(self, name: str) -> list[int]:
        """The processes that a program has started: backends of PostgreSQL, workers of an edge."""
        return list(_children(self.pid(name)))

    def keep_down(self, name: str, seconds: float) -> None:
        """Before a program is stopped: the supervisor starts it again only after that time."""
        self.program(name).start_again_at = time.monotonic() + seconds

    @property
    def spool(self) -> Path:
        """Where both edges keep scans while PostgreSQL is away."""
        return Path(self.environment["LIVECODE_SPOOL_DIR"])

    def status(self, number: int) -> dict[str, object]:
        """What an edge says of itself at /readyz; empty when it does not answer."""
        try:
            with urlopen(f"http://127.0.0.1:{self.ports[number]}/readyz", timeout=3) as answer:
                said: dict[str, object] = json.loads(answer.read())
        except HTTPError as error:
            return {"database": f"{error.code}"}
        except (OSError, ValueError):
            return {}
        return said

    def ready(self, number: int) -> bool:
        """Whether an edge serves every tenant with PostgreSQL and has nothing on its spool."""
        said = self.status(number)
        return said.get("database") == "ok" and not said.get("blind_tenants") and not said.get("spooled")

    def spooled(self) -> int:
        """How many scans lie on the spool."""
        return sum(len(path.read_bytes().splitlines()) for path in self.spool.glob("scans-*.jsonl") if path.exists())

    def until(self, holds: Callable[[], bool], seconds: float, what: str) -> float:
        """Wait for a condition; returns how long it took. Raises DevstackProblem when it does not come about."""
        began = time.monotonic()
        while not holds():
            if time.monotonic() - began > seconds:
                raise DevstackProblem(f"not within {seconds:.0f} s: {what}; see {self.place.log_dir}")
            time.sleep(0.1)
        return time.monotonic() - began


def _children(pid: int) -> Iterator[int]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            except OSError:
                continue
            if int(words[1]) == pid:
                yield int(entry.name)


def _free_ports(number: int) -> list[int]:
    """Ports that nobody listens on now."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports
