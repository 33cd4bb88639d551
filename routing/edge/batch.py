"""The coalesced batch: all scans of a tenant that wait share one transaction (design.md §5). No Django, no ORM.

One transaction per tenant at a time in a process. While PostgreSQL answers, nothing is answered before it is on disk
there. When it does not, the tenant's lane goes *blind* (``blind.py``) until it answers again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from routing.edge import store
from routing.edge.asks import Ask
from routing.edge.blind import Blind
from routing.edge.breaker import Breaker
from routing.edge.lanes import Answer, Job, Lane
from routing.edge.memory import Memory
from routing.edge.pictures import Pictures
from routing.edge.replay import Home
from routing.edge.retention import Lanes
from routing.edge.spool import Spool
from routing.edge.verdict import Verdict
from routing.edge.warming import Warmer

BATCH_MAX = 128
DEADLINE_S = 0.3
SILENT_DEADLINES = 3  # a batch this late goes blind when PostgreSQL doesn't answer anybody,
SLOW_DEADLINES = 5  # and this late when it does
RETRY_S = 0.3
LEFTOVERS_S = 2.0
THREADS = 16
HOMING_THREADS = 4
PATIENCE_S, PATIENCE_MOST_S = 0.3, 1.5  # for the tenant's lock, longer with each try
_log = logging.getLogger("livecode.edge")


class Batcher:
    """Takes asks of all tenants and answers each of them, with PostgreSQL or without."""

    def __init__(self, pool: store.Pool, folder: Path, pictures: Pictures, *, deadline: float = DEADLINE_S) -> None:
        self._deadline = deadline
        self._pool = pool
        self._spool = Spool(folder)
        self._home = Home(pool, self._spool)
        self.memory = Memory(folder / "memory.sqlite")
        self.breaker = Breaker(pool, retry=RETRY_S)
        self._warmer = Warmer(pool, self.memory, pictures, self.breaker, folder / "warming.lock")
        self._blind = Blind(self._spool, self.memory)
        self._lanes = Lanes()
        # As many batches run as there are connections. One that is late gives its place away, so that tenants which
        # wait for a lock don't stop the others.
        self._places = asyncio.Semaphore(pool.size)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="batch")
        self._homing = ThreadPoolExecutor(HOMING_THREADS, thread_name_prefix="homing")
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, tenant_id: int, ask: Ask) -> Answer:
        """The answer to one ask. Never raises for a database that is slow or gone."""
        lane = self._lanes.of(tenant_id)
        if self.breaker.open and not lane.blind:
            self._go_blind(lane, "breaker")
        if lane.blind:
            return (await self._blindly(lane, [ask]))[0]
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        lane.waiting.append((ask, future))
        if not lane.draining:
            lane.draining = True
            self._spawn(self._drain(lane))
        return await future

    def blind_lanes(self) -> int:
        """How many tenants are served without PostgreSQL at this moment."""
        return sum(lane.blind for lane in self._lanes.all())

    def spooled(self) -> int:
        """How many scans of this process wait to be replayed."""
        return self._spool.waiting

    def spare_way(self, tenant_id: int, code_id: int, seat_id: int) -> int | None:
        """A way of a seat whose picture this machine keeps."""
        lane = self._lanes.get(tenant_id)
        return self._blind.way(lane, code_id, seat_id) if lane is not None else None

    async def start(self) -> None:
        """Take over what a process that died has left; begin to remember."""
        self._warmer.start()
        self._spawn(self._bring_leftovers())

    async def close(self) -> None:
        """Let the batches under way end, then close the connections."""
        for _ in range(40):
            if not any(lane.draining for lane in self._lanes.all()):
                break
            await asyncio.sleep(0.05)
        for task in list(self._tasks):
            task.cancel()
        self._warmer.stop()
        self.breaker.close()
        self._threads.shutdown(wait=False)
        self._homing.shutdown(wait=False)
        self._blind.close()
        self._pool.close()

    async def _drain(self, lane: Lane) -> None:
        """One batch after the other until nobody waits."""
        while lane.waiting:
            batch, lane.waiting[:BATCH_MAX] = lane.waiting[:BATCH_MAX], []
            asks = [ask for ask, _ in batch]
            if lane.blind:
                _resolve(batch, await self._blindly(lane, asks))
                continue
            job = Job(lane, asks, self._pool)
            verdict = await self._run(job)
            if verdict is not None:
                _resolve(batch, verdict.answers)
                self._saw(job)
            else:
                _resolve(batch, await self._blindly(lane, asks, job.abandon()))
        lane.draining = False

    async def _run(self, job: Job) -> Verdict | None:
        """A batch's verdict once it is committed; None when the lane has gone blind over it."""
        async with self._places:
            work = job.lane.work = asyncio.get_running_loop().run_in_executor(self._threads, job.run)
            done, _ = await asyncio.wait({work}, timeout=self._deadline)
        if not done:
            await self._patience(work)
        if not work.done():
            reason = "silent" if self.breaker.open else "slow"
        elif (error := work.exception()) is not None:
            self._pool.close()
            reason = repr(error)
        elif (verdict := work.result()) is not None:
            return verdict
        else:
            reason = "abandoned"
        self._go_blind(job.lane, reason)
        return None

    async def _patience(self, work: asyncio.Future[Verdict | None]) -> None:
        """A batch is late. While PostgreSQL answers others it gets more time; when it answers nobody it is gone."""
        look = self.breaker.look()
        rest = (SILENT_DEADLINES - 1) * self._deadline
        either: set[asyncio.Future[Any]] = {work, look}
        done, _ = await asyncio.wait(either, timeout=rest, return_when=asyncio.FIRST_COMPLETED)
        if work in done:
            return
        if not done or not look.result():
            self.breaker.trip("no answer" if not done else "no connection")
            return
        await asyncio.wait({work}, timeout=(SLOW_DEADLINES - 1) * self._deadline)

    def _saw(self, job: Job) -> None:
        """PostgreSQL has told of these codes."""
        seen, moment = job.lane.seen, job.moment
        for code_id in job.codes:
            seen[code_id] = moment
        self._lanes.used(job.lane)

    async def _blindly(self, lane: Lane, asks: Sequence[Ask], decided: Verdict | None = None) -> list[Answer]:
        """Answers without PostgreSQL."""
        answers = await self._blind.answers(lane, asks, decided)
        self._lanes.used(lane)
        return answers

    def _go_blind(self, lane: Lane, reason: str) -> None:
        if lane.blind:
            return
        _log.warning("lane_blind", extra={"tenant": lane.tenant_id, "reason": reason})
        lane.blind = True
        lane.recalled.clear()
        if reason not in ("slow", "breaker"):
            self._spawn(self._look_again())
        self._spawn(self._recover(lane))

    async def _look_again(self) -> None:
        """A batch failed: is it PostgreSQL as a whole?"""
        if not await self.breaker.look():
            self.breaker.trip("no connection")

    async def _recover(self, lane: Lane) -> None:
        """Wait until PostgreSQL answers and the lane's thread is back, bring scans home, and let the lane see again."""
        patience = PATIENCE_S
        while True:
            await asyncio.sleep(RETRY_S)
            if self.breaker.open or (lane.work is not None and not lane.work.done()):
                continue
            if await self._bring_home(lane.tenant_id, patience):
                lane.blind = False
                await self._bring_home(lane.tenant_id)  # what was being answered meanwhile
                return
            patience = min(2 * patience, PATIENCE_MOST_S)

    async def _bring_leftovers(self) -> None:
        """What processes that died have left, and what was spooled while a lane was just about to see again."""
        while True:
            if not self.breaker.open:
                try:
                    await asyncio.get_running_loop().run_in_executor(self._homing, self._spool.adopt)
                except OSError as error:
                    _log.warning("adopting_failed", extra={"reason": repr(error)})
                for tenant_id in self._spool.tenants():
                    lane = self._lanes.get(tenant_id)
                    if lane is None or not lane.blind:
                        await self._bring_home(tenant_id)
            await asyncio.sleep(LEFTOVERS_S)

    async def _bring_home(self, tenant_id: int, patience: float = PATIENCE_S) -> bool:
        """Bring a tenant's spooled scans home; False when PostgreSQL does not take them yet."""
        bring = partial(self._home.bring, tenant_id, patience=patience)
        try:
            number = await asyncio.get_running_loop().run_in_executor(self._homing, bring)
        except Exception as error:
            _log.warning("replay_failed", extra={"tenant": tenant_id, "reason": repr(error)})
            return False
        if number:
            _log.info("replayed", extra={"tenant": tenant_id, "scans": number})
        return True

    def _spawn(self, coroutine: Any) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _resolve(batch: Sequence[tuple[Ask, asyncio.Future[Answer]]], answers: Sequence[Answer]) -> None:
    for (_, future), answer in zip(batch, answers, strict=True):
        if not future.done():
            future.set_result(answer)
