"""The two sides of a round, and the checks that compare them. Pure: no clock, no database, no network.

``Seen`` is what a phone saw; ``Books`` is what PostgreSQL (and the edge's disk) hold when everything is over. Each scan
carries a token of its own as its sub-channel (``?p=``), which is recorded with the scan: so that every answer can be
told from every other, whoever answered it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

CONNECTION_ERRORS = frozenset({"refused", "reset", "cut"})
ASSIGNMENTS = frozenset({"assigned", "overflow", "duty", "returning"})
COUNTED = frozenset({"waiting", "friend"})
NAMED_MOST = 5


@dataclass(frozen=True, slots=True)
class Seen:
    """One request of a phone. ``status`` 0: no whole answer, for the reason ``error``. Times are epoch seconds."""

    token: str
    tenant: int
    edge: int
    sent_at: float
    seconds: float
    status: int
    error: str = ""
    person: str = ""
    scan_id: str = ""
    picture: str = ""  # "" = not asked for, "ok", or what was wrong with it
    picture_at: float = 0.0


@dataclass(frozen=True, slots=True)
class ScanRow:
    """A scan in PostgreSQL; ``number`` is its place in the order in which the tenant's scans were committed."""

    number: int
    token: str
    tenant: int
    scan_id: str
    outcome: str
    staff: int | None
    name: str
    degraded: bool


@dataclass(frozen=True, slots=True)
class SlotRow:
    """A slot in PostgreSQL. ``late``: a friend after it had been given back; no longer of its day's assignments."""

    scan_id: str
    tenant: int
    staff: int
    seat: int
    day: str
    state: str
    late: bool = False


@dataclass(frozen=True, slots=True)
class Killed:
    """An edge that was killed: between these times its connections are excused, and nothing else of it is."""

    edge: int
    since: float
    until: float


@dataclass(slots=True)
class Books:
    """What is held afterwards. ``counts``: ("staff" | "seat", id, day) → assigned, as the counter tables say."""

    scans: list[ScanRow] = field(default_factory=list)
    slots: list[SlotRow] = field(default_factory=list)
    counts: dict[tuple[str, int, str], int] = field(default_factory=dict)
    caps: dict[int, int] = field(default_factory=dict)
    spooled: int = 0
    refused: int = 0
    blind: int = 0


@dataclass(frozen=True, slots=True)
class Promise:
    """What this fault may not do beyond what no fault may. Tenants are ids.

    ``sees``: none of its scans may have been answered without PostgreSQL. ``roomy``: has room for everybody, so that
    each page must show a person.
    """

    sees: frozenset[int] = frozenset()
    roomy: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Problem:
    """One kind of thing that is wrong, how often, and some of them by name."""

    kind: str
    count: int
    examples: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.kind}: {self.count} ({'; '.join(self.examples)})"


def check(seen: Sequence[Seen], killed: Sequence[Killed], books: Books, promise: Promise) -> list[Problem]:
    """Everything that is wrong; an empty list is a round that was passed."""
    found = {
        "failed page": _failed_pages(seen, killed),
        "lost scan": _lost(seen, books),
        "doubled scan": _doubled(books),
        "scan nobody made": _nobodys(seen, books),
        "wrong person": _wrong_people(seen, books),
        "page without a person": _strangers(seen, promise),
        "missing picture": _pictures(seen, killed),
        "slots of a scan": _slots(books),
        "cap passed": _caps(books),
        "wrong counter": _counters(books),
        "answered blind": _blind(books, promise),
        "not recovered": _leftovers(books),
    }
    listed = {kind: list(examples) for kind, examples in found.items()}
    return [Problem(kind, len(names), tuple(names[:NAMED_MOST])) for kind, names in listed.items() if names]


def excused(one: Seen, killed: Sequence[Killed]) -> bool:
    """Whether a request died with the edge that it was connected to."""
    return one.error in CONNECTION_ERRORS and any(
        kill.edge == one.edge and kill.since - one.seconds <= one.sent_at <= kill.until for kill in killed
    )


def _failed_pages(seen: Sequence[Seen], killed: Sequence[Killed]) -> Iterator[str]:
    for one in seen:
        if one.status != 200 and not excused(one, killed):
            yield f"{one.token} at edge {one.edge}: {one.error or one.status} after {one.seconds:.2f} s"


def _lost(seen: Sequence[Seen], books: Books) -> Iterator[str]:
    held = {row.token for row in books.scans}
    for one in seen:
        if one.status == 200 and one.token not in held:
            yield f"{one.token} was answered by edge {one.edge} and is nowhere"


