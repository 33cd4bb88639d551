"""What happened lately, in Chinese, for the log at the phone's right: kept in memory only."""

from __future__ import annotations

import itertools
import time
from collections import deque
from dataclasses import dataclass

KEEP = 600


@dataclass
class Entry:
    """One line of the log. `seconds` is the time since the scan that began it, if there was one."""

    id: int
    at: float
    person_id: str
    corp_id: str
    kind: str
    text: str
    seconds: float | None = None


class Timeline:
    """The newest entries, and per person the moment of the last scan and of the last add."""

    def __init__(self) -> None:
        self.entries: deque[Entry] = deque(maxlen=KEEP)
        self._ids = itertools.count(1)
        self._scans: dict[str, float] = {}
        self._adds: dict[tuple[str, str], float] = {}

    def scanned(self, person_id: str) -> None:
        """Start the stop watch of a person."""
        self._scans[person_id] = time.monotonic()

    def added(self, person_id: str, userid: str) -> None:
        """Note when a person became a friend."""
        self._adds[(person_id, userid.lower())] = time.monotonic()

    def since_scan(self, person_id: str) -> float | None:
        """Real seconds since the person's last scan; None when there was none in this run."""
        start = self._scans.get(person_id)
        return None if start is None else round(time.monotonic() - start, 3)

    def since_add(self, person_id: str, userid: str) -> float | None:
        """Real seconds since the person became a friend of this employee."""
        start = self._adds.get((person_id, userid.lower()))
        return None if start is None else round(time.monotonic() - start, 3)

    def add(self, at: float, kind: str, text: str, *, person_id: str = "", corp_id: str = "") -> None:
        """Append an entry; `kind` chooses its mark on the page."""
        seconds = self.since_scan(person_id) if person_id else None
        self.entries.append(Entry(next(self._ids), at, person_id, corp_id, kind, text, seconds))

    def clear(self) -> None:
        """Forget all."""
        self.entries.clear()
        self._scans.clear()
        self._adds.clear()
