"""One person just now: their own switch, and for those who run the reception their codes and scans of today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from codes.selectors import codes_reached
from people.selectors import StaffCard, staff_cards, staff_of_departments, staff_of_member
from permissions.access import Access, Scope
from routing.models import Scan, Seat, StaffLimit, StaffSuspect
from routing.rules.snapshot import Rung
from routing.rules.standing import Standing, seats_now, standing_of
from routing.rules.words import PASSED_LABELS
from routing.selectors.now import SeatRef, now_of, seat_refs
from routing.selectors.traces import ScanTrace, traces_of

SCANS = 30
OF_PEOPLE = ("analytics.view", "analytics.people", "analytics.traffic")


@dataclass(frozen=True, slots=True)
class OwnPresence:
    """The member's own switch. ``leave_until``: a leave that others set; while it lasts the switch changes nothing."""

    online: bool
    leave_until: datetime | None
    held_until: datetime | None


@dataclass(frozen=True, slots=True)
class SeatOfPerson:
    """A code in which the person has a seat. ``why``: why the next scan would pass them over, empty when not."""

    code_id: int
    code_name: str
    place: str
    why: str


@dataclass(frozen=True, slots=True)
class StaffToday:
    """One person: seats in live codes that the member may see, how many others there are, the newest scans of today.

    ``scans_total``: how many of these there are, 个人明细 of the traffic; None for those who don't see that.
    """

    card: StaffCard
    standing: Standing
    seats: list[SeatOfPerson]
    others: int
    scans: list[ScanTrace]
    scans_total: int | None


def own_presence(access: Access, *, now: datetime) -> OwnPresence | None:
    """The member's own state as a receptionist; None for those without ``routing.self`` or who are no staff."""
    if not access.can("routing.self"):
        return None
    own = staff_of_member(access.member_id)
    if not own:
        return None
    limits = list(StaffLimit.objects.filter(staff__in=own))
    leaves = [row.paused_until for row in limits if row.paused_until is not None and row.paused_until > now]
    held = StaffSuspect.objects.filter(staff__in=own, until__gt=now).values_list("until", flat=True).first()
    return OwnPresence(
        online=all(row.online for row in limits),
        leave_until=max(leaves, default=None),
        held_until=held,
    )


def staff_today(access: Access, staff_id: int, *, now: datetime) -> StaffToday | None:
    """The person within the scope of ``routing.live``; None for an unknown one, or nobody of the member's.

    Raises:
        Denied: without ``routing.live``.
    """
    visible = codes_reached(access, "routing.live")
    card = staff_cards([staff_id]).get(staff_id)
    present = seat_refs(Seat.objects.filter(staff=staff_id, code__state="live"))
    own = sorted(present, key=lambda seat: seat.code_name)
    seen = set(visible.filter(pk__in=[seat.code_id for seat in own]).values_list("pk", flat=True))
    if card is None or not (seen or _of_own_department(access, staff_id)):
        return None
    rosters = seat_refs(Seat.objects.filter(code__in=[seat.code_id for seat in own]))
    read = now_of({seat.code_id: seat.code for seat in own}.values(), rosters, now=now)
    states = [seat for one in read.snapshots.values() for seat in seats_now(one, read.at, read.counters)]
    mine = {seat.seat_id: seat for seat in states if seat.staff_id == staff_id}
    load = read.counters.staff.get(staff_id)
    today = Scan.objects.filter(scan_day=read.day, staff_id=staff_id, code_id__in=visible.values("pk"))
    return StaffToday(
        card=card,
        standing=standing_of(load, list(mine.values()), now.timestamp()) if load else Standing.PENDING,
        seats=[
            SeatOfPerson(seat.code_id, seat.code_name, _place(seat), PASSED_LABELS.get(mine[seat.id].why or "", ""))
            for seat in own
            if seat.code_id in seen
        ],
        others=len({seat.code_id for seat in own} - seen),
        scans=traces_of(list(today.order_by("-id")[:SCANS])),
        scans_total=today.count() if all(access.can(name) for name in OF_PEOPLE) else None,
    )


def _of_own_department(access: Access, staff_id: int) -> bool:
    scope = access.scope("routing.live")
    if scope is Scope.DEPARTMENT:
        return staff_id in staff_of_departments(access.department_ids)
    return scope is Scope.ALL


def _place(seat: SeatRef) -> str:
    return {Rung.ROSTER: str(seat.position), Rung.BACKUP: f"备{seat.position}", Rung.DUTY: "值班"}[Rung(seat.rung)]
