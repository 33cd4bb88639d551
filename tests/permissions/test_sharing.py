"""跨部门数据共享: it widens one metric group on dashboards, for those who hold it, and no more (product.md §5.3)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.models import HourlyFigure
from analytics.selectors import Figures, Part, daily, today
from codes.models import LiveCode
from codes.selectors import codes_visible
from codes.services import code_create
from livecode_admin.kernel import clock
from permissions.access import Access, Denied, Scope
from permissions.models import AuditEntry, DepartmentShare
from permissions.selectors.sharing import shareable_departments, shares_for, shares_list
from permissions.services import department_upsert
from permissions.services.sharing import ShareRefused, share_give, share_take
from tenants.context import tenant_context
from tests.console.stage import told, viewer
from tests.factories import TenantFixture, access_of

ZONE = "Asia/Shanghai"
TRAFFIC, GROWTH, QUALITY = "analytics.traffic", "analytics.growth", "analytics.quality"


@dataclass
class Company:
    """Two departments with a code each: ``east`` with 3 scans and adds, ``west`` with 50 and 5."""

    tenant: TenantFixture
    east: int
    west: int
    codes: dict[int, int]

    def who(self, bundle: str, department: int) -> Access:
        user_id = self.tenant.add_member([bundle], name=f"{bundle}-{department}", department_id=department)
        return access_of(self.tenant, user_id, clock.now())

    def give(self, group: str, *, with_department: int | None = None, until: datetime | None = None) -> bool:
        with tenant_context(self.tenant.id):
            return share_give(
                access=self.tenant.owner,
                department_id=self.west,
                group=group,
                with_department_id=with_department,
                until=until,
                now=clock.now(),
            )

    def seen(self, access: Access, *, now: datetime | None = None) -> Figures:
        """What the dashboard counts for this member."""
        with tenant_context(self.tenant.id):
            shares = shares_for(access, now=now or clock.now())
            day = clock.local_day(clock.now(), ZONE)
            figures = today(access, day=day, part=Part(shares))
            assert daily(access, last_day=day, days=1, part=Part(shares))[0].figures == figures
            return figures


def company_of(tenant: TenantFixture) -> Company:
    now = clock.now()
    made: dict[int, int] = {}
    owner = tenant.owner
    with tenant_context(tenant.id):
        ids = [
            department_upsert(access=owner, name=name, parent_id=tenant.department_id, now=now)
            for name in ("华东", "华西")
        ]
        for department, scans, added in zip(ids, (3, 50), (3, 5), strict=True):
            made[department] = code_create(
                access=owner, now=now, name=f"码{department}", purpose="campaign", purpose_text="地推"
            )
            LiveCode.objects.filter(pk=made[department]).update(department=department)
            HourlyFigure.objects.create(
                day=clock.local_day(now, ZONE), hour=0, code_id=made[department],
                scans=scans, assigned=scans, added=added,
            )  # fmt: skip
    return Company(tenant, ids[0], ids[1], made)


@pytest.fixture
def company(tenant: TenantFixture) -> Company:
    return company_of(tenant)


@pytest.fixture
def analyst(company: Company) -> Access:
    return company.who("data_analyst", company.east)


def test_a_share_opens_its_own_group_and_no_other(company: Company) -> None:
    analyst = company.who("data_analyst", company.east)
    assert company.seen(analyst) == Figures(scans=3, assigned=3, added=3, acceptance=1.0)
    company.give(TRAFFIC, with_department=company.east)
    assert company.seen(analyst) == Figures(scans=53, assigned=53, added=3, acceptance=1.0)
    company.give(QUALITY)
    assert company.seen(analyst) == Figures(scans=53, assigned=53, added=3, acceptance=8 / 53)


def test_who_lacks_the_group_sees_nothing_of_it_through_a_share(company: Company) -> None:
    company.give(QUALITY)
    company.give(TRAFFIC)
    ops = company.seen(company.who("campaign_ops", company.east))
    assert (ops.scans, ops.acceptance, ops.basis) == (53, None, "")
    receptionist = company.seen(company.who("receptionist", company.east))
    assert (receptionist.scans, receptionist.added) == (None, 0)
    assert receptionist.acceptance == 5 / 50


def test_a_share_with_one_department_reaches_nobody_of_another(company: Company) -> None:
    company.give(TRAFFIC, with_department=company.east)
    boss = company.who("campaign_ops", company.tenant.department_id)
    with tenant_context(company.tenant.id):
        assert not shares_for(boss, now=clock.now()).departments
        below = department_upsert(access=company.tenant.owner, name="上海", parent_id=company.east, now=clock.now())
    assert company.seen(company.who("campaign_ops", below)).scans == 50


def test_a_share_whose_end_has_passed_gives_nothing_without_any_job(company: Company) -> None:
    end = clock.now() + timedelta(hours=1)
    company.give(TRAFFIC, until=end)
    analyst = company.who("data_analyst", company.east)
    assert company.seen(analyst, now=end - timedelta(seconds=1)).scans == 53
    assert company.seen(analyst, now=end).scans == 3
    with tenant_context(company.tenant.id):
        assert DepartmentShare.objects.count() == 1
        assert shares_list(company.tenant.owner, now=end) == []


def test_a_share_opens_no_list_no_page_and_no_named_code(company: Company) -> None:
    company.give(TRAFFIC)
    analyst = company.who("data_analyst", company.east)
    with tenant_context(company.tenant.id):
        shares, day = shares_for(analyst, now=clock.now()), clock.local_day(clock.now(), ZONE)
        assert today(analyst, day=day, code_ids=[company.codes[company.west]], part=Part(shares)).scans is None
        assert [code.pk for code in codes_visible(analyst)] == [company.codes[company.east]]
    browser = viewer(company.tenant, analyst)
    browser.get(f"codes/{company.codes[company.west]}/", 404)
    browser.get(f"codes/{company.codes[company.west]}/figures/", 404)
    assert f"码{company.west}" not in browser.get("codes/")
    home = browser.get("")
    assert "华西（流量）" in told(home)
    assert f"码{company.west}" not in home


def test_the_home_page_costs_the_same_with_many_shares(company: Company) -> None:
    browser = viewer(company.tenant, company.who("data_analyst", company.east))
    company.give(TRAFFIC)
    few = browser.queries("")
    for group in (GROWTH, QUALITY):
        company.give(group)
        company.give(group, with_department=company.east)
    assert browser.queries("") == few
    owner = company.tenant.owner
    with tenant_context(company.tenant.id), CaptureQueriesContext(connection) as asked:
        shares_for(owner, now=clock.now())
    assert len(asked) == 0


def test_giving_twice_is_one_share_and_taking_is_in_the_log(company: Company) -> None:
    assert company.give(TRAFFIC)
    assert not company.give(TRAFFIC)
    assert company.give(TRAFFIC, until=clock.now() + timedelta(days=2))
    with tenant_context(company.tenant.id):
        (share,) = DepartmentShare.objects.all()
        share_take(access=company.tenant.owner, share_id=share.pk, now=clock.now())
        with pytest.raises(LookupError):
            share_take(access=company.tenant.owner, share_id=share.pk, now=clock.now())
        log = AuditEntry.objects.filter(action__startswith="department.share").order_by("id")
        assert [entry.action.partition(".")[2] for entry in log] == ["share_given", "share_changed", "share_taken"]
        assert log[0].after["shared_with"] == "全公司"


def test_only_within_the_givers_scope_and_only_what_makes_sense(company: Company) -> None:
    tenant, now = company.tenant, clock.now()
    narrow = replace(
        company.who("ops_director", company.east), scopes=MappingProxyType({"analytics.share": Scope.DEPARTMENT})
    )
    with tenant_context(tenant.id):

        def share(access: Access, department: int, group: str = TRAFFIC, **more: Any) -> bool:
            plan: dict[str, Any] = {"with_department_id": None, "until": None} | more
            return share_give(access=access, department_id=department, group=group, now=now, **plan)

        for access in (narrow, replace(narrow, scopes=MappingProxyType({"analytics.share": Scope.OWN}))):
            with pytest.raises(Denied):
                share(access, company.west)
        with pytest.raises(Denied):
            share(replace(narrow, scopes=MappingProxyType({})), company.east)
        assert share(narrow, company.east)
        assert [row.id for row in shareable_departments(narrow)] == [company.east]
        for more in ({"group": "codes.view"}, {"until": now}, {"with_department_id": company.west}):
            with pytest.raises(ShareRefused):
                share(tenant.owner, company.west, **more)
        with pytest.raises(LookupError):
            share(tenant.owner, 10**12)


SHARES = st.lists(
    st.tuples(
        st.sampled_from((TRAFFIC, GROWTH, QUALITY)), st.sampled_from(("all", "east", "west")), st.sampled_from((-1, 1))
    ),
    max_size=6,
    unique_by=lambda share: share[:2],
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shares=SHARES, held=st.sets(st.sampled_from((TRAFFIC, GROWTH, QUALITY))), wide=st.booleans())
def test_what_is_seen_is_ones_own_scope_and_the_shares_and_never_another_group(
    company: Company, analyst: Access, shares: list[tuple[str, str, int]], held: set[str], wide: bool
) -> None:
    now = clock.now()
    scopes = {"analytics.view": Scope.DEPARTMENT} | dict.fromkeys(held, Scope.ALL if wide else Scope.DEPARTMENT)
    member = replace(analyst, scopes=MappingProxyType(scopes))
    with tenant_context(company.tenant.id):
        DepartmentShare.objects.all().delete()
        for group, other, ends in shares:
            DepartmentShare.objects.create(
                department_id=company.west,
                group=group,
                with_department_id={"all": None, "east": company.east, "west": company.west}[other],
                until=now + timedelta(minutes=ends),
                given_at=now,
            )
    opened = {group for group, other, ends in shares if other != "west" and ends > 0}
    seen = company.seen(member, now=now)

    def sum_of(group: str, own: int, shared: int) -> int | None:
        return (own + (shared if group in opened else 0)) if group in held else None

    assert (seen.scans, seen.added) == (sum_of(TRAFFIC, 3, 50), sum_of(GROWTH, 3, 5))
    rate = 8 / 53 if QUALITY in opened else 1.0
    assert seen.acceptance == (rate if QUALITY in held else None)
