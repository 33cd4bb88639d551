"""Scans answered while PostgreSQL was away: on the local disk before the answer, in PostgreSQL once it is back.

One file per process, one JSON line per scan, ``fdatasync`` once for all that wait. A process holds a lock on its file,
so that the next one can tell a dead process's file and replay it. Replaying twice is harmless: the scan's id decides.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Replay = Callable[[int, Sequence[dict[str, Any]]], None]
CHUNK = 128


class Spool:
    """The spool directory of one machine, and this process's file in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._file: int | None = None
        self._number = 0
        self.waiting = 0
        folder.mkdir(parents=True, exist_ok=True)

    def append(self, tenant_id: int, rows: Sequence[dict[str, Any]]) -> None:
        """Put scans on disk; returns when they are there. Raises OSError when the disk refuses."""
        lines = "".join(json.dumps({"t": tenant_id, "row": row}, ensure_ascii=False) + "\n" for row in rows)
        with self._lock:
            file = self._open()
            data = memoryview(lines.encode())
            while data:
                data = data[os.write(file, data) :]
            os.fdatasync(file)
            self.waiting += len(rows)

    def refuse(self, tenant_id: int, row: dict[str, Any]) -> None:
        """Keep a scan that PostgreSQL refuses, for people to look at."""
        with (self._folder / "refused.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps({"t": tenant_id, "row": row}, ensure_ascii=False) + "\n")

    def replay(self, write: Replay) -> int:
        """Give every spooled scan to ``write`` (tenant, rows), then drop the files; returns how many there were.

        Files of other living processes are left alone. What ``write`` raises is passed on; nothing is lost by it.
        """
        done = 0
        with self._lock:
            self._close()
            counted, self.waiting = self.waiting, 0
        try:
            for path in sorted(self._folder.glob("scans-*.jsonl")):
                done += self._replay_file(path, write)
        except BaseException:
            with self._lock:
                self.waiting += counted
            raise
        return done

    def _replay_file(self, path: Path, write: Replay) -> int:
        try:
            file = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            return 0
        try:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return 0
            if not path.exists():
                return 0
            rows = _rows(path)
            for tenant_id in sorted({tenant_id for tenant_id, _ in rows}):
                of_tenant = [row for tenant, row in rows if tenant == tenant_id]
                for start in range(0, len(of_tenant), CHUNK):
                    write(tenant_id, of_tenant[start : start + CHUNK])
            path.unlink(missing_ok=True)
            return len(rows)
        finally:
            os.close(file)

    def _open(self) -> int:
        if self._file is None:
            self._number += 1
            path = self._folder / f"scans-{os.getpid()}-{self._number}-{os.urandom(4).hex()}.jsonl"
            self._file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX)
        return self._file

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _rows(path: Path) -> list[tuple[int, dict[str, Any]]]:
    """The scans of a file; a last line cut off by a crash was never answered and is left out."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            item = json.loads(line)
        except json.JSONDecodeError:
            continue
        rows.append((int(item["t"]), item["row"]))
    return rows
