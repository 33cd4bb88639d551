"""Rosters, caps and rules as services: three things with three permissions (product.md §2.10, §2.14)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from codes.selectors import NotFound
from codes.services import code_create
from livecode_admin.kernel import clock
from people.services import staff_left, staff_upsert
from permissions.access import Access, Denied
from permissions.selectors import audit_entries
from routing.models import Seat, Snapshot, StaffLimit, StaffSuspect
from routing.rules.hours import hours_checked
from routing.selectors import roster_rows, rosters_of, rule_facts, ways_progress
from routing.services.defaults import defaults_set
from routing.services.publish import PublishRefused, code_publish
from routing.services.roster import RosterRefused, SeatInput, roster_set, staff_cap_set
from routing.services.rules import RuleRefused, rule_set
from tenants.context import tenant_context
from tests.factories import TenantFixture
from tests.routing.stage import live_code


def person(name: str, *, reason: str = "") -> int:
    """A staff member of the current tenant."""
    return staff_upsert(wecom_userid=f"u-{name}", name=name, cannot_reason=reason, now=clock.now())


def draft(access: Access, *, kind: str = "several") -> int:
    """A draft without a roster."""
    return code_create(
        access=access, now=clock.now(), name="地铁广告", purpose="campaign", purpose_text="地推", kind=kind
    )


def names(access: Access, code_id: int) -> list[tuple[str, bool]]:
    """(name, backup) of each seat in order."""
    return [(row.name, row.is_backup) for row in roster_rows(access, code_id)]


def test_a_roster_is_kept_in_its_order_with_backups_apart_and_told_in_the_history(tenant: TenantFixture) -> None:
    access, now = tenant.member("campaign_ops"), clock.now()
    with tenant_context(tenant.id):
        code_id = draft(access)
        a, b, c = (person(name) for name in ("林晓彤", "王一鸣", "陈思远"))
        seats = [SeatInput(b, position=2), SeatInput(a, position=1), SeatInput(c, is_backup=True)]
        roster_set(access=access, code_id=code_id, seats=seats, now=now)
        assert names(access, code_id) == [("林晓彤", False), ("王一鸣", False), ("陈思远", True)]
        entry = audit_entries(access, "code", code_id, limit=1)[0]
        assert entry.action == "code.roster_changed"
        told = {change.name: change.after for change in entry.changes}
        assert told["roster"] == ["林晓彤", "王一鸣"]


def test_taking_somebody_out_and_in_again_keeps_the_seat(tenant: TenantFixture) -> None:
    access, now = tenant.owner, clock.now()
    with tenant_context(tenant.id):
        code_id, a, b = draft(access), person("林晓彤"), person("王一鸣")
        for staff in ([a, b], [a], [b, a]):
            seats = [SeatInput(pk, position=place) for place, pk in enumerate(staff)]
            roster_set(access=access, code_id=code_id, seats=seats, now=now)
        assert names(access, code_id) == [("王一鸣", False), ("林晓彤", False)]
        assert Seat.objects.filter(code=code_id).count() == 2


def test_who_may_change_rosters_may_not_change_caps_and_nothing_is_saved(tenant: TenantFixture) -> None:
    access, now = tenant.member("campaign_ops"), clock.now()
    with tenant_context(tenant.id):
        code_id, a = draft(access), person("林晓彤")
        with pytest.raises(Denied):
            roster_set(access=access, code_id=code_id, seats=[SeatInput(a, daily_cap=10)], now=now)
        assert names(access, code_id) == []
        with pytest.raises(Denied):
            staff_cap_set(access=access, staff_id=a, daily_cap=10, now=now)
        roster_set(access=access, code_id=code_id, seats=[SeatInput(a)], now=now)
        with pytest.raises(Denied):
            rule_set(access=access, code_id=code_id, overflow=False, now=now)


def test_who_may_change_caps_may_not_change_the_roster(tenant: TenantFixture) -> None:
    access, now = tenant.member("system_config"), clock.now()
    with tenant_context(tenant.id):
        code_id, a = draft(tenant.owner), person("林晓彤")
        staff_cap_set(access=access, staff_id=a, daily_cap=10, now=now)
        with pytest.raises(Denied):
            roster_set(access=access, code_id=code_id, seats=[SeatInput(a)], now=now)


@pytest.mark.parametrize("cap", [-1, 10_001])
def test_a_cap_out_of_range_is_refused(tenant: TenantFixture, cap: int) -> None:
    with tenant_context(tenant.id):
        a = person("林晓彤")
        with pytest.raises(RosterRefused) as refused:
            staff_cap_set(access=tenant.owner, staff_id=a, daily_cap=cap, now=clock.now())
    assert refused.value.messages == ["每日接待上限应在 0 到 10000 之间"]


def test_wrong_rosters_are_refused_by_name(tenant: TenantFixture, other_tenant: TenantFixture) -> None:
    access, now = tenant.owner, clock.now()
    with tenant_context(other_tenant.id):
        stranger = person("外人")
    with tenant_context(tenant.id):
        code_id, a, unable = draft(access), person("林晓彤"), person("周雨桐", reason="no_follow")
        cases = [
            ([SeatInput(a), SeatInput(a, is_backup=True)], "林晓彤在名单中出现了两次"),
            ([SeatInput(unable)], "周雨桐无法接待：未开客户联系"),
            ([SeatInput(stranger)], "该客服不存在"),
            ([SeatInput(a, daily_cap=-1)], "林晓彤的上限应在 0 到 10000 之间"),
            ([SeatInput(a, paused_until=now - timedelta(days=1))], "林晓彤的暂停时间应晚于现在"),
        ]
        for seats, message in cases:
            with pytest.raises(RosterRefused) as refused:
                roster_set(access=access, code_id=code_id, seats=seats, now=now)
            assert refused.value.messages == [message]
        assert names(access, code_id) == []


def test_a_code_for_one_person_takes_one(tenant: TenantFixture) -> None:
    access = tenant.owner
    with tenant_context(tenant.id):
        code_id = draft(access, kind="single")
        seats = [SeatInput(person("林晓彤")), SeatInput(person("王一鸣"))]
        with pytest.raises(RosterRefused, match="单人活码只能有一位客服"):
            roster_set(access=access, code_id=code_id, seats=seats, now=clock.now())


def test_another_companys_code_is_not_found(tenant: TenantFixture, other_tenant: TenantFixture) -> None:
    with tenant_context(other_tenant.id):
        code_id = draft(other_tenant.owner)
    with tenant_context(tenant.id), pytest.raises(NotFound):
        roster_set(access=tenant.owner, code_id=code_id, seats=[], now=clock.now())


def test_publishing_without_a_roster_says_why_not(tenant: TenantFixture) -> None:
    with tenant_context(tenant.id):
        code_id = draft(tenant.owner)
        with pytest.raises(PublishRefused) as refused:
            code_publish(access=tenant.owner, code_id=code_id, now=clock.now())
    assert refused.value.messages == ["接待名单为空：请至少添加一位客服后再发布"]


def test_publishing_refuses_those_who_can_not_receive_by_name(tenant: TenantFixture) -> None:
    access, now = tenant.owner, clock.now()
    with tenant_context(tenant.id):
        code_id = draft(access)
        roster_set(access=access, code_id=code_id, seats=[SeatInput(person("林晓彤"))], now=now)
        staff_left(wecom_userid="u-林晓彤", now=now)
        with pytest.raises(PublishRefused) as refused:
            code_publish(access=access, code_id=code_id, now=now)
    assert refused.value.messages == ["林晓彤无法接待：已离职"]


def test_publishing_orders_three_ways_for_each_seat_and_stores_a_version(tenant: TenantFixture) -> None:
    access, now = tenant.owner, clock.now()
    with tenant_context(tenant.id):
        code_id = draft(access)
        seats = [SeatInput(person("林晓彤")), SeatInput(person("王一鸣"), is_backup=True)]
        roster_set(access=access, code_id=code_id, seats=seats, now=now)
        assert code_publish(access=access, code_id=code_id, now=now) == 1
        assert code_publish(access=access, code_id=code_id, now=now) == 2
        assert ways_progress(code_id) == (0, 6, 0)
        assert list(Snapshot.objects.filter(code=code_id).values_list("version", flat=True)) == [1, 2]


def test_a_published_code_never_loses_its_last_receptionist(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=1)
    with tenant_context(tenant.id), pytest.raises(RosterRefused, match="接待名单不能为空"):
        roster_set(access=code.access, code_id=code.code_id, seats=[], now=clock.now())


def test_rules_are_checked_and_a_published_code_gets_a_new_version(tenant: TenantFixture) -> None:
    code, now = live_code(tenant, roster=1), clock.now()
    with tenant_context(tenant.id):
        with pytest.raises(RuleRefused):
            rule_set(access=code.access, code_id=code.code_id, pending_seconds=5, now=now)
        assert rule_set(access=code.access, code_id=code.code_id, overflow=False, now=now) == ["overflow"]
        assert rule_set(access=code.access, code_id=code.code_id, overflow=False, now=now) == []
        last = Snapshot.objects.filter(code=code.code_id).order_by("-version").first()
        assert (last.version, last.data["overflow"], last.reason) == (2, False, "rules")
        assert "关闭：满额后直接转值班人" in [fact.text for fact in rule_facts(code.access, code.code_id)]


def test_the_companys_duty_person_gets_a_seat_on_each_published_code(tenant: TenantFixture) -> None:
    code, now = live_code(tenant, roster=1), clock.now()
    with tenant_context(tenant.id):
        duty = person("值班")
        defaults_set(access=code.access, duty_staff_id=duty, now=now)
        last = Snapshot.objects.filter(code=code.code_id).order_by("-version").first()
        assert last.data["duty"][1] == duty
        assert names(code.access, code.code_id) == [("林晓彤", False)]


def test_the_list_of_codes_shows_todays_slots_against_the_caps(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=2, cap=30)
    with tenant_context(tenant.id):
        summary = rosters_of(code.access, [code.code_id])[code.code_id]
    assert ([card.name for card in summary.cards], summary.used, summary.cap) == (["林晓彤", "王一鸣"], 0, 60)


def test_the_roster_says_of_whom_scans_pass_over_and_why(tenant: TenantFixture) -> None:
    code, now = live_code(tenant, roster=4), clock.now()
    offline, leave, suspect, _ = code.staff
    later = now + timedelta(hours=1)
    with tenant_context(tenant.id):
        StaffLimit.objects.update_or_create(staff_id=offline, defaults={"online": False})
        StaffLimit.objects.update_or_create(staff_id=leave, defaults={"paused_until": later})
        StaffSuspect.objects.create(staff_id=suspect, since=now, until=later, assigned=20)
        states = [row.state for row in roster_rows(tenant.owner, code.code_id, now)]
        assert states == ["offline", "leave", "suspect", "receiving"]
        over = [row.state for row in roster_rows(tenant.owner, code.code_id, later)]
        assert over == ["offline", "receiving", "receiving", "receiving"]
        closed: list[list[tuple[int, int]]] = [[] for _ in range(8)]
        seats = [SeatInput(pk, position=place, hours=hours_checked(closed)) for place, pk in enumerate(code.staff)]
        roster_set(access=tenant.owner, code_id=code.code_id, seats=seats, now=now)
        assert [row.state for row in roster_rows(tenant.owner, code.code_id, now)][2:] == ["off_hours", "off_hours"]
