"""The scan path beside what it could have been: rates, latencies at a fixed pace, growth, memory (docs/benchmarks.md).

Run by ``./run bench scan``; nothing runs beforehand: stores, databases and servers are made here and removed again.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from livecode_admin.devstack.benches import figures
from livecode_admin.devstack.benches.scan_answer import keep_answer
from livecode_admin.devstack.benches.scan_ground import SCALES, Ground, Scale, say
from livecode_admin.devstack.benches.scan_load import Job
from livecode_admin.devstack.benches.scan_report import judge, markdown
from livecode_admin.devstack.benches.scan_stand import SERVERS, Server, Stand, cores, on_cores

EDGE = "livecode_admin.asgi:app"
PACE = 500.0
# A fair's crowd for the rates. Growth is measured over fewer, so that a batch of a hundred codes has about as many
# different ones as a batch of ten thousand: what grows there is the tables, not the batch.
CONNECTIONS, FEW_CONNECTIONS = 256, 64
Jobs = Mapping[str, Job]


class Measurement:
    """One run: the stand, its servers, and the sections in their order."""

    def __init__(self, stand: Stand, ground: Ground, scale: Scale) -> None:
        self.stand = stand
        self.ground = ground
        self.scale = scale
        self.edges: dict[str, Server] = {}
        self.answer = stand.folder / "answer.json"

    def sections(self) -> dict[str, Callable[[], dict[str, Any]]]:
        """What can be measured, by name."""
        return {
            "rate": self.rate,
            "rate_64": self.rate_over_few,
            "pace": self.pace,
            "spread": self.spread,
            "edges": self.two_edges,
            "seats": self.seats,
            "tenants": self.tenants,
            "codes": self.codes,
            "scans": self.scans,
            "memory": self.memory,
        }

    def rate(self) -> dict[str, Any]:
        """(a) to (e) over 256 connections, as fast as each of them goes."""
        return self._rates(CONNECTIONS)

    def rate_over_few(self) -> dict[str, Any]:
        """The same over 64 connections, where a batch is a quarter as large."""
        return self._rates(FEW_CONNECTIONS)

    def pace(self) -> dict[str, Any]:
        """(b) and (d) at 500 scans a second."""
        paths, servers = self._paths("bench_base"), self._baselines()
        jobs = {
            name: Job([servers[name].port], paths, self.scale.pace_seconds, self.scale.warm_up, FEW_CONNECTIONS, PACE)
            for name in ("b", "d")
        }
        return self._interleaved(jobs)

    def spread(self) -> dict[str, Any]:
        """One code alone, and a thousand in any order, in one company."""
        paths, edge = self._paths("bench_wide"), self._edge("bench_wide")
        return self._interleaved({"one code": self._closed(paths[:1], edge), "1,000 codes": self._closed(paths, edge)})

    def two_edges(self) -> dict[str, Any]:
        """Two edge processes on one company; both on one core: what they cost each other."""
        paths, one = self._paths("bench_base"), self._edge("bench_base")
        two = self._edge("bench_base", "second")
        return self._interleaved({"one process": self._closed(paths, one), "two": self._closed(paths, one, two)})

    def seats(self) -> dict[str, Any]:
        """A code of 5 seats and one of 100; and a hundred of each, where a batch needs the seats of thirty codes."""
        edge, number = self._edge("bench_wide"), self.scale.base_codes
        few, many = self._paths("bench_wide")[:number], self._paths("bench_wide", "large")[:number]
        chosen = {"5 seats": few[:1], "100 seats": many[:1], "5 seats, 100 codes": few, "100 seats, 100 codes": many}
        return self._interleaved({name: self._closed(paths, edge) for name, paths in chosen.items()})

    def tenants(self) -> dict[str, Any]:
        """One company, and a thousand that are scanned at once."""
        edge = self._edge("bench_wide")
        one, many = self._paths("bench_wide")[: self.scale.base_codes], self._paths("bench_wide", "tenants")
        return self._interleaved({"1 company": self._closed(one, edge), "1,000": self._closed(many, edge)})

    def codes(self) -> dict[str, Any]:
        """A hundred codes, and a million of which ten thousand are scanned."""
        return self._databases("100 codes", "1,000,000", "bench_codes")

    def scans(self) -> dict[str, Any]:
        """An empty table of scans, and fifty million in it."""
        return self._databases("empty", "50,000,000", "bench_scans")

    def memory(self) -> dict[str, Any]:
        """Resident memory of each edge worker, after all that it has served."""
        return {name: {"mb": server.memory_mb()} for name, server in self.edges.items()}

    def _rates(self, connections: int) -> dict[str, Any]:
        paths = self._paths("bench_base")
        return self._interleaved(
            {name: self._closed(paths, server, connections=connections) for name, server in self._baselines().items()}
        )

    def _databases(self, before: str, after: str, database: str) -> dict[str, Any]:
        jobs = {
            name: self._closed(self._paths(chosen), self._edge(chosen))
            for name, chosen in ((before, "bench_base"), (after, database))
        }
        return self._interleaved(jobs)

    def _baselines(self) -> dict[str, Server]:
        known = {server.name: server for server in self.stand.servers}
        if "a" in known:
            return {name: known[name] for name in ("a", "b", "c", "e")} | {"d": self._edge("bench_base")}
        slugs, edge = self.ground.slugs("bench_base"), self._edge("bench_base")
        keep_answer(self.answer, edge.port, f"/c/{slugs[0]}")
        more = {
            "BENCH_ANSWER": str(self.answer),
            "BENCH_REDIS": self.stand.redis.cache_url(1),
            "BENCH_TENANT": str(self.ground.prototype["tenant"]),
            "BENCH_SLUGS": ",".join(slugs),
        }
        targets = {
            "a": ("asgi", f"{SERVERS}.bare:app"),
            "b": ("asgi", f"{SERVERS}.redis_pick:app"),
            "c": ("wsgi", f"{SERVERS}.django_row:application"),
            "e": ("asgi", f"{SERVERS}.insert_only:app"),
        }
        for name, (interface, target) in targets.items():
            self.stand.serve(name, interface, target, "bench_base", **more)
        return self._baselines()

    def _edge(self, database: str, which: str = "") -> Server:
        """The edge on a database; when it starts, every code of a kind is scanned once before anything is measured.

        Then the tables that scans fill are analysed, as autovacuum does within its first minute.
        """
        name = f"{database}{which}"
        if name not in self.edges:
            self.ground.slugs(database)
            self.edges[name] = self.stand.serve(name, "asgi", EDGE, database)
            for kind in self.ground.made[database]:
                paths = self._paths(database, kind)
                self.stand.load(Job([self.edges[name].port], paths, 3.0, 2.0 + len(paths) / 1000, FEW_CONNECTIONS))
            self.ground.analyse(database)
        return self.edges[name]

    def _paths(self, database: str, kind: str = "small") -> list[str]:
        return [f"/c/{slug}" for slug in self.ground.slugs(database, kind)]

    def _closed(self, paths: list[str], *servers: Server, connections: int = FEW_CONNECTIONS) -> Job:
        ports = [server.port for server in servers]
        return Job(ports, paths, self.scale.seconds, self.scale.warm_up, connections)

    def _interleaved(self, jobs: Jobs) -> dict[str, Any]:
        """Every job once in each round, beginning with another one each time; medians over the rounds."""
        names, seen = list(jobs), {name: list[dict[str, Any]]() for name in jobs}
        for number in range(self.scale.rounds):
            turn = number % len(names)
            for name in names[turn:] + names[:turn]:
                self.ground.give_back()
                seen[name].append(round_of(self.stand.load(jobs[name])))
                say(f"  {number + 1}/{self.scale.rounds} {name}: {seen[name][-1]}")
        return {name: medians(rounds) for name, rounds in seen.items()}


def round_of(outcome: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of one round: scans a second, milliseconds, what the load itself took of its core."""
    latencies = outcome["latencies"]
    return {
        "rate": round(outcome["rate"], 1),
        "p50": round(figures.percentile(latencies, 0.5), 2),
        "p99": round(figures.percentile(latencies, 0.99), 2),
        "load_cpu": round(outcome["cpu"], 2),
        "bytes": outcome["size"],
        "unanswered": outcome["unanswered"],
    }


