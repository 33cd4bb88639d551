"""Round after round: companies, load, fault, recovery, books, verdict. Imported once Django's environment is set."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connections

from livecode_admin.devstack.benches.figures import machine, percentile
from livecode_admin.devstack.faults import books as books_of
from livecode_admin.devstack.faults import command, load
from livecode_admin.devstack.faults.ledger import Books, Killed, Problem, Promise, Seen, check, excused, passed_by
from livecode_admin.devstack.faults.rig import EDGES, Rig
from livecode_admin.devstack.faults.stage import Company, raise_stage
from livecode_admin.devstack.faults.trouble import FAULTS, Round
from livecode_admin.devstack.place import ROOT
from livecode_admin.devstack.problems import DevstackProblem

RECOVERY_SECONDS = 60.0


@dataclass
class Result:
    """One round as it is told and kept."""

    fault: str
    number: int
    scans: int = 0
    blind: int = 0
    excused: int = 0
    over_caps: int = 0
    recovered_after: float = 0.0
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    worst_ms: float = 0.0
    problems: list[Problem] = field(default_factory=list)

    def line(self) -> str:
        """One line for people."""
        verdict = "passed" if not self.problems else "FAILED"
        return (
            f"{self.fault:<30}{self.number + 1:>2}  {verdict}  {self.scans} scans, {self.blind} without PostgreSQL, "
            f"{self.excused} connections of killed edges, p50 {self.p50_ms:.0f} ms, p99 {self.p99_ms:.0f} ms, "
            f"worst {self.worst_ms:.0f} ms, caps +{self.over_caps}, recovered after {self.recovered_after:.1f} s"
        )

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {**self.__dict__, "round": self.number + 1, "problems": [str(problem) for problem in self.problems]}


def run(rig: Rig, chosen: argparse.Namespace) -> int:
    """Run what was chosen; returns the exit code."""
    rounds = chosen.rounds or (command.SHORT_ROUNDS if chosen.short else command.ROUNDS)
    seconds = chosen.seconds or (command.SHORT_SECONDS if chosen.short else command.SECONDS)
    names = chosen.names or command.NAMES
    about = machine()
    results = []
    for name in names:
        fault = FAULTS[name]
        for number in range(rounds):
            try:
                result = one_round(rig, name, number, seconds, chosen.rate, fault.breaks, fault.promise)
            except DevstackProblem as problem:
                result = Result(name, number, problems=[Problem("not recovered", 1, (str(problem),))])
            results.append(result)
            tell(result)
    if chosen.json:
        kept = {
            "machine": about,
            "rate": chosen.rate,
            "outage_s": seconds,
            "rounds": [one.as_json() for one in results],
        }
        Path(chosen.json).write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    failed = sum(bool(result.problems) for result in results)
    sys.stdout.write(f"{len(results) - failed} of {len(results)} rounds passed\n")
    return 1 if failed else 0


def tell(result: Result) -> None:
    """Say how a round went."""
    sys.stdout.write(result.line() + "\n")
    for problem in result.problems:
        sys.stdout.write(f"    {problem}\n")
    sys.stdout.flush()


def one_round(
    rig: Rig,
    name: str,
    number: int,
    seconds: float,
    rate: float,
    breaks: Callable[[Round], None],
    promise: Callable[[Sequence[Company]], Promise],
) -> Result:
    """Companies, load, the fault, recovery by itself, and the comparison of both sides."""
    companies = raise_stage()
    _leave_database()
    path = rig.place.data_dir / f"ledger-{name}-{number}.jsonl"
    plan = {
        "ports": rig.ports,
        "rate": rate,
        "prefix": f"{name}-{number}"[:40],
        "seed": number,
        "ledger": str(path),
        "codes": [one for company in companies for one in company.load(cold=False)],
        "cold": [one for company in companies if company.plan.cold for one in company.load(cold=True)],
    }
    work = Round(rig, companies, seconds, number)
    with _phones(rig, plan) as say:
        time.sleep(command.WARM_SECONDS)
        began = time.time()
        say("cold")
        breaks(work)
        over = time.monotonic()
        recovered = rig.until(lambda: recovered_now(rig), RECOVERY_SECONDS, "the edges see and the spool is empty")
        time.sleep(max(0.0, command.AFTER_SECONDS - (time.monotonic() - over)))
    rig.until(lambda: recovered_now(rig), RECOVERY_SECONDS, "the edges see and the spool is empty")
    seen, books = load.read(path), books_of.read(rig, companies)
    result = _figures(Result(name, number, recovered_after=round(recovered, 1)), seen, work.killed, books, began)
    result.problems = check(seen, work.killed, books, promise(companies))
    return result


def recovered_now(rig: Rig) -> bool:
    """Whether both edges serve with PostgreSQL and nothing is left on the spool."""
    return rig.spooled() == 0 and all(rig.ready(number) for number in range(EDGES))


def _figures(result: Result, seen: Sequence[Seen], killed: Sequence[Killed], books: Books, began: float) -> Result:
    """Latencies are those from the beginning of the fault on."""
    times = [one.seconds * 1000 for one in seen if one.status == 200 and one.sent_at >= began] or [0.0]
    result.scans = sum(one.status == 200 for one in seen)
    result.blind = sum(row.degraded for row in books.scans)
    result.excused = sum(one.status == 0 and excused(one, killed) for one in seen)
    result.over_caps = passed_by(books)
    result.p50_ms, result.p99_ms, result.worst_ms = (round(percentile(times, share), 1) for share in (0.5, 0.99, 1.0))
    return result


@contextmanager
def _phones(rig: Rig, plan: dict[str, Any]) -> Iterator[Callable[[str], None]]:
    """The load runs while the body runs; the argument tells it something."""
    path = rig.place.data_dir / "plan.json"
    path.write_text(json.dumps(plan), encoding="utf-8")
    words = [sys.executable, "-m", "livecode_admin.devstack.faults.load", str(path)]
    with (rig.place.log_dir / "load.log").open("wb") as log:
        child = subprocess.Popen(words, stdin=subprocess.PIPE, stderr=log, cwd=ROOT, env=rig.environment)
    stdin = child.stdin
    assert stdin is not None

    def say(word: str) -> None:
        stdin.write(word.encode() + b"\n")
        stdin.flush()

    try:
        yield say
        say("stop")
        child.wait(30)
    finally:
        child.kill()
        child.wait()


def _leave_database() -> None:
    """Close this process's own connections: the fault is not about them."""
    connections.close_all()
