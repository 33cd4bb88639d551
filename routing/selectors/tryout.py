"""Dry run (试算, product.md §2.9): the engine on the present load, told in words. Nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from codes.selectors import LiveCode, code_cards
from livecode_admin.kernel.clock import local_day
from people.selectors import staff_cards
from routing.models import CalendarDay, CodeTurn, Seat, SeatDay, Slot, StaffDay, StaffLimit, StaffSuspect
from routing.rules import dryrun
from routing.rules.conditions import NOWHERE, Region, Visitor
from routing.rules.counters import Counters, SeatLoad, StaffLoad, Turn, turn_read
from routing.rules.hours import HOLIDAY, LocalTime, is_open, local_time
from routing.rules.ruleset import Rules
from routing.rules.snapshot import Rung, SeatPlan, Snapshot
from routing.rules.words import PASSED_LABELS, REASON_LABELS
from routing.selectors.compiled import reception_default, rules_of, snapshot_compile
from tenants.selectors import tenant_facts

SCANS_MAX = 1000
# A duty person who is only tried out has no seat yet; this id is nobody's.
TRIED_SEAT = -1
RUNGS = {Rung.ROSTER: "接待", Rung.BACKUP: "备用", Rung.DUTY: "值班人"}


@dataclass(frozen=True, slots=True)
class Question:
    """What is tried: when, how many scans of which visitor, and with which load.

    ``load``: None is today's real one; otherwise each person's used part of the daily cap, 0 to 100 percent.
    ``region``: a province or city as conditions name it.
    """

    at: datetime
    scans: int = 20
    load: int | None = None
    sub_channel: str = ""
    returning: bool = False
    region: str = ""


@dataclass(frozen=True, slots=True)
class TriedSeat:
    """What one person got: how many and which part of all, by which reasons, and why they were passed over."""

    name: str
    rung: str
    total: int
    share: float
    reasons: tuple[str, ...]
    passed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TryOut:
    """The answer. ``pages``: scans that nobody of the ladder took, and ``fallback`` says where those end."""

    question: Question
    seats: tuple[TriedSeat, ...]
    pages: int
    fallback: str
    conditions: tuple[tuple[str, int], ...]
    notes: tuple[str, ...]


def try_out(code: LiveCode, question: Question, *, now: datetime, rules: Rules | None = None) -> TryOut:
    """What the present roster would do with ``rules`` (None: those that are stored). The caller has checked rights."""
    wanted = rules_of(code.pk) if rules is None else rules
    snapshot = _snapshot(code, wanted)
    at = _local(question.at)
    counters = _counters(snapshot, question, now, ready=code.published_at is None)
    turn = _turn(code.pk)
    region = Region(question.region, question.region) if question.region else NOWHERE
    visitor = Visitor(question.sub_channel, question.returning, region)
    result = dryrun.run(snapshot, counters=counters, turn=turn, at=at, visitors=[visitor] * question.scans)
    cards = staff_cards([share.seat.staff_id for share in result.shares])
    names = {condition.key: condition.name for condition in snapshot.conditions}
    return TryOut(
        question=question,
        seats=tuple(
            TriedSeat(
                name=cards[share.seat.staff_id].name,
                rung=RUNGS.get(share.rung, ""),
                total=share.total,
                share=share.total / result.scans if result.scans else 0.0,
                reasons=_counted(share.reasons.most_common(), REASON_LABELS),
                passed=_counted([(str(key), n) for key, n in share.passed.most_common()], PASSED_LABELS),
            )
            for share in result.shares
        ),
        pages=result.pages,
        fallback=_fallback(snapshot),
        conditions=tuple(
            (names.get(key, "其余，整个名单") if key is not None else "未命中条件，使用整个名单", n)
            for key, n in result.conditions.items()
        )
        if snapshot.conditions
        else (),
        notes=_notes(snapshot, at, code, wanted),
    )


def _counted(pairs: Sequence[tuple[str, int]], labels: dict[str, str]) -> tuple[str, ...]:
    return tuple(f"{labels.get(key, key)} {number} 次" for key, number in pairs)


def _snapshot(code: LiveCode, rules: Rules) -> Snapshot:
    """The snapshot of these rules; with their duty person, even one who has no seat yet."""
    snapshot = snapshot_compile(code.pk, 0, rules)
    wanted = rules.duty_staff_id or reception_default().duty_staff_id
    if wanted is None:
        return replace(snapshot, duty=None)
    if snapshot.duty is not None and snapshot.duty.staff_id == wanted:
        return snapshot
    return replace(snapshot, duty=SeatPlan(TRIED_SEAT, wanted, 1))


def _local(moment: datetime) -> LocalTime:
    zone = tenant_facts().time_zone
    today = local_day(moment, zone)
    days = CalendarDay.objects.filter(day__range=(today - timedelta(days=1), today + timedelta(days=1)))
    calendar = {row.day.isoformat(): HOLIDAY if row.works_as is None else row.works_as for row in days}
    return local_time(moment.timestamp(), zone, calendar)


def _counters(snapshot: Snapshot, question: Question, now: datetime, *, ready: bool) -> Counters:
    """The load as the batch would read it; on another day than today nobody has received anybody yet.

    ``ready``: the code was never published, so its contact ways are taken as made.
    """
    zone = tenant_facts().time_zone
    day = local_day(question.at, zone)
    real = question.load is None and day == local_day(now, zone)
    plans = snapshot.seats()
    ids = [plan.seat_id for plan in plans]
    people = [plan.staff_id for plan in plans]
    limits = {row.staff_id: row for row in StaffLimit.objects.filter(staff__in=people)}
    staff_days = {row.staff_id: row for row in StaffDay.objects.filter(staff__in=people, day=day)} if real else {}
    seat_days = {row.seat_id: row for row in SeatDay.objects.filter(seat__in=ids, day=day)} if real else {}
    suspects = set(StaffSuspect.objects.filter(staff__in=people, until__gt=now).values_list("staff_id", flat=True))
    rows = {row.pk: row for row in Seat.objects.filter(pk__in=ids)}
    staff: dict[int, StaffLoad] = {}
    for staff_id, card in staff_cards(people).items():
        limit, today = limits.get(staff_id, StaffLimit()), staff_days.get(staff_id, StaffDay())
        used = today.assigned + today.late
        staff[staff_id] = StaffLoad(
            staff_id,
            used=used if question.load is None else limit.daily_cap * question.load // 100,
            cap=limit.daily_cap,
            receivable=card.receivable,
            paused_until=limit.paused_until.timestamp() if limit.paused_until else None,
            online=limit.online,
            peak=limit.peak_threshold,
            suspect=staff_id in suspects and real,
        )
    seats = {}
    for seat_id in ids:
        row, seat_day = rows.get(seat_id), seat_days.get(seat_id, SeatDay())
        ways = 1 if ready or row is None else row.live_ways
        link = row.link_url if row is not None else ""
        seats[seat_id] = SeatLoad(seat_day.assigned + seat_day.late, ways, seat_day.owed, link)
    window = snapshot.peak_window
    counters = Counters(staff, seats, windows=(window,) if window is not None else ())
    if real and window is not None:
        counters.waits = _waits(people, window, now)
    return counters


def _waits(people: Sequence[int], window: int, now: datetime) -> dict[tuple[int, int], int]:
    """People waiting for each of the staff, over all codes (product.md §2.4)."""
    waits: dict[tuple[int, int], int] = {}
    rows = Slot.objects.filter(state=Slot.State.WAITING, staff_id__in=people)
    since = now - timedelta(seconds=window)
    for staff_id, link, requested, taken in rows.values_list("staff_id", "link", "requested_at", "taken_at"):
        if requested is not None if link else taken > since:
            waits[staff_id, window] = waits.get((staff_id, window), 0) + 1
    return waits


def _turn(code_id: int) -> Turn:
    row = CodeTurn.objects.filter(code=code_id).first()
    return turn_read(row.cursor, row.credits) if row is not None else Turn()


def _fallback(snapshot: Snapshot) -> str:
    if snapshot.fallback == "code" and snapshot.fallback_code is not None:
        card = code_cards([snapshot.fallback_code]).get(snapshot.fallback_code)
        return f"转至活码 {card.name}" if card is not None else "企业兜底页"
    return "企业兜底页"


def _notes(snapshot: Snapshot, at: LocalTime, code: LiveCode, rules: Rules) -> tuple[str, ...]:
    notes = []
    if not is_open(snapshot.hours, at):
        notes.append("这一时刻不在接待时段内，由备用客服接待")
    if code.published_at is None:
        notes.append("活码尚未发布，按二维码已就绪试算")
    if rules.conditions and not any(condition.seats for condition in snapshot.conditions):
        notes.append("分流条件中的客服都不在名单中，条件不起作用")
    return tuple(notes)
