"""The faults: each breaks one thing while scans come in, and says what it may not do. No hand helps afterwards."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field

import psycopg2

from livecode_admin.devstack.faults.ledger import Killed, Promise
from livecode_admin.devstack.faults.rig import EDGES, START_SECONDS, Rig
from livecode_admin.devstack.faults.stage import Company
from livecode_admin.devstack.problems import DevstackProblem

LOCK_SPACE = 7311 << 40  # routing_lock(), migration 0003


@dataclass
class Round:
    """What a fault gets: the rig, the companies that are scanned, how long an outage lasts, which round this is."""

    rig: Rig
    companies: Sequence[Company]
    seconds: float
    number: int
    killed: list[Killed] = field(default_factory=list)

    def company(self, place: int) -> Company:
        """One of stage.COMPANIES."""
        return self.companies[place]


def edge_killed(work: Round) -> None:
    """kill -9: in turn the worker process (granian starts another) and all of the edge (the supervisor does)."""
    rig, number = work.rig, work.number % EDGES
    since = time.time()
    if work.number % 2 == 0:
        for pid in rig.children(f"edge-{number}"):
            _kill(pid)
    else:
        rig.program(f"edge-{number}").signal_group(signal.SIGKILL)
    time.sleep(0.3)
    rig.until(lambda: bool(rig.status(number)), START_SECONDS, "the killed edge answers again")
    work.killed.append(Killed(number, since, time.time()))


def postgres_stopped(work: Round) -> None:
    """A fast shutdown, and a start after the outage."""
    work.rig.keep_down("postgres", work.seconds)
    os.kill(work.rig.pid("postgres"), signal.SIGINT)
    time.sleep(work.seconds)
    _until_postgres_answers(work.rig)


def postgres_stopped_edge_killed(work: Round) -> None:
    """The same, and one edge dies in the middle: it must serve without ever having seen PostgreSQL."""
    rig, number = work.rig, work.number % EDGES
    rig.keep_down("postgres", work.seconds)
    os.kill(rig.pid("postgres"), signal.SIGINT)
    time.sleep(work.seconds / 3)
    since = time.time()
    rig.program(f"edge-{number}").signal_group(signal.SIGKILL)
    time.sleep(0.3)
    rig.until(lambda: bool(rig.status(number)), START_SECONDS, "the killed edge answers again")
    work.killed.append(Killed(number, since, time.time()))
    _until_postgres_answers(rig)


def backends_killed(work: Round) -> None:
    """kill -9 of every backend of the application: PostgreSQL takes it for a crash and recovers."""
    for pid in work.rig.children("postgres"):
        if _title(pid).startswith("postgres: livecode_app"):
            _kill(pid)
    time.sleep(1)
    _until_postgres_answers(work.rig)


def postgres_crashed(work: Round) -> None:
    """`pg_ctl stop -m immediate`: no shutdown, recovery from the log at the next start."""
    cluster = work.rig.cluster
    words = [*cluster.identity.prefix, str(cluster.bin / "pg_ctl"), "stop", "-D", str(cluster.data_dir), "-m"]
    done = subprocess.run(  # type: ignore[call-overload]
        [*words, "immediate"], capture_output=True, text=True, check=False, **cluster.identity.popen_arguments()
    )
    if done.returncode:
        raise DevstackProblem(f"pg_ctl: {done.stderr.strip()}")
    _until_postgres_answers(work.rig)


def postgres_frozen(work: Round) -> None:
    """SIGSTOP of every process of the server: connections stay open and nobody answers."""
    pid = work.rig.pid("postgres")
    pids = [pid, *work.rig.children("postgres")]
    for one in pids:
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGSTOP)
    time.sleep(work.seconds)
    for one in reversed([pid, *work.rig.children("postgres")]):
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGCONT)
    _until_postgres_answers(work.rig)


def lock_held(work: Round) -> None:
    """Somebody else holds the lock of one company, as an edge that hangs in the middle of a batch would."""
    with closing(psycopg2.connect(work.rig.environment["DATABASE_URL"])) as link, link.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_SPACE + work.company(0).id])
        time.sleep(work.seconds / 3)


def redis_emptied(work: Round) -> None:
    """kill -9, and its data are gone before it is started again."""
    rig = work.rig
    rig.keep_down("redis", 3)
    os.kill(rig.pid("redis"), signal.SIGKILL)
    time.sleep(1)
    shutil.rmtree(rig.redis.data_dir)
    rig.redis.data_dir.mkdir(mode=0o700)
    rig.redis.wait_ready()


@dataclass(frozen=True)
class Fault:
    """``sees``: companies (places in stage.COMPANIES) that must be served with PostgreSQL all through it."""

    name: str
    breaks: Callable[[Round], None]
    sees: tuple[int, ...] = ()

    def promise(self, companies: Sequence[Company]) -> Promise:
        """In ids of this round's companies. Whoever has no cap has room for everybody."""
        return Promise(
            sees=frozenset(companies[place].id for place in self.sees),
            roomy=frozenset(company.id for company in companies if company.plan.roomy),
        )


FAULTS = {
    fault.name: fault
    for fault in (
        Fault("edge-killed", edge_killed, sees=(0, 1, 2, 3)),
        Fault("postgres-stopped", postgres_stopped),
        Fault("postgres-stopped-edge-killed", postgres_stopped_edge_killed),
        Fault("backends-killed", backends_killed),
        Fault("postgres-crashed", postgres_crashed),
        Fault("postgres-frozen", postgres_frozen),
        Fault("lock-held", lock_held, sees=(1, 2, 3)),
        Fault("redis-emptied", redis_emptied, sees=(0, 1, 2, 3)),
    )
}


def _until_postgres_answers(rig: Rig) -> None:
    rig.until(lambda: _answers(rig), START_SECONDS, "PostgreSQL answers again")


def _answers(rig: Rig) -> bool:
    try:
        psycopg2.connect(rig.environment["DATABASE_URL"], connect_timeout=2).close()
    except psycopg2.OperationalError:
        return False
    return True


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _title(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
