"""The coalesced batch: all scans of a tenant that wait share one transaction (design.md §5). No Django, no ORM.

One transaction per tenant at a time in a process, in a small pool of threads. While PostgreSQL answers, nothing is
answered before it is on disk there. When it does not within the deadline, the tenant's lane goes *blind*: decisions
from the last known world, on the local spool before the answer, replayed when PostgreSQL is back.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import psycopg2

from livecode_admin.kernel import clock
from routing import store
from routing.asks import Ask, FetchAsk, ScanAnswer
from routing.decide import Verdict, decide_all
from routing.engine import Outcome
from routing.lanes import Answer, Job, Lane
from routing.pictures import Pictures
from routing.snapshot import HOLD_SECONDS
from routing.spool import Spool

BATCH_MAX = 128
DEADLINE_S = 0.3
RETRY_S = 0.3
LEFTOVERS_S = 2.0
_log = logging.getLogger("livecode.edge")


class Batcher:
    """Takes asks of all tenants and answers each of them, with PostgreSQL or without."""

    def __init__(self, pool: store.Pool, spool: Spool, pictures: Pictures, *, deadline: float = DEADLINE_S) -> None:
        self._deadline = deadline
        self._pool = pool
        self._spool = spool
        self._pictures = pictures
        self._lanes: dict[int, Lane] = {}
        self._threads = ThreadPoolExecutor(pool.size, thread_name_prefix="batch")
        self._side = ThreadPoolExecutor(2, thread_name_prefix="side")
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, tenant_id: int, ask: Ask) -> Answer:
        """The answer to one ask. Never raises for a database that is slow or gone."""
        lane = self._lanes.setdefault(tenant_id, Lane(tenant_id))
        if lane.blind:
            return (await self._answer_blind(lane, [ask]))[0]
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        lane.waiting.append((ask, future))
        if not lane.draining:
            lane.draining = True
            self._spawn(self._drain(lane))
        return await future

    def blind_lanes(self) -> int:
        """How many tenants are served without PostgreSQL at this moment."""
        return sum(lane.blind for lane in self._lanes.values())

    def spooled(self) -> int:
        """How many scans of this process wait to be replayed."""
        return self._spool.waiting

    def spare_way(self, tenant_id: int, seat_id: int) -> int | None:
        """The way whose picture this machine keeps for a seat."""
        return self._lanes[tenant_id].world.spares.get(seat_id)

    async def start(self) -> None:
        """Replay what a process that died has left."""
        self._spawn(self._replay_leftovers())

    async def close(self) -> None:
        """Let the batches under way end, then close the connections."""
        for _ in range(40):
            if not any(lane.draining for lane in self._lanes.values()):
                break
            await asyncio.sleep(0.05)
        for task in list(self._tasks):
            task.cancel()
        self._threads.shutdown(wait=False)
        self._side.shutdown(wait=False)
        self._pool.close()

    async def _drain(self, lane: Lane) -> None:
        """One batch after the other until nobody waits."""
        loop = asyncio.get_running_loop()
        while lane.waiting:
            batch, lane.waiting[:BATCH_MAX] = lane.waiting[:BATCH_MAX], []
            asks = [ask for ask, _ in batch]
            if lane.blind:
                _resolve(batch, await self._answer_blind(lane, asks))
                continue
            job = Job(lane, asks, self._pool)
            work = loop.run_in_executor(self._threads, job.run)
            done, _ = await asyncio.wait({work}, timeout=self._deadline)
            if done and work.exception() is None and (verdict := work.result()) is not None:
                _resolve(batch, verdict.answers)
                for code_id in job.spares:
                    self._spawn(self._fetch_spares(lane, code_id))
                continue
            reason = repr(work.exception()) if done else "deadline"
            _log.warning("batch_blind", extra={"tenant": lane.tenant_id, "scans": len(batch), "reason": reason})
            lane.blind = True
            self._spawn(self._recover(lane, work))
            _resolve(batch, await self._answer_blind(lane, asks, job.abandon()))
        lane.draining = False

    async def _answer_blind(self, lane: Lane, asks: Sequence[Ask], decided: Verdict | None = None) -> list[Answer]:
        """Decide from memory, or keep what a batch had decided; on the local disk before the answer."""
        moment = clock.now().timestamp()
        verdict = decided
        try:
            if verdict is None:
                with lane.lock:
                    lane.world.start_blind(moment)
                    verdict = decide_all(lane.world, asks, moment, blind=True)
            if verdict.scans:
                # The slot gets the way that was shown, so that its add is still matched.
                spares = lane.world.spares
                rows = [{**row, "degraded": True, "way": spares.get(row["seat"])} for row in verdict.scans]
                await asyncio.get_running_loop().run_in_executor(self._side, self._spool.append, lane.tenant_id, rows)
        except Exception:
            _log.exception("blind_failed", extra={"tenant": lane.tenant_id})
            return [_last_resort(lane, ask) for ask in asks]
        return [replace(answer, blind=True) if isinstance(answer, ScanAnswer) else answer for answer in verdict.answers]

    async def _recover(self, lane: Lane, stuck: asyncio.Future[Any]) -> None:
        """Wait until the stuck thread is back and PostgreSQL answers, replay, and let the lane see again."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(RETRY_S)
            if not stuck.done():
                continue
            probe = loop.run_in_executor(self._threads, self._ping)
            done, _ = await asyncio.wait({probe}, timeout=self._deadline)
            if not done:
                stuck = probe
                continue
            if probe.exception() is None and await self._replay():
                lane.blind = False
                if self._spool.waiting:
                    await self._replay()
                return

    async def _replay_leftovers(self) -> None:
        """At the start what others left; later what was spooled while a lane was just about to see again."""
        left = True
        while True:
            if (left or self._spool.waiting) and not self.blind_lanes():
                left = not await self._replay()
            await asyncio.sleep(LEFTOVERS_S)

    async def _replay(self) -> bool:
        """Bring spooled scans home; False when PostgreSQL does not take them yet."""
        try:
            number = await asyncio.get_running_loop().run_in_executor(self._side, self._spool.replay, self._write_home)
        except Exception as error:
            _log.warning("replay_failed", extra={"reason": repr(error)})
            return False
        if number:
            _log.info("replayed", extra={"scans": number})
        return True

    def _write_home(self, tenant_id: int, rows: Sequence[dict[str, Any]]) -> None:
        try:
            with self._pool.connection() as link:
                store.replay(link, tenant_id, clock.now().timestamp(), rows, hold_seconds=HOLD_SECONDS)
        except (psycopg2.OperationalError, psycopg2.InterfaceError):
            raise
        except psycopg2.Error as error:
            # One row that PostgreSQL refuses must neither hold up the others nor be lost.
            if len(rows) > 1:
                for row in rows:
                    self._write_home(tenant_id, [row])
            else:
                _log.exception("replay_refused", extra={"tenant": tenant_id, "reason": repr(error)})
                self._spool.refuse(tenant_id, rows[0])

    def _ping(self) -> None:
        with self._pool.connection() as link:
            store.ping(link)

    async def _fetch_spares(self, lane: Lane, code_id: int) -> None:
        """Keep one picture of each seat of a code at hand, for the time without PostgreSQL."""
        try:
            found = await asyncio.get_running_loop().run_in_executor(
                self._side, self._pictures.spares, lane.tenant_id, code_id
            )
        except Exception as error:
            _log.warning("spares_failed", extra={"code": code_id, "reason": repr(error)})
            return
        with lane.lock:
            lane.world.spares.update(found)

    def _spawn(self, coroutine: Any) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _resolve(batch: Sequence[tuple[Ask, asyncio.Future[Answer]]], answers: Sequence[Answer]) -> None:
    for (_, future), answer in zip(batch, answers, strict=True):
        if not future.done():
            future.set_result(answer)


def _last_resort(lane: Lane, ask: Ask) -> Answer:
    """Even the local disk failed: the fallback page all the same."""
    if isinstance(ask, FetchAsk):
        return None
    return ScanAnswer(lane.world.look, Outcome.FALLBACK, "blind", blind=True)
