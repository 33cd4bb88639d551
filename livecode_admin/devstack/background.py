"""The demo in the background: start, stop, look at it, empty it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress

from livecode_admin.devstack import checks, leftovers, state
from livecode_admin.devstack.answering import answers
from livecode_admin.devstack.place import ROOT, Place
from livecode_admin.devstack.problems import DevstackProblem
from livecode_admin.devstack.sockets import socket_dir
from livecode_admin.devstack.welcome import greeting

START_SECONDS = 240.0
STOP_SECONDS = 60.0


def detach(place: Place) -> int:
    """Start the demo in the background and wait until it is ready; raises DevstackProblem when it did not start."""
    place.make()
    if holder := checks.lock_holder(place):
        raise DevstackProblem(f"A demo already runs in {place.data_dir} (process {holder}): stop it with ./run down.")
    log_path = place.log_dir / "run.log"
    place.state_file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "livecode_admin.devstack", "demo", "--data", str(place.data_dir)]
    with log_path.open("wb") as log:
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=ROOT, start_new_session=True
        )
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if child.poll() is not None:
            lines = log_path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            raise DevstackProblem(lines[-1] if lines else f"The demo ended with exit {child.returncode}.")
        if (state.read(place) or {}).get("ready"):
            sys.stdout.write(greeting(place) + "\n")
            return 0
        time.sleep(0.2)
    raise DevstackProblem(f"The demo is not ready after {START_SECONDS:.0f} s; see {log_path}.")


def down(place: Place) -> int:
    """Stop a running demo, or what a killed one left; fine when there is none."""
    holder = checks.lock_holder(place)
    if holder is None:
        count = leftovers.stop(place)
        sys.stdout.write(f"Stopped {count} processes left behind.\n" if count else "No demo runs here.\n")
        return 0
    with suppress(ProcessLookupError):
        os.kill(holder, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline:
        if checks.lock_holder(place) is None:
            sys.stdout.write("Stopped.\n")
            return 0
        time.sleep(0.1)
    with suppress(ProcessLookupError):
        os.kill(holder, signal.SIGKILL)
    leftovers.stop(place)
    sys.stdout.write(f"Process {holder} did not listen for {STOP_SECONDS:.0f} s and was killed.\n")
    return 0


def status(place: Place) -> int:
    """Print what runs; exit code 0 when everything answers, 3 when nothing runs, 1 in between."""
    holder = checks.lock_holder(place)
    known = state.read(place)
    if holder is None or known is None:
        sys.stdout.write(f"No demo runs in {place.data_dir}.\n" if holder is None else "The demo is starting.\n")
        return 3 if holder is None else 1
    healthy = bool(known["ready"])
    for name, pid in known["pids"].items():
        url = known.get(f"{name}_url", "") if name in place.ports else ""
        path = "/" if name == "simulator" else "/readyz"
        good = not url or answers(url + path)
        healthy = healthy and good
        sys.stdout.write(f"{name:<16}{pid:>8}  {'ready' if good else 'NOT READY':<10} {url}\n")
    return 0 if healthy else 1


def reset(place: Place) -> int:
    """Stop the demo and delete its data: database, Redis, simulator, files, accounts."""
    down(place)
    if place.data_dir.exists() and not _looks_like_ours(place):
        raise DevstackProblem(f"{place.data_dir} does not look like a demo's data directory; nothing was deleted.")
    shutil.rmtree(socket_dir(place.socket_dir), ignore_errors=True)  # may be a short folder elsewhere
    shutil.rmtree(place.data_dir, ignore_errors=True)
    sys.stdout.write(f"Emptied {place.data_dir}.\n")
    return 0


def _looks_like_ours(place: Place) -> bool:
    """Guards `--data` against a slip: only a directory that a demo made is deleted."""
    return not any(place.data_dir.iterdir()) or (place.data_dir / "lock").exists()
