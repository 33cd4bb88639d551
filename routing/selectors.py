"""Reading who receives: rosters with today's figures, contact ways, rules, and why a scan ended where it did."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Q

from codes.selectors import code_for, codes_visible
from livecode_admin.kernel import clock
from people.selectors import StaffCard, staff_cards
from permissions.access import Access
from routing.models import ContactWay, ReceptionDefault, RoutingRule, Scan, Seat, SeatDay, Slot, StaffDay, StaffLimit
from routing.words import OUTCOME_LABELS, PASSED_LABELS, REASON_LABELS
from tenants.selectors import tenant_facts

DEFAULT_CAP = 100


@dataclass(frozen=True, slots=True)
class SeatRow:
    """One seat with its staff and today's figures. ``cap`` is the staff's over all codes, ``used`` counts to it."""

    seat_id: int
    staff_id: int
    card: StaffCard
    is_backup: bool
    position: int
    daily_cap: int | None
    seat_used: int
    cap: int
    used: int
    late: int
    waiting: int
    paused_until: datetime | None
    live_ways: int
    failed_ways: int
    error: str

    @property
    def name(self) -> str:
        """The staff's name."""
        return self.card.name

    @property
    def initial(self) -> str:
        """The first character of the name, for the avatar."""
        return self.card.name[:1]

    @property
    def full(self) -> bool:
        """Whether today's cap is reached."""
        return self.used + self.late >= self.cap

    @property
    def used_text(self) -> str:
        """Today's figure as people read it: 100, or 100+3 with late friends."""
        return f"{self.used}+{self.late}" if self.late else str(self.used)

    @property
    def trouble(self) -> str:
        """Why nobody is led here now, in plain Chinese; empty when somebody may be."""
        if not self.card.receivable:
            return self.card.reason
        if self.live_ways == 0:
            return self.error or "二维码生成中"
        return "今日已达上限" if self.full else ""


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


class RuleFact(NamedTuple):
    """One rule as text for those who may not change it."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A seat that was passed over, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class ScanTrace:
    """「为什么分给了她」: one scan, told in words."""

    scan_id: UUID
    scanned_at: datetime
    outcome: str
    reason: str
    staff_name: str
    version: int | None
    sub_channel: str
    degraded: bool
    passed: tuple[PassedOver, ...]


def roster_rows(access: Access, code_id: int, now: datetime | None = None) -> list[SeatRow]:
    """The present seats of a code, roster first, then backups, in order. Raises NotFound."""
    code_for(access, code_id)
    seats = list(
        Seat.objects.filter(code=code_id, removed_at=None)
        .exclude(rung=Seat.Rung.DUTY)
        .order_by("rung", "position")
        .annotate(failed=Count("ways", filter=Q(ways__status=ContactWay.Status.FAILED)))
    )
    day = clock.local_day(now or clock.now(), tenant_facts().time_zone)
    staff_ids = [seat.staff_id for seat in seats]
    cards, limits = staff_cards(staff_ids), _caps(staff_ids)
    days = {row.staff_id: row for row in StaffDay.objects.filter(staff__in=staff_ids, day=day)}
    seat_days = {row.seat_id: row for row in SeatDay.objects.filter(seat__in=seats, day=day)}
    waiting = dict(
        Slot.objects.filter(seat_id__in=[seat.pk for seat in seats], state=Slot.State.WAITING)
        .values_list("seat_id")
        .annotate(n=Count("id"))
    )
    errors = dict(
        ContactWay.objects.filter(seat__in=seats, status=ContactWay.Status.FAILED).values_list("seat_id", "error")
    )
    rows = []
    for seat in seats:
        staff_day, seat_day = days.get(seat.staff_id, StaffDay()), seat_days.get(seat.pk, SeatDay())
        rows.append(
            SeatRow(
                seat_id=seat.pk,
                staff_id=seat.staff_id,
                card=cards[seat.staff_id],
                is_backup=seat.is_backup,
                position=seat.position,
                daily_cap=seat.daily_cap,
                seat_used=seat_day.assigned + seat_day.late,
                cap=limits.get(seat.staff_id, DEFAULT_CAP),
                used=staff_day.assigned,
                late=staff_day.late,
                waiting=waiting.get(seat.pk, 0),
                paused_until=seat.paused_until,
                live_ways=seat.live_ways,
                failed_ways=seat.failed,
                error=errors.get(seat.pk, ""),
            )
        )
    return rows


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
    """How far the contact ways of the code's present seats are."""
    counts = dict(
        ContactWay.objects.filter(seat__code=code_id, seat__removed_at=None)
        .exclude(status=ContactWay.Status.RETIRED)
        .values_list("status")
        .annotate(n=Count("id"))
    )
    return WaysProgress(counts.get("live", 0), sum(counts.values()), counts.get("failed", 0))


