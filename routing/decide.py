"""One scan, decided: from the world and an ask to an answer for the page and a row for PostgreSQL. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from codes.rules import Status
from routing.engine import Decision, Outcome, Turn, keep, pick, plan
from routing.snapshot import Rung, Snapshot
from routing.visitors import Kind
from routing.world import NO_VERSION, CodeFacts, Face, Look, Visit, World


@dataclass(frozen=True, slots=True)
class ScanAsk:
    """A scan that waits. ``visitor`` None: a client that is no visitor. ``known``: it came with our cookie."""

    scan_id: str
    code_id: int
    kind: Kind
    visitor: str | None
    sub_channel: str
    known: bool


@dataclass(frozen=True, slots=True)
class FetchAsk:
    """The QR of a slot is asked for, by the visitor of that cookie or by somebody without one."""

    scan_id: str
    visitor: str | None


@dataclass(frozen=True, slots=True)
class ScanAnswer:
    """What the page needs. ``picture`` is the scan whose slot's QR is shown; None means there is no person to show."""

    look: Look
    outcome: Outcome
    reason: str
    face: Face | None = None
    picture: str | None = None
    seat_id: int | None = None
    landing_text: str = ""
    status: Status = Status.LIVE
    blind: bool = False


@dataclass(slots=True)
class Verdict:
    """All that one batch writes, and the answers in the order of the asks."""

    scans: list[dict[str, Any]] = field(default_factory=list)
    turns: list[dict[str, Any]] = field(default_factory=list)
    first: list[int] = field(default_factory=list)
    renewed: list[int] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    answers: list[ScanAnswer | int | None] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.scans or self.fetched or self.renewed)


def decide_all(world: World, asks: Sequence[ScanAsk | FetchAsk], moment: float, *, blind: bool = False) -> Verdict:
    """Decide each ask in order. A fetch is answered with its contact way's id, or None when there is no such slot."""
    verdict = Verdict()
    moved: dict[int, CodeFacts] = {}
    for ask in asks:
        if isinstance(ask, FetchAsk):
            verdict.answers.append(_fetch(world, ask, verdict))
            continue
        facts = world.codes.get(ask.code_id) or _stranger(ask.code_id)
        verdict.answers.append(_scan(world, facts, ask, moment, verdict, blind=blind))
        if facts.turn.moved:
            facts.turn.moved = False
            moved[facts.code_id] = facts
    verdict.turns = [
        {"code": code_id, "cursor": facts.turn.cursor, "credits": facts.turn.credits or None}
        for code_id, facts in moved.items()
    ]
    return verdict


def _stranger(code_id: int) -> CodeFacts:
    """A code that this process never saw, asked for while PostgreSQL is away: the fallback page, and a row."""
    return CodeFacts(code_id, Status.LIVE, None, False, "", NO_VERSION, None, Turn())


def _fetch(world: World, ask: FetchAsk, verdict: Verdict) -> int | None:
    picture = world.pictures.get(ask.scan_id)
    if picture is None:
        return None
    if picture.due and ask.visitor == picture.visitor:
        verdict.fetched.append(ask.scan_id)
    return picture.way_id


def _scan(world: World, facts: CodeFacts, ask: ScanAsk, moment: float, verdict: Verdict, *, blind: bool) -> ScanAnswer:
    status = facts.status(moment)
    first_visit = ask.visitor is not None and (facts.code_id, ask.visitor) not in world.visits
    if ask.kind is not Kind.VISIT:
        decision, reason, visit = _nobody(Outcome.NO_SLOT), str(ask.kind), None
    elif status is not Status.LIVE:
        decision, reason, visit = _nobody(Outcome.FALLBACK), str(status), None
    elif facts.snapshot is None:
        decision, reason, visit = _nobody(Outcome.FALLBACK), "blind" if blind else "unpublished", None
    else:
        decision, reason, visit = _route(world, facts, facts.snapshot, ask, moment)
    verdict.scans.append(_row(world, facts, ask, decision, reason, moment, len(verdict.scans), first_visit, blind))
    if facts.unscanned and ask.kind in (Kind.VISIT, Kind.OUTSIDE):
        facts.unscanned = False
        verdict.first.append(facts.code_id)
    picture = None
    if decision.takes_slot and decision.seat is not None and ask.visitor is not None:
        picture = ask.scan_id
        world.remember(facts.code_id, ask.visitor, Visit(None, ask.scan_id, decision.seat.seat_id, "waiting", moment))
    elif visit is not None:
        picture = visit.scan_id
        if visit.state == "waiting" and visit.slot_id is not None:
            verdict.renewed.append(visit.slot_id)
    seat = decision.seat
    return ScanAnswer(
        look=world.look,
        outcome=decision.outcome,
        reason=reason,
        face=world.faces.get(seat.staff_id) if seat else None,
        picture=picture,
        seat_id=seat.seat_id if seat else None,
        landing_text=facts.landing_text,
        status=status,
        blind=blind,
    )


def _nobody(outcome: Outcome) -> Decision:
    return Decision(outcome, Rung.FALLBACK, None)


def _route(
    world: World, facts: CodeFacts, snapshot: Snapshot, ask: ScanAsk, moment: float
) -> tuple[Decision, str, Visit | None]:
    """The decision of the engine, its reason, and the earlier visit whose slot goes on."""
    ladder = plan(snapshot, moment)
    visit = world.visits.get((facts.code_id, ask.visitor)) if ask.visitor is not None else None
    if visit is not None and moment - visit.taken_at < snapshot.sticky_seconds:
        kept = keep(ladder, world.counters, visit.seat_id, moment, holds_slot=visit.state != "returned")
        if kept is not None:
            return kept, "sticky", None if kept.takes_slot else visit
    decision = pick(ladder, world.counters, facts.turn, moment)
    if decision.outcome is Outcome.ASSIGNED:
        return decision, snapshot.strategy, None
    return decision, str(decision.outcome), None


def _row(
    world: World,
    facts: CodeFacts,
    ask: ScanAsk,
    decision: Decision,
    reason: str,
    moment: float,
    number: int,
    first_visit: bool,
    blind: bool,
) -> dict[str, Any]:
    """The scan's row as ``routing_batch_write`` reads it."""
    seat = decision.seat
    face = world.faces.get(seat.staff_id) if seat else None
    return {
        "n": number,
        "id": ask.scan_id,
        "code": facts.code_id,
        "at": moment,
        "day": world.day,
        "kind": ask.kind,
        "outcome": decision.outcome,
        "reason": reason,
        "rung": decision.rung if ask.kind is Kind.VISIT else None,
        "version": facts.version if facts.snapshot is not None else None,
        "seat": seat.seat_id if seat else None,
        "staff": seat.staff_id if seat else None,
        "department": face.department_id if face else None,
        "visitor": ask.visitor,
        "first": first_visit,
        "sub": ask.sub_channel,
        "trace": decision.passed or None,
        "degraded": blind,
        "slot": decision.takes_slot,
        "pending": facts.snapshot.pending_seconds if facts.snapshot else 0,
    }
