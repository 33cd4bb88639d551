"""Invitations: a link that makes somebody a member, once, until it ends (product.md §5.1, §5.6)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from permissions.access import Denied
from permissions.models import AuditEntry, BundleAssignment, Invitation, Member, User
from permissions.selectors.arrivals import InvitationState, invitation_by_token, open_invitations
from permissions.services import BundleRefused, bundle_revoke, member_deactivate
from permissions.services.invitations import (
    AlreadyMember,
    InvitationClosed,
    Issued,
    Plan,
    UsernameTaken,
    invitation_accept,
    invitation_accept_new,
    invitation_create,
    invitation_renew,
    invitation_withdraw,
)
from tenants.context import tenant_context
from tests.factories import PASSWORD, TenantFixture, make_user

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def invite(tenant: TenantFixture, *bundles: str, by: str = "", days: int = 3) -> Issued:
    access = tenant.member(by) if by else tenant.owner
    plan = Plan("许知远", tenant.department_id, bundles or ("campaign_ops",))
    with tenant_context(tenant.id):
        return invitation_create(access=access, plan=plan, days=days, now=NOW)


def accept(tenant: TenantFixture, token: str, user_id: int = 0, now: datetime = NOW) -> int:
    with tenant_context(tenant.id):
        return invitation_accept(tenant=tenant, token=token, user_id=user_id or make_user(), now=now, origin="10.0.0.9")


def told(tenant: TenantFixture, action: str) -> AuditEntry:
    with tenant_context(tenant.id):
        entry: AuditEntry = AuditEntry.objects.filter(action=action).latest("id")
        return entry


def test_whoever_opens_the_link_is_a_member_with_those_bundles(tenant: TenantFixture) -> None:
    issued = invite(tenant, "campaign_ops", "data_analyst")
    member_id = accept(tenant, issued.token)
    with tenant_context(tenant.id):
        member = Member.objects.get(pk=member_id)
        keys = set(BundleAssignment.objects.filter(member=member).values_list("bundle__key", flat=True))
    assert (member.display_name, member.department_id) == ("许知远", tenant.department_id)
    assert keys == {"campaign_ops", "data_analyst"}
    entry = told(tenant, "invitation.accepted")
    assert (entry.origin, entry.after) == ("10.0.0.9", {"bundles": ["campaign_ops", "data_analyst"]})


def test_only_the_hash_of_the_token_is_kept(tenant: TenantFixture) -> None:
    issued = invite(tenant)
    with tenant_context(tenant.id):
        row = Invitation.objects.get(pk=issued.id)
        log = [entry.after for entry in AuditEntry.objects.all()]
    assert len(issued.token) >= 40
    assert issued.token not in f"{[getattr(row, one.attname) for one in row._meta.concrete_fields]}{log}"


@pytest.mark.parametrize("days", [1, 3, 7])
def test_a_link_ends_to_the_second(tenant: TenantFixture, days: int) -> None:
    issued = invite(tenant, days=days)
    end = NOW + timedelta(days=days)
    with pytest.raises(InvitationClosed):
        accept(tenant, issued.token, now=end)
    assert accept(tenant, issued.token, now=end - timedelta(seconds=1))


def test_a_link_works_once(tenant: TenantFixture) -> None:
    issued = invite(tenant)
    accept(tenant, issued.token)
    with pytest.raises(InvitationClosed) as closed:
        accept(tenant, issued.token)
    assert closed.value.state is InvitationState.USED


def test_of_two_who_open_it_at_the_same_time_one_gets_in(tenant: TenantFixture) -> None:
    issued, people = invite(tenant), [make_user(), make_user()]

    def run(user_id: int) -> str:
        try:
            accept(tenant, issued.token, user_id)
        except InvitationClosed as closed:
            return closed.state.value
        finally:
            connections.close_all()
        return "in"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(run, people)) == ["in", "used"]
    with tenant_context(tenant.id):
        assert Member.objects.filter(user_id__in=people).count() == 1


def test_of_two_new_people_at_the_same_time_one_account_is_made(tenant: TenantFixture) -> None:
    issued = invite(tenant)
    names = [f"new-{tenant.slug}-{number}" for number in range(2)]

    def run(name: str) -> str:
        try:
            with tenant_context(tenant.id):
                invitation_accept_new(tenant=tenant, token=issued.token, username=name, password=PASSWORD, now=NOW)
        except InvitationClosed as closed:
            return closed.state.value
        finally:
            connections.close_all()
        return "in"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(run, names)) == ["in", "used"]
    assert User.objects.filter(username__in=names).count() == 1


def test_a_withdrawn_link_leads_nowhere_and_is_not_listed(tenant: TenantFixture) -> None:
    issued = invite(tenant)
    with tenant_context(tenant.id):
        invitation_withdraw(access=tenant.owner, invitation_id=issued.id, now=NOW)
        assert open_invitations(tenant.owner, now=NOW) == []
    with pytest.raises(InvitationClosed) as closed:
        accept(tenant, issued.token)
    assert closed.value.state is InvitationState.WITHDRAWN


def test_a_new_link_ends_the_old_one_and_is_good_as_long(tenant: TenantFixture) -> None:
    issued = invite(tenant, days=1)
    later = NOW + timedelta(days=4)
    with tenant_context(tenant.id):
        again = invitation_renew(access=tenant.owner, invitation_id=issued.id, now=later)
    assert again.expires_at == later + timedelta(days=1)
    with pytest.raises(LookupError):
        accept(tenant, issued.token, now=later)
    assert accept(tenant, again.token, now=later)


def test_what_one_may_not_hand_out_one_may_not_promise(tenant: TenantFixture) -> None:
    # system_config holds members.manage and wecom.manage; ops_director brings customers.export, which it lacks.
    with pytest.raises(BundleRefused):
        invite(tenant, "ops_director", by="system_config")
    with pytest.raises(Denied):
        invite(tenant, by="campaign_ops")
    assert invite(tenant, "campaign_ops", by="system_config").token


def test_what_the_inviter_lost_is_left_out_and_told(tenant: TenantFixture) -> None:
    both = tenant.member("system_config", "ops_director")
    with tenant_context(tenant.id):
        plan = Plan("许知远", None, ("campaign_ops", "ops_director"))
        issued = invitation_create(access=both, plan=plan, days=3, now=NOW)
        assert both.member_id
        bundle_revoke(access=tenant.owner, member_id=both.member_id, bundle_key="ops_director", now=NOW)
    member_id = accept(tenant, issued.token)
    with tenant_context(tenant.id):
        assert [row.bundle.key for row in BundleAssignment.objects.filter(member=member_id)] == ["campaign_ops"]
    assert told(tenant, "invitation.accepted").after == {"bundles": ["campaign_ops"], "left_out": ["ops_director"]}


def test_nobody_gets_in_by_somebody_who_may_invite_nobody_any_more(tenant: TenantFixture) -> None:
    issued = invite(tenant, by="system_config")
    inviter = tenant.member("system_config").member_id
    assert inviter
    with tenant_context(tenant.id):
        member_deactivate(access=tenant.owner, member_id=inviter, now=NOW)
        facts = invitation_by_token(issued.token, tenant, now=NOW)
    assert facts is not None
    assert (facts.state, facts.ask) == (InvitationState.VOID, ("方圆",))
    with pytest.raises(InvitationClosed):
        accept(tenant, issued.token)


def test_a_member_needs_no_link_and_a_switched_off_one_gets_none(tenant: TenantFixture) -> None:
    issued = invite(tenant)
    intern = tenant.member("intern")
    assert intern.user_id
    assert intern.member_id
    with pytest.raises(AlreadyMember) as known:
        accept(tenant, issued.token, intern.user_id)
    assert known.value.active
    with tenant_context(tenant.id):
        member_deactivate(access=tenant.owner, member_id=intern.member_id, now=NOW)
    with pytest.raises(AlreadyMember) as known:
        accept(tenant, issued.token, intern.user_id)
    assert not known.value.active
    assert accept(tenant, issued.token)


def test_a_name_that_is_taken_leaves_the_link_open(tenant: TenantFixture) -> None:
    issued = invite(tenant)
    make_user(f"taken-{tenant.slug}")
    name = f"TAKEN-{tenant.slug}"
    with pytest.raises(UsernameTaken), tenant_context(tenant.id):
        invitation_accept_new(tenant=tenant, token=issued.token, username=name, password=PASSWORD, now=NOW)
    assert accept(tenant, issued.token)


def test_a_link_of_one_company_opens_no_other(tenant: TenantFixture, other_tenant: TenantFixture) -> None:
    issued = invite(tenant)
    with pytest.raises(LookupError):
        accept(other_tenant, issued.token)
