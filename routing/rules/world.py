"""What an edge process knows of one tenant: the answer of ``routing_batch_load``, kept for the time without PostgreSQL.

Each load replaces what it names, so that within a batch the world is exact; between batches it is a memory, used only
when PostgreSQL does not answer. Plain Python.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from codes.rules import Status, effective_status
from livecode_admin.kernel.clock import local_day
from routing.rules.conditions import Region
from routing.rules.counters import Counters, SeatLoad, StaffLoad, Turn, turn_read
from routing.rules.engine import Plan
from routing.rules.hours import LocalTime, local_time
from routing.rules.regions import region_of
from routing.rules.snapshot import Snapshot, SnapshotUnreadable, from_json, packed, unpacked

NO_VERSION = -1
CODE_WEIGHT = 6  # what a code takes besides its seats, in seats


@dataclass(frozen=True, slots=True)
class Look:
    """The company as its pages show it. ``swap``: 换一位 is offered; ``links_off``: WeCom's link quota is used up."""

    name: str = ""
    color: str = "#1f6f63"
    tagline: str = ""
    telephone: str = ""
    entry_host: str = ""
    landing_host: str = ""
    swap: bool = False
    links_off: bool = False


@dataclass(frozen=True, slots=True)
class Face:
    """A staff member as the landing page shows them; the department is a fact of the moment for the scan's row."""

    name: str
    position: str
    department_id: int | None


@dataclass(slots=True)
class CodeFacts:
    """One code: whether it is open, and its published version with the turn.

    ``plans``: the ladders of the snapshot that were made last, by the key of the condition that holds.
    """

    code_id: int
    state: str
    expires_at: float | None
    unscanned: bool
    landing_text: str
    version: int
    snapshot: Snapshot | None
    turn: Turn
    plans: dict[int | None, Plan] = field(default_factory=dict)

    def status(self, moment: float) -> Status:
        """What the code is at ``moment``."""
        end = None if self.expires_at is None else datetime.fromtimestamp(self.expires_at, UTC)
        return effective_status(state=self.state, expires_at=end, now=datetime.fromtimestamp(moment, UTC))

    @property
    def weight(self) -> int:
        """What it takes in memory, in seats of 0.42 KB."""
        return CODE_WEIGHT + (self.snapshot.size if self.snapshot is not None else 0)


@dataclass(slots=True)
class Visit:
    """A visitor's last slot on a code. ``slot_id`` is None while the slot is in the batch that is being decided."""

    slot_id: int | None
    scan_id: str
    seat_id: int
    state: str
    taken_at: float


@dataclass(slots=True)
class VisitorFacts:
    """A visitor: whether they were here before, whose friend they are (staff), and their last slot on each code."""

    returning: bool = False
    friends: tuple[int, ...] = ()
    visits: dict[int, Visit] = field(default_factory=dict)


_NOBODY = VisitorFacts()


@dataclass(slots=True)
class Picture:
    """A QR that was asked for: whose slot, which way, and whether its first fetch by the visitor is still due."""

    way_id: int | None
    visitor: str
    due: bool


