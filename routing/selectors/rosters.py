"""Rosters with today's figures, contact ways and rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count

from codes.selectors import code_for, codes_visible
from livecode_admin.kernel import clock
from livecode_admin.kernel.web.formats import through
from people.selectors import StaffCard, staff_cards
from permissions.access import Access
from routing.models import (
    ContactWay,
    NativeWay,
    Seat,
    SeatDay,
    Slot,
    StaffDay,
    StaffLimit,
    StaffSuspect,
)
from routing.rules.hours import Hours, hours_from_json, is_open
from routing.rules.links import scan_of
from routing.selectors.moments import local_now
from routing.selectors.sources import source_labels
from tenants.selectors import tenant_facts

DEFAULT_CAP = 100


@dataclass(frozen=True, slots=True)
class SeatRow:
    """One seat with its staff and today's figures.

    ``used``, ``late`` and ``cap`` are the staff's over all codes; ``assigned`` is this code's, ``share`` its part of
    what the code has assigned today (None while that is nothing). ``by_source``: a group or a department brought them.
    ``away``: why scans pass the person over although the seat itself is fine, as a key of its status. ``source``: the
    group's or department's name. ``until``: the last day of the pause or leave. ``acceptance``: today's adds per
    assignment of this code, None while nobody was assigned (product.md §6.1).
    """

    seat_id: int
    staff_id: int
    card: StaffCard
    is_backup: bool
    position: int
    daily_cap: int | None
    assigned: int
    share: float | None
    cap: int
    used: int
    late: int
    waiting: int
    paused_until: datetime | None
    paused: bool
    live_ways: int
    failed_ways: int
    error: str
    weight: int
    hours: Hours | None
    by_source: bool
    away: str = ""
    source: str = ""
    until: str = ""
    acceptance: float | None = None

    @property
    def name(self) -> str:
        """The staff's name."""
        return self.card.name

    @property
    def key(self) -> str:
        """The seat's id as text, for ids of the page."""
        return str(self.seat_id)

    @property
    def department(self) -> str:
        """The staff's department."""
        return self.card.department_name

    @property
    def place(self) -> str:
        """The number in the roster; backups count by themselves."""
        return f"备{self.position}" if self.is_backup else str(self.position)

    @property
    def off(self) -> bool:
        """Whether the person can't be led to, for a grey avatar."""
        return self.state in ("left", "unable", "paused", "offline", "leave", "off_hours")

    @property
    def full(self) -> bool:
        """Whether today's cap, over all codes, is reached."""
        return self.used + self.late >= self.cap

    @property
    def state(self) -> str:
        """The key of the row's status (kernel.web.parts.STATES)."""
        if not self.card.receivable:
            return "unable"
        if self.paused:
            return "paused"
        if self.live_ways == 0:
            return "failed" if self.failed_ways else "pending"
        if self.away:
            return self.away
        if self.full or (self.daily_cap is not None and self.assigned >= self.daily_cap):
            return "full"
        return "standby" if self.is_backup else "receiving"

    @property
    def state_text(self) -> str:
        """The status in words where the usual word says too little."""
        if self.state == "unable":
            return self.card.reason
        if self.until and self.state in ("paused", "leave"):
            return f"{'暂停' if self.paused else '休假'}至 {self.until}"
        if self.state == "pending":
            return "二维码准备中"
        return self.error if self.state == "failed" else ""


@dataclass(frozen=True, slots=True)
class RosterSummary:
    """A code's roster in one cell: who, and today's slots against the caps of all of them together."""

    cards: tuple[StaffCard, ...]
    total: int
    used: int
    cap: int
    late: int


class WaysProgress(NamedTuple):
    """Contact ways of a code's present seats; ``total`` are those wanted."""

    live: int
    total: int
    failed: int


def roster_rows(access: Access, code_id: int, now: datetime | None = None) -> list[SeatRow]:
    """The present seats of a code, roster first, then backups, in order. Raises NotFound."""
    code_for(access, code_id)
    moment = now or clock.now()
    seats = list(
        Seat.objects.filter(code=code_id, removed_at=None).exclude(rung=Seat.Rung.DUTY).order_by("rung", "position")
    )
    facts = _Facts(code_id, seats, moment)
    return [facts.row(seat) for seat in seats]


