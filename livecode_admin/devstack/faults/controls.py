"""Live controls: the product is broken on purpose, and the books must say so. A check that can't fail proves nothing.

The other half is tests/devstack/test_faults_checker.py, where the checks get ledgers with one wrong entry each.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import psycopg2

from livecode_admin.devstack.faults import runner, trouble
from livecode_admin.devstack.faults.ledger import Promise
from livecode_admin.devstack.faults.rig import Rig
from livecode_admin.devstack.faults.stage import Company
from livecode_admin.devstack.faults.trouble import Round

TRUNCATE_EVERY_S = 0.02


def spool_lost(work: Round) -> None:
    """PostgreSQL stops, and whatever the edges spool vanishes from the disk."""
    over = threading.Event()

    def forget() -> None:
        while not over.wait(TRUNCATE_EVERY_S):
            for path in work.rig.spool.glob("scans-*.jsonl"):
                with suppress(OSError):
                    os.truncate(path, 0)

    thread = threading.Thread(target=forget, daemon=True)
    thread.start()
    trouble.postgres_stopped(work)
    over.set()
    thread.join()


def edge_killed_in_secret(work: Round) -> None:
    """An edge is killed and nobody excuses its connections."""
    trouble.edge_killed(work)
    work.killed.clear()


def counter_changed(work: Round) -> None:
    """Somebody else writes a counter of the day."""
    link = psycopg2.connect(work.rig.environment["DATABASE_URL"])
    with link, link.cursor() as cursor:
        cursor.execute("SELECT set_config('app.tenant', %s, true)", [str(work.company(0).id)])
        cursor.execute("UPDATE routing_staffday SET assigned = assigned + 1")
    link.close()


@dataclass(frozen=True)
class Control:
    """What is broken, and the kind of problem that must be found."""

    name: str
    breaks: Callable[[Round], None]
    finds: str
    sees: bool = False

    def promise(self, companies: Sequence[Company]) -> Promise:
        """As for faults."""
        every = frozenset(company.id for company in companies)
        return Promise(sees=every if self.sees else frozenset())


CONTROLS = (
    Control("spool-lost", spool_lost, "lost scan"),
    Control("edge-killed-in-secret", edge_killed_in_secret, "failed page"),
    Control("counter-changed", counter_changed, "wrong counter"),
    Control("stopped-though-it-must-see", trouble.postgres_stopped, "answered blind", sees=True),
)


def run(rig: Rig, seconds: float, rate: float) -> int:
    """Run each control once; returns 0 when every one was found out."""
    missed = 0
    for control in CONTROLS:
        result = runner.one_round(rig, control.name, 0, seconds, rate, control.breaks, control.promise)
        found = {problem.kind for problem in result.problems}
        verdict = "found out" if control.finds in found else "NOT FOUND OUT"
        missed += control.finds not in found
        sys.stdout.write(f"{control.name:<30}    {verdict}: {control.finds}\n")
        for problem in result.problems:
            sys.stdout.write(f"    {problem}\n")
        sys.stdout.flush()
    return 1 if missed else 0
