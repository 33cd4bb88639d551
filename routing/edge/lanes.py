"""One tenant's lane in an edge process, and one batch of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from livecode_admin.kernel import clock
from routing.edge import store
from routing.edge.asks import Ask, FetchAsk, ScanAnswer, ScanAsk
from routing.edge.decide import decide_all
from routing.edge.verdict import Verdict
from routing.edge.visitors import Kind
from routing.rules.world import World

Answer = ScanAnswer | int | None


@dataclass
class Lane:
    """One tenant in this process. ``lock`` guards ``world``; the rest belongs to the event loop.

    ``work``: its last batch, perhaps still in a thread. ``seen``: code → when PostgreSQL last told of it. While blind:
    ``recalled``, the codes that the machine's memory was asked for, and ``shown``, how many pictures were.
    """

    tenant_id: int
    world: World = field(default_factory=World)
    lock: threading.Lock = field(default_factory=threading.Lock)
    waiting: list[tuple[Ask, asyncio.Future[Answer]]] = field(default_factory=list)
    draining: bool = False
    blind: bool = False
    work: asyncio.Future[Verdict | None] | None = None
    shown: int = 0
    seen: dict[int, float] = field(default_factory=dict)
    recalled: set[int] = field(default_factory=set)

    @property
    def busy(self) -> bool:
        """Whether a batch of it waits or may still be in its thread."""
        return self.draining or (self.work is not None and not self.work.done())

    def unlearn(self, codes: Sequence[int]) -> None:
        """These codes were forgotten: the machine's memory may be asked for them again."""
        for code_id in codes:
            self.seen.pop(code_id, None)
        self.recalled.difference_update(codes)


class Job:
    """One batch of one lane; ``run`` is called in a thread, ``abandon`` in the event loop."""

    def __init__(self, lane: Lane, asks: Sequence[Ask], pool: store.Pool) -> None:
        self.lane = lane
        self.asks = asks
        self.codes = sorted({ask.code_id for ask in asks if isinstance(ask, ScanAsk)})
        self.verdict: Verdict | None = None
        self.moment = 0.0
        self._pool = pool
        self._abandoned = False

    def run(self) -> Verdict | None:
        """Load, decide, write, commit. None when nobody waited for it any more."""
        lane, moment, codes = self.lane, clock.now().timestamp(), self.codes
        self.moment = moment
        visitors = sorted(
            {
                ask.visitor
                for ask in self.asks
                if isinstance(ask, ScanAsk) and ask.known and ask.visitor and ask.kind is Kind.VISIT
            }
        )
        with lane.lock:
            if self._abandoned:
                return None
            versions = [lane.world.known_version(code_id) for code_id in codes]
        with self._pool.connection() as link:
            loaded = store.load(
                link,
                lane.tenant_id,
                moment,
                codes=codes,
                versions=versions,
                visitors=visitors,
                fetches=[ask.scan_id for ask in self.asks if isinstance(ask, FetchAsk)],
            )
            verdict = self._decide(loaded, visitors, moment)
            if verdict is None:
                store.rollback(link)
                return None
            if verdict.empty:
                store.commit(link)
                return verdict
            store.write(link, lane.tenant_id, moment, verdict)
        return verdict

    def _decide(self, loaded: dict[str, Any], visitors: list[str], moment: float) -> Verdict | None:
        world = self.lane.world
        with self.lane.lock:
            if self._abandoned:
                return None
            world.absorb(loaded, visitors)
            self.verdict = decide_all(world, self.asks, moment)
            return self.verdict

    def abandon(self) -> Verdict | None:
        """Stop waiting. A batch that has been decided keeps its decisions: its commit may still come through."""
        with self.lane.lock:
            self._abandoned = True
            return self.verdict
