"""Answers without PostgreSQL: decided from what is remembered, on the local disk before they leave (design.md §5)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from livecode_admin.kernel import clock
from routing.edge.asks import Ask, FetchAsk, ScanAnswer, ScanAsk
from routing.edge.decide import decide_all
from routing.edge.lanes import Answer, Lane
from routing.edge.memory import Memory, recollect
from routing.edge.spool import Spool
from routing.edge.verdict import Verdict
from routing.rules.engine import Outcome

_log = logging.getLogger("livecode.edge")


class Blind:
    """Serves lanes that don't see. Belongs to the event loop; the disk is written in one thread, for all that wait."""

    def __init__(self, spool: Spool, memory: Memory) -> None:
        self._spool = spool
        self._memory = memory
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spool")
        self._waiting: list[tuple[int, list[dict[str, Any]], asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def answers(self, lane: Lane, asks: Sequence[Ask], decided: Verdict | None = None) -> list[Answer]:
        """Decide from memory, or keep what a batch had decided: its commit may still have come through."""
        try:
            self._recall(lane, [ask.code_id for ask in asks if isinstance(ask, ScanAsk)])
            verdict = decided or self._decide(lane, asks)
            rows, answers = self._shown(lane, asks, verdict)
            if rows:
                await self._put(lane.tenant_id, rows)
        except Exception:
            _log.exception("blind_failed", extra={"tenant": lane.tenant_id})
            return [_last_resort(lane, ask) for ask in asks]
        return answers

    def way(self, lane: Lane, code_id: int, seat_id: int) -> int | None:
        """A way of a seat whose picture is on this machine's disk."""
        if seat_id not in lane.world.spares:
            self._recall(lane, [code_id])
        ways = lane.world.spares.get(seat_id)
        return ways[0] if ways else None

    def close(self) -> None:
        """End with the process."""
        self._thread.shutdown(wait=False)

    def _decide(self, lane: Lane, asks: Sequence[Ask]) -> Verdict:
        moment = clock.now().timestamp()
        with lane.lock:
            lane.world.new_day(moment)
            return decide_all(lane.world, asks, moment, blind=True)

    def _recall(self, lane: Lane, codes: Sequence[int]) -> None:
        """Ask the machine's memory for codes, once in each time of blindness."""
        if not lane.recalled:
            lane.world.only_spares()
        for code_id in codes:
            if code_id in lane.recalled:
                continue
            lane.recalled.add(code_id)
            found = self._memory.recall(lane.tenant_id, code_id)
            if found is None:
                continue
            try:
                with lane.lock:
                    recollect(lane.world, found, lane.seen)
                    lane.world.only_spares()
            except Exception as error:  # of another release, or damaged: as if it weren't there
                _log.warning("memory_useless", extra={"tenant": lane.tenant_id, "reason": repr(error)})
            else:
                lane.recalled.update(row[0] for row in found.loaded["codes"] or ())

    def _shown(self, lane: Lane, asks: Sequence[Ask], verdict: Verdict) -> tuple[list[dict[str, Any]], list[Answer]]:
        """The rows for the spool and the answers, with the way that each visitor is shown: its add is told by it."""
        rows: list[dict[str, Any]] = []
        answers: list[Answer] = []
        scans = iter(verdict.scans)
        for ask, answer in zip(asks, verdict.answers, strict=True):
            if isinstance(ask, FetchAsk):
                answers.append(answer if isinstance(answer, int) else self.way(lane, ask.code_id, ask.seat_id))
            elif isinstance(answer, ScanAnswer):
                way_id = None if answer.link else self._turn(lane, answer.seat_id)
                answers.append(replace(answer, blind=True, picture=None, way_id=way_id))
                if not ask.test:
                    rows.append({**next(scans), "degraded": True, "way": way_id})
        return rows, answers

    @staticmethod
    def _turn(lane: Lane, seat_id: int | None) -> int | None:
        """The ways of a seat in turn, so that as few visitors as can be share one."""
        ways = lane.world.spares.get(seat_id) if seat_id is not None else None
        if not ways:
            return None
        lane.shown += 1
        return ways[lane.shown % len(ways)]

    async def _put(self, tenant_id: int, rows: list[dict[str, Any]]) -> None:
        """On disk when it returns; one sync for all that wait. Raises OSError when the disk refuses."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((tenant_id, rows, future))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.get_running_loop().create_task(self._write())
        await future

    async def _write(self) -> None:
        while self._waiting:
            taken, self._waiting = self._waiting, []
            items = [(tenant_id, rows) for tenant_id, rows, _ in taken]
            error: Exception | None = None
            try:
                await asyncio.get_running_loop().run_in_executor(self._thread, self._spool.append_all, items)
            except Exception as refused:
                error = refused
            for _, _, future in taken:
                if future.done():
                    continue
                if error is None:
                    future.set_result(None)
                else:
                    future.set_exception(error)


def _last_resort(lane: Lane, ask: Ask) -> Answer:
    """Even the local disk failed: the fallback page all the same."""
    if isinstance(ask, FetchAsk):
        return None
    return ScanAnswer(lane.world.look, Outcome.FALLBACK, "blind", blind=True)
