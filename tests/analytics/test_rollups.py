"""Facts become figures: each once, in the company's own days and hours (product.md §6)."""

from __future__ import annotations

import threading
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connections

from analytics.models import Watermark
from analytics.selectors import Figures, daily, data_until, today, today_by_code
from analytics.services import figures_roll_up
from tenants.context import tenant_context
from tests.factories import TenantFixture
from tests.routing.stage import rows_of

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)  # 14:00 in Shanghai
TODAY = date(2026, 11, 22)


def code_of(tenant: TenantFixture) -> int:
    from codes.services import code_create

    with tenant_context(tenant.id):
        return code_create(
            access=tenant.owner,
            now=NOW,
            name=f"活动{uuid.uuid4().hex[:8]}",
            purpose="campaign",
            purpose_text="地推",
            department_id=tenant.department_id,
        )


def scanned(tenant: TenantFixture, code_id: int, outcome: str, *, kind: str = "visit", at: datetime = NOW) -> None:
    """A row as the batch writes it, in the partition of the scan's local day."""
    day = (at + timedelta(hours=8)).date()
    values: dict[str, Any] = {
        "tenant_id": tenant.id,
        "scan_day": day,
        "scan_id": str(uuid.uuid4()),
        "scanned_at": at,
        "code_id": code_id,
        "kind": kind,
        "outcome": outcome,
        "sub_channel": "",
    }
    insert(tenant, "routing_scan", values)


def befriended(
    tenant: TenantFixture,
    code_id: int | None,
    change: str = "added",
    *,
    first: bool = True,
    late: bool = False,
    at: datetime = NOW,
) -> None:
    """A contact's event as reception writes it."""
    from people.services import customer_upsert, staff_upsert

    with tenant_context(tenant.id):
        staff_id = staff_upsert(wecom_userid="LinXiaoTong", name="林晓彤", now=NOW)
        customer_id = customer_upsert(
            external_userid=f"wm{uuid.uuid4().hex}", name="小满", avatar_url="", gender=0, kind=1, now=NOW
        )
    contact = {"customer_id": customer_id, "staff_id": staff_id, "state": "friend", "updated_at": at}
    (contact_id,) = insert(tenant, "reception_contact", {"tenant_id": tenant.id, **contact})
    event = {
        "tenant_id": tenant.id,
        "contact_id": contact_id,
        "inbox_id": uuid.uuid4().int % 10**12,
        "change": change,
        "customer_id": customer_id,
        "staff_id": staff_id,
        "code_id": code_id,
        "late": late,
        "first_time": first,
        "occurred_at": at,
        "recorded_at": at,
    }
    insert(tenant, "reception_contactevent", event)


def insert(tenant: TenantFixture, table: str, values: dict[str, Any]) -> tuple[Any, ...]:
    """One row with the columns' own kinds filled in where a value isn't given; its id."""
    columns = rows_of(
        tenant.id,
        "SELECT column_name, data_type, udt_name FROM information_schema.columns"
        " WHERE table_name = %s AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'",
        table,
    )
    plain = {"bigint": 0, "integer": 0, "smallint": 0, "boolean": False, "jsonb": "[]"}
    full = {name: plain.get(kind, "[]" if kind == "ARRAY" else "") for name, kind, _ in columns} | values
    names, places = ", ".join(full), ", ".join(["%s"] * len(full))
    return rows_of(tenant.id, f"INSERT INTO {table} ({names}) VALUES ({places}) RETURNING id", *full.values())[0]


def roll_up(tenant: TenantFixture) -> int:
    with tenant_context(tenant.id):
        return sum(figures_roll_up(source=source, now=NOW) for source in Watermark.Source)


def figures(tenant: TenantFixture, access: Any = None, day: date = TODAY) -> Figures:
    with tenant_context(tenant.id):
        return today(access or tenant.owner, day=day)


def test_each_outcome_is_counted_where_it_belongs(tenant: TenantFixture) -> None:
    code = code_of(tenant)
    for outcome in ("assigned", "assigned", "overflow", "duty", "fallback", "returning"):
        scanned(tenant, code, outcome)
    scanned(tenant, code, "no_slot", kind="outside")
    scanned(tenant, code, "no_slot", kind="crawler")
    scanned(tenant, code, "no_slot", kind="prefetch")
    scanned(tenant, code, "no_slot", kind="native")
    befriended(tenant, code)
    assert roll_up(tenant) == 11
    assert rows_of(tenant.id, "SELECT sum(machine) FROM analytics_hourlyfigure") == [(2,)]
    assert figures(tenant) == Figures(
        scans=7, assigned=4, revisits=1, overflowed=2, fallbacks=1, added=1, late=0, lost=0, acceptance=0.25
    )


def test_late_adds_are_adds_and_counted_apart_and_a_repeated_friend_is_no_add(tenant: TenantFixture) -> None:
    code = code_of(tenant)
    befriended(tenant, code)
    befriended(tenant, code, late=True)
    befriended(tenant, code, first=False)
    befriended(tenant, code, "lost")
    befriended(tenant, code, "removed")
    befriended(tenant, code, "half_added")
    befriended(tenant, code, "edited")
    roll_up(tenant)
    found = figures(tenant)
    assert (found.added, found.late, found.lost) == (2, 1, 2)


