"""Each kind of code has the figures that exist for it; 客户通过率 never averages kinds together (product.md §6.1)."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from analytics.figures import daily_chart, kpis
from analytics.selectors import daily, sparklines, today, today_by_code
from routing.models import Slot
from tenants.context import tenant_context
from tests.analytics.test_rollups import NOW, TODAY, befriended, code_of, figures, roll_up, scanned
from tests.factories import TenantFixture
from tests.routing.stage import rows_of


def kind_of(tenant: TenantFixture, delivery: str) -> int:
    """A code of this kind with four assignments and one add today."""
    code = code_of(tenant)
    rows_of(tenant.id, "UPDATE codes_livecode SET delivery = %s WHERE id = %s", delivery, code)
    for _ in range(4):
        scanned(tenant, code, "assigned")
    befriended(tenant, code)
    return code


def requested(tenant: TenantFixture, code: int, *states: str) -> None:
    """The first scans of the code came to a friend request each; what became of it."""
    rows = rows_of(tenant.id, "SELECT scan_id FROM routing_scan WHERE code_id = %s ORDER BY id", code)
    with tenant_context(tenant.id):
        for (scan_id,), state in zip(rows, states, strict=False):
            Slot.objects.create(
                scan_id=uuid.UUID(str(scan_id)),
                code_id=code,
                seat_id=1,
                staff_id=1,
                leased=False,
                link=True,
                visitor="",
                day=TODAY,
                taken_at=NOW,
                held_until=NOW + timedelta(minutes=30),
                requested_at=NOW,
                state=state,
            )


def labels(tenant: TenantFixture, code: int) -> list[tuple[str, str, str]]:
    with tenant_context(tenant.id):
        now = today(tenant.owner, day=TODAY, code_ids=[code])
    return [(one.label, one.value, one.basis) for one in kpis(now, now)]


def test_of_a_native_code_only_adds_are_counted(tenant: TenantFixture) -> None:
    native = kind_of(tenant, "native")
    roll_up(tenant)
    assert labels(tenant, native) == [("添加", "1", "")]
    with tenant_context(tenant.id):
        row = today_by_code(tenant.owner, day=TODAY, code_ids=[native])[native]
        days = daily(tenant.owner, last_day=TODAY, days=4, code_id=native)
        assert native not in sparklines(tenant.owner, code_ids=[native], last_day=TODAY)
    assert (row.scans, row.assigned, row.acceptance, row.added) == (None, None, None, 1)
    chart = daily_chart(days[:2], days[2:])
    assert chart is not None
    assert [(series.label, list(series.values)) for series in chart.series] == [("添加", [0, 1]), ("上期添加", [0, 0])]


def test_a_link_s_rate_is_friends_per_friend_request(tenant: TenantFixture) -> None:
    link = kind_of(tenant, "link")
    roll_up(tenant)
    assert ("客户通过率", "—", "按申请计") in labels(tenant, link)
    requested(tenant, link, "friend", "returned", "waiting")
    assert ("客户通过率", "33.3", "按申请计") in labels(tenant, link)
    with tenant_context(tenant.id):
        row = today_by_code(tenant.owner, day=TODAY, code_ids=[link])[link]
        early = today(tenant.owner, day=TODAY, code_ids=[link], until_hour=13)
    assert row.acceptance == pytest.approx(1 / 3)
    assert early.acceptance is None


def test_the_rate_over_several_kinds_is_that_of_the_hosted_codes(tenant: TenantFixture) -> None:
    hosted, link, native = (kind_of(tenant, kind) for kind in ("hosted", "link", "native"))
    requested(tenant, link, "friend")
    roll_up(tenant)
    assert (figures(tenant).added, figures(tenant).acceptance, figures(tenant).basis) == (3, 0.25, "assigned")
    with tenant_context(tenant.id):
        each = today_by_code(tenant.owner, day=TODAY, code_ids=[hosted, link, native])
    assert [each[code].acceptance for code in (hosted, link, native)] == [0.25, 1.0, None]


def test_whoever_may_not_see_quality_sees_no_requests_either(tenant: TenantFixture) -> None:
    link = kind_of(tenant, "link")
    requested(tenant, link, "friend")
    roll_up(tenant)
    access = tenant.member("campaign_ops")
    with tenant_context(tenant.id):
        assert today_by_code(access, day=TODAY, code_ids=[link])[link].acceptance is None
