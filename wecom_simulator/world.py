"""One simulator: its store, clock, timeline and background work, handed to every handler with the request."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

from wecom_simulator.browser import Browsers
from wecom_simulator.callbacks import Callbacks
from wecom_simulator.clock import Clock
from wecom_simulator.config import Config
from wecom_simulator.faults import Faults
from wecom_simulator.outgoing import Outgoing
from wecom_simulator.sinks.store import Sinks
from wecom_simulator.store import Corp, Store
from wecom_simulator.timeline import Timeline


class World:
    """Built once per process, in its event loop."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.clock = Clock(config.clock_file)
        self.store = Store(config.state_dir)
        self.timeline = Timeline()
        self.faults = Faults()
        self.calls: Counter[str] = Counter()
        self.corp_calls: Counter[tuple[str, str]] = Counter()
        self.login_codes: dict[str, tuple[str, str, float, bool]] = {}
        self.minute: Counter[tuple[str, str, int]] = Counter()
        self.blocked: dict[tuple[str, str], float] = {}
        self.busy: Counter[str] = Counter()
        self.outgoing = Outgoing(config.console_hosts)
        self.callbacks = Callbacks(config, self.clock, self.outgoing, self.timeline)
        self.browsers = Browsers(self.outgoing, self.store, config.base_url)
        self.sinks = Sinks(config.state_dir)
        self._background: list[asyncio.Task[None]] = []

    def start(self, every_second: Callable[[World], None]) -> None:
        """Load the state and begin the background work; `every_second` is called with this world, about so often."""
        self.store.load()
        self.sinks.load()
        self._background = [
            asyncio.create_task(self.store.keep_flushing()),
            asyncio.create_task(self._keep_ticking(every_second)),
        ]
        for corp in self.store.corps.values():
            self.callbacks.resume(corp)

    async def _keep_ticking(self, every_second: Callable[[World], None]) -> None:
        while True:
            await asyncio.sleep(1)
            every_second(self)

    async def stop(self) -> None:
        """Write what is left and close the connections."""
        for task in self._background:
            task.cancel()
        self.store.flush()
        await self.outgoing.close()

    def reset(self) -> None:
        """Back to an empty simulator, with no faults and no counts."""
        self.store.clear()
        self.sinks.clear()
        self.timeline.clear()
        self.faults.remove(None)
        self.browsers.clear()
        for record in (self.calls, self.corp_calls, self.login_codes, self.minute, self.blocked, self.busy):
            record.clear()

    def corp(self, corp_id: str) -> Corp:
        """A corp by its id; raises KeyError with the id."""
        return self.store.corps[corp_id]
