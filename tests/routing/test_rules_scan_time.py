"""Hours and conditions change a real scan: midnight, holidays, regions, sub-channels (product.md §2.5, §2.7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from livecode_admin.kernel import clock
from people.services import group_create, group_members_set
from routing.rules.calendars import CalendarEntry
from routing.services.defaults import calendar_add
from tenants.context import tenant_context
from tests.factories import TenantFixture
from tests.routing.conftest import Edges, new_cookie
from tests.routing.regionfile import ABROAD, IN_SHANGHAI, IN_SHENZHEN
from tests.routing.ruling import NIGHT, OFFICE, clock_at, monday, rules, scan, seats, stored
from tests.routing.stage import StageCode, live_code

pytestmark = pytest.mark.processes


def at_each(edges: Edges, code: StageCode, *moments: tuple[int, str]) -> list[int | None]:
    """Scan once at each (day after Monday, time); the place of each scan's person."""
    for day, time in moments:
        with clock_at(edges, monday() + timedelta(days=day), time):
            scan(edges, code)
    return code.served()


def calendar(tenant: TenantFixture, *entries: CalendarEntry) -> None:
    """Holidays and make-up workdays of the company."""
    with tenant_context(tenant.id):
        calendar_add(access=tenant.owner, entries=entries, now=clock.now())


def last(code: StageCode) -> tuple[Any, ...]:
    """Outcome, rung and trace of the last scan."""
    rows = code.rows("SELECT outcome, rung, trace->0->>0 FROM routing_scan ORDER BY id DESC LIMIT 1")
    return rows[0]


def conditions(code: StageCode, *places: Sequence[int], **criteria: Any) -> None:
    """One condition that chooses people by their places."""
    staff = [code.staff[place] for place in places[0]]
    rules(code, conditions=[{"key": 0, "name": "条件", "staff": staff, **criteria}])


def test_outside_of_the_codes_hours_the_backups_serve(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1, backups=1)
    rules(code, hours=stored(OFFICE))
    served = at_each(edges, code, (0, "08:59"), (0, "09:00"), (0, "17:59"), (0, "18:00"), (5, "12:00"))
    assert served == [1, 0, 0, 1, 1]
    assert last(code) == ("overflow", 2, "code_hours")


def test_a_seats_hours_across_midnight(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1, backups=1)
    seats(code, backups=1, p0={"hours": NIGHT})
    served = at_each(edges, code, (0, "21:59"), (0, "22:00"), (1, "05:59"), (1, "06:00"), (5, "03:00"), (6, "03:00"))
    assert served == [1, 0, 0, 1, 0, 1]
    assert last(code) == ("overflow", 2, "off_hours")


def test_a_holiday_is_closed_and_a_make_up_workday_works_as_its_weekday(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1, backups=1)
    rules(code, hours=stored(OFFICE))
    assert at_each(edges, code, (1, "12:00"), (6, "12:00")) == [0, 1]
    calendar(tenant, CalendarEntry(monday() + timedelta(days=2), "节日"))
    calendar(tenant, CalendarEntry(monday() + timedelta(days=13), "", 2))
    assert at_each(edges, code, (2, "12:00"), (13, "12:00"))[2:] == [1, 0]


def test_without_hours_it_is_open_all_day(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1, backups=1)
    rules(code, hours=stored(OFFICE))
    rules(code, hours=None)
    assert at_each(edges, code, (5, "03:00")) == [0]


def test_a_condition_by_sub_channel_chooses_the_people(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=3)
    conditions(code, [2], subs=["poster12"])
    for sub in ("", "poster12", "poster13", "poster12"):
        scan(edges, code, sub=sub)
    assert code.served() == [0, 2, 1, 2]
    assert code.rows("SELECT reason, rung, condition FROM routing_scan ORDER BY id DESC LIMIT 1") == [
        ("condition", 0, 1)
    ]


def test_a_condition_by_region_chooses_the_people(
    tenant: TenantFixture, edges: Edges, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVECODE_IP2REGION_XDB", str(tmp_path / "ip.xdb"))  # the console only asks whether there is one
    code = live_code(tenant, roster=2)
    conditions(code, [1], regions=["广东"])
    for address in (IN_SHENZHEN, IN_SHANGHAI, ABROAD, IN_SHENZHEN, ""):
        scan(edges, code, address=address)
    assert code.served() == [1, 0, 1, 1, 0]


def test_a_condition_by_weekday_and_hour_chooses_the_people(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=2)
    conditions(code, [1], hours=stored(NIGHT))
    assert at_each(edges, code, (0, "23:00"), (1, "05:00"), (1, "12:00"), (6, "23:00")) == [1, 1, 0, 1]
    reasons = code.rows("SELECT reason FROM routing_scan ORDER BY id")
    assert reasons == [("condition",), ("condition",), ("in_turn",), ("in_turn",)]


@pytest.mark.parametrize(("visitor", "served"), [("new", [1, 0]), ("returning", [0, 1])])
def test_a_condition_by_new_or_returning_chooses_the_people(
    tenant: TenantFixture, edges: Edges, visitor: str, served: list[int]
) -> None:
    code, elsewhere, cookie = live_code(tenant, roster=2), live_code(tenant, roster=1), new_cookie()
    conditions(code, [1], visitor=visitor)
    scan(edges, elsewhere, cookie=cookie)
    scan(edges, code)
    scan(edges, code, cookie=cookie)
    assert code.served() == served


def test_the_first_condition_that_holds_wins_and_their_order_can_be_changed(
    tenant: TenantFixture, edges: Edges
) -> None:
    code = live_code(tenant, roster=2)
    both = [
        {"key": 0, "name": name, "subs": ["m1"], "staff": [code.staff[place]]}
        for place, name in enumerate(["甲", "乙"])
    ]
    rules(code, conditions=both)
    scan(edges, code, sub="m1")
    ((keys,),) = code.rows("SELECT jsonb_path_query_array(conditions, '$[*].key') FROM routing_routingrule")
    kept = [{**condition, "key": key} for condition, key in zip(both, keys, strict=True)]
    rules(code, conditions=kept[::-1])
    scan(edges, code, sub="m1")
    assert code.served() == [0, 1]


def test_when_the_conditions_people_are_full_the_rest_of_the_roster_takes_over(
    tenant: TenantFixture, edges: Edges
) -> None:
    code = live_code(tenant, roster=2, backups=1, cap=1)
    conditions(code, [1], subs=["m1"])
    scan(edges, code, 4, sub="m1")
    assert code.served() == [1, 0, 2, None]
    assert code.rows("SELECT rung FROM routing_scan ORDER BY id") == [(0,), (1,), (2,), (4,)]


def test_a_condition_may_name_a_group(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=3)
    with tenant_context(tenant.id):
        group = group_create(access=tenant.owner, name="夜班", now=clock.now())
        group_members_set(access=tenant.owner, group_id=group, staff_ids=code.staff[1:], now=clock.now())
    rules(code, conditions=[{"key": 0, "name": "夜班", "subs": ["m1"], "groups": [group]}])
    scan(edges, code, 3, sub="m1")
    assert code.served() == [1, 2, 1]
