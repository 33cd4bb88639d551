"""Random codes in PostgreSQL: any roster, rules, load, turns and visitors, stored as the services store them."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

from codes.models import LiveCode
from livecode_admin.kernel.ids import new_slug
from people.models import Staff
from routing.edge.visitors import new_cookie, visitor_id
from routing.models import CodeRoute, CodeTurn, Seat, SeatDay, Slot, StaffDay, StaffLimit, StaffSuspect
from routing.models import Snapshot as StoredSnapshot
from routing.rules.conditions import Condition, Region, Visitor
from routing.rules.counters import Turn, turn_written
from routing.rules.hours import DAY, ROWS, Hours, hours_checked
from routing.rules.snapshot import SeatPlan, Snapshot, to_json
from tenants.models import TenantModel
from tests.routing.phones import Ask
from tests.routing.regionfile import ABROAD, IN_SHANGHAI, IN_SHENZHEN

HOUR = timedelta(hours=1)
ADDRESSES = {
    IN_SHANGHAI: Region("上海", "上海"),
    IN_SHENZHEN: Region("广东", "深圳"),
    ABROAD: Region(),
    "": Region(),
}
SUBS = ("", "poster12", "poster13")


@dataclass
class Case:
    """One code with all that its scans depend on, and those who will scan it."""

    slug: str
    code_id: int
    snapshot: Snapshot
    visitors: list[Visitor] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)


def make_cases(dice: Random, tenant_id: int, *, now: datetime, day: date, number: int) -> list[Case]:
    """So many live codes of the current tenant at the moment ``now`` of the local ``day``, each with its own people."""
    codes = LiveCode.objects.bulk_create(
        LiveCode(tenant_id=tenant_id, name=f"随机{secrets.token_hex(6)}", slug=new_slug(), purpose="campaign",
                 purpose_text="测试", state="live", created_at=now)
        for _ in range(number)
    )  # fmt: skip
    drawn = [[_person(dice, tenant_id) for _ in range(dice.randint(1, 7))] for _ in codes]
    Staff.objects.bulk_create(person for people in drawn for person in people)
    seated = [
        _seats(dice, tenant_id, code.pk, [person.pk for person in people], now)
        for code, people in zip(codes, drawn, strict=True)
    ]
    Seat.objects.bulk_create(seat for seats in seated for seat in seats)
    made = Making(dice, tenant_id, now, day)
    cases = [made.case(code, seats) for code, seats in zip(codes, seated, strict=True)]
    for model, rows in made.rows.items():
        model.objects.bulk_create(rows)
    return cases


class Making:
    """Draws all else of each case; ``rows`` are stored at once, by model."""

    def __init__(self, dice: Random, tenant_id: int, now: datetime, day: date) -> None:
        self.dice, self.tenant_id, self.now, self.day = dice, tenant_id, now, day
        self.rows: dict[Any, list[Any]] = defaultdict(list)

    def add(self, model: type[TenantModel], **facts: Any) -> None:
        """A row of the tenant."""
        self.rows[model].append(model(tenant_id=self.tenant_id, **facts))

    def case(self, code: LiveCode, seats: Sequence[Seat]) -> Case:
        """The rules, the load, the turns and the visitors of one code."""
        dice = self.dice
        snapshot = _snapshot(dice, code.pk, seats)
        waiting = self._waiting(seats, snapshot.peak_window or 300)
        for staff_id in sorted({seat.staff_id for seat in seats}):
            self._staff(staff_id, sum(seat.staff_id == staff_id for seat in waiting))
        for seat in seats:
            used = dice.randint(0, 2) + waiting.count(seat)
            self.add(SeatDay, seat_id=seat.pk, day=self.day, owed=dice.choice([0, 0, 1, 2]), assigned=used)
        stored = to_json(snapshot)
        self.add(StoredSnapshot, code_id=code.pk, version=1, data=stored, published_at=self.now)
        self.add(CodeRoute, code_id=code.pk, version=1, peak_window=snapshot.peak_window)
        cursor, earned = turn_written(_turn(dice, snapshot))
        if dice.random() < 0.7:
            self.add(CodeTurn, code_id=code.pk, cursor=cursor, credits=earned)
        case = Case(code.slug, code.pk, snapshot)
        self._visitors(case)
        return case

    def _staff(self, staff_id: int, waiting: int) -> None:
        dice, now = self.dice, self.now
        used = dice.randint(0, 4) + waiting
        self.add(StaffDay, staff_id=staff_id, day=self.day, late=dice.choice([0, 0, 2]), assigned=used)
        if dice.random() < 0.1:
            until = now + dice.choice([HOUR, -HOUR])
            self.add(StaffSuspect, staff_id=staff_id, assigned=20, since=now, until=until)
        if dice.random() < 0.9:
            self.add(
                StaffLimit,
                staff_id=staff_id,
                daily_cap=dice.choice([0, 4, 6, 9, 100]),
                peak_threshold=dice.choice([1, 2, 4, 50]),
                paused_until=dice.choice([None, None, None, now - HOUR, now + HOUR]),
                online=dice.random() < 0.9,
            )

    def _waiting(self, seats: Sequence[Seat], window: int) -> list[Seat]:
        """Slots that wait, in the peak window or longer, some of them due to go back; returns the seat of each."""
        waiting = []
        for seat in seats:
            for _ in range(self.dice.randint(0, 3)):
                over = self.dice.random() < 0.3
                age = self.dice.choice([5, window + 120])
                held = self.now + (-HOUR if over else HOUR)
                self._slot(seat, self.now - timedelta(seconds=age), held)
                waiting.append(seat)
        return waiting

    def _slot(self, seat: Seat, taken_at: datetime, held_until: datetime, **more: Any) -> None:
        facts = {"code_id": seat.code_id, "visitor": secrets.token_hex(16), "state": "waiting"} | more
        self.add(
            Slot, scan_id=uuid4(), seat_id=seat.pk, staff_id=seat.staff_id, leased=False, day=self.day,
            taken_at=taken_at, held_until=held_until, **facts,
        )  # fmt: skip

    def _visitors(self, case: Case) -> None:
        """Those who will scan; who is returning has had a slot on another code of the company."""
        dice, elsewhere = self.dice, Seat(pk=0, staff_id=0, code_id=0)
        for _ in range(dice.randint(4, 16)):
            sub, address, returning = dice.choice(SUBS), dice.choice(list(ADDRESSES)), dice.random() < 0.3
            cookie = new_cookie() if returning else ""
            if returning:
                visitor = visitor_id(self.tenant_id, cookie)
                self._slot(elsewhere, self.now - HOUR, self.now, visitor=visitor, state="returned")
            case.visitors.append(Visitor(sub, returning, ADDRESSES[address]))
            case.asks.append(Ask(f"/c/{case.slug}" + (f"?p={sub}" if sub else ""), cookie=cookie, address=address))


def _person(dice: Random, tenant_id: int) -> Staff:
    able = dice.random() < 0.9
    return Staff(
        tenant_id=tenant_id, wecom_userid=secrets.token_hex(8), name="客服", can_receive=able,
        cannot_reason="" if able else "unverified",
    )  # fmt: skip


def _seats(dice: Random, tenant_id: int, code_id: int, people: Sequence[int], now: datetime) -> list[Seat]:
    """Roster and backups of different people; the duty person may be one of them."""
    backups = dice.randint(0, min(3, len(people) - 1))
    rungs = [2 if place < backups else 1 for place in range(len(people))]
    placed = list(zip(people, rungs, strict=True)) + ([(dice.choice(people), 3)] if dice.random() < 0.4 else [])
    return [
        Seat(
            tenant_id=tenant_id,
            code_id=code_id,
            staff_id=staff_id,
            rung=rung,
            position=place * dice.choice([1, 1, 3]) + 1 if rung == 3 else place + 1,
            daily_cap=dice.choice([None, None, 0, 3, 6]),
            weight=dice.choice([0, 1, 1, 2, 5]),
            hours=None,
            paused_until=dice.choice([None, None, None, None, now - HOUR, now + HOUR]),
            live_ways=dice.choice([0, 1, 1, 1, 1, 3]),
            created_at=now,
        )
        for place, (staff_id, rung) in enumerate(placed)
    ]


def _snapshot(dice: Random, code_id: int, seats: Sequence[Seat]) -> Snapshot:
    planned: dict[int, list[SeatPlan]] = {1: [], 2: [], 3: []}
    for seat in seats:
        paused = seat.paused_until.timestamp() if seat.paused_until else None
        plan = SeatPlan(
            seat.pk, seat.staff_id, seat.position, seat.daily_cap, seat.weight, paused, _hours(dice, often=0.2)
        )
        planned[seat.rung].append(plan)
    roster = planned[1]
    return Snapshot(
        code_id=code_id,
        version=1,
        roster=tuple(roster),
        backups=tuple(planned[2]),
        duty=planned[3][0] if planned[3] else None,
        strategy=dice.choice(["in_turn", "weighted", "least_loaded"]),
        overflow=dice.random() < 0.7,
        turns_count=dice.choice(["assignments", "adds"]),
        peak_window=dice.choice([None, 60, 300]),
        hours=_hours(dice, often=0.2),
        conditions=tuple(_condition(dice, key, roster) for key in dice.sample(range(1, 9), dice.randint(0, 3))),
    )


def _condition(dice: Random, key: int, roster: Sequence[SeatPlan]) -> Condition:
    return Condition(
        key=key,
        name=f"条件{key}",
        seats=tuple(seat.seat_id for seat in roster if dice.random() < 0.5),
        regions=dice.choice([frozenset(), frozenset(), frozenset({"上海"}), frozenset({"广东", "北京"})]),
        hours=_hours(dice, often=0.3),
        subs=dice.choice([frozenset(), frozenset(), frozenset({"poster12"})]),
        returning=dice.choice([None, None, True, False]),
    )


def _hours(dice: Random, *, often: float) -> Hours | None:
    if dice.random() > often:
        return None
    edges = [dice.randrange(0, DAY, 30) for _ in range(4)]
    return hours_checked([[(edges[0], edges[1]), (edges[2], edges[3])][: dice.randint(0, 2)] for _ in range(ROWS)])


def _turn(dice: Random, snapshot: Snapshot) -> Turn:
    keys = [0, *(condition.key for condition in snapshot.conditions)]
    return Turn(
        {key: dice.randint(-1, 8) for key in keys},
        {key: {seat.seat_id: dice.randint(-4, 4) for seat in snapshot.roster} for key in keys},
    )