def _doubled(books: Books) -> Iterator[str]:
    for token, number in Counter(row.token for row in books.scans).items():
        if number > 1:
            yield f"{token} is there {number} times"


def _nobodys(seen: Sequence[Seen], books: Books) -> Iterator[str]:
    made = {one.token for one in seen}
    for row in books.scans:
        if row.token not in made:
            yield f"{row.token!r} ({row.scan_id})"


def _wrong_people(seen: Sequence[Seen], books: Books) -> Iterator[str]:
    held = {row.token: row for row in books.scans}
    for one in seen:
        row = held.get(one.token)
        if row is None or one.status != 200:
            continue
        if one.person != row.name:
            yield f"{one.token} saw {one.person or 'nobody'}, the book says {row.name or 'nobody'}"
        elif one.scan_id and row.outcome != "returning" and one.scan_id != row.scan_id:
            yield f"{one.token} was shown scan {one.scan_id}, the book says {row.scan_id}"


def _strangers(seen: Sequence[Seen], promise: Promise) -> Iterator[str]:
    for one in seen:
        if one.status == 200 and not one.person and one.tenant in promise.roomy:
            yield f"{one.token} at edge {one.edge}"


def _pictures(seen: Sequence[Seen], killed: Sequence[Killed]) -> Iterator[str]:
    for one in seen:
        if one.picture in ("", "ok"):
            continue
        asked = Seen(one.token, one.tenant, one.edge, one.picture_at, 1.0, 0, one.picture)
        if not excused(asked, killed):
            yield f"{one.token} at edge {one.edge}: {one.picture}"


def _slots(books: Books) -> Iterator[str]:
    held = Counter(slot.scan_id for slot in books.slots)
    made = {row.scan_id for row in books.scans}
    for row in books.scans:
        number = held.get(row.scan_id, 0)
        if number > 1 or (number == 0 and row.outcome in ASSIGNMENTS - {"returning"}):
            yield f"{row.token} ({row.outcome}) has {number}"
        elif number and row.outcome not in ASSIGNMENTS:
            yield f"{row.token} ({row.outcome}) has one"
    for scan_id in held.keys() - made:
        yield f"a slot without its scan, {scan_id}"


def _caps(books: Books) -> Iterator[str]:
    """A scan that PostgreSQL decided takes a slot only while there is room; what was given out blind is the excess."""
    slots = {slot.scan_id: slot for slot in books.slots if slot.state in COUNTED and not slot.late}
    used: Counter[tuple[int, str]] = Counter()
    for row in sorted(books.scans, key=lambda row: (row.tenant, row.number)):
        slot = slots.get(row.scan_id)
        cap = books.caps.get(slot.staff) if slot else None
        if slot is None or cap is None:
            continue
        if used[slot.staff, slot.day] >= cap and not row.degraded:
            yield f"{row.token} made {used[slot.staff, slot.day] + 1} of {cap} for {row.name}"
        used[slot.staff, slot.day] += 1


def passed_by(books: Books) -> int:
    """By how many assignments caps were passed in all; each of them given out while PostgreSQL was away."""
    used = Counter((slot.staff, slot.day) for slot in books.slots if slot.state in COUNTED and not slot.late)
    return sum(max(0, number - books.caps.get(staff, number)) for (staff, _), number in used.items())


def _counters(books: Books) -> Iterator[str]:
    counted: dict[tuple[str, int, str], int] = defaultdict(int)
    for slot in books.slots:
        if slot.state in COUNTED and not slot.late:
            counted["staff", slot.staff, slot.day] += 1
            counted["seat", slot.seat, slot.day] += 1
    for key in sorted(books.counts.keys() | counted.keys()):
        if books.counts.get(key, 0) != counted[key]:
            kind, pk, day = key
            yield f"{kind} {pk} on {day}: {books.counts.get(key, 0)}, its slots are {counted[key]}"


def _blind(books: Books, promise: Promise) -> Iterator[str]:
    for row in books.scans:
        if row.degraded and row.tenant in promise.sees:
            yield f"{row.token} of tenant {row.tenant}"


def _leftovers(books: Books) -> Iterator[str]:
    if books.spooled:
        yield f"{books.spooled} scans are still on the spool"
    if books.refused:
        yield f"{books.refused} scans were refused"
    if books.blind:
        yield f"{books.blind} tenants are still served without PostgreSQL"
