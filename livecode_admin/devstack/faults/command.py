"""`./run faults [NAME…] [--rounds N] [--short] [--control] [--json FILE]`."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import django

from livecode_admin.devstack.faults.rig import Rig
from livecode_admin.devstack.problems import DevstackProblem

NAMES = (
    "edge-killed",
    "postgres-stopped",
    "postgres-stopped-edge-killed",
    "backends-killed",
    "postgres-crashed",
    "postgres-frozen",
    "lock-held",
    "redis-emptied",
)
ROUNDS, SECONDS, WARM_SECONDS, AFTER_SECONDS = 3, 30.0, 15.0, 8.0
SHORT_ROUNDS, SHORT_SECONDS = 1, 6.0


def faults(arguments: list[str]) -> int:
    """Run the faults under load and check the books; returns 0 when every round was passed.

    Raises DevstackProblem for an unknown name, or when something did not come back by itself.
    """
    chosen = _parser().parse_args(arguments)
    if unknown := [name for name in chosen.names if name not in NAMES]:
        raise DevstackProblem(f"No fault named {', '.join(unknown)}; there are: {', '.join(NAMES)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that nothing is left running
    folder = Path(tempfile.mkdtemp(prefix="lc-faults-"))
    code = _with_rig(folder, chosen)
    if code == 0:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        sys.stdout.write(f"Logs and ledgers: {folder}\n")
    return code


def _with_rig(folder: Path, chosen: argparse.Namespace) -> int:
    sys.stdout.write("Starting PostgreSQL, Valkey and two edges …\n")
    sys.stdout.flush()
    with Rig(folder) as rig:
        os.environ.update(rig.environment)
        from livecode_admin import celery

        django.setup()
        celery.app.set_default()  # hints go to our broker
        # These make rows: Django must have been set up before they are imported.
        from livecode_admin.devstack.faults import controls, runner

        if chosen.control:
            return controls.run(rig, chosen.seconds or SHORT_SECONDS, chosen.rate)
        return runner.run(rig, chosen)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run faults", description=f"names: {', '.join(NAMES)}")
    parser.add_argument("names", nargs="*", metavar="NAME", help="which faults (default: all)")
    parser.add_argument("--rounds", type=int, help=f"rounds of each (default {ROUNDS})")
    parser.add_argument("--seconds", type=float, help=f"length of an outage (default {SECONDS:.0f})")
    parser.add_argument("--rate", type=float, default=200.0, help="scans a second (default 200)")
    parser.add_argument("--short", action="store_true", help=f"one round of each, outages of {SHORT_SECONDS:.0f} s")
    parser.add_argument("--control", action="store_true", help="break the product on purpose: the books must say so")
    parser.add_argument("--json", metavar="FILE", help="write the results to a file too")
    return parser
