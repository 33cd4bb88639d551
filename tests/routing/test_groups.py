"""Groups and departments in rosters: where they stand, whom they bring, and that they follow (product.md §2.11)."""

from __future__ import annotations

import pytest

from livecode_admin.kernel import clock
from people.services import GroupRefused, group_create, staff_left, staff_upsert
from permissions.access import Access, Denied
from permissions.selectors import audit_entries
from permissions.services import department_upsert
from routing.models import Seat, Snapshot
from routing.selectors import roster_rows
from routing.selectors.groups import group_impact, group_uses
from routing.services.groups import (
    group_department_save,
    group_people_save,
    group_remove,
    moves_follow,
    tenants_to_follow,
)
from routing.services.roster import RosterRefused, SeatInput, SourceInput, roster_set
from routing.services.rules import rule_set
from tenants.context import tenant_context
from tests.factories import TenantFixture, access_of
from tests.routing.stage import StageCode, live_code


def person(name: str, *, reason: str = "", department_id: int | None = None) -> int:
    return staff_upsert(
        wecom_userid=f"u-{name}", name=name, cannot_reason=reason, department_id=department_id, now=clock.now()
    )


def group(access: Access, name: str, *staff: int) -> int:
    group_id = group_create(access=access, name=name, now=clock.now())
    group_people_save(access=access, group_id=group_id, staff_ids=staff, now=clock.now())
    return group_id


def roster(code: StageCode) -> list[str]:
    """The names in order, backups with a star."""
    return [row.name + "*" * row.is_backup for row in roster_rows(code.access, code.code_id)]


def test_a_group_stands_at_its_place_and_doubles_nobody(tenant: TenantFixture) -> None:
    code, now = live_code(tenant, roster=2), clock.now()
    a, b = code.staff
    with tenant_context(tenant.id):
        c, d, e = person("周雨桐"), person("吴梓涵"), person("何嘉怡")
        first, second = group(code.access, "一组", c, b, d), group(code.access, "二组", d, e)
        roster_set(
            access=code.access,
            code_id=code.code_id,
            seats=[SeatInput(a, position=1), SeatInput(b, position=3)],
            sources=[SourceInput("group", first, position=2), SourceInput("group", second, True, position=4)],
            now=now,
        )
        assert roster(code) == ["林晓彤", "周雨桐", "吴梓涵", "王一鸣", "何嘉怡*"]
        version = Snapshot.objects.filter(code=code.code_id).latest("version")
        assert [seat[1] for seat in version.data["roster"]] == [a, c, d, b]
        entry = audit_entries(code.access, "code", code.code_id, limit=1)[0]
        assert {change.name: change.after for change in entry.changes}["sources"] == ["一组", "二组"]


def test_whoever_can_not_receive_joins_once_they_can_and_leaves_when_they_leave(tenant: TenantFixture) -> None:
    code, now = live_code(tenant, roster=1), clock.now()
    with tenant_context(tenant.id):
        c, d = person("周雨桐"), person("吴梓涵", reason="no_follow")
        team = group(code.access, "一组", c, d)
        seats, sources = [SeatInput(code.staff[0])], [SourceInput("group", team, position=1)]
        roster_set(access=code.access, code_id=code.code_id, seats=seats, sources=sources, now=now)
        assert roster(code) == ["林晓彤", "周雨桐"]
        moves_follow(access=code.access, now=now)
    assert tenant.id not in tenants_to_follow()
    with tenant_context(tenant.id):
        person("吴梓涵")
        staff_left(wecom_userid="u-周雨桐", now=now)
    assert tenant.id in tenants_to_follow()
    with tenant_context(tenant.id):
        assert moves_follow(access=code.access, now=now) == [code.code_id]
        assert moves_follow(access=code.access, now=now) == []
        assert roster(code) == ["林晓彤", "吴梓涵"]
    assert tenant.id not in tenants_to_follow()


def test_a_department_brings_its_people_and_those_below_it(tenant: TenantFixture) -> None:
    code, now, owner = live_code(tenant, roster=1), clock.now(), tenant.owner
    with tenant_context(tenant.id):
        sales = department_upsert(access=owner, name="销售部", parent_id=None, now=now)
        north = department_upsert(access=owner, name="华北", parent_id=sales, now=now)
        person("周雨桐", department_id=north)
        sources = [SourceInput("department", sales, position=1)]
        roster_set(access=owner, code_id=code.code_id, seats=[SeatInput(code.staff[0])], sources=sources, now=now)
        assert roster(code) == ["林晓彤", "周雨桐"]
        person("周雨桐", department_id=tenant.department_id)
        person("吴梓涵", department_id=sales)
        moves_follow(access=owner, now=now)
        assert roster(code) == ["林晓彤", "吴梓涵"]


