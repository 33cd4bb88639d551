"""`./run bench NAME` and `./run faults`: start what a measurement needs, then hand over to it."""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from livecode_admin.devstack import background, checks, state
from livecode_admin.devstack.checks import check_ports
from livecode_admin.devstack.place import ROOT, Place
from livecode_admin.devstack.problems import DevstackProblem

BENCHES = {"welcome": "livecode_admin.devstack.benches.welcome"}
FIRST_PORT, LAST_PORT = 18100, 18400


def bench(arguments: list[str]) -> int:
    """Run a measurement; raises DevstackProblem for an unknown name.

    Without `--data` it gets a demo of its own, without a past, which is gone afterwards.
    """
    parser = argparse.ArgumentParser(prog="./run bench", description=f"names: {', '.join(BENCHES)}")
    parser.add_argument("name")
    parser.add_argument("--json", metavar="FILE", help="write the figures to a file too")
    parser.add_argument("--data", metavar="DIR", help="measure the demo that runs there")
    chosen = parser.parse_args(arguments)
    if chosen.name not in BENCHES:
        raise DevstackProblem(f"usage: ./run bench NAME [--json FILE]; names: {', '.join(BENCHES)}")
    words = [sys.executable, "-m", BENCHES[chosen.name], *(["--json", chosen.json] if chosen.json else [])]
    with running(chosen.data) as place:
        return subprocess.run(words, cwd=ROOT, env=environment_of(place), check=False).returncode


@contextmanager
def running(data: str | None) -> Iterator[Place]:
    """A running demo: the one in `data`, or one in a temporary folder. Raises DevstackProblem when none runs there."""
    if data:
        known = state.read(Place(Path(data).absolute(), 1)) or {}
        port = int(known.get("console_url", ":0").rpartition(":")[2])
        place = Place(Path(data).absolute(), port)
        if not checks.lock_holder(place):
            raise DevstackProblem(f"No demo runs in {data}.")
        yield place
        return
    os.environ.update({"LIVECODE_DEMO_HISTORY": "0", "LIVECODE_DEMO_CODES": "2"})
    with tempfile.TemporaryDirectory(prefix="lc-bench-") as folder:
        place = Place(Path(folder), _free_port(Path(folder)))
        os.environ["PORT"] = str(place.port)
        try:
            background.detach(place)
            yield place
        finally:
            background.down(place)


def environment_of(place: Place) -> dict[str, str]:
    """The environment of a process that works with a running demo."""
    known = state.read(place) or {}
    return {
        **place.base_environment(),
        "DATABASE_URL": known["database_url"],
        "DATABASE_OWNER_URL": known["database_owner_url"],
        "DATABASE_OPS_URL": known["database_ops_url"],
        "BROKER_URL": known["broker_url"],
        "CACHE_URL": known["cache_url"],
        "LIVECODE_STATE_FILE": str(place.state_file),
    }


def _free_port(folder: Path) -> int:
    for port in range(FIRST_PORT, LAST_PORT, 10):
        try:
            check_ports(Place(folder, port))
        except DevstackProblem:
            continue
        return port
    raise DevstackProblem("No three free ports for the measurement.")


def faults(arguments: list[str]) -> int:
    """Run the fault runs; raises DevstackProblem while there are none."""
    folder = ROOT / "tests" / "faults"
    if not folder.exists():
        raise DevstackProblem("There are no fault runs yet (tests/faults).")
    return subprocess.run([sys.executable, "-m", "pytest", str(folder), *arguments], cwd=ROOT, check=False).returncode
