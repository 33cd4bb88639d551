"""Conditions and fallbacks of a code: what is refused, what a condition keeps for its life (product.md §1.5, §2.7)."""

from __future__ import annotations

from typing import Any

import pytest

from codes.services import code_pause, code_retire
from livecode_admin.kernel import clock
from people.models import StaffGroup, StaffGroupMember
from routing.models import Seat, Snapshot
from tenants.context import tenant_context
from tests.factories import TenantFixture
from tests.routing.rulestage import changed, refused, stored
from tests.routing.stage import live_code


def test_closed_codes_and_those_of_others_are_no_fallback(tenant: TenantFixture, other_tenant: TenantFixture) -> None:
    code, foreign = live_code(tenant, roster=1), live_code(other_tenant, roster=1)
    paused, retired = live_code(tenant, roster=1), live_code(tenant, roster=1)
    with tenant_context(tenant.id):
        code_pause(access=tenant.owner, code_id=paused.code_id, now=clock.now())
        code_retire(access=tenant.owner, code_id=retired.code_id, now=clock.now())
    for target, text in (
        (code.code_id, "不能是本活码"),
        (paused.code_id, "未在启用中"),
        (retired.code_id, "未在启用中"),
        (foreign.code_id, "该活码不存在"),
    ):
        assert text in refused(code, fallback="code", fallback_code_id=target)["fallback_code_id"]


def test_fallbacks_never_go_in_a_circle_nor_over_more_than_three_codes(tenant: TenantFixture) -> None:
    codes = [live_code(tenant, roster=1, name=f"甲{number}") for number in range(5)]
    for number in (2, 1, 0):
        changed(codes[number], fallback="code", fallback_code_id=codes[number + 1].code_id)
    told = refused(codes[3], fallback="code", fallback_code_id=codes[0].code_id)["fallback_code_id"]
    assert told.startswith("兜底形成循环：")
    assert "甲0" in told
    told = refused(codes[3], fallback="code", fallback_code_id=codes[4].code_id)["fallback_code_id"]
    assert told == "兜底最多转 3 次：甲0 → 甲1 → 甲2 → 甲3 → 甲4"


def test_conditions_keep_their_keys_and_new_ones_never_take_an_old_one(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=2)

    def condition(key: int, name: str) -> dict[str, Any]:
        return {"key": key, "name": name, "subs": ["m2"], "staff": [code.staff[0]]}

    changed(code, conditions=[condition(0, "甲"), condition(0, "乙")])
    changed(code, conditions=[condition(2, "乙")])
    changed(code, conditions=[condition(0, "丙"), condition(2, "乙"), condition(77, "丁")])
    assert [(one.name, one.key) for one in stored(code).conditions] == [("丙", 3), ("乙", 2), ("丁", 4)]


@pytest.mark.parametrize(
    ("condition", "part"),
    [
        ({"name": ""}, "name"),
        ({"name": "长" * 21}, "name"),
        ({"subs": []}, "asks"),
        ({"subs": ["有空格 "]}, "subs"),
        ({"visitor": "vip"}, "visitor"),
        ({"staff": []}, "seats"),
        ({"staff": [0]}, "seats"),
        ({"groups": [0]}, "seats"),
        ({"hours": {}}, "hours"),
        ({"regions": ["上海"]}, "regions"),
    ],
)
def test_conditions_are_checked_one_by_one(tenant: TenantFixture, condition: dict[str, Any], part: str) -> None:
    code = live_code(tenant, roster=1)
    good = {"key": 0, "name": "甲", "subs": ["m1"], "staff": [code.staff[0]]}
    bad = {"key": 0, "name": "乙", "subs": ["m2"], "staff": [code.staff[0]], **condition}
    assert set(refused(code, conditions=[good, bad])) == {f"conditions.1.{part}"}


def test_there_are_at_most_twenty_conditions_and_no_two_of_one_name(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=1)
    many = [{"key": 0, "name": f"第{n}", "subs": ["m1"], "staff": [code.staff[0]]} for n in range(21)]
    assert refused(code, conditions=many)["conditions"] == "最多 20 条分流条件"
    assert "重复" in refused(code, conditions=[many[0], many[0]])["conditions.1.name"]


def test_a_group_may_be_chosen_when_somebody_of_the_roster_is_in_it(tenant: TenantFixture) -> None:
    code, other = live_code(tenant, roster=2), live_code(tenant, roster=1)
    with tenant_context(tenant.id):
        groups = [StaffGroup.objects.create(name=f"组{code.staff[0]}{n}", created_at=clock.now()) for n in (1, 2)]
        StaffGroupMember.objects.create(group=groups[0], staff_id=code.staff[1])
        StaffGroupMember.objects.create(group=groups[1], staff_id=other.staff[0])
    raw = {"key": 0, "name": "二组", "subs": ["m2"]}
    assert "seats" in next(iter(refused(code, conditions=[{**raw, "groups": [groups[1].pk]}]))).split(".")
    changed(code, conditions=[{**raw, "groups": [groups[0].pk]}])
    with tenant_context(tenant.id):
        seat = Seat.objects.get(code=code.code_id, staff=code.staff[1])
        last = Snapshot.objects.filter(code=code.code_id).order_by("-version").first()
    assert last is not None
    assert last.data["conditions"][0]["seats"] == [seat.pk]