class _Facts:
    """What is known of all seats of a roster at a moment, read at once."""

    def __init__(self, code_id: int, seats: list[Seat], moment: datetime) -> None:
        ids, people = [seat.pk for seat in seats], [seat.staff_id for seat in seats]
        self.moment, self.zone = moment, tenant_facts().time_zone
        day = clock.local_day(moment, self.zone)
        self.local = local_now(moment)
        self.native = NativeWay.objects.filter(code=code_id, status=NativeWay.Status.LIVE).count()
        self.sources = source_labels(code_id) if any(seat.source_id for seat in seats) else {}
        self.cards = staff_cards(people)
        self.limits = {row.staff_id: row for row in StaffLimit.objects.filter(staff__in=people)}
        suspects = StaffSuspect.objects.filter(staff__in=people, until__gt=moment)
        self.suspects = set(suspects.values_list("staff_id", flat=True))
        self.days = {row.staff_id: row for row in StaffDay.objects.filter(staff__in=people, day=day)}
        self.seat_days = {row.seat_id: row for row in SeatDay.objects.filter(seat__in=ids, day=day)}
        waiting = Slot.objects.filter(seat_id__in=ids, state=Slot.State.WAITING)
        self.waiting = dict(waiting.values_list("seat_id").annotate(n=Count("id")))
        failed = ContactWay.objects.filter(seat__in=ids, status=ContactWay.Status.FAILED)
        self.errors: defaultdict[int, list[str]] = defaultdict(list)
        for seat_id, error in failed.order_by("pk").values_list("seat_id", "error"):
            self.errors[seat_id].append(error)
        self.total = sum(row.assigned for row in self.seat_days.values())

    def row(self, seat: Seat) -> SeatRow:
        """One seat's row."""
        staff_day, seat_day = self.days.get(seat.staff_id, StaffDay()), self.seat_days.get(seat.pk, SeatDay())
        limit, hours = self.limits.get(seat.staff_id, StaffLimit()), hours_from_json(seat.hours)
        errors = self.errors.get(seat.pk, ())
        suspect, opened = seat.staff_id in self.suspects, is_open(hours, self.local)
        return SeatRow(
            seat_id=seat.pk,
            staff_id=seat.staff_id,
            card=self.cards[seat.staff_id],
            is_backup=seat.is_backup,
            position=seat.position,
            daily_cap=seat.daily_cap,
            assigned=seat_day.assigned,
            share=seat_day.assigned / self.total if self.total else None,
            cap=limit.daily_cap,
            used=staff_day.assigned,
            late=staff_day.late,
            waiting=self.waiting.get(seat.pk, 0),
            paused_until=seat.paused_until,
            paused=seat.paused_until is not None and seat.paused_until > self.moment,
            live_ways=seat.live_ways or self.native,
            failed_ways=len(errors),
            error=errors[-1] if errors else "",
            weight=seat.weight,
            hours=hours,
            by_source=seat.source_id is not None,
            source=self.sources.get(seat.source_id or 0, ""),
            until=_until(seat, limit, self.moment, self.zone),
            acceptance=seat_day.added / seat_day.assigned if seat_day.assigned else None,
            away=_away(limit, self.moment, suspect=suspect, is_open=opened),
        )


def _until(seat: Seat, limit: StaffLimit, moment: datetime, zone: str) -> str:
    """Until when the seat is paused, else its person on leave; empty for neither."""
    ends = seat.paused_until if seat.paused_until is not None and seat.paused_until > moment else limit.paused_until
    return through(ends, zone) if ends is not None and ends > moment else ""


def _away(limit: StaffLimit, moment: datetime, *, suspect: bool, is_open: bool) -> str:
    """Why scans pass the person over although the seat itself is fine, as a key of a row's status; or nothing."""
    if not limit.online:
        return "offline"
    if limit.paused_until is not None and limit.paused_until > moment:
        return "leave"
    if not is_open:
        return "off_hours"
    return "suspect" if suspect else ""


def rosters_of(access: Access, code_ids: Iterable[int], now: datetime | None = None) -> dict[int, RosterSummary]:
    """The rosters (without backups) of those codes that the member may see; the same few queries for 2 and 200."""
    visible = codes_visible(access).filter(pk__in=set(code_ids)).values("pk")
    seats = Seat.objects.filter(code__in=visible, removed_at=None, rung=Seat.Rung.ROSTER).order_by("position")
    staff_of: dict[int, list[int]] = defaultdict(list)
    for code_id, staff_id in seats.values_list("code_id", "staff_id"):
        staff_of[code_id].append(staff_id)
    everybody = {staff_id for ids in staff_of.values() for staff_id in ids}
    cards, limits = staff_cards(everybody), _caps(everybody)
    day = clock.local_day(now or clock.now(), tenant_facts().time_zone)
    days = {row.staff_id: row for row in StaffDay.objects.filter(staff__in=everybody, day=day)}
    return {
        code_id: RosterSummary(
            cards=tuple(cards[pk] for pk in ids),
            total=len(ids),
            used=sum(days[pk].assigned for pk in ids if pk in days),
            cap=sum(limits.get(pk, DEFAULT_CAP) for pk in ids),
            late=sum(days[pk].late for pk in ids if pk in days),
        )
        for code_id, ids in staff_of.items()
    }


def ways_progress(code_id: int) -> WaysProgress:
    """How far the contact ways of the code's present seats are; a native code has one of its own."""
    native = NativeWay.objects.filter(code=code_id).values_list("status", flat=True).first()
    if native is not None:
        return WaysProgress(int(native == "live"), 1, int(native == "failed"))
    counts = dict(
        ContactWay.objects.filter(seat__code=code_id, seat__removed_at=None)
        .exclude(status=ContactWay.Status.RETIRED)
        .values_list("status")
        .annotate(n=Count("id"))
    )
    return WaysProgress(counts.get("live", 0), sum(counts.values()), counts.get("failed", 0))


def staff_caps(staff_ids: Iterable[int]) -> dict[int, int]:
    """The daily cap of each staff over all codes."""
    wanted = set(staff_ids)
    return dict.fromkeys(wanted, DEFAULT_CAP) | _caps(wanted)


def code_of_way_state(state: str) -> int | None:
    """The code whose contact way, link or native way carries this state, or None when it isn't ours."""
    if not state:
        return None
    scan_id = scan_of(state)
    found: int | None
    if scan_id is not None:
        found = Slot.objects.filter(scan_id=scan_id).values_list("code_id", flat=True).first()
        return found
    found = ContactWay.objects.filter(state=state).values_list("seat__code", flat=True).first()
    return found or NativeWay.objects.filter(state=state).values_list("code", flat=True).first()


def _caps(staff_ids: Iterable[int]) -> dict[int, int]:
    return dict(StaffLimit.objects.filter(staff__in=set(staff_ids)).values_list("staff_id", "daily_cap"))
