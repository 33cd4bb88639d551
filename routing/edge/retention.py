"""What an edge process keeps of all companies together, so that its memory has a bound whoever is scanned.

Companies stand in the order of their last scan. When there is too much, those that were scanned longest ago lose their
oldest codes and visitors first, and a company without codes is forgotten. What was forgotten is read again
with the next scan; without PostgreSQL it comes from the machine's memory.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

from routing.edge.lanes import Lane

LANE_WEIGHT = 12  # a company itself, besides its people at one each
TRIMMED_TO = 0.95  # so that not every batch has to look for what can go


class Held(NamedTuple):
    """How much is kept. ``weight`` of codes in seats, 0.42 KB each (routing.rules.world); ``visitors``, 0.65 KB each:
    who they were is needed for the minutes without PostgreSQL only; ``packs`` of snapshots, 0.7 KB each.
    """

    weight: int
    visitors: int
    packs: int


MOST = Held(weight=36_000, visitors=8_000, packs=10_000)
_NOTHING = Held(0, 0, 0)


class Lanes:
    """The companies of a process. Belongs to the event loop."""

    def __init__(self, most: Held = MOST) -> None:
        self._lanes: OrderedDict[int, Lane] = OrderedDict()
        self._counted: dict[int, Held] = {}
        self._most = most
        self._held = _NOTHING

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

    def _count(self, lane: Lane, *, gone: bool = False) -> None:
        world, before = lane.world, self._counted.pop(lane.tenant_id, _NOTHING)
        now = Held(LANE_WEIGHT + len(world.faces) + world.weight, len(world.visitors), len(world.packs))
        if gone:
            now = _NOTHING
            del self._lanes[lane.tenant_id]
        else:
            self._counted[lane.tenant_id] = now
        self._held = Held(*(total + new - old for total, new, old in zip(self._held, now, before, strict=True)))

    def _surplus(self) -> Held:
        limits = [int(most * TRIMMED_TO) for most in self._most]
        return Held(*(max(0, held - limit) for held, limit in zip(self._held, limits, strict=True)))

    def _trim(self, current: Lane) -> None:
        for lane in self.all():
            surplus = self._surplus()
            if not any(surplus):
                return
            if lane is current or not lane.busy:
                with lane.lock:
                    gone = lane.world.forget(**surplus._asdict())
                lane.unlearn(gone)
                world = lane.world
                idle = not world.codes and (surplus.weight > 0 or not (world.visitors or world.packs))
                self._count(lane, gone=idle and not lane.blind and lane is not current)
