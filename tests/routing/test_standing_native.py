"""How a native code stands on the live page: as WeCom may choose, without ways of ours (product.md §1.2, §6.3)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routing.rules.counters import Passed, StaffLoad
from routing.rules.snapshot import Rung, Snapshot
from routing.rules.standing import Flow, Standing, flow_of, seats_now, standing_of
from tests.routing.test_native_roster import AT, code, full, loads


def whys(snapshot: Snapshot, *rungs: Rung, **of: StaffLoad) -> list[Passed | None]:
    found = seats_now(snapshot, AT, loads(snapshot, **of))
    return [seat.why for seat in found if seat.rung in (rungs or (Rung.ROSTER,))]


def test_nobody_of_a_native_code_waits_for_a_way_of_their_own() -> None:
    snapshot = code()
    assert whys(snapshot, Rung.ROSTER, Rung.BACKUP, Rung.DUTY) == [None] * 6
    assert flow_of(snapshot, AT, loads(snapshot), seats_now(snapshot, AT, loads(snapshot))) is Flow.ROSTER
    seats = [seat for seat in seats_now(snapshot, AT, loads(snapshot)) if seat.staff_id == 1]
    assert standing_of(StaffLoad(1), seats, AT.epoch) is Standing.RECEIVING


def test_a_hosted_code_without_ways_still_says_so() -> None:
    assert whys(code(delivery="hosted")) == [Passed.NO_WAY] * 3


def test_caps_and_leaves_count_but_neither_queues_nor_weights() -> None:
    away = StaffLoad(2, paused_until=AT.epoch + 60)
    assert whys(code(), s1=full(1), s2=away) == [Passed.STAFF_CAP, Passed.STAFF_PAUSED, None]
    snapshot = code(peak_window=300, strategy="weighted")
    weightless = replace(snapshot, roster=tuple(replace(seat, weight=0) for seat in snapshot.roster))
    counters = loads(weightless)
    counters.waits[1, 300] = 999
    assert [seat.why for seat in seats_now(weightless, AT, counters) if seat.rung is Rung.ROSTER] == [None] * 3


@pytest.mark.parametrize(
    ("unable", "flow"),
    [
        ({}, Flow.ROSTER),
        ({"s1": full(1), "s2": full(2), "s3": full(3)}, Flow.BACKUP),
        ({f"s{pk}": full(pk) for pk in range(1, 6)}, Flow.DUTY),
        ({f"s{pk}": StaffLoad(pk, receivable=False) for pk in (*range(1, 6), 9)}, Flow.FALLBACK),
    ],
)
def test_the_code_flows_to_whom_wecom_is_told_to_choose_among(unable: dict[str, StaffLoad], flow: Flow) -> None:
    snapshot = code()
    counters = loads(snapshot, **unable)
    assert flow_of(snapshot, AT, counters, seats_now(snapshot, AT, counters)) is flow