def rule_facts(access: Access, code_id: int) -> list[RuleFact]:
    """The code's rules in words, for everybody who sees the code. Raises NotFound."""
    code_for(access, code_id)
    rule = RoutingRule.objects.filter(code=code_id).first() or RoutingRule()
    default = ReceptionDefault.objects.first()
    duty = rule.duty_staff_id or (default.duty_staff_id if default else None)
    return [
        RuleFact("分流方式", rule.get_strategy_display()),
        RuleFact("溢出自动切换", "开启：满额后由下一位、备用客服接待" if rule.overflow else "关闭：满额后直接转值班人"),
        RuleFact("等待添加", f"{rule.pending_seconds // 60} 分钟未添加则退回名额"),
        RuleFact("回访", f"{rule.sticky_seconds // 3600} 小时内仍由同一位接待"),
        RuleFact("值班人", staff_cards([duty])[duty].name if duty else "未设置，转企业兜底页"),
        RuleFact("加好友", "免验证" if rule.skip_verify else "需验证"),
    ]


def staff_caps(staff_ids: Iterable[int]) -> dict[int, int]:
    """The daily cap of each staff over all codes."""
    wanted = set(staff_ids)
    return dict.fromkeys(wanted, DEFAULT_CAP) | _caps(wanted)


def code_of_way_state(state: str) -> int | None:
    """The code whose contact way carries this state, or None when it isn't ours."""
    if not state:
        return None
    found: int | None = ContactWay.objects.filter(state=state).values_list("seat__code", flat=True).first()
    return found


def scan_trace(access: Access, code_id: int, scan_id: UUID) -> ScanTrace | None:
    """Why this scan ended where it did; None for an unknown scan. Raises NotFound for the code."""
    code_for(access, code_id)
    scan = Scan.objects.filter(code_id=code_id, scan_id=scan_id).first()
    return None if scan is None else _traces([scan])[0]


def recent_scans(access: Access, code_id: int, limit: int = 20) -> list[ScanTrace]:
    """The last scans of a code with their reasons. Raises NotFound."""
    code_for(access, code_id)
    return _traces(list(Scan.objects.filter(code_id=code_id).order_by("-scan_day", "-id")[:limit]))


def _traces(scans: Sequence[Scan]) -> list[ScanTrace]:
    seat_ids = {seat_id for scan in scans for seat_id, _ in scan.trace or ()}
    staff_of = dict(Seat.objects.filter(pk__in=seat_ids).values_list("id", "staff_id"))
    cards = staff_cards([*staff_of.values(), *(scan.staff_id for scan in scans if scan.staff_id)])
    return [
        ScanTrace(
            scan_id=scan.scan_id,
            scanned_at=scan.scanned_at,
            outcome=OUTCOME_LABELS.get(scan.outcome, scan.outcome),
            reason=REASON_LABELS.get(scan.reason, scan.reason),
            staff_name=cards[scan.staff_id].name if scan.staff_id in cards else "",
            version=scan.version,
            sub_channel=scan.sub_channel,
            degraded=scan.degraded,
            passed=tuple(
                PassedOver(cards[staff_of[seat_id]].name, PASSED_LABELS.get(reason, reason))
                for seat_id, reason in scan.trace or ()
                if seat_id in staff_of
            ),
        )
        for scan in scans
    ]


def _caps(staff_ids: Iterable[int]) -> dict[int, int]:
    return dict(StaffLimit.objects.filter(staff__in=set(staff_ids)).values_list("staff_id", "daily_cap"))
