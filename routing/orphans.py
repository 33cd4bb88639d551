"""Scans that belong to nobody, counted in memory and added to the platform's table every few seconds."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter

from livecode_admin.kernel import clock
from routing import store

EVERY_S = 2.0
_log = logging.getLogger("livecode.edge")


class Orphans:
    """Counts by day and kind: ``unknown`` (well formed, nobody's), ``malformed``, ``unavailable``."""

    def __init__(self, pool: store.Pool) -> None:
        self._pool = pool
        self._counts: Counter[tuple[str, str]] = Counter()
        self._task: asyncio.Task[None] | None = None

    def count(self, kind: str) -> None:
        """One more."""
        self._counts[clock.now().date().isoformat(), kind] += 1

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.get_running_loop().create_task(self._write_for_ever())

    async def stop(self) -> None:
        """Write what is left."""
        if self._task is not None:
            self._task.cancel()
        await self._write()

    async def _write_for_ever(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            await self._write()

    async def _write(self) -> None:
        counts, self._counts = self._counts, Counter()
        if not counts:
            return
        rows = [(day, kind, hits) for (day, kind), hits in sorted(counts.items())]
        try:
            await asyncio.wait_for(asyncio.to_thread(self._add, rows), 2.0)
        except Exception as error:
            self._counts.update(counts)
            _log.warning("orphans_failed", extra={"reason": repr(error)})

    def _add(self, rows: list[tuple[str, str, int]]) -> None:
        with self._pool.connection() as link:
            store.count_orphans(link, rows)
