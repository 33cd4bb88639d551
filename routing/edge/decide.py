"""One scan, decided: from the world and an ask to an answer for the page and a row for PostgreSQL. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from codes.rules import Status
from routing.edge.asks import Ask, FetchAsk, ScanAnswer, ScanAsk
from routing.edge.verdict import Routed, Verdict
from routing.edge.visitors import Kind
from routing.rules.conditions import Visitor, matching
from routing.rules.counters import Reasons, Turn, give_back, turn_read, turn_written
from routing.rules.engine import Decision, Outcome, Plan, befriended, keep, pick, plan_for
from routing.rules.links import link_address
from routing.rules.snapshot import FALLBACK_HOPS, Rung
from routing.rules.traces import trace_written
from routing.rules.world import NO_VERSION, CodeFacts, Visit, World

# Why a live native code shows nobody (WeCom chooses), and the kind of what is no scan that counts.
NATIVE = "native"


def decide_all(world: World, asks: Sequence[Ask], moment: float, *, blind: bool = False) -> Verdict:
    """Decide each ask in order. A fetch is answered with its contact way's id, or None when there is no such slot."""
    bench = Bench(world, moment, blind=blind)
    world.counters.memo = Reasons(world.counters, moment)
    for ask in asks:
        bench.verdict.answers.append(bench.fetch(ask) if isinstance(ask, FetchAsk) else bench.scan(ask))
    world.counters.memo = None
    bench.note_turns()
    return bench.verdict


