"""实时接待 (product.md §6.3): every figure judged by scans over real edges."""

from __future__ import annotations

from datetime import timedelta

import pytest

from livecode_admin.kernel import clock
from routing.models import RoutingRule, Slot, StaffDay, StaffLimit, StaffSuspect
from routing.rules.standing import Flow, Standing
from routing.selectors.live import LiveFilters, LiveNow, live_now
from tenants.context import tenant_context
from tests.factories import TenantFixture
from tests.routing.conftest import Edges
from tests.routing.stage import StageCode, live_code

pytestmark = pytest.mark.processes
NO_FILTER = LiveFilters()


def reading(code: StageCode, filters: LiveFilters = NO_FILTER) -> LiveNow:
    with tenant_context(code.tenant.id):
        return live_now(code.tenant.owner, filters, now=clock.now())


def standings(code: StageCode) -> list[str]:
    """The states in the order of the stage's people."""
    found = {row.card.id: row.standing for row in reading(code).staff}
    return [found[pk] for pk in code.staff]


def test_each_person_shows_what_waits_what_is_used_and_when_they_were_last_assigned(
    tenant: TenantFixture, edges: Edges
) -> None:
    code = live_code(tenant, roster=2, cap=3)
    before = clock.now()
    for _ in range(3):
        edges.scan(code.slug)
    rows = {row.card.id: row for row in reading(code).staff}
    first, second = (rows[pk] for pk in code.staff)
    assert [(row.waiting, row.used, row.late, row.cap, row.codes) for row in (first, second)] == [
        (2, 2, 0, 3, 1),
        (1, 1, 0, 3, 1),
    ]
    assert first.last_at is not None
    assert before - timedelta(seconds=1) <= first.last_at <= clock.now()


def test_somebody_at_the_cap_is_full_and_the_codes_scans_go_on_to_the_backups_then_the_page(
    tenant: TenantFixture, edges: Edges
) -> None:
    code = live_code(tenant, roster=2, backups=1, cap=1)
    assert reading(code).codes[0].flow is Flow.ROSTER
    for _ in range(2):
        edges.scan(code.slug)
    assert standings(code) == [Standing.FULL, Standing.FULL, Standing.STANDBY]
    assert reading(code).codes[0].flow is Flow.BACKUP
    for _ in range(3):
        edges.scan(code.slug)
    (row,) = reading(code).codes
    assert (row.flow, row.able, row.roster) == (Flow.FALLBACK, 0, 2)
    assert (row.scans, row.backup, row.duty, row.page) == (5, 1, 0, 2)


def test_late_friends_stand_beside_the_used_and_count_to_the_cap(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1, cap=2)
    edges.scan(code.slug)
    with tenant_context(tenant.id):
        StaffDay.objects.update(late=1, added=1)
    (row,) = reading(code).staff
    assert (row.used, row.late, row.cap, row.standing) == (1, 1, 2, Standing.FULL)


def test_people_who_are_away_say_how(tenant: TenantFixture, edges: Edges) -> None:
    code, now = live_code(tenant, roster=5), clock.now()
    leave, offline, suspect, unable, _ = code.staff
    with tenant_context(tenant.id):
        StaffLimit.objects.create(staff_id=leave, paused_until=now + timedelta(hours=1))
        StaffLimit.objects.create(staff_id=offline, online=False)
        StaffSuspect.objects.create(staff_id=suspect, since=now, until=now + timedelta(hours=1), assigned=20)
    code.rows("UPDATE people_staff SET can_receive = false, cannot_reason = 'disabled' WHERE id = %s", unable)
    assert standings(code) == [
        Standing.LEAVE,
        Standing.OFFLINE,
        Standing.SUSPECT,
        Standing.UNABLE,
        Standing.RECEIVING,
    ]
    for _ in range(2):
        edges.scan(code.slug)
    assert code.served() == [4, 4]


def test_a_queue_that_is_too_long_is_said_and_so_is_that_customers_go_to_the_backups(
    tenant: TenantFixture, edges: Edges
) -> None:
    code = live_code(tenant, roster=1, backups=1)
    with tenant_context(tenant.id):
        RoutingRule.objects.update_or_create(code_id=code.code_id, defaults={"peak_overflow": True})
        StaffLimit.objects.create(staff_id=code.staff[0], peak_threshold=2)
    for _ in range(2):
        edges.scan(code.slug)
    found = reading(code)
    assert standings(code) == [Standing.PEAK, Standing.STANDBY]
    assert found.codes[0].flow is Flow.BACKUP
    with tenant_context(tenant.id):
        Slot.objects.update(taken_at=clock.now() - timedelta(minutes=6))
    assert standings(code)[0] == Standing.RECEIVING, "outside of the window nobody waits"
    assert [row.waiting for row in reading(code).staff if row.card.id == code.staff[0]] == [0]


def test_nothing_new_is_the_same_stamp_and_a_scan_is_another(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=2)
    first = reading(code).stamp
    assert reading(code).stamp == first
    edges.scan(code.slug)
    assert reading(code).stamp != first


def test_scans_older_than_five_minutes_leave_the_figures(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=2)
    edges.scan(code.slug)
    with tenant_context(tenant.id):
        later = live_now(tenant.owner, NO_FILTER, now=clock.now() + timedelta(minutes=5, seconds=1))
    assert reading(code).codes[0].scans == 1
    assert later.codes[0].scans == 0


def test_filters_by_code_and_state_leave_the_others_out(tenant: TenantFixture, edges: Edges) -> None:
    code, other = live_code(tenant, roster=2, cap=1), live_code(tenant, roster=1)
    edges.scan(code.slug)
    by_code = reading(code, LiveFilters(code_id=code.code_id))
    assert {row.card.id for row in by_code.staff} == set(code.staff)
    assert [row.id for row in by_code.codes] == [code.code_id]
    full = reading(code, LiveFilters(standing="full"))
    assert [row.card.id for row in full.staff] == code.staff[:1]
    assert len(full.codes) == 2
    assert other.staff[0] not in {row.card.id for row in full.staff}
