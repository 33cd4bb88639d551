"""What must hold before anything is started; each fault is one line."""

import fcntl
import os
import shutil
import socket
from pathlib import Path
from typing import IO

from livecode_admin.devstack.place import Place
from livecode_admin.devstack.problems import DevstackProblem

NEEDED_MEGABYTES = 500


def take_lock(place: Place) -> IO[str]:
    """Lock the data directory for this process; raises DevstackProblem when another demo holds it.

    The lock goes with the process, however it ends; keep the returned file open.
    """
    file = (place.data_dir / "lock").open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        running = file.read().strip() or "?"
        file.close()
        raise DevstackProblem(
            f"A demo already runs in {place.data_dir} (process {running}): "
            "use it, stop it with ./run down, or choose another --data and PORT."
        ) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def lock_holder(place: Place) -> int | None:
    """Return the process id of the running supervisor of this place, or None."""
    path = place.data_dir / "lock"
    if not path.exists():
        return None
    with path.open("r+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(file.read().strip() or 0) or None
    return None


def check_ports(place: Place) -> None:
    """Raise DevstackProblem when one of our ports is taken."""
    if not 1 <= place.port <= 65533:
        raise DevstackProblem(f"PORT={place.port} is no usable port.")
    for name, port in place.ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise DevstackProblem(
                    f"Port {port} ({name}) is taken ({error.strerror}); free it or take others: PORT=8100 ./run demo"
                ) from None


def check_disk(folder: Path) -> None:
    """Raise DevstackProblem when the disk of a folder has too little room."""
    free = shutil.disk_usage(folder).free // 2**20
    if free < NEEDED_MEGABYTES:
        raise DevstackProblem(f"Not enough disk space in {folder}: {free} MB free, {NEEDED_MEGABYTES} MB needed.")
