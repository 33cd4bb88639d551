"""疑似已满或异常: 20 assignments and no add within an hour → next rung, and a warning (product.md §2.13)."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from livecode_admin.kernel import clock
from livecode_admin.workspace.selectors import notices_latest
from permissions.access import Access
from routing.models import Slot, StaffDay, StaffSuspect
from routing.services.presence import suspect_lift
from routing.services.suspects import suspects_find, tenants_with_many_assignments
from routing.tasks.suspects import find_suspects
from tenants.context import tenant_context
from tests.factories import TenantFixture
from tests.routing.conftest import Edges
from tests.routing.stage import StageCode, live_code
from tests.routing.test_slots import add

pytestmark = pytest.mark.processes
MINUTE = timedelta(minutes=1)


def assigned(code: StageCode, number: int, ago: timedelta) -> None:
    """``number`` customers were led to the first colleague so long ago; none of them waits any more."""
    now = clock.now()
    with tenant_context(code.tenant.id):
        seat_id, staff_id = code.rows("SELECT id, staff_id FROM routing_seat ORDER BY id LIMIT 1")[0]
        Slot.objects.bulk_create(
            Slot(
                tenant_id=code.tenant.id,
                scan_id=uuid.uuid4(),
                code_id=code.code_id,
                seat_id=seat_id,
                staff_id=staff_id,
                visitor="v",
                day=clock.local_day(now, "Asia/Shanghai"),
                taken_at=now - ago,
                held_until=now - ago + 3 * MINUTE,
                state=Slot.State.RETURNED,
            )
            for _ in range(number)
        )


def marked(code: StageCode) -> list[int]:
    with tenant_context(code.tenant.id):
        return list(StaffSuspect.objects.filter(until__gt=clock.now()).values_list("staff_id", flat=True))


def bell(access: Access, code: StageCode) -> list[str]:
    with tenant_context(code.tenant.id):
        return [notice.text for notice in notices_latest(access)]


def test_twenty_and_no_add_leads_the_next_scan_past_her_and_warns(tenant: TenantFixture, edges: Edges) -> None:
    lead = tenant.member("reception_lead")
    code = live_code(tenant, roster=2)
    assigned(code, 20, 30 * MINUTE)
    assert tenant.id in tenants_with_many_assignments(clock.now())
    find_suspects(tenant_id=tenant.id)
    assert marked(code) == [code.staff[0]]
    for _ in range(3):
        edges.scan(code.slug)
    assert code.served() == [1, 1, 1]
    assert (
        bell(tenant.owner, code)
        == bell(lead, code)
        == ["林晓彤疑似已满或异常：近 1 小时分配 20 人、0 人添加，已转由下一级接待"]
    )
    assert bell(tenant.member("intern"), code) == []


def test_nineteen_or_younger_than_ten_minutes_or_older_than_an_hour_are_no_reason(
    tenant: TenantFixture, edges: Edges
) -> None:
    code = live_code(tenant, roster=1)
    assigned(code, 19, 30 * MINUTE)
    assigned(code, 20, 9 * MINUTE)
    assigned(code, 20, 61 * MINUTE)
    find_suspects(tenant_id=tenant.id)
    assert marked(code) == []


def test_one_add_within_the_hour_is_enough(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1)
    assigned(code, 30, 30 * MINUTE)
    now = clock.now()
    with tenant_context(tenant.id):
        StaffDay.objects.create(
            staff_id=code.staff[0], day=clock.local_day(now, "Asia/Shanghai"), last_add_at=now - 50 * MINUTE
        )
        assert suspects_find(now=now) == []
        assert suspects_find(now=now + 11 * MINUTE) == [code.staff[0]]


def test_an_add_takes_the_mark_off_at_once(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1)
    assigned(code, 20, 30 * MINUTE)
    find_suspects(tenant_id=tenant.id)
    edges.scan(code.slug)
    assert code.outcomes() == ["fallback"]
    add(code, "somebody-elses")  # by whatever way: a card will do
    assert marked(code) == []
    find_suspects(tenant_id=tenant.id)
    edges.scan(code.slug)
    assert code.outcomes() == ["fallback", "assigned"]


def test_it_lasts_an_hour_is_prolonged_while_it_holds_and_told_once(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1)
    assigned(code, 20, 15 * MINUTE)
    now = clock.now()
    with tenant_context(tenant.id):
        assert suspects_find(now=now) == [code.staff[0]]
        assert suspects_find(now=now + 30 * MINUTE) == []
        assert StaffSuspect.objects.get().until == now + 90 * MINUTE
        assert suspects_find(now=now + 60 * MINUTE) == []
        assert StaffSuspect.objects.get().until == now + 90 * MINUTE
    assert len(bell(tenant.owner, code)) == 1


def test_whoever_was_taken_back_is_judged_by_the_customers_after_that(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=2)
    assigned(code, 20, 30 * MINUTE)
    find_suspects(tenant_id=tenant.id)
    with tenant_context(tenant.id):
        suspect_lift(access=tenant.owner, staff_id=code.staff[0], now=clock.now())
        assert suspects_find(now=clock.now()) == []
    assert marked(code) == []
    with tenant_context(tenant.id):
        StaffSuspect.objects.update(until=clock.now() - 20 * MINUTE)
    assigned(code, 20, 15 * MINUTE)
    find_suspects(tenant_id=tenant.id)
    assert marked(code) == [code.staff[0]]


def test_adds_are_read_after_the_companys_lock(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=2)
    assigned(code, 20, 30 * MINUTE)
    with tenant_context(tenant.id), CaptureQueriesContext(connection) as seen:
        suspects_find(now=clock.now())
    order = [query["sql"] for query in seen.captured_queries]
    lock = next(place for place, sql in enumerate(order) if "routing_lock" in sql)
    assert lock < next(place for place, sql in enumerate(order) if "routing_staffday" in sql)
