"""Whether PostgreSQL answers at all, for a whole edge process. No Django.

One look at it serves all lanes, is a connection of its own and takes two seconds at most, so that a server that is
frozen holds up nothing. While the breaker is open no batch is tried.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from routing.edge import store

_log = logging.getLogger("livecode.edge")


class Breaker:
    """Closed while PostgreSQL answers; opened by whoever finds it silent, closed by its own looks."""

    def __init__(self, pool: store.Pool, *, retry: float) -> None:
        self._pool = pool
        self._retry = retry
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="breaker")
        self._look: asyncio.Task[bool] | None = None
        self._watch: asyncio.Task[None] | None = None
        self.open = False

    def look(self) -> asyncio.Task[bool]:
        """Whether PostgreSQL answers a fresh connection; a look that is under way is shared."""
        if self._look is None or self._look.done():
            self._look = asyncio.get_running_loop().create_task(self._answers())
        return self._look

    async def answers(self, seconds: float) -> bool:
        """Whether PostgreSQL answers within that time; at once False while the breaker is open."""
        if self.open:
            return False
        look = self.look()
        done, _ = await asyncio.wait({look}, timeout=seconds)
        return bool(done) and look.result()

    def trip(self, reason: str) -> None:
        """PostgreSQL is gone: try nothing until a look succeeds."""
        if self.open:
            return
        self.open = True
        self._pool.close()
        _log.warning("postgres_gone", extra={"reason": reason})
        self._watch = asyncio.get_running_loop().create_task(self._until_it_answers())

    def close(self) -> None:
        """End with the process."""
        for task in (self._watch, self._look):
            if task is not None:
                task.cancel()
        self._thread.shutdown(wait=False)

    async def _until_it_answers(self) -> None:
        while True:
            await asyncio.sleep(self._retry)
            if await self.look():
                break
        self.open = False
        _log.info("postgres_back")

    async def _answers(self) -> bool:
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._pool.look)
        except Exception as error:
            _log.debug("postgres_silent", extra={"reason": repr(error)})
            return False
        return True
