"""The dry run and the real thing agree: random codes, loads and clocks, scanned over HTTP (product.md §2.9)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest

from livecode_admin.kernel import clock
from routing.models import CalendarDay
from routing.rules.counters import Counters
from routing.rules.dryrun import decisions, run
from routing.rules.hours import LocalTime
from routing.rules.snapshot import Snapshot
from routing.rules.traces import trace_written
from routing.selectors.moments import counters_now, local_now, turn_now
from tenants.context import tenant_context
from tenants.models import Tenant
from tests.factories import make_tenant
from tests.routing.cases import Case, make_cases
from tests.routing.conftest import Edges
from tests.routing.phones import scan_lines
from tests.routing.stage import rows_of

pytestmark = pytest.mark.processes
SEED = 20_270_115
CLOCKS = 20
CASES = 50
ZONES = ["Asia/Shanghai", "Asia/Urumqi", "America/New_York", "Europe/London"]
Fate = tuple[str, str, int, int | None, int | None, Any]


def moments(dice: Random) -> Iterator[tuple[datetime, str]]:
    """Moments at any time of day within the next 300 days, in order, soon after a full minute; each with a zone."""
    start = datetime.now(UTC).replace(second=5, microsecond=0)
    for number, minutes in enumerate(sorted(dice.sample(range(300 * 1440), CLOCKS))):
        yield start + timedelta(minutes=minutes), ZONES[number % len(ZONES)]


def mark_calendar(dice: Random, day: date) -> None:
    """The day and the one before may be holidays or make-up workdays."""
    for one in (day, day - timedelta(days=1)):
        if dice.random() < 0.5:
            CalendarDay.objects.create(day=one, works_as=dice.choice([None, 0, 4]))


def loads(cases: list[Case], now: datetime) -> dict[int | None, Counters]:
    """The load of everybody of all cases at once, by the peak window that counts."""
    everybody = tuple(seat for case in cases for seat in case.snapshot.seats())
    windows = {case.snapshot.peak_window for case in cases}
    return {window: counters_now(Snapshot(0, 1, everybody, peak_window=window), now=now) for window in windows}


def foretold(case: Case, load: Counters, at: LocalTime) -> list[Fate]:
    """What the dry run says of each scan."""
    turn = turn_now(case.code_id)
    whole = run(case.snapshot, counters=load, turn=turn, at=at, visitors=case.visitors)
    fates: list[Fate] = []
    for one in decisions(case.snapshot, counters=load, turn=turn, at=at, visitors=case.visitors):
        trace = trace_written(one.passed)
        seat_id = one.seat.seat_id if one.seat else None
        fates.append((str(one.outcome), one.reason, int(one.rung), seat_id, one.condition, trace))
    assert whole.served == [fate[3] for fate in fates]
    return fates


def happened(tenant_id: int, cases: list[Case]) -> dict[int, list[Fate]]:
    """What the scan rows say, in order."""
    fates: dict[int, list[Fate]] = {case.code_id: [] for case in cases}
    sql = (
        "SELECT code_id, outcome, reason, rung, seat_id, condition, trace FROM routing_scan"
        " WHERE code_id = ANY(%s) ORDER BY id"
    )
    for code_id, *fate in rows_of(tenant_id, sql, list(fates)):
        fates[code_id].append(tuple(fate))
    return fates


def test_the_dry_run_and_the_real_thing_agree_on_a_thousand_random_cases(edges: Edges) -> None:
    dice = Random(SEED)
    seen: set[tuple[str, str]] = set()
    try:
        for moment, zone in moments(dice):
            tenant = make_tenant()
            with tenant_context(tenant.id):
                Tenant.objects.filter(pk=tenant.id).update(time_zone=zone)
                day = clock.local_day(moment, zone)
                mark_calendar(dice, day)
                cases = make_cases(dice, tenant.id, now=moment, day=day, number=CASES)
                at, load = local_now(moment), loads(cases, moment)
                expected = {case.code_id: foretold(case, load[case.snapshot.peak_window], at) for case in cases}
            edges.shift_clock((moment - datetime.now(UTC)).total_seconds())
            scan_lines(edges, [case.asks for case in cases])
            assert happened(tenant.id, cases) == expected
            seen |= {fate[:2] for fates in expected.values() for fate in fates}
    finally:
        edges.shift_clock(0)
    reasons = {reason for _, reason in seen}
    assert reasons >= {"in_turn", "weighted", "least_loaded", "condition", "peak", "peak_kept", "overflow", "duty"}
