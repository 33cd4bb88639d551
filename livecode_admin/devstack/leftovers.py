"""Processes that a killed supervisor left behind: found by a mark in their environment, stopped before a new start."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from livecode_admin.devstack import state
from livecode_admin.devstack.place import Place
from livecode_admin.devstack.sockets import socket_dir

PATIENCE_SECONDS = 10.0


def find(place: Place) -> list[int]:
    """Return the process ids that carry this place's mark (Linux); elsewhere those of state.json that still live."""
    mark = f"LIVECODE_DEMO_STATE={place.demo_file}".encode()
    # Redis writes its title over its environment; there its socket is the mark.
    title = f"-server unixsocket:{socket_dir(place.socket_dir) / 'redis.sock'}".encode()
    me = os.getpid()
    if not Path("/proc/self/environ").exists():
        pids = (state.read(place) or {}).get("pids", {})
        return [pid for pid in pids.values() if pid != me and _alive(pid)]
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == me:
            continue
        with suppress(OSError):
            if mark in (entry / "environ").read_bytes().split(b"\0") or title in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return found


def stop(place: Place) -> int:
    """Stop what is left of an earlier run and return how many processes that were."""
    left = find(place)
    if not left:
        return 0
    postmaster = (state.read(place) or {}).get("pids", {}).get("postgres")
    for pid in left:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT if pid == postmaster else signal.SIGTERM)
    count = len(left)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while left and time.monotonic() < deadline:
        time.sleep(0.1)
        left = find(place)
    for pid in left:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return count


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
