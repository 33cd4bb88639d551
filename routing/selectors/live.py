"""The live page: who is receiving, how many wait, caps used, where codes overflow to now (product.md §6.3)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b

from django.db.models import Count, Max, Q

from codes.selectors import codes_reached, codes_visible
from livecode_admin.kernel.clock import local_day
from people.selectors import StaffCard, staff_of_departments
from permissions.access import Access, Scope
from routing.models import Scan, Seat
from routing.rules.snapshot import Rung
from routing.rules.standing import AWAKE, Flow, SeatNow, Standing, flow_of, seats_now, standing_of
from routing.rules.words import FALLBACK_LABELS
from routing.selectors.now import CodeRef, Now, SeatRef, last_slots, now_of, seat_refs
from tenants.selectors import tenant_facts

RECENT = timedelta(minutes=5)
# Visits are figures of 流量: watching who receives doesn't open them (product.md §5.3).
VISITS = ("analytics.view", "analytics.traffic")
GIVEN = ("assigned", "overflow", "duty")


@dataclass(frozen=True, slots=True)
class LiveFilters:
    """What the page's address asks for; None and empty mean: not filtered."""

    code_id: int | None = None
    department_ids: frozenset[int] | None = None
    standing: str = ""


@dataclass(frozen=True, slots=True)
class StaffLive:
    """One person. ``used``, ``late`` and ``cap`` are today's over all codes; ``window`` is the seconds of ``waiting``.

    ``codes``: in how many live codes they have a seat, within what the member may see. ``until``: when a leave or
    疑似已满 ends.
    """

    card: StaffCard
    standing: Standing
    waiting: int
    window: int
    used: int
    late: int
    cap: int
    codes: int
    last_at: datetime | None
    since: datetime | None
    until: datetime | None

    @property
    def off(self) -> bool:
        """Whether nobody can be led to the person, for a grey avatar."""
        return self.standing in (Standing.LEAVE, Standing.OFFLINE, Standing.UNABLE)


@dataclass(frozen=True, slots=True)
class CodeLive:
    """One code: where its scans go now, who of the roster can receive, and the visits of the last five minutes.

    ``recent``: visits by outcome; None where the member's 流量 doesn't reach the code (product.md §5.3). ``degraded``:
    scans written in these minutes that were answered without the database.
    ``fallback``: what 兜底 means for this code (a key of RoutingRule.Fallback).
    """

    id: int
    name: str
    native: bool
    flow: Flow
    fallback: str
    able: int
    roster: int
    recent: dict[str, int] | None = field(default_factory=dict)
    degraded: int = 0

    @property
    def state_key(self) -> str:
        """The key of the flow's look (kernel.web.parts.STATES)."""
        return f"flow_{self.flow}"

    @property
    def flow_text(self) -> str:
        """The flow in words where the usual word says too little."""
        return FALLBACK_LABELS.get(self.fallback, "") if self.flow is Flow.FALLBACK else ""

    @property
    def scans(self) -> int | None:
        """All visits of the last five minutes."""
        return None if self.recent is None else sum(self.recent.values())

    @property
    def backup(self) -> int | None:
        """Those that went to the backups."""
        return None if self.recent is None else self.recent.get("overflow", 0)

    @property
    def duty(self) -> int | None:
        """Those that went to the duty person."""
        return None if self.recent is None else self.recent.get("duty", 0)

    @property
    def page(self) -> int | None:
        """Those that ended at a page without a person."""
        return None if self.recent is None else self.recent.get("fallback", 0)


@dataclass(slots=True)
class Recent:
    """Visits of the last five minutes: by code and outcome, when each person was assigned last, and by code those that
    were answered without the database and have been written in that time.
    """

    outcomes: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    assigned: dict[int, datetime] = field(default_factory=dict)
    degraded: Counter[int] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class LiveNow:
    """One reading of the page. ``stamp`` changes exactly when something that it shows has changed.

    ``counted``: whether the member sees visits of some code or other.
    """

    staff: list[StaffLive]
    codes: list[CodeLive]
    stamp: str
    codes_total: int
    counted: bool

    @property
    def receiving(self) -> int:
        """Who could take the next customer."""
        return sum(row.standing in AWAKE for row in self.staff)

    @property
    def waiting(self) -> int:
        """Everybody who waits to become a friend."""
        return sum(row.waiting for row in self.staff)


def live_now(access: Access, filters: LiveFilters, *, now: datetime) -> LiveNow:
    """The codes for which the member holds ``routing.live`` and the people in them, with department scope also those
    of the own departments; the same number of queries whatever their number.

    Raises:
        Denied: without ``routing.live``.
    """
    codes = codes_live(access, now)
    mine = {code.id: code for code in codes}
    seats = _seats(access, mine)
    every = {seat.code_id: seat.code for seat in seats} | mine
    read = now_of(every.values(), seats, now=now)
    standings = {code_id: seats_now(snapshot, read.at, read.counters) for code_id, snapshot in read.snapshots.items()}
    recent = recent_visits(now=now)
    chosen = {filters.code_id} & set(mine) if filters.code_id is not None else set(mine)
    of_staff: dict[int, list[SeatNow]] = defaultdict(list)
    for seat in (seat for seats_of_code in standings.values() for seat in seats_of_code):
        of_staff[seat.staff_id].append(seat)
    shown = {
        staff_id: own
        for staff_id, own in of_staff.items()
        if filters.code_id is None or any(seat.code_id in chosen for seat in own)
    }
    last = last_slots(seats, set(shown) - set(recent.assigned)) | recent.assigned
    people = [_person(pk, own, read, set(mine), last.get(pk)) for pk, own in shown.items()]
    if filters.department_ids is not None:
        people = [row for row in people if row.card.department_id in filters.department_ids]
        there = {row.card.id for row in people}
        chosen = {pk for pk in chosen if any(seat.staff_id in there for seat in standings[pk])}
    people = [row for row in people if filters.standing in ("", row.standing)]
    counted = _counted(access, chosen)
    rows = [_code(mine[pk], standings[pk], read, recent if pk in counted else None) for pk in chosen]
    people.sort(key=lambda row: (_PLACE[row.standing], row.card.pinyin, row.card.id))
    rows.sort(key=lambda row: (_FLOWS.index(row.flow), row.name))
    return LiveNow(people, rows, _stamp(people, rows), len(mine), all(access.may_enter(name) for name in VISITS))


