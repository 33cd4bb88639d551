"""Dry run (试算, product.md §2.9): the engine on the present load, told in words. Nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from codes.selectors import LiveCode, code_cards
from people.selectors import staff_cards
from routing.rules import dryrun
from routing.rules.conditions import NOWHERE, Region, Visitor
from routing.rules.counters import Counters, SeatLoad
from routing.rules.hours import LocalTime, is_open
from routing.rules.ruleset import Rules
from routing.rules.snapshot import Rung, SeatPlan, Snapshot
from routing.rules.words import PASSED_LABELS, REASON_LABELS
from routing.selectors.compiled import reception_default, rules_of, snapshot_compile
from routing.selectors.moments import counters_now, local_now, turn_now

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
    at = local_now(question.at)
    counters = _counters(snapshot, question, now, ready=code.published_at is None)
    turn = turn_now(code.pk)
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


def _counters(snapshot: Snapshot, question: Question, now: datetime, *, ready: bool) -> Counters:
    """The load of the moment, or as it was typed: then nobody waits, no seat has received and nobody is suspected.

    ``ready``: the code was never published, so its contact ways are taken as made.
    """
    counters = counters_now(snapshot, now=now, at=question.at)
    if question.load is not None:
        used = {staff_id: staff.cap * question.load // 100 for staff_id, staff in counters.staff.items()}
        counters = dryrun.with_load(counters, used=used, waiting=dict.fromkeys(used, 0))
        for staff in counters.staff.values():
            staff.suspect = False
    for plan in snapshot.seats():
        seat = counters.seats.setdefault(plan.seat_id, SeatLoad(ways=1))
        if question.load is not None:
            seat.used = seat.owed = 0
        if ready:
            seat.ways = 1
    return counters


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
