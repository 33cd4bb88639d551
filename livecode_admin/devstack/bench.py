"""`./run bench NAME`: start what a measurement needs, then hand over to it."""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from livecode_admin.devstack import background, checks, state
from livecode_admin.devstack.checks import check_ports
from livecode_admin.devstack.place import ROOT, Place
from livecode_admin.devstack.problems import DevstackProblem

BENCHES = {"welcome": "livecode_admin.devstack.benches.welcome", "scan": "livecode_admin.devstack.benches.scan"}
ON_THEIR_OWN = {"scan"}  # they start their own stores and servers, and have arguments of their own
BROKEN_OFF_BY = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STOP_SECONDS = 30.0
FIRST_PORT, LAST_PORT = 18100, 18400


def bench(arguments: list[str]) -> int:
    """Run a measurement; raises DevstackProblem for an unknown name.

    Without `--data` it gets a demo of its own, without a past, which is gone afterwards.
    """
    parser = argparse.ArgumentParser(prog="./run bench", description=f"names: {', '.join(BENCHES)}")
    parser.add_argument("name")
    parser.add_argument("--json", metavar="FILE", help="write the figures to a file too")
    parser.add_argument("--data", metavar="DIR", help="measure the demo that runs there")
    chosen, more = parser.parse_known_args(arguments)
    if more and chosen.name not in ON_THEIR_OWN:
        parser.error(f"unknown: {' '.join(more)}")
    if chosen.name not in BENCHES:
        raise DevstackProblem(f"usage: ./run bench NAME [--json FILE]; names: {', '.join(BENCHES)}")
    words = [sys.executable, "-m", BENCHES[chosen.name], *(["--json", chosen.json] if chosen.json else [])]
    if chosen.name in ON_THEIR_OWN:
        return hand_over([*words, *more], dict(os.environ))
    with running(chosen.data) as place:
        return hand_over(words, environment_of(place))


def hand_over(words: list[str], environment: dict[str, str]) -> int:
    """Run a measurement and return its exit code; 130 when it was broken off by Ctrl-C, `kill` or a closed terminal.

    It is then given half a minute to stop the servers that it started; what is left of it is killed.
    """
    # Before the measurement starts: a signal that is ignored here, as in a shell's background, would be ignored there.
    before = {number: signal.signal(number, _break_off) for number in BROKEN_OFF_BY}
    child = subprocess.Popen(words, cwd=ROOT, env=environment, start_new_session=True)
    try:
        return child.wait()
    except KeyboardInterrupt:
        with suppress(KeyboardInterrupt, subprocess.TimeoutExpired):  # asked twice: at once
            child.send_signal(signal.SIGINT)
            child.wait(STOP_SECONDS)
        return 130
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        for number, handler in before.items():
            signal.signal(number, handler)


def _break_off(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


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
