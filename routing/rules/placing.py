"""Where everybody stands in a roster: people by name, groups and departments in one order (product.md §2.11).

Pure: the members of groups and departments are handed in, already without those who can't receive.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final, Literal

from routing.rules.hours import Hours

ROSTER, BACKUP = 1, 2
SourceKind = Literal["group", "department"]
SourceKey = tuple[SourceKind, int]


class Keep(Enum):
    """「As it is」, where None already means something."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP


@dataclass(frozen=True, slots=True)
class SeatInput:
    """One wanted seat. ``daily_cap`` None: only the staff's own cap holds. ``paused_until`` None: not on leave.

    ``weight`` (0 to 100; None: as it is, 1 for a new seat) and ``hours`` (None: always) are rules. ``by_source``: no
    place of its own, only what is set for somebody whom a group or department brings.
    """

    staff_id: int
    is_backup: bool = False
    position: int = 0
    daily_cap: int | None = None
    paused_until: datetime | None = None
    weight: int | None = None
    hours: Hours | Keep | None = KEEP
    by_source: bool = False


@dataclass(frozen=True, slots=True)
class SourceInput:
    """A group or a department in the roster; its people stand where it stands. Positions are shared with people."""

    kind: SourceKind
    id: int
    is_backup: bool = False
    position: int = 0

    @property
    def key(self) -> SourceKey:
        """What tells sources apart."""
        return self.kind, self.id


@dataclass(frozen=True, slots=True)
class Place:
    """A seat with its rung and its position there, from 1; ``source`` is what brought the person."""

    seat: SeatInput
    rung: int
    position: int
    source: SourceKey | None = None


@dataclass(frozen=True, slots=True)
class PlacedSource:
    """A source with its rung and its place among the entries there: people by name and sources, from 1."""

    key: SourceKey
    rung: int
    position: int


@dataclass(frozen=True, slots=True)
class Placement:
    """The whole roster: seats in order, and the sources among them."""

    seats: tuple[Place, ...]
    sources: tuple[PlacedSource, ...] = ()

    @property
    def roster(self) -> list[Place]:
        """The seats that are no backups."""
        return [place for place in self.seats if place.rung == ROSTER]


def placed(
    seats: Sequence[SeatInput], sources: Sequence[SourceInput], members: Mapping[SourceKey, Sequence[int]]
) -> Placement:
    """Everybody's place: positions run 1, 2, 3 within each rung; equal ones of the input keep the order given.

    Whoever stands there by name isn't doubled by a source, whoever is in two sources comes with the first. A source
    remembers its place among the entries, so that it keeps it while it is empty.
    """
    taken = {seat.staff_id for seat in seats if not seat.by_source}
    settings = {seat.staff_id: seat for seat in seats if seat.by_source}
    at: list[Place] = []
    stands: list[PlacedSource] = []
    for rung, backup in ((ROSTER, False), (BACKUP, True)):
        named: list[SeatInput | SourceInput] = [one for one in seats if one.is_backup is backup and not one.by_source]
        entries = sorted([*named, *(one for one in sources if one.is_backup is backup)], key=lambda one: one.position)
        count = 0
        for place, entry in enumerate(entries, start=1):
            if isinstance(entry, SeatInput):
                count += 1
                at.append(Place(entry, rung, count))
                continue
            stands.append(PlacedSource(entry.key, rung, place))
            for staff_id in members.get(entry.key, ()):
                if staff_id in taken:
                    continue
                taken.add(staff_id)
                count += 1
                at.append(Place(settings.get(staff_id, SeatInput(staff_id)), rung, count, entry.key))
    return Placement(tuple(at), tuple(stands))


def entry_places(count: int, taken: set[int]) -> list[int]:
    """The places among the entries that ``count`` people by name have, when sources stand at ``taken``; from 1."""
    free = (place for place in range(1, count + len(taken) + max(taken, default=0) + 1) if place not in taken)
    return [place for place, _ in zip(free, range(count), strict=False)]