def medians(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """The median of each figure over the rounds, and the rates of all rounds beside it."""
    middle = {key: round(statistics.median(one[key] for one in rounds), 2) for key in rounds[0]}
    return middle | {"rates": [one["rate"] for one in rounds]}


def main() -> int:
    """Measure and print; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="./run bench scan")
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--scale", choices=sorted(SCALES), default="full")
    parser.add_argument("--only", action="append", metavar="SECTION", help="rate, pace, spread, edges, …; repeatable")
    parser.add_argument("--keep", metavar="DIR", help="work in this folder, and leave it (logs, the database files)")
    chosen = parser.parse_args()
    server_cores, store_cores = cores()
    scale, machine = SCALES[chosen.scale], figures.machine()
    folder = Path(chosen.keep).absolute() if chosen.keep else Path(tempfile.mkdtemp(prefix="lc-scan-"))
    folder.mkdir(parents=True, exist_ok=True)
    sections: dict[str, Any] = {}
    about = {
        "bench": "scan",
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine | {"cores_used": "one for the server's worker, one for load and stores"},
        "scale": chosen.scale,
        "connections": {"rate": CONNECTIONS, "other sections": FEW_CONNECTIONS},
    }
    with on_cores(store_cores):
        stand = Stand(folder, server_cores, store_cores)
        try:
            stand.start_stores()
            measurement = Measurement(stand, Ground(stand, scale), scale)
            for name, section in measurement.sections().items():
                if not chosen.only or name in chosen.only:
                    say(f"{name}: {(section.__doc__ or '').strip()}")
                    sections[name] = section()
                    if chosen.json:  # an hour's work is kept as it comes
                        figures.keep(about | {"sections": sections, "goals": judge(sections)}, chosen.json)
        finally:
            stand.stop()
            if not chosen.keep:
                shutil.rmtree(folder, ignore_errors=True)
    result = about | {"sections": sections, "goals": judge(sections)}
    figures.write(result, chosen.json)
    sys.stdout.write(markdown(result) + "\n")
    return 0 if all(goal["reached"] for goal in result["goals"]) else 1


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    sys.exit(main())
