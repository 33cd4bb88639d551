"""待开通: people of WeCom who are no members, with the default bundle, one click away (product.md §5.1)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connections

from permissions.access import Denied
from permissions.models import AuditEntry, BundleAssignment, Member, Newcomer
from permissions.selectors.arrivals import NewcomerRow, newcomers_waiting
from permissions.services import BundleRefused, department_upsert
from permissions.services.default_bundles import default_bundles_set
from permissions.services.newcomers import (
    Arrival,
    OpenResult,
    newcomers_gone,
    newcomers_note,
    newcomers_open,
    newcomers_set_aside,
)
from tenants.context import tenant_context
from tests.factories import TenantFixture

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def note(tenant: TenantFixture, *userids: str, position: str = "", returned: bool = False, below: int = 0) -> None:
    department_id = below or tenant.department_id
    people = [Arrival(one, f"新人{one}", position, department_id, returned) for one in userids]
    with tenant_context(tenant.id):
        newcomers_note(arrivals=people, now=NOW)


def waiting(tenant: TenantFixture) -> list[NewcomerRow]:
    access = tenant.owner
    with tenant_context(tenant.id):
        return sorted(newcomers_waiting(access), key=lambda row: row.wecom_userid)


def defaults(tenant: TenantFixture, department: str = "", position: str = "", by: str = "") -> int:
    access = tenant.member(by) if by else tenant.owner
    with tenant_context(tenant.id):
        return default_bundles_set(
            access=access,
            departments={tenant.department_id: department},
            positions={"课程顾问": position},
            now=NOW,
        )


def opened(tenant: TenantFixture, bundle: str = "", by: str = "") -> OpenResult:
    access, rows = tenant.member(by) if by else tenant.owner, waiting(tenant)
    with tenant_context(tenant.id):
        return newcomers_open(access=access, picks={row.id: bundle for row in rows}, now=NOW)


def test_the_position_goes_before_the_department_and_that_before_the_one_above(tenant: TenantFixture) -> None:
    with tenant_context(tenant.id):
        system = tenant.owner
        below = department_upsert(access=system, name="顾问一组", parent_id=tenant.department_id, now=NOW)
    defaults(tenant, "receptionist", "intern")
    note(tenant, "a", below=below)
    note(tenant, "b", position="课程顾问", below=below)
    assert [row.bundle_key for row in waiting(tenant)] == ["receptionist", "intern"]


def test_a_changed_default_is_proposed_to_those_who_wait(tenant: TenantFixture) -> None:
    note(tenant, "a")
    assert [row.bundle_key for row in waiting(tenant)] == [""]
    assert defaults(tenant, "intern") == 1
    assert [row.bundle_key for row in waiting(tenant)] == ["intern"]
    assert defaults(tenant, "") == 1
    assert [row.bundle_key for row in waiting(tenant)] == [""]


def test_one_click_makes_a_member_who_signs_in_by_wecom(tenant: TenantFixture) -> None:
    defaults(tenant, "intern")
    note(tenant, "a")
    (one,) = opened(tenant).opened
    with tenant_context(tenant.id):
        member = Member.objects.select_related("user").get(pk=one.member_id)
        keys = list(BundleAssignment.objects.filter(member=member).values_list("bundle__key", flat=True))
    assert (member.wecom_userid, member.display_name, keys) == ("a", "新人a", ["intern"])
    assert not member.user.has_usable_password()
    assert waiting(tenant) == []
    note(tenant, "a")
    assert waiting(tenant) == [], "a member stands there no more"


def test_many_at_once_and_who_cannot_be_let_in_is_told_why(tenant: TenantFixture) -> None:
    note(tenant, "a", "b", position="课程顾问")
    note(tenant, "c")
    defaults(tenant, "", "ops_director")
    result = opened(tenant, by="system_config")
    assert not result.opened
    reasons = sorted(why for _, why in result.left)
    assert reasons[0] == reasons[1] == "您不能授予「运营总监」，缺少：导出客户"
    assert reasons[2] == "没有默认权限包，请选择一个"
    assert len(opened(tenant, "intern", by="system_config").opened) == 3


def test_of_two_who_click_at_the_same_time_one_makes_the_member(tenant: TenantFixture) -> None:
    note(tenant, "a")
    access, (row,) = tenant.owner, waiting(tenant)

    def run(_: int) -> int:
        try:
            with tenant_context(tenant.id):
                return len(newcomers_open(access=access, picks={row.id: "intern"}, now=NOW).opened)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(run, range(2))) == [0, 1]
    with tenant_context(tenant.id):
        assert Member.objects.filter(wecom_userid="a").count() == 1


def test_set_aside_stays_so_until_the_person_comes_back(tenant: TenantFixture) -> None:
    note(tenant, "a")
    access, (row,) = tenant.owner, waiting(tenant)
    with tenant_context(tenant.id):
        assert newcomers_set_aside(access=access, newcomer_ids=[row.id], now=NOW) == 1
        assert AuditEntry.objects.filter(action="newcomer.set_aside", object_id=row.id).exists()
    note(tenant, "a")
    assert waiting(tenant) == []
    note(tenant, "a", returned=True)
    assert len(waiting(tenant)) == 1


def test_who_left_wecom_disappears(tenant: TenantFixture) -> None:
    note(tenant, "a", "b")
    with tenant_context(tenant.id):
        assert newcomers_gone(wecom_userids=["a", "nobody"], now=NOW) == 1
    assert [row.wecom_userid for row in waiting(tenant)] == ["b"]


def test_only_who_manages_members_lets_anybody_in(tenant: TenantFixture) -> None:
    note(tenant, "a")
    for act in (newcomers_open, newcomers_set_aside):
        access = tenant.member("campaign_ops")
        more = {"picks": {1: "intern"}} if act is newcomers_open else {"newcomer_ids": [1]}
        with pytest.raises(Denied), tenant_context(tenant.id):
            act(access=access, now=NOW, **more)
    assert len(waiting(tenant)) == 1


def test_default_bundles_are_those_that_one_may_hand_out(tenant: TenantFixture) -> None:
    with pytest.raises(BundleRefused):
        defaults(tenant, "ops_director", by="system_config")
    assert defaults(tenant, "ops_director") == 1
    with pytest.raises(BundleRefused):
        defaults(tenant, "intern", by="system_config")
    with pytest.raises(Denied):
        defaults(tenant, "intern", by="reception_lead")
    with tenant_context(tenant.id):
        entry = AuditEntry.objects.filter(action="department.default_bundle_set").latest("id")
    assert (entry.before, entry.after) == ({"default_bundle": None}, {"default_bundle": "ops_director"})


def test_newcomers_of_one_company_are_seen_in_no_other(tenant: TenantFixture, other_tenant: TenantFixture) -> None:
    note(tenant, "a")
    with tenant_context(other_tenant.id):
        assert not Newcomer.objects.exists()
