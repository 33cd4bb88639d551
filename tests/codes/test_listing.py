"""The code list: filters, search, pages, and a constant number of queries."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from codes.listing import CodeFilters, code_ids, code_rows, purpose_counts
from codes.models import LiveCode
from codes.rules import Status
from codes.selectors import channels, folders
from codes.services import code_pause, folder_create
from permissions.access import Access
from tenants.context import tenant_context
from tests.codes.conftest import NOW, MakeCode
from tests.factories import TenantFixture


def names(access: Access, filters: CodeFilters) -> set[str]:
    with tenant_context(access.tenant_id):
        return {row.name for row in code_rows(access, filters, now=NOW).rows}


@pytest.fixture
def stocked(tenant: TenantFixture, make_code: MakeCode) -> TenantFixture:
    """A company with one code of each status, two purposes, a folder in a folder and two channels."""
    owner = tenant.owner
    with tenant_context(tenant.id):
        outer = folder_create(access=owner, name="华东", parent_id=None, now=NOW)
        inner = folder_create(access=owner, name="上海", parent_id=outer, now=NOW)
    make_code(owner, name="草稿码", purpose_text="活动", folder_id=outer)
    live = make_code(owner, name="地铁广告码", folder_id=inner, channel_name="地铁广告", purpose_text="拉新")
    paused = make_code(owner, name="暂停码", purpose="service", purpose_text="售后", expires_at=None)
    expired = make_code(owner, name="过期码", purpose_text="活动", expires_at=NOW + timedelta(hours=1))
    retired = make_code(owner, name="归档码", purpose_text="活动", channel_name="直播间")
    soon = make_code(owner, name="将到期码", purpose_text="活动", expires_at=NOW + timedelta(days=2))
    with tenant_context(tenant.id):
        LiveCode.objects.filter(pk__in=[live, paused, expired, soon]).update(state="live")
        code_pause(access=owner, code_id=paused, now=NOW)
        LiveCode.objects.filter(pk=retired).update(state="retired")
        LiveCode.objects.filter(pk=expired).update(expires_at=NOW - timedelta(seconds=1))
    return tenant


@pytest.mark.parametrize(
    ("state", "found"),
    [
        ("draft", {"草稿码"}),
        ("live", {"地铁广告码", "将到期码"}),
        ("paused", {"暂停码"}),
        ("expired", {"过期码"}),
        ("retired", {"归档码"}),
        ("nonsense", set()),
    ],
)
def test_filter_by_status_agrees_with_the_status_shown(stocked: TenantFixture, state: str, found: set[str]) -> None:
    assert names(stocked.owner, CodeFilters(state=state)) == found
    with tenant_context(stocked.id):
        rows = code_rows(stocked.owner, CodeFilters(state=state), now=NOW).rows
    assert {row.status for row in rows} == ({Status(state)} if found else set())


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("地铁", {"地铁广告码"}),
        ("dtgg", {"地铁广告码"}),
        ("DTGGM", {"地铁广告码"}),
        ("lx", {"地铁广告码"}),  # the purpose, 拉新
        ("售后", {"暂停码"}),
        ("地铁 lx", {"地铁广告码"}),
        ("%", set()),
        ("没有", set()),
    ],
)
def test_search_looks_into_names_purposes_and_initials(stocked: TenantFixture, q: str, found: set[str]) -> None:
    assert names(stocked.owner, CodeFilters(q=q)) == found


def test_search_finds_a_slug(stocked: TenantFixture) -> None:
    with tenant_context(stocked.id):
        code = LiveCode.objects.get(name="归档码", purpose_text="活动")
    assert names(stocked.owner, CodeFilters(q=code.slug.upper())) == {"归档码"}


def test_filters_by_each_part(stocked: TenantFixture) -> None:
    owner = stocked.owner
    with tenant_context(stocked.id):
        outer, inner = (row.id for row in folders(owner))
        channel = next(row.id for row in channels(owner) if row.name == "地铁广告")
    assert names(owner, CodeFilters(folder_id=outer)) == {"草稿码", "地铁广告码"}  # with what is inside
    assert names(owner, CodeFilters(folder_id=inner)) == {"地铁广告码"}
    assert names(owner, CodeFilters(channel_id=channel)) == {"地铁广告码"}
    assert names(owner, CodeFilters(purpose="service")) == {"暂停码"}
    assert names(owner, CodeFilters(owner_id=owner.member_id)) == names(owner, CodeFilters())
    assert names(owner, CodeFilters(department_id=stocked.department_id)) == set()
    assert names(owner, CodeFilters(expiring_days=3)) == {"将到期码"}


def test_tabs_count_the_other_filters(stocked: TenantFixture) -> None:
    with tenant_context(stocked.id):
        counts = purpose_counts(stocked.owner, CodeFilters(purpose="service"), now=NOW)
    assert counts == {"": 6, "campaign": 5, "service": 1}


def test_folders_and_channels_say_how_many_codes_they_hold(stocked: TenantFixture) -> None:
    with tenant_context(stocked.id):
        assert [(row.path, row.codes) for row in folders(stocked.owner)] == [("华东", 1), ("华东 / 上海", 1)]
        assert {row.name: row.codes for row in channels(stocked.owner)} == {"地铁广告": 1, "直播间": 0}


def test_permanent_codes_end_last(stocked: TenantFixture) -> None:
    with tenant_context(stocked.id):
        rows = code_rows(stocked.owner, CodeFilters(sort="expires"), now=NOW).rows
    assert [row.name for row in rows][:2] == ["过期码", "将到期码"]
    assert rows[-1].name == "暂停码"


def test_pages_are_moved_into_range(tenant: TenantFixture, make_code: MakeCode) -> None:
    for _ in range(21):
        make_code(tenant.owner)
    with tenant_context(tenant.id):
        last = code_rows(tenant.owner, CodeFilters(), 99, now=NOW)
        assert (last.number, last.pages, last.total, len(last.rows)) == (2, 2, 21, 1)
        assert code_rows(tenant.owner, CodeFilters(), 0, now=NOW).number == 1
        assert len(code_ids(tenant.owner, CodeFilters(), now=NOW)) == 21


def test_another_companys_codes_are_in_no_list(stocked: TenantFixture, other_tenant: TenantFixture) -> None:
    assert names(other_tenant.owner, CodeFilters()) == set()


@pytest.mark.parametrize("bundle", ["ops_director", "campaign_ops", "receptionist"])
def test_two_rows_and_twenty_cost_the_same_queries(tenant: TenantFixture, make_code: MakeCode, bundle: str) -> None:
    access = tenant.member(bundle)
    counts = []
    for wanted in (2, 18):
        for _ in range(wanted):
            make_code(tenant.owner, owner_id=access.member_id, department_id=access.department_id, channel_name="地铁")
        with tenant_context(tenant.id), CaptureQueriesContext(connection) as queries:
            page = code_rows(access, CodeFilters(), now=NOW)
        counts.append((len(page.rows), len(queries)))
    assert [rows for rows, _ in counts] == [2, 20]
    assert counts[0][1] == counts[1][1] == 2
