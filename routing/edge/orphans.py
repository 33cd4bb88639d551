"""Scans that belong to nobody, counted in memory and added to the platform's table every few seconds."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from functools import partial

from livecode_admin.kernel import clock
from routing.edge import store
from routing.edge.breaker import Breaker

EVERY_S = 2.0
PATIENCE_S = 2.0
_log = logging.getLogger("livecode.edge")


class Orphans:
    """Counts by day and kind: ``unknown`` (well formed, nobody's), ``malformed``, ``unavailable``, ``foreign``."""

    def __init__(self, pool: store.Pool, breaker: Breaker) -> None:
        self._pool = pool
        self._breaker = breaker
        self._writing: asyncio.Future[None] | None = None
        self._counts: Counter[tuple[str, str]] = Counter()
        self._task: asyncio.Task[None] | None = None

    def count(self, kind: str) -> None:
        """One more."""
        self._counts[clock.now().date().isoformat(), kind] += 1

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.get_running_loop().create_task(self._write_for_ever())

    async def stop(self) -> None:
        """Write what is left, if PostgreSQL takes it in time."""
        if self._task is not None:
            self._task.cancel()
        self._write()
        if self._writing is not None:
            await asyncio.wait({self._writing}, timeout=PATIENCE_S)

    async def _write_for_ever(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            self._write()

    def _write(self) -> None:
        """Begin to write in a thread; not while PostgreSQL is away, nor while the last one still waits for it."""
        if not self._counts or self._breaker.open or (self._writing is not None and not self._writing.done()):
            return
        counts, self._counts = self._counts, Counter()
        rows = [(day, kind, hits) for (day, kind), hits in sorted(counts.items())]
        self._writing = asyncio.get_running_loop().run_in_executor(None, self._add, rows)
        self._writing.add_done_callback(partial(self._ended, counts))

    def _ended(self, counts: Counter[tuple[str, str]], written: asyncio.Future[None]) -> None:
        error = None if written.cancelled() else written.exception()
        if written.cancelled() or error is not None:
            self._counts.update(counts)
            _log.warning("orphans_failed", extra={"reason": repr(error)})

    def _add(self, rows: list[tuple[str, str, int]]) -> None:
        with self._pool.connection() as link:
            store.count_orphans(link, rows)