def test_rolling_up_again_counts_nothing_twice(tenant: TenantFixture) -> None:
    code = code_of(tenant)
    scanned(tenant, code, "assigned")
    assert [roll_up(tenant), roll_up(tenant)] == [1, 0]
    scanned(tenant, code, "assigned")
    assert roll_up(tenant) == 1
    assert figures(tenant).assigned == 2
    with tenant_context(tenant.id):
        assert data_until() == NOW


def test_two_rollups_at_once_count_each_fact_once(tenant: TenantFixture) -> None:
    code = code_of(tenant)
    for _ in range(60):
        scanned(tenant, code, "assigned")
    start = threading.Barrier(4)
    counted: list[int] = []

    def run() -> None:
        start.wait()
        try:
            counted.extend(roll_up(tenant) for _ in range(3))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(20):
        scanned(tenant, code, "overflow" if number % 2 else "assigned")
    for thread in threads:
        thread.join()
    counted.append(roll_up(tenant))
    assert sum(counted) == 80
    found = figures(tenant)
    assert (found.scans, found.assigned, found.overflowed) == (80, 80, 10)


def test_a_rollup_that_fails_leaves_figures_and_watermark_as_they_were(tenant: TenantFixture) -> None:
    code = code_of(tenant)
    scanned(tenant, code, "assigned")

    def broken() -> None:
        with tenant_context(tenant.id):
            figures_roll_up(source=Watermark.Source.SCANS, now=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert figures(tenant).scans == 0
    assert roll_up(tenant) == 1
    assert figures(tenant).scans == 1


@pytest.mark.parametrize(
    ("at", "day", "hour"),
    [
        (datetime(2026, 11, 21, 15, 59, 59, tzinfo=UTC), date(2026, 11, 21), 23),
        (datetime(2026, 11, 21, 16, 0, 0, tzinfo=UTC), date(2026, 11, 22), 0),
        (datetime(2026, 11, 22, 15, 59, 59, tzinfo=UTC), date(2026, 11, 22), 23),
    ],
)
def test_a_day_ends_at_the_companys_midnight(tenant: TenantFixture, at: datetime, day: date, hour: int) -> None:
    code = code_of(tenant)
    scanned(tenant, code, "assigned", at=at)
    befriended(tenant, code, at=at)
    roll_up(tenant)
    cells = "SELECT day, hour, scans, added FROM analytics_hourlyfigure ORDER BY scans"
    assert rows_of(tenant.id, cells) == [(day, hour, 0, 1), (day, hour, 1, 0)]
    assert (figures(tenant, day=day).scans, figures(tenant, day=day).added) == (1, 1)


def test_days_without_facts_are_zeros(tenant: TenantFixture) -> None:
    code = code_of(tenant)
    scanned(tenant, code, "assigned", at=NOW - timedelta(days=2))
    roll_up(tenant)
    with tenant_context(tenant.id):
        series = daily(tenant.owner, last_day=TODAY, days=4)
    assert [(one.day.day, one.figures.scans) for one in series] == [(19, 0), (20, 1), (21, 0), (22, 0)]


def test_a_late_fact_is_counted_on_its_own_day(tenant: TenantFixture) -> None:
    code = code_of(tenant)
    scanned(tenant, code, "assigned")
    roll_up(tenant)
    scanned(tenant, code, "assigned", at=NOW - timedelta(days=1))
    roll_up(tenant)
    assert (figures(tenant).scans, figures(tenant, day=TODAY - timedelta(days=1)).scans) == (1, 1)


@pytest.mark.parametrize(
    ("bundle", "shown", "hidden"),
    [
        ("receptionist", {"added", "late", "lost", "acceptance"}, {"scans", "assigned", "fallbacks"}),
        ("campaign_ops", {"scans", "assigned", "added", "lost"}, {"acceptance"}),
        ("data_analyst", {"scans", "assigned", "added", "acceptance"}, set()),
    ],
)
def test_metric_groups_cut_figures(tenant: TenantFixture, bundle: str, shown: set[str], hidden: set[str]) -> None:
    code = code_of(tenant)
    access = tenant.member(bundle)
    rows_of(tenant.id, "UPDATE codes_livecode SET owner_id = %s WHERE id = %s", access.member_id, code)
    scanned(tenant, code, "assigned")
    befriended(tenant, code)
    roll_up(tenant)
    found = figures(tenant, access)
    assert {name for name in shown if getattr(found, name) is None} == set()
    assert {name for name in hidden if getattr(found, name) is not None} == set()


def test_figures_are_those_of_the_codes_in_scope(tenant: TenantFixture, other_tenant: TenantFixture) -> None:
    receptionist = tenant.member("receptionist")
    own, foreign = code_of(tenant), code_of(tenant)
    elsewhere = code_of(other_tenant)
    rows_of(tenant.id, "UPDATE codes_livecode SET owner_id = %s WHERE id = %s", receptionist.member_id, own)
    befriended(tenant, own)
    befriended(tenant, foreign)
    befriended(tenant, None)
    befriended(other_tenant, elsewhere)
    roll_up(tenant)
    roll_up(other_tenant)
    assert figures(tenant, receptionist).added == 1
    with tenant_context(tenant.id):
        by_code = today_by_code(receptionist, day=TODAY, code_ids=[own, foreign])
    assert by_code[own].added == 1
    assert foreign not in by_code
    assert figures(tenant).added == 2
