"""What an edge process keeps of all companies together, so that its memory has a bound whoever is scanned.

Companies stand in the order of their last scan. When there is too much, those that were scanned longest ago lose their
oldest codes and visitors first, and a company of which nothing is left is forgotten. What was forgotten is read again
with the next scan; without PostgreSQL it comes from the machine's memory.
"""

from __future__ import annotations

from collections import OrderedDict

from routing.edge.lanes import Lane

WEIGHT_KEPT = 50_000  # in seats, 0.42 KB each (routing.rules.world)
LANE_WEIGHT = 12  # a company itself, besides its people at one each
VISITORS_KEPT = 8_000  # 0.65 KB each; who they were is needed for the minutes without PostgreSQL only
TRIMMED_TO = 0.95  # so that not every batch has to look for what can go


class Lanes:
    """The companies of a process. Belongs to the event loop."""

    def __init__(self, *, weight: int = WEIGHT_KEPT, visitors: int = VISITORS_KEPT) -> None:
        self._lanes: OrderedDict[int, Lane] = OrderedDict()
        self._counted: dict[int, tuple[int, int]] = {}
        self._most = (weight, visitors)
        self._held = (0, 0)

    def get(self, tenant_id: int) -> Lane | None:
        """The lane of a company, if it is remembered."""
        return self._lanes.get(tenant_id)

    def of(self, tenant_id: int) -> Lane:
        """The lane of a company."""
        lane = self._lanes.get(tenant_id)
        if lane is None:
            lane = self._lanes[tenant_id] = Lane(tenant_id)
        return lane

    def all(self) -> list[Lane]:
        """Every lane, the one that was used longest ago first."""
        return list(self._lanes.values())

    def used(self, lane: Lane) -> None:
        """A lane has decided scans, and nothing of it runs in a thread now: see to the bounds."""
        if self._lanes.get(lane.tenant_id) is not lane:
            return
        self._lanes.move_to_end(lane.tenant_id)
        self._count(lane)
        if any(held > most for held, most in zip(self._held, self._most, strict=True)):
            self._trim(lane)

    def _count(self, lane: Lane) -> None:
        world = lane.world
        before = self._counted.get(lane.tenant_id, (0, 0))
        now = self._counted[lane.tenant_id] = (LANE_WEIGHT + len(world.faces) + world.weight, len(world.visitors))
        self._held = (self._held[0] + now[0] - before[0], self._held[1] + now[1] - before[1])

    def _trim(self, current: Lane) -> None:
        for lane in self.all():
            weight, visitors = (
                held - int(most * TRIMMED_TO) if held > most * TRIMMED_TO else 0
                for held, most in zip(self._held, self._most, strict=True)
            )
            if not weight and not visitors:
                return
            if lane is current or not lane.busy:
                with lane.lock:
                    gone = lane.world.forget(weight=weight, visitors=visitors)
                lane.unlearn(gone)
                self._count(lane)
                if lane is not current and not lane.blind and not lane.world.codes and not lane.world.visitors:
                    self._drop(lane)

    def _drop(self, lane: Lane) -> None:
        del self._lanes[lane.tenant_id]
        weight, visitors = self._counted.pop(lane.tenant_id)
        self._held = (self._held[0] - weight, self._held[1] - visitors)