def codes_live(access: Access, now: datetime) -> list[CodeRef]:
    """The codes that receive just now, within the scope of ``routing.live``."""
    open_now = Q(expires_at=None) | Q(expires_at__gt=now)
    rows = codes_reached(access, "routing.live").filter(open_now, state="live").order_by("name")
    return [CodeRef(*row) for row in rows.values_list("id", "name", "delivery")]


def _counted(access: Access, code_ids: Set[int]) -> Set[int]:
    """Those of the codes whose visits the member sees; no query for who sees all or none."""
    scopes = [access.scope(name) for name in VISITS]
    if all(scope is Scope.ALL for scope in scopes):
        return code_ids
    if not all(access.may_enter(name) for name in VISITS):
        return set()
    seen, counted = (codes_visible(access, name) for name in VISITS)
    return set(seen.filter(pk__in=counted.filter(pk__in=code_ids).values("pk")).values_list("pk", flat=True))


def recent_visits(*, now: datetime) -> Recent:
    """The visits of the last five minutes. Ids are given in the order of writing, so the newest are found without an
    index on the time.
    """
    zone = tenant_facts().time_zone
    since = now - RECENT
    scans = Scan.objects.filter(scan_day__in=sorted({local_day(since, zone), local_day(now, zone)}))
    older = scans.filter(scanned_at__lte=since, degraded=False).order_by("-scan_day", "-id")
    last = older.values_list("id", flat=True).first() or 0
    found = Recent()
    rows = scans.filter(id__gt=last, kind="visit").values_list("code_id", "outcome", "staff_id")
    counts = {"n": Count("id", filter=Q(scanned_at__gt=since)), "blind": Count("id", filter=Q(degraded=True))}
    for code_id, outcome, staff_id, number, blind, newest in rows.annotate(**counts, newest=Max("scanned_at")):
        if number:
            found.outcomes[code_id][outcome] += number
        found.degraded[code_id] += blind
        if number and staff_id is not None and outcome in GIVEN:
            known = found.assigned.get(staff_id)
            found.assigned[staff_id] = newest if known is None else max(known, newest)
    return found


def _seats(access: Access, mine: Iterable[int]) -> list[SeatRef]:
    """Present seats of those codes; with department scope also of the own colleagues in live codes of others."""
    reach = Q(code__in=list(mine))
    if access.scope("routing.live") is Scope.DEPARTMENT:
        reach |= Q(staff__in=staff_of_departments(access.department_ids), code__state="live")
    return seat_refs(Seat.objects.filter(reach))


def _person(staff_id: int, seats: list[SeatNow], read: Now, mine: set[int], last_at: datetime | None) -> StaffLive:
    load, window = read.counters.staff[staff_id], read.window[staff_id]
    day, suspect = read.days.get(staff_id), read.suspects.get(staff_id)
    standing = standing_of(load, seats, read.at.epoch)
    limit = read.limits.get(staff_id)
    leave = limit.paused_until if limit is not None and standing is Standing.LEAVE else None
    late = day.late if day is not None else 0
    return StaffLive(
        card=read.cards[staff_id],
        standing=standing,
        waiting=read.counters.waits[staff_id, window],
        window=window,
        used=load.used - late,
        late=late,
        cap=load.cap,
        codes=len({seat.code_id for seat in seats if seat.code_id in mine}),
        last_at=last_at,
        since=suspect.since if suspect is not None and standing is Standing.SUSPECT else None,
        until=suspect.until if suspect is not None and standing is Standing.SUSPECT else leave,
    )


def _code(code: CodeRef, seats: list[SeatNow], read: Now, recent: Recent | None) -> CodeLive:
    snapshot = read.snapshots[code.id]
    roster = [seat for seat in seats if seat.rung is Rung.ROSTER]
    return CodeLive(
        id=code.id,
        name=code.name,
        native=code.delivery == "native",
        flow=flow_of(snapshot, read.at, read.counters, seats),
        fallback=snapshot.fallback,
        able=sum(seat.why is None for seat in roster),
        roster=len(roster),
        recent=None if recent is None else dict(sorted(recent.outcomes[code.id].items())),
        degraded=0 if recent is None else recent.degraded[code.id],
    )


def _stamp(people: list[StaffLive], codes: list[CodeLive]) -> str:
    return blake2b(repr((people, codes)).encode(), digest_size=12).hexdigest()


_PLACE = {standing: place for place, standing in enumerate(Standing)}
_FLOWS = list(Flow)
