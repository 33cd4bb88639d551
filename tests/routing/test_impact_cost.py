"""What a change of a group would do is told at the same cost for two codes and for many (product.md §2.11)."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from livecode_admin.kernel import clock
from people.services import group_create
from routing.selectors.groups import GroupImpact, group_impact
from routing.services.groups import group_people_save
from routing.services.roster import SeatInput, SourceInput, roster_set
from tenants.context import tenant_context
from tests.console.stage import codes_of, staff_of
from tests.factories import TenantFixture


def holding(tenant: TenantFixture, group_id: int, staff_id: int, count: int) -> None:
    """Codes of which the roster is one person and the group."""
    for code_id in codes_of(tenant.owner, count, staff=[staff_id]):
        with tenant_context(tenant.id):
            roster_set(
                access=tenant.owner,
                code_id=code_id,
                seats=[SeatInput(staff_id)],
                sources=[SourceInput("group", group_id, position=1)],
                now=clock.now(),
            )


def impact(tenant: TenantFixture, group_id: int, staff_ids: list[int]) -> tuple[int, GroupImpact]:
    with tenant_context(tenant.id), CaptureQueriesContext(connection) as seen:
        found = group_impact(tenant.owner, group_id, staff_ids=staff_ids)
    return len(seen), found


def test_twenty_codes_cost_as_many_queries_as_two_and_each_is_told_rightly(tenant: TenantFixture) -> None:
    first, second, third, fourth = staff_of(tenant, 4)
    with tenant_context(tenant.id):
        group_id = group_create(access=tenant.owner, name="一组", now=clock.now())
        group_people_save(access=tenant.owner, group_id=group_id, staff_ids=[second, third], now=clock.now())
    holding(tenant, group_id, first, 2)
    few, told = impact(tenant, group_id, [third, fourth])
    assert [(len(one.joins), len(one.leaves)) for one in told.codes] == [(1, 1)] * 2
    holding(tenant, group_id, first, 18)
    many, told = impact(tenant, group_id, [third, fourth])
    assert {(one.joins, one.leaves, one.empties) for one in told.codes} == {(told.joins, told.leaves, False)}
    assert (len(told.codes), many) == (20, few)