class Bench:
    """One batch's decisions: the world, its local time, and the verdict so far."""

    def __init__(self, world: World, moment: float, *, blind: bool) -> None:
        self.world = world
        self.at = world.local(moment)
        self.blind = blind
        self.verdict = Verdict()
        self._touched: dict[int, CodeFacts] = {}
        self._trying = False

    def fetch(self, ask: FetchAsk) -> int | None:
        """The way whose picture is asked for; the visitor's own first fetch keeps the slot."""
        picture = self.world.pictures.get(ask.scan_id)
        if picture is None:
            return None
        if picture.due and ask.visitor == picture.visitor:
            self.verdict.fetched.append(ask.scan_id)
        return picture.way_id

    def scan(self, ask: ScanAsk) -> ScanAnswer:
        """Decide one scan, note what it writes, and answer."""
        facts = self.world.codes.get(ask.code_id) or _stranger(ask.code_id)
        status = facts.status(self.at.epoch)
        if ask.kind is not Kind.VISIT and not ask.test:
            routed = Routed(_nobody(Outcome.NO_SLOT), facts, str(ask.kind))
        elif ask.test:
            return self._tried(facts, ask, status)
        else:
            routed = self._routed(facts, ask, status)
        picture = self._noted(facts, ask, routed)
        return self._answer(facts, routed, status, picture)

    def note_turns(self) -> None:
        """Add the turns that moved to the verdict."""
        for facts in self._touched.values():
            if facts.turn.moved:
                facts.turn.moved = False
                cursor, turns = turn_written(facts.turn)
                self.verdict.turns.append({"code": facts.code_id, "cursor": cursor, "credits": turns})

    def _routed(self, facts: CodeFacts, ask: ScanAsk, status: Status) -> Routed:
        if status is not Status.LIVE:
            routed = Routed(_nobody(), facts, str(status))
        elif facts.snapshot is None:
            routed = Routed(_nobody(), facts, "blind" if self.blind else "unpublished")
        elif _is_native(facts):
            return Routed(_nobody(Outcome.NO_SLOT), facts, NATIVE)
        else:
            routed = self._ladder(facts, ask)
        return routed if routed.decision.seat is not None else self._fallen(facts, ask, routed)

    def _fallen(self, facts: CodeFacts, ask: ScanAsk, page: Routed) -> Routed:
        """Nobody of the code itself: its duty person or another code, as it says; at most 3 codes on (design.md §5)."""
        reason = page.reason
        for _ in range(FALLBACK_HOPS):
            snapshot = facts.snapshot
            if snapshot is None:
                break
            if snapshot.fallback == "duty" and snapshot.duty is not None:
                routed = self._duty_alone(facts, reason)
                return routed or page
            target = self.world.codes.get(snapshot.fallback_code) if snapshot.fallback_code else None
            if snapshot.fallback != "code" or target is None:
                break
            facts = target
            if facts.status(self.at.epoch) is Status.LIVE and facts.snapshot is not None:
                routed = self._ladder(facts, ask)
                if routed.decision.seat is not None:
                    return Routed(routed.decision, facts, "fallback_code", routed.visit, routed.returned)
        return page

    def _duty_alone(self, facts: CodeFacts, reason: str) -> Routed | None:
        """The duty person of a closed code."""
        ladder = self._plan(facts, None)
        alone = Plan(ladder.snapshot, ladder.at, (), (), ladder.duty, ladder.excluded)
        decision = pick(alone, self.world.counters, facts.turn)
        return Routed(decision, facts, reason) if decision.seat is not None else None

    def _plan(self, facts: CodeFacts, ask: ScanAsk | None) -> Plan:
        """The ladder of a code for a visitor; kept by the condition that holds, until time changes it."""
        snapshot = facts.snapshot
        assert snapshot is not None  # for the type checker: callers have looked
        condition = None
        if snapshot.conditions and ask is not None:
            visitor = Visitor(
                ask.sub_channel,
                self.world.visitor(ask.visitor).returning,
                self.world.region_of(ask.address),
            )
            condition = matching(snapshot.conditions, self.at, visitor)
        key = condition.key if condition else None
        known = facts.plans.get(key)
        if known is not None and known.at is self.at:
            return known
        ladder = known.at_time(self.at) if known is not None else None
        facts.plans[key] = ladder = ladder or plan_for(snapshot, self.at, condition)
        return ladder

    def _ladder(self, facts: CodeFacts, ask: ScanAsk) -> Routed:
        """The engine's decision on a live code: the same person again, a friend, or a turn."""
        world, ladder = self.world, self._plan(facts, ask)
        snapshot = ladder.snapshot
        visit = world.visit(facts.code_id, ask.visitor)
        if visit is not None and self.at.epoch - visit.taken_at >= snapshot.sticky_seconds:
            visit = None
        if visit is not None and self._swaps(ask, visit):
            return self._swapped(facts, ladder, visit, ask.refused)
        if visit is not None:
            kept = keep(ladder, world.counters, visit.seat_id, holds_slot=visit.state != "returned")
            if kept is not None:
                return Routed(kept, facts, kept.reason, None if kept.takes_slot else visit)
        friends = world.visitor(ask.visitor).friends
        if friends and (friend := befriended(ladder, world.counters, friends)) is not None:
            return Routed(friend, facts, friend.reason)
        return self._turn(facts, ladder)

    def _swaps(self, ask: ScanAsk, visit: Visit) -> bool:
        """Whether the visitor may have somebody else now, and asks for it: a reload of the same link doesn't."""
        asked = ask.swap and ask.swap_of in ("", visit.scan_id)
        return asked and self.world.look.swap and visit.state == "waiting" and visit.slot_id is not None

    def _turn(self, facts: CodeFacts, ladder: Plan, avoid: Collection[int] = ()) -> Routed:
        turn = turn_read(*turn_written(facts.turn)) if self._trying else facts.turn
        decision = pick(ladder, self.world.counters, turn, avoid=avoid)
        if turn.moved:
            self._touched[facts.code_id] = facts
        return Routed(decision, facts, decision.reason)

    def _swapped(self, facts: CodeFacts, ladder: Plan, visit: Visit, refused: tuple[int, ...]) -> Routed:
        """换一位: somebody whom they didn't refuse, and the slot goes back; with nobody left who they have stays."""
        routed = self._turn(facts, ladder, avoid=(*refused, visit.seat_id))
        found = ladder.snapshot.seat(visit.seat_id)
        if routed.decision.seat is None and found is not None:
            kept = keep(ladder, self.world.counters, visit.seat_id, holds_slot=True)
            return Routed(kept, facts, kept.reason, visit) if kept is not None else routed
        if found is not None:
            give_back(found[0], self.world.counters, ladder.snapshot)
        return Routed(routed.decision, facts, "swapped", returned=visit)

    def _tried(self, facts: CodeFacts, ask: ScanAsk, status: Status) -> ScanAnswer:
        """测试扫码: what a customer would see now; nothing is counted, written or remembered (product.md §1.8)."""
        self._trying = True
        routed = self._routed(facts, ask, status)
        self._trying = False
        decision = routed.decision
        if decision.takes_slot and decision.seat is not None and routed.facts.snapshot is not None:
            give_back(decision.seat, self.world.counters, routed.facts.snapshot)
            self.world.counters.seats[decision.seat.seat_id].owed += decision.made_up
        return self._answer(facts, routed, status, None)

    def _noted(self, facts: CodeFacts, ask: ScanAsk, routed: Routed) -> str | None:
        """Put down what the scan writes; returns the scan whose slot's picture is shown."""
        verdict, decision = self.verdict, routed.decision
        first_visit = ask.visitor is not None and self.world.visit(routed.facts.code_id, ask.visitor) is None
        verdict.scans.append(self._row(facts, ask, routed, first_visit))
        if facts.unscanned and verdict.scans[-1]["kind"] in (Kind.VISIT, Kind.OUTSIDE):
            facts.unscanned = False
            verdict.first.append(facts.code_id)
        if routed.returned is not None and routed.returned.slot_id is not None:
            verdict.returned.append(routed.returned.slot_id)
        if decision.takes_slot and decision.seat is not None and ask.visitor is not None:
            visit = Visit(None, ask.scan_id, decision.seat.seat_id, "waiting", self.at.epoch)
            self.world.remember(routed.facts.code_id, ask.visitor, visit)
            self.world.met(ask.visitor)
            return ask.scan_id
        if routed.visit is None:
            return None
        if routed.visit.state == "waiting" and routed.visit.slot_id is not None:
            verdict.renewed.append(routed.visit.slot_id)
        return routed.visit.scan_id

    def _answer(self, facts: CodeFacts, routed: Routed, status: Status, picture: str | None) -> ScanAnswer:
        seat, snapshot = routed.decision.seat, routed.facts.snapshot
        load = self.world.counters.seats.get(seat.seat_id) if seat else None
        linked = load is not None and load.link and snapshot is not None and snapshot.delivery == "link"
        return ScanAnswer(
            look=self.world.look,
            outcome=routed.decision.outcome,
            reason=routed.reason,
            face=self.world.faces.get(seat.staff_id) if seat else None,
            picture=picture,
            way_id=load.face_way if load is not None and picture is None else None,
            link=link_address(load.link, picture) if load is not None and linked else "",
            seat_id=seat.seat_id if seat else None,
            landing_text=facts.landing_text,
            status=status,
            blind=self.blind,
            swap=self._may_swap(routed, picture),
            native=status is Status.LIVE and seat is None and _is_native(facts),
        )

    def _may_swap(self, routed: Routed, picture: str | None) -> bool:
        """Whether the page offers 换一位: there is a slot to give back, and the duty person is the last there is."""
        waits = picture is not None and (routed.visit is None or routed.visit.state == "waiting")
        return waits and self.world.look.swap and not self.blind and routed.decision.rung is not Rung.DUTY

    def _row(self, facts: CodeFacts, ask: ScanAsk, routed: Routed, first_visit: bool) -> dict[str, Any]:
        """The scan's row as ``routing_batch_write`` reads it."""
        decision = routed.decision
        seat, snapshot = decision.seat, routed.facts.snapshot
        face = self.world.faces.get(seat.staff_id) if seat else None
        load = self.world.counters.seats.get(seat.seat_id) if seat else None
        # Scans of native codes are not counted (product.md §1.2).
        counted = seat is not None or ask.kind not in (Kind.VISIT, Kind.OUTSIDE) or not _is_native(facts)
        return {
            "n": len(self.verdict.scans),
            "id": ask.scan_id,
            "code": facts.code_id,
            "at": self.at.epoch,
            "day": self.world.day,
            "kind": ask.kind if counted else NATIVE,
            "outcome": decision.outcome,
            "reason": routed.reason,
            "rung": decision.rung if counted and ask.kind is Kind.VISIT else None,
            "version": facts.version if facts.snapshot is not None else None,
            "condition": decision.condition,
            "seat": seat.seat_id if seat else None,
            "seat_code": routed.facts.code_id,
            "staff": seat.staff_id if seat else None,
            "department": face.department_id if face else None,
            "visitor": ask.visitor,
            "first": first_visit,
            "sub": ask.sub_channel,
            "trace": trace_written(decision.passed) if decision.passed else None,
            "degraded": self.blind,
            "slot": decision.takes_slot,
            "made_up": decision.made_up,
            "link": bool(load is not None and load.link and snapshot is not None and snapshot.delivery == "link"),
            "pending": snapshot.pending_seconds if snapshot else 0,
        }


def _nobody(outcome: Outcome = Outcome.FALLBACK) -> Decision:
    return Decision(outcome, Rung.FALLBACK, None)


def _is_native(facts: CodeFacts) -> bool:
    return facts.snapshot is not None and facts.snapshot.delivery == NATIVE


def _stranger(code_id: int) -> CodeFacts:
    """A code that this process never saw, asked for while PostgreSQL is away: the fallback page, and a row."""
    return CodeFacts(code_id, Status.LIVE, None, False, "", NO_VERSION, None, Turn())
