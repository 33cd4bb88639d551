"""What an edge process knows of one tenant: the answer of ``routing_batch_load``, kept for the time without PostgreSQL.

Each load replaces what it names, so that within a batch the world is exact; between batches it is a memory, used only
when PostgreSQL does not answer. Plain Python.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from codes.rules import Status, effective_status
from livecode_admin.kernel.clock import local_day
from routing.engine import Counters, SeatLoad, StaffLoad, Turn
from routing.snapshot import Snapshot, SnapshotUnreadable, from_json

CODES_KEPT = 4096
VISITS_KEPT = 20_000
NO_VERSION = -1
SPARES_EVERY = 5.0


@dataclass(frozen=True, slots=True)
class Look:
    """The company as its pages show it."""

    name: str = ""
    color: str = "#1f6f63"
    tagline: str = ""
    telephone: str = ""
    entry_host: str = ""


@dataclass(frozen=True, slots=True)
class Face:
    """A staff member as the landing page shows them; the department is a fact of the moment for the scan's row."""

    name: str
    position: str
    department_id: int | None


@dataclass(slots=True)
class CodeFacts:
    """One code: whether it is open, and its published version with the turn."""

    code_id: int
    state: str
    expires_at: float | None
    unscanned: bool
    landing_text: str
    version: int
    snapshot: Snapshot | None
    turn: Turn

    def status(self, moment: float) -> Status:
        """What the code is at ``moment``."""
        end = None if self.expires_at is None else datetime.fromtimestamp(self.expires_at, UTC)
        return effective_status(state=self.state, expires_at=end, now=datetime.fromtimestamp(moment, UTC))


@dataclass(slots=True)
class Visit:
    """A visitor's last slot on a code. ``slot_id`` is None while the slot is in the batch that is being decided."""

    slot_id: int | None
    scan_id: str
    seat_id: int
    state: str
    taken_at: float


@dataclass(slots=True)
class Picture:
    """A QR that was asked for: whose slot, which way, and whether its first fetch by the visitor is still due."""

    way_id: int | None
    visitor: str
    due: bool


@dataclass(slots=True)
class World:
    """One tenant in one edge process."""

    look: Look = field(default_factory=Look)
    zone: str = "Asia/Shanghai"
    day: str = ""
    codes: OrderedDict[int, CodeFacts] = field(default_factory=OrderedDict)
    faces: dict[int, Face] = field(default_factory=dict)
    counters: Counters = field(default_factory=lambda: Counters({}, {}))
    visits: OrderedDict[tuple[int, str], Visit] = field(default_factory=OrderedDict)
    pictures: dict[str, Picture] = field(default_factory=dict)
    spares: dict[int, int] = field(default_factory=dict)
    spares_asked: dict[int, float] = field(default_factory=dict)

    def known_version(self, code_id: int) -> int:
        """The version of the code's snapshot in this process, or NO_VERSION."""
        facts = self.codes.get(code_id)
        return facts.version if facts is not None and facts.snapshot is not None else NO_VERSION

    def absorb(self, loaded: dict[str, Any]) -> list[int]:
        """Take in what a batch loaded; returns the codes whose snapshot is new to this process."""
        name, color, tagline, telephone, entry_host, self.zone = loaded["tenant"]
        self.look = Look(name, color, tagline, telephone, entry_host)
        self.day = loaded["day"]
        fresh = [row[0] for row in loaded["codes"] or () if self._absorb_code(row)]
        seats = self.counters.seats
        for seat_id, used, ways in loaded["seats"] or ():
            seats[seat_id] = SeatLoad(used, ways)
        for staff_id, name, position, department, receivable, cap, paused, online, used in loaded["staff"] or ():
            self.counters.staff[staff_id] = StaffLoad(staff_id, used, cap, receivable, paused, online)
            self.faces[staff_id] = Face(name, position, department)
        for code_id, visitor, slot_id, scan_id, seat_id, state, taken_at in loaded["visits"] or ():
            self.remember(code_id, visitor, Visit(slot_id, scan_id, seat_id, state, taken_at))
        self.pictures = {
            scan_id: Picture(way_id, visitor, due) for scan_id, way_id, visitor, due in loaded["fetches"] or ()
        }
        return fresh

    def _absorb_code(self, row: list[Any]) -> bool:
        code_id, state, expires_at, unscanned, landing_text, version, cursor, turn_credits, data = row
        known = self.codes.get(code_id)
        snapshot = known.snapshot if known is not None and known.version == version else None
        fresh = data is not None
        if fresh:
            try:
                snapshot = from_json(data)
            except SnapshotUnreadable:
                snapshot, version = None, None  # the fallback page, until a release that reads it runs here
        turn = Turn(-1 if cursor is None else cursor, {int(k): v for k, v in (turn_credits or {}).items()})
        self.codes[code_id] = CodeFacts(
            code_id,
            state,
            expires_at,
            unscanned,
            landing_text,
            NO_VERSION if version is None else version,
            snapshot,
            turn,
        )
        self.codes.move_to_end(code_id)
        if len(self.codes) > CODES_KEPT:
            self.codes.popitem(last=False)
        return fresh

    def remember(self, code_id: int, visitor: str, visit: Visit) -> None:
        """Keep a visitor's last slot; the oldest of many are forgotten."""
        self.visits[code_id, visitor] = visit
        self.visits.move_to_end((code_id, visitor))
        if len(self.visits) > VISITS_KEPT:
            self.visits.popitem(last=False)

    def spares_wanted(self, code_ids: list[int], moment: float) -> list[int]:
        """Codes with a seat whose way this process keeps no picture of; each is asked for every 5 s at most."""
        wanted = []
        for code_id in code_ids:
            facts = self.codes.get(code_id)
            if facts is None or facts.snapshot is None or moment - self.spares_asked.get(code_id, 0.0) < SPARES_EVERY:
                continue
            self.spares_asked[code_id] = moment
            seats = self.counters.seats
            if any(
                seat.seat_id not in self.spares and seat.seat_id in seats and seats[seat.seat_id].ways
                for seat in facts.snapshot.seats()
            ):
                wanted.append(code_id)
        return wanted

    def start_blind(self, moment: float) -> None:
        """Before a decision without PostgreSQL: at the tenant's midnight the remembered counts start anew.

        Only seats whose picture is at hand can be shown.
        """
        for seat_id, load in self.counters.seats.items():
            load.ways = 1 if seat_id in self.spares else 0
        today = local_day(datetime.fromtimestamp(moment, UTC), self.zone).isoformat()
        if today != self.day:
            self.day = today
            for staff in self.counters.staff.values():
                staff.used = 0
            for seat in self.counters.seats.values():
                seat.used = 0
