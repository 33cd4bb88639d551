"""Where scans are measured: stores and load on one core, one server worker on the other, all started here."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from livecode_admin.devstack import databases, postgres, valkey
from livecode_admin.devstack.benches.scan_load import Job
from livecode_admin.devstack.place import ROOT, Place
from livecode_admin.devstack.problems import DevstackProblem
from tenants import roles

SERVERS = "livecode_admin.devstack.benches.scan_servers"
TEMPLATE = "bench_template"
START_SECONDS = 60.0
# A small server of its own: more than the demo's 64 MB of buffers, and no checkpoint within a round.
SETTINGS = {
    "shared_buffers": "1GB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
    "maintenance_work_mem": "512MB",
    "autovacuum_naptime": "10s",
}


def cores() -> tuple[set[int], set[int]]:
    """(the server's core, the others'). Raises DevstackProblem on a machine with one core."""
    known = sorted(os.sched_getaffinity(0))
    if len(known) < 2:
        raise DevstackProblem("The measurement needs two cores: one for the server, one for load and stores.")
    return {known[-1]}, set(known[:-1][:1])


@contextmanager
def on_cores(chosen: set[int]) -> Iterator[None]:
    """What is started inside runs there, with all its children."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, chosen)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@dataclass
class Server:
    """One granian with one worker on the server's core."""

    name: str
    port: int
    child: subprocess.Popen[bytes]

    def memory_mb(self) -> float:
        """Resident memory of the worker (not of granian's own parent process), in MB; 0 when it can't be read."""
        workers = Path(f"/proc/{self.child.pid}/task/{self.child.pid}/children").read_text(encoding="ascii").split()
        return round(max((_resident(int(pid)) for pid in workers), default=0) / 2**20, 1)

    def stop(self) -> None:
        """End it."""
        self.child.terminate()
        try:
            self.child.wait(15)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


@dataclass
class Stand:
    """Stores and servers of one measurement, in one temporary folder."""

    folder: Path
    server_cores: set[int]
    store_cores: set[int]
    children: list[subprocess.Popen[bytes]] = field(default_factory=list)
    servers: list[Server] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Where the parts live."""
        self.place = Place(self.folder, 1)
        words = self.place.secrets()
        self.passwords = {role: words[role.removeprefix("livecode_")] for role in roles.LOGIN_ROLES}
        self.cluster = postgres.Cluster(
            self.folder / "pg", self.folder / "sockets", password=words["postgres"], settings=SETTINGS
        )
        self.redis = valkey.Server(self.folder / "redis", self.folder / "sockets", durable=False)

    def start_stores(self) -> None:
        """PostgreSQL, durable, and Redis; then the database from which all others are copied."""
        self.cluster.ensure_initialised()
        with (self.folder / "stores.log").open("wb") as log, on_cores(self.store_cores):
            self.children = [self.cluster.spawn(log), self.redis.spawn(log)]
        self.cluster.wait_ready(self.children[0])
        self.redis.wait_ready(self.children[1])
        databases.create_roles(self.cluster.url(), self.passwords)
        databases.create_database(self.cluster.url(), TEMPLATE)
        command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--database", "owner", "--verbosity", "0"]
        self.run([*command, "--skip-checks"], TEMPLATE)

    def admin_url(self, database: str) -> str:
        """The superuser's way to a database: rows are made past row level security."""
        return databases.with_database(self.cluster.url(), database)

    def environment(self, database: str) -> dict[str, str]:
        """What a process of the product needs to work on a database."""
        urls = databases.urls_for(self.cluster.url(), database, self.passwords)
        known = self.place.base_environment()
        known.pop("LIVECODE_CLOCK_OFFSET_FILE")
        return {
            **known,
            **urls.environment(),
            "BROKER_URL": self.redis.broker_url(0),
            "CACHE_URL": self.redis.cache_url(1),
            "LIVECODE_SPOOL_DIR": str(self.folder / f"spool-{database}"),
            "LIVECODE_BATCH_DEADLINE": os.environ.get("LIVECODE_BATCH_DEADLINE") or "10",
        }

    def run(self, command: Sequence[str], database: str, more: str = "") -> str:
        """Run a program on a database; its output. Raises DevstackProblem with its last line when it fails."""
        done = subprocess.run(
            list(command),
            cwd=ROOT,
            env=self.environment(database),
            input=more,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise DevstackProblem(f"{command[-1]} failed: {(done.stderr.strip().splitlines() or ['no message'])[-1]}")
        return done.stdout

    def serve(self, name: str, interface: str, target: str, database: str, **more: str) -> Server:
        """Start a server as the edge is started (docker-compose.yml), with one worker on its core."""
        port = free_port()
        command = [str(Path(sys.executable).parent / "granian"), "--interface", interface, "--host", "127.0.0.1"]
        command += ["--port", str(port), "--no-ws", "--respawn-failed-workers", "--log-level", "warning"]
        if interface == "wsgi":
            command += ["--blocking-threads", "4"]
        environment = {**self.environment(database), **more}
        with (self.folder / f"{name}.log").open("wb") as log, on_cores(self.server_cores):
            child = subprocess.Popen(
                [*command, target], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        server = Server(name, port, child)
        self.servers.append(server)
        _wait(server, self.folder / f"{name}.log")
        return server

    def load(self, job: Job) -> dict[str, Any]:
        """Send the load of ``job`` from the stores' core."""
        command = [sys.executable, "-m", "livecode_admin.devstack.benches.scan_load"]
        with on_cores(self.store_cores):
            done = subprocess.run(
                command, cwd=ROOT, input=json.dumps(asdict(job)), capture_output=True, text=True, check=False
            )
        if done.returncode != 0:
            raise DevstackProblem(f"the load failed: {(done.stderr.strip().splitlines() or ['no message'])[-1]}")
        outcome: dict[str, Any] = json.loads(done.stdout)
        if outcome["bad"] or not outcome["answers"]:
            raise DevstackProblem(f"{outcome['bad']} of {outcome['answers']} answers were not a page")
        return outcome

    def stop(self) -> None:
        """End all of it."""
        for server in self.servers:
            server.stop()
        for child in self.children:
            postgres.stop(child, 60.0)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(server: Server, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.child.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", server.port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    last = (log.read_text(encoding="utf-8", errors="replace").strip().splitlines() or ["no message"])[-1]
    raise DevstackProblem(f"{server.name} did not start: {last}")


def _resident(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0