@dataclass(slots=True)
class World:
    """One tenant in one edge process. Codes and visitors stand in the order of their last use; ``weight`` is that of
    all codes. ``packs``: versions and packed snapshots of many more codes, so that they needn't be loaded again. Who
    holds it bounds it by :meth:`forget`.
    """

    look: Look = field(default_factory=Look)
    zone: str = "Asia/Shanghai"
    day: str = ""
    codes: OrderedDict[int, CodeFacts] = field(default_factory=OrderedDict)
    faces: dict[int, Face] = field(default_factory=dict)
    counters: Counters = field(default_factory=lambda: Counters({}, {}))
    visitors: OrderedDict[str, VisitorFacts] = field(default_factory=OrderedDict)
    packs: OrderedDict[int, tuple[int, bytes]] = field(default_factory=OrderedDict)
    weight: int = 0
    calendar: dict[str, int] = field(default_factory=dict)
    region_of: Callable[[str], Region] = region_of
    pictures: dict[str, Picture] = field(default_factory=dict)
    spares: dict[int, tuple[int, ...]] = field(default_factory=dict)

    def known_version(self, code_id: int) -> int:
        """The version of the code's snapshot in this process, or NO_VERSION."""
        facts = self.codes.get(code_id)
        if facts is not None and facts.snapshot is not None:
            return facts.version
        return self.packs[code_id][0] if code_id in self.packs else NO_VERSION

    def absorb(self, loaded: dict[str, Any], visitors: Sequence[str] = ()) -> None:
        """Take in what a batch loaded, all that is known of ``visitors`` among it."""
        *look, self.zone = loaded["tenant"]
        self.look = Look(*look)
        self.day = loaded["day"]
        self.calendar = loaded["calendar"] or {}
        for row in loaded["codes"] or ():
            self._absorb_code(row)
        seats, staff = self.counters.seats, self.counters.staff
        for seat_id, used, ways, owed, link, face_way in loaded["seats"] or ():
            seats[seat_id] = SeatLoad(used, ways, owed, "" if self.look.links_off else link, face_way)
        for staff_id, name, position, department, *load in loaded["staff"] or ():
            receivable, cap, paused, online, used, peak, suspect = load
            staff[staff_id] = StaffLoad(staff_id, used, cap, receivable, paused, online, peak, suspect)
            self.faces[staff_id] = Face(name, position, department)
        self.counters.windows = tuple(loaded["windows"] or ())
        self.counters.waits = {(staff_id, window): n for staff_id, window, n in loaded["waits"] or ()}
        for visitor in visitors:
            known = self._facts_of(visitor).visits
            for row in loaded["codes"] or ():
                known.pop(row[0], None)
        for code_id, visitor, slot_id, scan_id, seat_id, state, taken_at in loaded["visits"] or ():
            self.remember(code_id, visitor, Visit(slot_id, scan_id, seat_id, state, taken_at))
        for visitor, returning, friends in loaded["visitors"] or ():
            facts = self._facts_of(visitor)
            facts.returning, facts.friends = returning, tuple(friends or ())
        self.pictures = {
            scan_id: Picture(way_id, visitor, due) for scan_id, way_id, visitor, due in loaded["fetches"] or ()
        }

    def local(self, moment: float) -> LocalTime:
        """The moment in the company's zone and calendar."""
        return local_time(moment, self.zone, self.calendar)

    def _absorb_code(self, row: list[Any]) -> None:
        code_id, state, expires_at, unscanned, landing_text, version, cursor, turns, data = row
        known = self.codes.get(code_id)
        snapshot = known.snapshot if known is not None and known.version == version else None
        if data is not None:
            try:
                snapshot = from_json(data)
                self.packs[code_id] = (version, packed(data))
            except SnapshotUnreadable:
                snapshot, version = None, None  # the fallback page, until a release that reads it runs here
        elif snapshot is None and code_id in self.packs and self.packs[code_id][0] == version:
            snapshot = unpacked(self.packs[code_id][1])
            self.packs.move_to_end(code_id)
        turn = turn_read(cursor, turns)
        self.keep(
            CodeFacts(
                code_id,
                state,
                expires_at,
                unscanned,
                landing_text,
                NO_VERSION if version is None else version,
                snapshot,
                turn,
                known.plans if known is not None and known.snapshot is snapshot else {},
            )
        )

    def keep(self, facts: CodeFacts) -> None:
        """Know a code, instead of what was known of it."""
        known = self.codes.get(facts.code_id)
        self.weight += facts.weight - (known.weight if known is not None else 0)
        self.codes[facts.code_id] = facts
        self.codes.move_to_end(facts.code_id)

    def forget(self, *, weight: int = 0, visitors: int = 0, packs: int = 0) -> list[int]:
        """Forget codes of at least that weight together, so many visitors and packs; those used longest ago first.

        Returns the codes. There may be less to forget than that.
        """
        gone: list[int] = []
        least = self.weight - weight
        while self.codes and self.weight > least:
            code_id, facts = self.codes.popitem(last=False)
            self.weight -= facts.weight
            for seat in facts.snapshot.seats() if facts.snapshot is not None else ():
                self.counters.seats.pop(seat.seat_id, None)
                self.spares.pop(seat.seat_id, None)
            gone.append(code_id)
        for _ in range(min(visitors, len(self.visitors))):
            self.visitors.popitem(last=False)
        for _ in range(min(packs, len(self.packs))):
            self.packs.popitem(last=False)
        return gone

    def remember(self, code_id: int, visitor: str, visit: Visit) -> None:
        """Keep a visitor's last slot."""
        self._facts_of(visitor).visits[code_id] = visit

    def met(self, visitor: str) -> None:
        """A visitor has scanned."""
        self._facts_of(visitor).returning = True

    def visitor(self, visitor: str | None) -> VisitorFacts:
        """What is known of a visitor."""
        return self.visitors.get(visitor, _NOBODY) if visitor is not None else _NOBODY

    def visit(self, code_id: int, visitor: str | None) -> Visit | None:
        """The visitor's last slot on a code."""
        return self.visitor(visitor).visits.get(code_id)

    def _facts_of(self, visitor: str) -> VisitorFacts:
        facts = self.visitors.get(visitor)
        if facts is None:
            facts = self.visitors[visitor] = VisitorFacts()
        else:
            self.visitors.move_to_end(visitor)
        return facts

    def only_spares(self) -> None:
        """For decisions without PostgreSQL: only seats can be shown of which this machine keeps a picture."""
        for seat_id, load in self.counters.seats.items():
            load.ways = len(self.spares.get(seat_id, ()))

    def new_day(self, moment: float) -> None:
        """For decisions without PostgreSQL: at the tenant's midnight the remembered counts start anew."""
        today = local_day(datetime.fromtimestamp(moment, UTC), self.zone).isoformat()
        if today != self.day:
            self.day = today
            for staff in self.counters.staff.values():
                staff.used = 0
            for seat in self.counters.seats.values():
                seat.used = seat.owed = 0
