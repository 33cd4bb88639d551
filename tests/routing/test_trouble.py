"""Who adds far fewer friends than the others is pointed out, and nothing changes by itself (product.md §2.13)."""

from __future__ import annotations

import secrets
import uuid
from datetime import timedelta

import pytest

from livecode_admin.kernel import clock
from routing.models import Scan, Seat, SeatDay
from routing.rules.trouble import low_rates, rate
from routing.selectors.trouble import roster_trouble
from tenants.context import tenant_context
from tests.console.stage import viewer
from tests.factories import TenantFixture
from tests.routing.stage import StageCode, live_code

GOOD, HALF, LOW = 0.6, 0.3, 0.29


def found(rates: dict[int, list[float | None]]) -> list[int]:
    return [low.staff_id for low in low_rates(rates)]


def test_under_half_of_the_median_on_each_day_is_found_and_exactly_half_is_not() -> None:
    assert found({1: [LOW] * 3, 2: [GOOD] * 3, 3: [GOOD] * 3}) == [1]
    assert found({1: [HALF] * 3, 2: [GOOD] * 3, 3: [GOOD] * 3}) == []


@pytest.mark.parametrize("day", [0, 1, 2])
def test_one_better_day_or_one_that_says_nothing_clears(day: int) -> None:
    for other in (GOOD, None):
        own: list[float | None] = [LOW] * 3
        own[day] = other
        assert found({1: own, 2: [GOOD] * 3, 3: [GOOD] * 3}) == []


def test_two_people_have_no_middle_and_a_median_of_nothing_finds_nobody() -> None:
    assert found({1: [0.1] * 3, 2: [0.9] * 3}) == []
    assert found({1: [0.0] * 3, 2: [0.0] * 3, 3: [0.0] * 3}) == []
    assert found({}) == []


def test_the_worst_comes_first() -> None:
    people: dict[int, list[float | None]] = {key: [GOOD] * 3 for key in range(5)}
    people |= {7: [0.2] * 3, 8: [0.1] * 3}
    assert found(people) == [8, 7]


def test_a_handful_of_assignments_says_nothing() -> None:
    assert rate(0, 9) is None
    assert rate(0, 10) == 0
    assert rate(12, 10) == 1


def days_of(code: StageCode, added: list[int], *, assigned: int = 20) -> None:
    """The last three whole days: each person was given ``assigned`` customers a day, of whom so many were added."""
    now = clock.now()
    today = clock.local_day(now, "Asia/Shanghai")
    with tenant_context(code.tenant.id):
        seats = {seat.staff_id: seat.pk for seat in Seat.objects.filter(code=code.code_id)}
        for back in (1, 2, 3):
            day = today - timedelta(days=back)
            for staff_id, number in zip(code.staff, added, strict=True):
                SeatDay.objects.create(seat_id=seats[staff_id], day=day, assigned=number, added=number)
                Scan.objects.bulk_create(
                    Scan(
                        pk=secrets.randbits(60),
                        scan_day=day,
                        scan_id=uuid.uuid4(),
                        code_id=code.code_id,
                        scanned_at=now - timedelta(days=back),
                        kind="visit",
                        outcome="assigned",
                        reason="in_turn",
                        staff_id=staff_id,
                        seat_id=seats[staff_id],
                        sub_channel="",
                    )
                    for _ in range(assigned)
                )


def test_the_code_s_page_points_at_them_with_the_way_to_the_caps(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=3)
    days_of(code, [12, 2, 10])
    html = viewer(tenant, tenant.owner).get(f"codes/{code.code_id}/trouble/")
    assert "王一鸣" in html
    assert "平均 10.0%，中位数 50.0%" in html
    assert f"/t/{tenant.slug}/staff/caps/" in html
    assert "林晓彤" not in html
    assert f"/codes/{code.code_id}/trouble/" in viewer(tenant, tenant.owner).get(f"codes/{code.code_id}/")
    with tenant_context(tenant.id):
        assert code.rows("SELECT count(*) FROM routing_stafflimit WHERE daily_cap <> 100") == [(0,)]


def test_who_may_not_set_caps_gets_no_such_button_and_who_may_not_see_people_gets_nothing(
    tenant: TenantFixture,
) -> None:
    code = live_code(tenant, roster=3)
    days_of(code, [12, 2, 10])
    analyst = viewer(tenant, tenant.member("data_analyst")).get(f"codes/{code.code_id}/trouble/")
    assert "王一鸣" in analyst
    assert "调上限" not in analyst
    owner = tenant.member("receptionist")
    code.rows("UPDATE codes_livecode SET owner_id = %s WHERE id = %s", owner.member_id, code.code_id)
    viewer(tenant, owner).get(f"codes/{code.code_id}/trouble/", status=403)


def test_too_few_customers_say_nothing(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=3)
    days_of(code, [6, 0, 5], assigned=9)
    with tenant_context(tenant.id):
        assert roster_trouble(tenant.owner, code.code_id, now=clock.now()) == []
