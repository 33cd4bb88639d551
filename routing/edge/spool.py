"""Scans answered while PostgreSQL was away: on the local disk before the answer, in PostgreSQL once it is back.

A process appends one JSON line per scan to its own file and syncs once for all that wait. To bring scans home, the file
is closed and split by tenants, so that a tenant that can't be written yet holds up nobody else; a file is deleted when
all of it is home. Writing a scan home twice is harmless: its id decides.

Whose file it is stands in its name: ``scans-<owner>-…``. Each process locks ``<owner>.lock`` while it lives; the files
of an owner whose lock is free are taken over by the next process that looks.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

Write = Callable[[int, Sequence[dict[str, Any]]], None]
CHUNK = 64
FILE_BYTES = 16 * 2**20
_NAME = re.compile(r"scans-([0-9]+-[0-9a-f]{8})-(\d+)(?:\.t(\d+))?\.jsonl")


class Spool:
    """The spool directory of one machine, and this process's files in it. Every method may be called in any thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._appending = threading.Lock()
        self._homing = threading.Lock()
        self._file: int | None = None
        self._number = 0
        self._waiting: Counter[int] = Counter()
        self._busy: set[int] = set()
        self._home: dict[Path, int] = {}
        folder.mkdir(parents=True, exist_ok=True)
        self._owner, self._claim = _claim(folder)

    @property
    def waiting(self) -> int:
        """How many scans of this process are not home yet."""
        with self._appending:
            return sum(self._waiting.values())

    def tenants(self) -> list[int]:
        """The tenants with scans of this process that are not home yet."""
        with self._appending:
            return list(self._waiting)

    def append(self, tenant_id: int, rows: Sequence[dict[str, Any]]) -> None:
        """Put scans on disk; returns when they are there. Raises OSError when the disk refuses."""
        self.append_all([(tenant_id, rows)])

    def append_all(self, items: Sequence[tuple[int, Sequence[dict[str, Any]]]]) -> None:
        """The same for several tenants, with one sync."""
        lines = "".join(_line(tenant_id, row) for tenant_id, rows in items for row in rows)
        with self._appending:
            if self._file is None:
                self._file = os.open(self._path(), os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
            size = os.fstat(self._file).st_size
            try:
                _write_all(self._file, lines.encode())
            except OSError:
                with suppress(OSError):
                    os.ftruncate(self._file, size)  # nobody is told of these scans
                self._end_file()
                raise
            for tenant_id, rows in items:
                self._waiting[tenant_id] += len(rows)
            if size > FILE_BYTES:  # a file is split as a whole later: no more than memory takes
                self._end_file()

    def refuse(self, tenant_id: int, row: dict[str, Any]) -> None:
        """Keep a scan that PostgreSQL refuses, for people to look at."""
        with (self._folder / "refused.jsonl").open("a", encoding="utf-8") as file:
            file.write(_line(tenant_id, row))

    def adopt(self) -> list[int]:
        """Take over the files of processes that are gone; returns the tenants whose scans are in them."""
        taken: set[int] = set()
        for lock in sorted(self._folder.glob("*.lock")):
            if lock.stem != self._owner and (held := _lock(lock)) is not None:
                for path in sorted(self._folder.glob(f"scans-{lock.stem}-*.jsonl")):
                    taken |= self._take_over(path)
                lock.unlink(missing_ok=True)
                os.close(held)
        return sorted(taken)

    def bring_home(self, tenant_id: int, write: Write) -> int:
        """Give all scans of a tenant to ``write`` (tenant, rows) and forget them; returns how many there were.

        What ``write`` raises is passed on; nothing is lost by it.
        """
        with self._homing:
            if tenant_id in self._busy:
                raise BlockingIOError(f"scans of {tenant_id} are being brought home")
            self._busy.add(tenant_id)
            self._split()
        try:
            return sum(self._bring_file(tenant_id, path, write) for path in self._of_tenant(tenant_id))
        finally:
            with self._appending:
                self._busy.discard(tenant_id)
                if self._file is None and not self._mine():
                    self._waiting.clear()  # also of what somebody else has taken away

    def _bring_file(self, tenant_id: int, path: Path, write: Write) -> int:
        """One file of one tenant. After a failure the next try goes on where this one stopped."""
        number = 0
        for rows in _chunks(path):
            number += len(rows)
            if number > self._home.get(path, 0):
                write(tenant_id, rows)
                self._home[path] = number
        path.unlink(missing_ok=True)
        self._home.pop(path, None)
        with self._appending:
            self._waiting[tenant_id] -= number
            if self._waiting[tenant_id] <= 0:
                del self._waiting[tenant_id]
        return number

    def close(self) -> None:
        """Leave what is not home to the next process."""
        with self._appending:
            self._end_file()
        os.close(self._claim)

    def _end_file(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _path(self, tenant_id: int | None = None) -> Path:
        self._number += 1
        ending = "" if tenant_id is None else f".t{tenant_id}"
        return self._folder / f"scans-{self._owner}-{self._number:06}{ending}.jsonl"

    def _mine(self) -> list[Path]:
        return sorted(self._folder.glob(f"scans-{self._owner}-*.jsonl"))

    def _of_tenant(self, tenant_id: int) -> list[Path]:
        return [path for path in self._mine() if path.name.endswith(f".t{tenant_id}.jsonl")]

    def _split(self) -> None:
        """Close this process's file, and make of each whole file one for each tenant in it."""
        with self._appending:
            self._end_file()
            whole = [path for path in self._mine() if ".t" not in path.name]
        for path in whole:
            parts: dict[int, list[str]] = {}
            for tenant_id, row in _rows(path):
                parts.setdefault(tenant_id, []).append(_line(tenant_id, row))
            for tenant_id, lines in parts.items():
                with self._appending:
                    name = self._path(tenant_id)
                part = name.with_suffix(".part")
                file = os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
                try:
                    _write_all(file, "".join(lines).encode())
                finally:
                    os.close(file)
                part.replace(name)
            path.unlink(missing_ok=True)

    def _take_over(self, path: Path) -> set[int]:
        found = _NAME.fullmatch(path.name)
        if found is None:
            return set()
        tenants = Counter(tenant_id for tenant_id, _ in _rows(path))
        with self._appending:
            path.rename(self._path(int(found[3]) if found[3] else None))
            self._waiting.update(tenants)
        return set(tenants)


def _line(tenant_id: int, row: dict[str, Any]) -> str:
    return json.dumps({"t": tenant_id, "row": row}, ensure_ascii=False) + "\n"


def _write_all(file: int, content: bytes) -> None:
    data = memoryview(content)
    while data:
        data = data[os.write(file, data) :]
    os.fdatasync(file)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The scans of a file; a last line cut off by a crash was never answered and is left out."""
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            try:
                item = json.loads(line)
            except json.JSONDecodeError:
                continue
            yield int(item["t"]), item["row"]


def _chunks(path: Path) -> Iterator[list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    for _, row in _rows(path):
        rows.append(row)
        if len(rows) == CHUNK:
            yield rows
            rows = []
    if rows:
        yield rows


def _claim(folder: Path) -> tuple[str, int]:
    """An owner's name that is this process's alone, and the lock that says so."""
    while True:
        owner = f"{os.getpid()}-{os.urandom(4).hex()}"
        path = folder / f"{owner}.lock"
        path.touch(mode=0o600)
        held = _lock(path)
        if held is not None:
            return owner, held


def _lock(path: Path) -> int | None:
    """Lock a file that is still there under its name; None when somebody else holds it or has just removed it."""
    try:
        file = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(file).st_ino == path.stat().st_ino:
            return file
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(file)
    return None
