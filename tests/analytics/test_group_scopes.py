"""Each metric group is shown of the codes that its own capability reaches (product.md §5.3)."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from analytics.models import HourlyFigure
from analytics.selectors import busiest_codes, sparklines, today, today_by_code
from codes.services import code_create
from livecode_admin.kernel import clock
from permissions.access import Access, Scope
from tenants.context import tenant_context
from tests.factories import TenantFixture


def narrowed(access: Access, capability: str) -> Access:
    """The same member, holding this capability for own codes alone."""
    return replace(access, scopes=MappingProxyType({**access.scopes, capability: Scope.OWN}))


def filed(tenant: TenantFixture) -> tuple[int, int]:
    """An own code of the operations director and one of the owner, with figures of today."""
    now = clock.now()
    day = clock.local_day(now, "Asia/Shanghai")
    made = []
    director = tenant.member("ops_director")
    with tenant_context(tenant.id):
        for access, name, scans in ((director, "自己的码", 3), (tenant.owner, "别人的码", 5)):
            code_id = code_create(access=access, now=now, name=name, purpose="campaign", purpose_text="地推")
            HourlyFigure.objects.create(day=day, hour=0, code_id=code_id, scans=scans, assigned=scans, added=1)
            made.append(code_id)
    return made[0], made[1]


def test_quality_held_for_own_codes_is_not_computed_over_those_of_others(tenant: TenantFixture) -> None:
    own, foreign = filed(tenant)
    day = clock.local_day(clock.now(), "Asia/Shanghai")
    access = narrowed(tenant.member("ops_director"), "analytics.quality")
    with tenant_context(tenant.id):
        whole = today(access, day=day)
        each = today_by_code(access, day=day, code_ids=[own, foreign])
    assert (whole.scans, whole.added, whole.acceptance) == (8, 2, 1 / 3)
    assert each[foreign].scans == 5
    assert each[foreign].acceptance is None


def test_traffic_held_for_own_codes_leaves_those_of_others_out(tenant: TenantFixture) -> None:
    own, foreign = filed(tenant)
    day = clock.local_day(clock.now(), "Asia/Shanghai")
    access = narrowed(tenant.member("ops_director"), "analytics.traffic")
    with tenant_context(tenant.id):
        assert today(access, day=day).scans == 3
        assert busiest_codes(access, day=day, most=8) == [own]
        assert sparklines(access, code_ids=[own, foreign], last_day=day).keys() == {own}
        assert busiest_codes(tenant.owner, day=day, most=8) == [foreign, own]
