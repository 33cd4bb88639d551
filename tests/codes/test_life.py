"""Pausing, resuming, retiring and renewing through the services (product.md §1.5, §4.2)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from codes.models import CodeParticipant, LiveCode
from codes.rules import Refused
from codes.selectors import NotFound, codes_visible
from codes.services import (
    code_mark_live,
    code_pause,
    code_renew,
    code_resume,
    code_retire,
    first_scan_note,
    folder_create,
    participants_set,
)
from permissions.access import Denied, ObjectScope, Scope
from permissions.selectors import audit_entries
from permissions.services import department_upsert
from tenants.context import tenant_context
from tests.codes.conftest import NOW, MakeCode
from tests.factories import TenantFixture

Service = Callable[..., Any]


def state_of(tenant: TenantFixture, code_id: int) -> str:
    with tenant_context(tenant.id):
        return str(LiveCode.objects.get(pk=code_id).state)


def test_a_code_goes_through_its_life_and_each_step_is_told(tenant: TenantFixture, make_code: MakeCode) -> None:
    access = tenant.member("campaign_ops")
    code_id = make_code(access)
    steps: list[tuple[Service, str]] = [
        (code_mark_live, "live"),
        (code_pause, "paused"),
        (code_resume, "live"),
        (code_retire, "retired"),
    ]
    for service, state in steps:
        with tenant_context(tenant.id):
            service(access=access, code_id=code_id, now=NOW)
        assert state_of(tenant, code_id) == state
    with tenant_context(tenant.id):
        told = [entry.action for entry in audit_entries(access, "code", code_id, 10)]
    assert told == ["code.retired", "code.resumed", "code.paused", "code.published", "code.created"]


def test_going_live_twice_changes_nothing(tenant: TenantFixture, make_code: MakeCode) -> None:
    code_id = make_code(tenant.owner)
    for first in (True, False):
        with tenant_context(tenant.id):
            assert code_mark_live(access=tenant.owner, code_id=code_id, now=NOW) is first


@pytest.mark.parametrize("service", [code_pause, code_resume, code_retire, code_mark_live])
def test_a_retired_code_stays_retired(tenant: TenantFixture, make_code: MakeCode, service: Service) -> None:
    code_id = make_code(tenant.owner)
    with tenant_context(tenant.id):
        code_retire(access=tenant.owner, code_id=code_id, now=NOW)
    with pytest.raises(Refused, match="已归档"), tenant_context(tenant.id):
        service(access=tenant.owner, code_id=code_id, now=NOW)
    with pytest.raises(Refused, match="已归档"), tenant_context(tenant.id):
        code_renew(access=tenant.owner, code_id=code_id, months=3, now=NOW)


@pytest.mark.parametrize(
    ("bundle", "service"),
    [
        ("data_analyst", code_pause),
        ("intern", code_pause),
        ("system_config", code_retire),
        ("reception_lead", code_retire),
        ("data_analyst", code_mark_live),
    ],
)
def test_without_the_capability_nothing_changes(
    tenant: TenantFixture, make_code: MakeCode, bundle: str, service: Service
) -> None:
    code_id = make_code(tenant.owner, department_id=tenant.department_id)
    with tenant_context(tenant.id):
        code_mark_live(access=tenant.owner, code_id=code_id, now=NOW)
    with pytest.raises(Denied), tenant_context(tenant.id):
        service(access=tenant.member(bundle), code_id=code_id, now=NOW)
    assert state_of(tenant, code_id) == "live"


def test_renewing_reaches_to_the_end_of_the_day_three_months_on(tenant: TenantFixture, make_code: MakeCode) -> None:
    code_id = make_code(tenant.owner)  # ends 2027-02-22
    with tenant_context(tenant.id):
        until = code_renew(access=tenant.owner, code_id=code_id, months=3, now=NOW)
        assert LiveCode.objects.get(pk=code_id).expires_at == until
    assert until == datetime(2027, 5, 22, 15, 59, 59, tzinfo=UTC)  # 23:59:59 in Shanghai


def test_an_expired_code_is_renewed_from_today_and_is_live_again(tenant: TenantFixture, make_code: MakeCode) -> None:
    code_id = make_code(tenant.owner, expires_at=NOW + timedelta(days=1))
    with tenant_context(tenant.id):
        code_mark_live(access=tenant.owner, code_id=code_id, now=NOW)
    later = NOW + timedelta(days=60)
    with pytest.raises(Refused, match="已过期"), tenant_context(tenant.id):
        code_pause(access=tenant.owner, code_id=code_id, now=later)
    with tenant_context(tenant.id):
        until = code_renew(access=tenant.owner, code_id=code_id, months=1, now=later)
        code_pause(access=tenant.owner, code_id=code_id, now=later)
    assert until == datetime(2027, 2, 21, 15, 59, 59, tzinfo=UTC)


def test_the_first_scan_is_noted_once(tenant: TenantFixture, make_code: MakeCode) -> None:
    code_id = make_code(tenant.owner)
    with tenant_context(tenant.id):
        assert first_scan_note(code_id=code_id, scanned_at=NOW)
        assert not first_scan_note(code_id=code_id, scanned_at=NOW + timedelta(hours=1))
        assert LiveCode.objects.get(pk=code_id).first_scan_at == NOW


def test_own_scope_is_what_one_owns_or_has_a_seat_in(tenant: TenantFixture, make_code: MakeCode) -> None:
    receptionist = tenant.member("receptionist")
    assert receptionist.member_id is not None
    seated, owned, foreign = (make_code(tenant.owner) for _ in range(3))
    with tenant_context(tenant.id):
        LiveCode.objects.filter(pk=owned).update(owner_id=receptionist.member_id)
        participants_set(code_id=seated, member_ids=[receptionist.member_id])
        assert set(codes_visible(receptionist).values_list("id", flat=True)) == {seated, owned}
        participants_set(code_id=seated, member_ids=[])
        assert set(codes_visible(receptionist).values_list("id", flat=True)) == {owned}
        assert not codes_visible(receptionist, "codes.edit").exists()
        assert codes_visible(tenant.owner).count() == 3
    assert foreign


def test_participants_are_set_as_a_whole_and_repeating_changes_nothing(
    tenant: TenantFixture, make_code: MakeCode
) -> None:
    code_id = make_code(tenant.owner)
    first, second = tenant.member("receptionist").member_id, tenant.member("intern").member_id
    assert first is not None
    assert second is not None
    with tenant_context(tenant.id):
        for wanted in ([first, second], [first, second], [second]):
            participants_set(code_id=code_id, member_ids=wanted)
            found = CodeParticipant.objects.filter(code=code_id).values_list("member_id", flat=True)
            assert set(found) == set(wanted)


def test_department_scope_reaches_down_and_not_beside(tenant: TenantFixture, make_code: MakeCode) -> None:
    with tenant_context(tenant.id):
        below = department_upsert(access=tenant.owner, name="上海组", parent_id=tenant.department_id, now=NOW)
        beside = department_upsert(access=tenant.owner, name="销售部", parent_id=None, now=NOW)
    mine = make_code(tenant.owner, department_id=tenant.department_id)
    lower = make_code(tenant.owner, department_id=below)
    other = make_code(tenant.owner, department_id=beside)
    campaign = tenant.member("campaign_ops")
    with tenant_context(tenant.id):
        assert set(codes_visible(campaign).values_list("id", flat=True)) == {mine, lower}
    with pytest.raises(NotFound), tenant_context(tenant.id):
        code_pause(access=campaign, code_id=other, now=NOW)


def test_scopes_of_two_bundles_never_widen_each_other(tenant: TenantFixture, make_code: MakeCode) -> None:
    """活动运营 (department) with 系统配置 (all) sees all and edits its department (product.md §5.3)."""
    with tenant_context(tenant.id):
        beside = department_upsert(access=tenant.owner, name="销售部", parent_id=None, now=NOW)
    code_id = make_code(tenant.owner, department_id=beside)
    both = tenant.member("campaign_ops", "system_config")
    with tenant_context(tenant.id):
        assert codes_visible(both).filter(pk=code_id).exists()
    with pytest.raises(Denied), tenant_context(tenant.id):
        code_retire(access=both, code_id=code_id, now=NOW)
    assert state_of(tenant, code_id) == "draft"


def test_a_grant_for_a_folder_or_a_code_reaches_these_and_what_is_inside(
    tenant: TenantFixture, make_code: MakeCode
) -> None:
    with tenant_context(tenant.id):
        outer = folder_create(access=tenant.owner, name="华东", parent_id=None, now=NOW)
        inner = folder_create(access=tenant.owner, name="上海", parent_id=outer, now=NOW)
    filed, single, other = make_code(tenant.owner, folder_id=inner), make_code(tenant.owner), make_code(tenant.owner)
    given = ObjectScope(folders=frozenset({outer}), codes=frozenset({single}))
    bare = tenant.member("system_config")
    guest = replace(bare, scopes={}, object_scopes={"codes.view": given, "codes.pause": given})
    with tenant_context(tenant.id):
        assert set(codes_visible(guest).values_list("id", flat=True)) == {filed, single}
        assert not codes_visible(guest, "codes.edit").exists()
        for code_id in (filed, single):
            code_mark_live(access=tenant.owner, code_id=code_id, now=NOW)
            code_pause(access=guest, code_id=code_id, now=NOW)
    with pytest.raises(NotFound), tenant_context(tenant.id):
        code_pause(access=replace(guest, scopes={"codes.pause": Scope.OWN}), code_id=other, now=NOW)
    with pytest.raises(Denied, match="code"), tenant_context(tenant.id):
        code_retire(access=guest, code_id=single, now=NOW)
