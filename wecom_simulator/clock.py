"""The simulator's clock: the machine's clock plus an offset read from a file, so that days can pass in a demo."""

from __future__ import annotations

import time
from pathlib import Path

RECHECK_SECONDS = 0.2


class Clock:
    """Unix time in seconds, shifted by the integer in the offset file (a missing or unreadable file means 0)."""

    def __init__(self, offset_file: Path | None) -> None:
        self._file = offset_file
        self._offset = 0
        self._checked = float("-inf")

    def offset(self) -> int:
        """Seconds added to the real clock; the file is looked at no more than five times a second."""
        if self._file is None:
            return 0
        tick = time.monotonic()
        if tick - self._checked >= RECHECK_SECONDS:
            self._checked = tick
            try:
                self._offset = int(self._file.read_text(encoding="ascii").strip() or "0")
            except (OSError, ValueError):
                self._offset = 0
        return self._offset

    def now(self) -> float:
        """Shifted Unix time."""
        return time.time() + self.offset()

    def seconds(self) -> int:
        """Shifted Unix time in whole seconds, as WeCom gives it."""
        return int(self.now())
