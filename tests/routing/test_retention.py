"""An edge process keeps so much of all companies together and no more, and forgets what was used longest ago."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.edge.asks import ScanAsk
from routing.edge.decide import decide_all
from routing.edge.lanes import Lane
from routing.edge.retention import LANE_WEIGHT, Held, Lanes
from routing.edge.verdict import Verdict
from routing.edge.visitors import Kind
from routing.rules.counters import SeatLoad, StaffLoad, Turn
from routing.rules.snapshot import SeatPlan, Snapshot, from_json, to_json
from routing.rules.world import CODE_WEIGHT, NO_VERSION, CodeFacts, World
from tests.routing.walks import ZONE

NOW = 1_800_000_000.0
SEATS = 4
WEIGHT = CODE_WEIGHT + SEATS


def known(lane: Lane, code_id: int, seats: int = SEATS) -> None:
    """A batch has loaded a code."""
    first = code_id * 1000
    roster = tuple(SeatPlan(first + nth, first + nth, nth) for nth in range(seats))
    facts = CodeFacts(code_id, "live", None, False, "", 1, Snapshot(code_id, 1, roster), Turn())
    lane.world.keep(facts)
    for seat in roster:
        lane.world.counters.seats[seat.seat_id] = SeatLoad()
        lane.world.counters.staff[seat.staff_id] = StaffLoad(seat.staff_id, cap=10_000, peak=10_000)
    lane.world.packs[code_id] = (1, b"packed")
    lane.seen[code_id] = NOW


def scanned(lanes: Lanes, tenant_id: int, code_id: int, visitor: str = "") -> None:
    """A scan of a code was decided."""
    lane = lanes.of(tenant_id)
    known(lane, code_id)
    if visitor:
        ask = ScanAsk(visitor, code_id, Kind.VISIT, visitor, "", known=False)
        decide_all(lane.world, [ask], NOW)
    lanes.used(lane)


def codes(lanes: Lanes) -> list[tuple[int, int]]:
    """What is known, the oldest first."""
    return [(lane.tenant_id, code_id) for lane in lanes.all() for code_id in lane.world.codes]


def room_for(number: int, companies: int) -> int:
    """The weight of so many codes."""
    return number * WEIGHT + companies * LANE_WEIGHT


def test_the_company_that_was_scanned_longest_ago_is_forgotten_first() -> None:
    lanes = Lanes(Held(room_for(4, 3), 100, 100))
    for tenant_id in (1, 2, 3):
        scanned(lanes, tenant_id, tenant_id * 10)
    scanned(lanes, 1, 10)
    scanned(lanes, 4, 40)
    assert codes(lanes) == [(3, 30), (1, 10), (4, 40)]
    assert lanes.get(2) is None


def test_within_a_company_the_code_that_was_used_longest_ago_goes_with_its_seats() -> None:
    lanes = Lanes(Held(room_for(5, 1), 100, 100))
    for code_id in (1, 2, 3, 4, 5, 1, 6):
        scanned(lanes, 7, code_id)
    assert codes(lanes) == [(7, code_id) for code_id in (4, 5, 1, 6)]
    world = lanes.of(7).world
    assert {seat_id // 1000 for seat_id in world.counters.seats} == {4, 5, 1, 6}
    assert 2 not in lanes.of(7).seen


def test_a_code_of_many_seats_weighs_as_much_as_it_takes() -> None:
    lanes = Lanes(Held(room_for(10, 1), 100, 100))
    for code_id in range(1, 9):
        scanned(lanes, 7, code_id)
    known(lanes.of(7), 99, seats=4 * WEIGHT)
    lanes.used(lanes.of(7))
    assert [code_id for _, code_id in codes(lanes)] == [5, 6, 7, 8, 99]


def test_visitors_of_all_companies_together_have_a_bound() -> None:
    lanes = Lanes(Held(10_000, 40, 100))
    for number in range(100):
        scanned(lanes, 1 + number % 10, 1, visitor=f"visitor{number}")
        assert sum(len(lane.world.visitors) for lane in lanes.all()) <= 40
    assert lanes.of(10).world.visitor("visitor99").returning
    assert not lanes.of(1).world.visitor("visitor0").returning


def test_a_company_whose_batch_is_in_a_thread_loses_nothing_meanwhile() -> None:
    async def run() -> None:
        lanes = Lanes(Held(room_for(3, 2), 100, 100))
        scanned(lanes, 1, 10)
        lanes.of(1).work = work = asyncio.get_running_loop().create_future()
        for tenant_id in (2, 3, 4):
            scanned(lanes, tenant_id, tenant_id * 10)
        assert codes(lanes) == [(1, 10), (4, 40)]
        work.set_result(Verdict())
        scanned(lanes, 5, 50)
        assert (1, 10) not in codes(lanes)

    asyncio.run(run())


def test_a_blind_company_is_remembered_and_may_ask_the_machine_again_for_what_it_lost() -> None:
    lanes = Lanes(Held(room_for(3, 2), 100, 100))
    scanned(lanes, 1, 10)
    lane = lanes.of(1)
    lane.blind = True
    lane.recalled.add(10)
    for tenant_id in (2, 3, 4):
        scanned(lanes, tenant_id, tenant_id * 10)
    assert lanes.get(1) is lane
    assert 10 not in lane.recalled


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 6), st.integers(0, 30)), max_size=80))
def test_whatever_is_scanned_the_bounds_hold_and_what_is_counted_is_what_there_is(
    scans: list[tuple[int, int, int]],
) -> None:
    weight, visitors = room_for(8, 4), 12
    lanes = Lanes(Held(weight, visitors, 5))
    for tenant_id, code_id, visitor in scans:
        scanned(lanes, tenant_id, code_id, visitor=f"visitor{visitor}")
        assert code_id in lanes.of(tenant_id).world.codes
        held = [(lane.world.weight, sum(facts.weight for facts in lane.world.codes.values())) for lane in lanes.all()]
        assert all(counted == there for counted, there in held)
        assert sum(there for _, there in held) + LANE_WEIGHT * len(held) <= weight
        assert sum(len(lane.world.visitors) for lane in lanes.all()) <= visitors
        assert sum(len(lane.world.packs) for lane in lanes.all()) <= 5


def test_of_a_company_nothing_is_kept_when_nothing_of_it_is_left() -> None:
    lanes = Lanes(Held(room_for(1, 2), 0, 1))
    scanned(lanes, 1, 10)
    scanned(lanes, 2, 20)
    assert [lane.tenant_id for lane in lanes.all()] == [2]


def test_a_code_that_was_forgotten_needs_no_loading_while_its_pack_is_kept_and_its_version_is_the_same() -> None:
    stored = to_json(Snapshot(5, 3, (SeatPlan(1, 2, 1),), strategy="weighted"))
    world = World()

    def absorb(version: int, data: dict[str, Any] | None) -> Snapshot | None:
        row = [5, "live", None, False, "", version, None, None, data]
        nothing = dict.fromkeys(("calendar", "seats", "staff", "windows", "waits", "visits", "visitors", "fetches"))
        world.absorb({**nothing, "tenant": [*["x"] * 6, False, False, ZONE], "day": "", "codes": [row]})
        return world.codes[5].snapshot

    absorb(3, stored)
    assert world.forget(weight=1) == [5]
    assert world.known_version(5) == 3
    assert absorb(3, None) == from_json(stored)
    world.forget(weight=1)
    assert absorb(4, None) is None
    world.forget(weight=1, packs=1)
    assert world.known_version(5) == NO_VERSION
