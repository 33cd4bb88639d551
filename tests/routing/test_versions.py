"""Versions of a code: told in words, restored in parts; too many rule publishes are called out (product.md §2.9)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from livecode_admin.kernel import clock
from people.models import Staff
from permissions.access import Denied
from routing.models import Seat, Snapshot
from routing.rules.hours import hours_from_json
from routing.selectors.compiled import rules_of
from routing.selectors.versions import often_text, rule_publishes, version_rows
from routing.services.defaults import defaults_set
from routing.services.roster import SeatInput, roster_set
from routing.services.versions import RestoreRefused, version_restore
from tenants.context import tenant_context
from tests.factories import TenantFixture, client_for, make_tenant
from tests.routing.rulestage import EVENING, address, changed
from tests.routing.stage import StageCode, live_code


def told(code: StageCode) -> list[list[str]]:
    """The changes of each version in words, newest first."""
    with tenant_context(code.tenant.id):
        rows = version_rows(code.access, code.code_id)
    return [[f"{one.label} {one.before} → {one.after}" for one in row.changes] for row in rows]


def seated(code: StageCode, *seats: SeatInput) -> None:
    """Make the roster so."""
    with tenant_context(code.tenant.id):
        roster_set(access=code.access, code_id=code.code_id, seats=seats, now=clock.now())


def restored(code: StageCode, version: int, *parts: str) -> tuple[str, ...]:
    """Restore as the owner; returns what was left out."""
    with tenant_context(code.tenant.id):
        plan = version_restore(access=code.access, code_id=code.code_id, version=version, parts=parts, now=clock.now())
    return plan.left_out


def leaves(code: StageCode, place: int) -> None:
    """This person leaves the company."""
    with tenant_context(code.tenant.id):
        Staff.objects.filter(pk=code.staff[place]).update(
            can_receive=False, cannot_reason="disabled", status="left", left_at=clock.now()
        )


def roster_of(code: StageCode) -> list[tuple[int, int, int | None]]:
    """(place in ``code.staff``, weight, cap) of roster and backups in order."""
    with tenant_context(code.tenant.id):
        seats = Seat.objects.filter(code=code.code_id, removed_at=None).exclude(rung=3).order_by("rung", "position")
        return [(code.staff.index(seat.staff_id), seat.weight, seat.daily_cap) for seat in seats]


def test_each_version_says_in_words_what_it_changed(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=2)
    a, b = code.staff
    changed(code, overflow=False)
    seated(code, SeatInput(a, weight=5), SeatInput(b, is_backup=True, daily_cap=30))
    condition = {"key": 0, "name": "夜间", "hours": EVENING, "staff": [a]}
    changed(code, conditions=[condition], sticky_seconds=0)
    changed(code, conditions=[{**condition, "key": 1, "subs": ["m2"]}])
    assert told(code) == [
        ["分流条件 1 夜间：周一 18:00–22:00 → 林晓彤 → 夜间：周一 18:00–22:00，点位 m2 → 林晓彤"],
        ["回访 24 小时内仍由同一位接待 → 不保留", "分流条件 1 （新增） → 夜间：周一 18:00–22:00 → 林晓彤"],
        ["权重 林晓彤 1 → 5", "位置 王一鸣 接待 → 备用", "席位上限 王一鸣 不限 → 30"],
        ["溢出自动切换 开 → 关"],
        [],
    ]


def test_what_the_company_changed_is_told_as_it_was_felt() -> None:
    tenant = make_tenant()
    code = live_code(tenant, roster=2)
    with tenant_context(tenant.id):
        defaults_set(access=tenant.owner, duty_staff_id=code.staff[1], now=clock.now())
        rows = version_rows(tenant.owner, code.code_id)
    assert told(code)[0] == ["值班人 无 → 王一鸣"]
    assert (rows[0].reason, rows[0].who, rows[0].current) == ("企业接待设置变更", "方圆", True)


def test_restoring_rules_makes_a_new_version_and_leaves_the_roster(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=2)
    changed(code, strategy="least_loaded", hours=EVENING)
    changed(code, strategy="weighted", hours=None, overflow=False)
    seated(code, SeatInput(code.staff[1]))
    assert restored(code, 2, "rules") == ()
    with tenant_context(tenant.id):
        rules = rules_of(code.code_id)
        last = Snapshot.objects.filter(code=code.code_id).latest("version")
    assert (rules.strategy, rules.hours, rules.overflow) == ("least_loaded", hours_from_json(EVENING), True)
    assert (last.version, last.reason, last.data["strategy"]) == (5, "restore", "least_loaded")
    assert roster_of(code) == [(1, 1, None)]


def test_restoring_rules_and_roster_together_makes_one_version(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=2)
    changed(code, overflow=False)
    seated(code, SeatInput(code.staff[1]))
    restored(code, 1, "rules", "roster")
    with tenant_context(tenant.id):
        last = Snapshot.objects.filter(code=code.code_id).latest("version")
    assert (last.version, last.reason, last.data["overflow"]) == (4, "restore", True)
    assert [place for place, *_ in roster_of(code)] == [0, 1]


def test_restoring_the_roster_leaves_the_rules_and_names_those_who_have_left(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=3)
    a, b, c = code.staff
    seated(code, SeatInput(a, weight=3, daily_cap=20), SeatInput(b), SeatInput(c, is_backup=True))
    seated(code, SeatInput(b))
    changed(code, overflow=False)
    leaves(code, 2)
    (left_out,) = restored(code, 2, "roster")
    assert left_out.startswith("陈思远：")
    assert roster_of(code) == [(0, 3, 20), (1, 1, None)]
    with tenant_context(tenant.id):
        assert rules_of(code.code_id).overflow is False


def test_conditions_and_duty_persons_who_are_gone_are_named_and_left_out(tenant: TenantFixture) -> None:
    code, other = live_code(tenant, roster=3), live_code(tenant, roster=1)
    a, b, c = code.staff
    conditions = [
        {"key": 0, "name": "一", "subs": ["m1"], "staff": [a, c]},
        {"key": 0, "name": "二", "subs": ["m2"], "staff": [c]},
    ]
    changed(code, conditions=conditions, duty_staff_id=other.staff[0])
    changed(code, conditions=[], duty_staff_id=None)
    seated(code, SeatInput(a), SeatInput(b))
    leaves(other, 0)
    left_out = restored(code, 2, "rules")
    assert left_out[0].startswith("值班人 林晓彤：")
    assert left_out[1:] == (
        "分流条件「一」中的陈思远：不在接待名单中",
        "分流条件「二」中的陈思远：不在接待名单中",
        "分流条件「二」：已没有可接待的客服",
    )
    with tenant_context(tenant.id):
        rules = rules_of(code.code_id)
    assert [(one.name, one.key, one.staff) for one in rules.conditions] == [("一", 1, (a,))]
    assert rules.duty_staff_id is None


def test_each_part_needs_its_own_capability(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=2)
    changed(code, overflow=False)
    seated(code, SeatInput(code.staff[1]))
    now = clock.now()
    ops, config = tenant.member("campaign_ops"), tenant.member("system_config")
    with tenant_context(tenant.id):
        with pytest.raises(RestoreRefused):
            version_restore(access=ops, code_id=code.code_id, version=1, parts=["rules"], now=now)
        with pytest.raises(RestoreRefused):
            version_restore(access=config, code_id=code.code_id, version=1, parts=["roster"], now=now)
        version_restore(access=ops, code_id=code.code_id, version=1, parts=["rules", "roster"], now=now)
        assert rules_of(code.code_id).overflow is False
        version_restore(access=config, code_id=code.code_id, version=1, parts=["rules", "roster"], now=now)
        assert rules_of(code.code_id).overflow is True
    assert len(roster_of(code)) == 2


def test_a_version_of_which_nobody_can_receive_is_refused(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=2)
    seated(code, SeatInput(code.staff[1]))
    seated(code, SeatInput(code.staff[0]))
    leaves(code, 1)
    with pytest.raises(RestoreRefused, match="没有可接待的客服"):
        restored(code, 2, "roster")
    with pytest.raises(RestoreRefused, match="没有这个版本"):
        restored(code, 99, "rules")
    with pytest.raises(RestoreRefused, match="与当前内容相同"):
        restored(code, 1, "rules")


def test_a_version_from_before_versions_kept_their_rules_can_be_restored(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=1)
    with tenant_context(tenant.id):
        first = Snapshot.objects.get(code=code.code_id, version=1)
        data = {**first.data, "version": 2, "overflow": False, "pending": 600}
        Snapshot.objects.create(code_id=code.code_id, version=2, data=data, published_at=clock.now())
    restored(code, 2, "rules")
    with tenant_context(tenant.id):
        rules = rules_of(code.code_id)
    assert (rules.overflow, rules.pending_seconds) == (False, 600)


def test_more_than_three_rule_publishes_in_seven_days_are_called_out(tenant: TenantFixture) -> None:
    code, now = live_code(tenant, roster=1), clock.now()
    for minutes in (20, 21, 22):
        changed(code, pending_seconds=minutes * 60)
    with tenant_context(tenant.id):
        count = rule_publishes(code.code_id, now + timedelta(minutes=1))
        assert rule_publishes(code.code_id, now + timedelta(days=8)) == 0
    assert (count, often_text(count)) == (3, "")
    assert often_text(count, publishing=True).startswith("近 7 天已发布 3 次规则，这将是第 4 次。")
    client = client_for(tenant.owner)
    assert "近 7 天已发布" not in client.get(address(code, "versions/")).content.decode()
    assert "这将是第 4 次" in client.get(address(code)).content.decode()
    changed(code, overflow=False)
    assert "近 7 天已发布 4 次规则。频繁修改规则是分流混乱" in client.get(address(code, "versions/")).content.decode()


def test_the_list_takes_the_same_queries_for_two_versions_and_twenty(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=2)

    def queries() -> int:
        with (
            tenant_context(tenant.id),
            CaptureQueriesContext(
                connection,
            ) as captured,
        ):
            version_rows(code.access, code.code_id)
        return len(captured)

    changed(code, duty_staff_id=code.staff[1])
    few = queries()
    for minutes in range(20, 38):
        changed(code, pending_seconds=minutes * 60)
    assert queries() == few


def test_the_page_shows_what_restoring_changes_before_it_does(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=2)
    changed(code, overflow=False)
    client = client_for(tenant.owner)
    assert "/versions/1/" in client.get(address(code, "versions/")).content.decode()
    before = client.get(address(code, "versions/1/")).content.decode()
    assert "溢出自动切换" in before
    assert "恢复并发布" in before
    done = client.post(address(code, "versions/1/"), {"part": ["rules"]}, follow=True).content.decode()
    assert "已恢复第 1 版的规则" in done
    none = client.post(address(code, "versions/1/"), {})
    assert none.status_code == 422
    assert "请选择要恢复的内容" in none.content.decode()


def test_who_may_restore_nothing_sees_versions_without_a_button(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=1)
    changed(code, overflow=False)
    client = client_for(tenant.member("data_analyst"))
    html = client.get(address(code, "versions/")).content.decode()
    assert "第 2 版" in html
    assert "恢复" not in html.split("c-versions")[1]
    assert client.get(address(code, "versions/1/")).status_code == 403
    with tenant_context(tenant.id), pytest.raises((RestoreRefused, Denied)):
        version_restore(
            access=tenant.member("data_analyst"), code_id=code.code_id, version=1, parts=["rules"], now=clock.now()
        )


def test_a_part_that_the_member_may_not_restore_is_named_with_why(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=2)
    seated(code, SeatInput(code.staff[1]))
    page = client_for(tenant.member("system_config")).get(address(code, "versions/1/")).content.decode()
    assert "以下内容不会恢复" in page
    assert "接待名单：您没有「调整接待名单」权限，保持现状" in page
    changed(code, overflow=False)
    seated(code, SeatInput(code.staff[1], weight=5, daily_cap=9))
    page = client_for(tenant.member("campaign_ops")).get(address(code, "versions/1/")).content.decode()
    assert "规则：您没有「修改分流规则」权限，保持现状" in page
    assert "席位上限：您没有「调整接待上限」权限，保持现状" in page
    assert "权重：您没有「修改分流规则」权限，保持现状" in page
    assert "不会恢复" not in client_for(tenant.owner).get(address(code, "versions/1/")).content.decode()
