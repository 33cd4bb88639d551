"""Each metric group is shown of the codes that its own capability reaches (product.md §5.3)."""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType

from analytics.figures import chart_title, daily_chart
from analytics.models import HourlyFigure
from analytics.selectors import busiest_codes, daily, sparklines, today, today_by_code
from codes.services import code_create
from livecode_admin.kernel import clock
from permissions.access import Access, Scope
from permissions.rules import Target
from permissions.services import bundle_assign
from tenants.context import tenant_context
from tests.console.stage import viewer
from tests.factories import TenantFixture, access_of


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


def test_a_code_beyond_a_group_s_reach_has_no_figure_of_it_and_no_zero(tenant: TenantFixture) -> None:
    own, foreign = filed(tenant)
    day = clock.local_day(clock.now(), "Asia/Shanghai")
    access = narrowed(narrowed(tenant.member("ops_director"), "analytics.growth"), "analytics.traffic")
    with tenant_context(tenant.id):
        each = today_by_code(access, day=day, code_ids=[own, foreign])
        panel = today(access, day=day, code_ids=[foreign])
    assert (each[own].scans, each[own].added) == (3, 1)
    assert (each[foreign].scans, each[foreign].added) == (None, None)
    assert (panel.scans, panel.added, panel.acceptance) == (None, None, 1 / 5)


def test_a_bundle_for_one_code_shows_that_code_s_figures_and_counts_no_other(tenant: TenantFixture) -> None:
    own, foreign = filed(tenant)
    user_id = tenant.add_member([])
    member_id = access_of(tenant, user_id, clock.now()).member_id
    assert member_id is not None
    with tenant_context(tenant.id):
        bundle_assign(
            access=tenant.owner, member_id=member_id, bundle_key="data_analyst", target=Target.CODE,
            target_id=foreign, now=clock.now(),
        )  # fmt: skip
    browser = viewer(tenant, access_of(tenant, user_id, clock.now()))
    assert re.findall(r'<dd class="v">([^<]+)', browser.get("")) == ["5", "5", "1", "20.0", "0", "0"]
    assert re.findall(r'<dd class="v">([^<]+)', browser.get(f"codes/{foreign}/figures/"))[:2] == ["5", "5"]
    assert "扫码与添加" in browser.get(f"codes/{foreign}/chart/")
    browser.get(f"codes/{own}/figures/", 404)
    assert "filter-department" not in browser.get("")


def test_who_sees_adds_alone_has_a_chart_of_adds(tenant: TenantFixture) -> None:
    _, code_id = filed(tenant)
    member = tenant.member("ops_director")
    held = {name: scope for name, scope in member.scopes.items() if name != "analytics.traffic"}
    access = replace(member, scopes=MappingProxyType(held))
    with tenant_context(tenant.id):
        day = clock.local_day(clock.now(), "Asia/Shanghai")
        chart = daily_chart([], daily(access, last_day=day, days=2, code_id=code_id))
    assert chart is not None
    assert [line.label for line in chart.series] == ["添加", "上期添加"]
    assert chart_title(chart) == "添加"