def test_a_group_that_follows_a_department_is_kept_current_by_the_contact_sync(tenant: TenantFixture) -> None:
    code, now, owner = live_code(tenant, roster=1), clock.now(), tenant.owner
    with tenant_context(tenant.id):
        sales = department_upsert(access=owner, name="销售部", parent_id=None, now=now)
        team = group_create(access=owner, name="一组", now=now)
        group_department_save(access=owner, group_id=team, department_id=sales, now=now)
        sources = [SourceInput("group", team, position=1)]
        roster_set(access=owner, code_id=code.code_id, seats=[SeatInput(code.staff[0])], sources=sources, now=now)
        person("周雨桐", department_id=sales)
        moves_follow(access=owner, now=now)
        assert roster(code) == ["林晓彤", "周雨桐"]


def test_a_change_of_a_group_first_lists_the_codes_it_touches(tenant: TenantFixture) -> None:
    code, now, owner = live_code(tenant, roster=1, name="地铁广告甲"), clock.now(), tenant.owner
    with tenant_context(tenant.id):
        c, d, unable = person("周雨桐"), person("吴梓涵"), person("何嘉怡", reason="no_follow")
        team = group(owner, "一组", c)
        roster_set(access=owner, code_id=code.code_id, seats=[], sources=[SourceInput("group", team)], now=now)
        impact = group_impact(owner, team, staff_ids=[d, unable])
        assert (impact.joins, impact.leaves) == (("吴梓涵", "何嘉怡"), ("周雨桐",))
        assert impact.unable == ("何嘉怡（未开客户联系）",)
        (told,) = impact.codes
        assert (told.name, told.joins, told.leaves, told.empties) == ("地铁广告甲", ("吴梓涵",), ("周雨桐",), False)
        assert group_impact(owner, team, staff_ids=[unable]).codes[0].empties
        assert roster(code) == ["周雨桐"]
        blind = tenant.member("system_config", "data_analyst")
        assert group_uses([team]) == {team: 1}
        assert (
            group_impact(blind, team, staff_ids=[d]).hidden + len(group_impact(blind, team, staff_ids=[d]).codes) == 1
        )


def test_a_condition_that_names_a_group_follows_it(tenant: TenantFixture) -> None:
    code, now, owner = live_code(tenant, roster=2), clock.now(), tenant.owner
    a, b = code.staff
    with tenant_context(tenant.id):
        team = group(owner, "一组", a)
        condition = {"key": 0, "name": "晚间", "subs": ["p1"], "groups": [team]}
        rule_set(access=owner, code_id=code.code_id, conditions=[condition], now=now)
        seats = {seat.staff_id: seat.pk for seat in Seat.objects.filter(code=code.code_id)}
        assert group_people_save(access=owner, group_id=team, staff_ids=[b], now=now) == [code.code_id]
        last = Snapshot.objects.filter(code=code.code_id).latest("version")
        assert str(seats[b]) in str(last.data["conditions"])
        assert str(seats[a]) not in str(last.data["conditions"])


def test_what_a_roster_refuses_of_groups(tenant: TenantFixture, other_tenant: TenantFixture) -> None:
    code, now, owner = live_code(tenant, roster=1), clock.now(), tenant.owner
    with tenant_context(other_tenant.id):
        foreign = group_create(access=other_tenant.owner, name="外组", now=now)
    with tenant_context(tenant.id):
        team = group(owner, "一组", person("周雨桐"))
        cases = [
            ([SourceInput("group", foreign)], "分组或部门不存在，请刷新后重试"),
            ([SourceInput("group", team), SourceInput("group", team, True)], "一组在名单中出现了两次"),
        ]
        for sources, message in cases:
            with pytest.raises(RosterRefused) as refused:
                roster_set(
                    access=owner, code_id=code.code_id, seats=[SeatInput(code.staff[0])], sources=sources, now=now
                )
            assert refused.value.messages == [message]


def test_a_group_in_use_is_not_deleted(tenant: TenantFixture) -> None:
    code, now, owner = live_code(tenant, roster=1), clock.now(), tenant.owner
    with tenant_context(tenant.id):
        team = group(owner, "一组", person("周雨桐"))
        seats = [SeatInput(code.staff[0])]
        roster_set(access=owner, code_id=code.code_id, seats=seats, sources=[SourceInput("group", team)], now=now)
        with pytest.raises(GroupRefused, match="有 1 个活码正在使用这个分组"):
            group_remove(access=owner, group_id=team, now=now)
        roster_set(access=owner, code_id=code.code_id, seats=seats, now=now)
        group_remove(access=owner, group_id=team, now=now)
        assert group_uses([team]) == {team: 0}
        assert roster(code) == ["林晓彤"]


def test_groups_need_their_capability_and_reach_as_far_as_the_scope(tenant: TenantFixture) -> None:
    now = clock.now()
    with tenant_context(tenant.id):
        here, there = person("林晓彤", department_id=tenant.department_id), person("王一鸣")
        team = group(tenant.owner, "一组")
        with pytest.raises(Denied):
            group_people_save(access=tenant.member("campaign_ops"), group_id=team, staff_ids=[here], now=now)
        lead = access_of(tenant, tenant.add_member(["reception_lead"], department_id=tenant.department_id), now)
        with pytest.raises(Denied):
            group_people_save(access=lead, group_id=team, staff_ids=[here, there], now=now)
        group_people_save(access=lead, group_id=team, staff_ids=[here], now=now)
