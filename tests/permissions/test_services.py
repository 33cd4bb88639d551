"""Handing out bundles, keeping an owner, and the department tree."""

from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction

from livecode_admin.kernel import clock
from permissions.access import Access, Denied, Scope
from permissions.models import AuditEntry, BundleAssignment, Department, Member, RoleBundle, TenantGrant
from permissions.selectors import departments_tree, grantors, members_for_picker, members_holding
from permissions.services import (
    BundleRefused,
    LastOwner,
    bundle_assign,
    bundle_revoke,
    bundles_install,
    department_upsert,
    member_activate,
    member_add,
    member_deactivate,
    owner_add,
    user_create,
)
from permissions.services.departments import DepartmentCycle
from tenants.context import tenant_context
from tests.factories import TenantFixture, access_of, make_user


def member_id_of(access: Access) -> int:
    assert access.member_id is not None
    return access.member_id


def test_installing_the_bundles_twice_changes_nothing(tenant: TenantFixture) -> None:
    def state() -> tuple[list[object], list[object]]:
        with tenant_context(tenant.id):
            bundles = list(RoleBundle.objects.order_by("id").values("id", "key", "version", "capabilities", "group"))
            return bundles, list(TenantGrant.objects.order_by("id").values_list("id", flat=True))

    before = state()
    with tenant_context(tenant.id):
        bundles_install()
    assert state() == before


def test_a_bundle_that_differs_from_the_table_is_brought_back_with_a_new_version(tenant: TenantFixture) -> None:
    with tenant_context(tenant.id):
        RoleBundle.objects.filter(key="intern").update(capabilities=["codes.view", "codes.retire"])
        bundles_install()
        row = RoleBundle.objects.get(key="intern")
    assert row.version == 2
    assert not tenant.member("intern").can("codes.retire")
    assert tenant.member("intern").can("welcome.choose")


def test_groups_carry_the_tenant_and_no_person(tenant: TenantFixture) -> None:
    group = Group.objects.get(name=f"t{tenant.id}:campaign_ops")
    assert not group.user_set.exists()


def test_who_manages_members_hands_out_the_business_bundles(tenant: TenantFixture) -> None:
    giver = tenant.member("system_config")
    user_id = make_user()
    with tenant_context(tenant.id):
        member_add(
            access=giver,
            user_id=user_id,
            display_name="新人",
            department_id=tenant.department_id,
            bundle_keys=["campaign_ops", "data_analyst"],
            now=clock.now(),
        )
    access = access_of(tenant, user_id, clock.now())
    assert access.can("codes.create")
    assert access.can("analytics.export")
    assert not access.can("routing.rules")


@pytest.mark.parametrize("key", ["owner", "ops_director"])
def test_nobody_hands_out_what_they_do_not_hold(tenant: TenantFixture, key: str) -> None:
    giver, user_id = tenant.member("system_config"), make_user()
    with tenant_context(tenant.id):
        with pytest.raises(BundleRefused) as refused:
            member_add(
                access=giver,
                user_id=user_id,
                display_name="新人",
                department_id=None,
                bundle_keys=["intern", key],
                now=clock.now(),
            )
        assert not Member.objects.filter(user_id=user_id).exists()
    assert "customers.export" in refused.value.missing


@pytest.mark.parametrize("key", ["campaign_ops", "ops_director", "reception_lead"])
def test_without_managing_members_nothing_is_handed_out(tenant: TenantFixture, key: str) -> None:
    giver, target = tenant.member(key), member_id_of(tenant.member("intern"))
    with tenant_context(tenant.id):
        known = AuditEntry.objects.count()
        with pytest.raises(Denied):
            bundle_assign(access=giver, member_id=target, bundle_key="campaign_ops", now=clock.now())
        with pytest.raises(Denied):
            member_deactivate(access=giver, member_id=target, now=clock.now())
        with pytest.raises(Denied):
            department_upsert(access=giver, name="x", parent_id=None, now=clock.now())
        assert BundleAssignment.objects.filter(member_id=target).count() == 1
        assert AuditEntry.objects.count() == known


def test_nobody_changes_their_own_bundles(tenant: TenantFixture) -> None:
    me = tenant.member("system_config")
    with tenant_context(tenant.id):
        for change in (bundle_assign, bundle_revoke):
            with pytest.raises(BundleRefused):
                change(access=me, member_id=member_id_of(me), bundle_key="campaign_ops", now=clock.now())
        with pytest.raises(ValueError, match="themselves"):
            member_deactivate(access=me, member_id=member_id_of(me), now=clock.now())


def test_the_last_owner_stays(tenant: TenantFixture) -> None:
    first, now = tenant.owner, clock.now()
    second = access_of(tenant, tenant.add_member(["owner"], name="第二位"), now)
    assert second.is_owner
    with tenant_context(tenant.id):
        member_deactivate(access=second, member_id=member_id_of(first), now=now)
        system = Access.system(tenant_id=tenant.id, tenant_slug=tenant.slug, reason="tests")
        with pytest.raises(LastOwner):
            member_deactivate(access=system, member_id=member_id_of(second), now=now)
        with pytest.raises(LastOwner):
            bundle_revoke(access=system, member_id=member_id_of(second), bundle_key="owner", now=now)
        member_activate(access=second, member_id=member_id_of(first), now=now)
        assert bundle_revoke(access=second, member_id=member_id_of(first), bundle_key="owner", now=now)
    assert not access_of(tenant, tenant.owner_user_id, now).is_owner


def test_the_first_owner_is_made_once(tenant: TenantFixture) -> None:
    system = Access.system(tenant_id=tenant.id, tenant_slug=tenant.slug, reason="tests")
    with tenant_context(tenant.id), pytest.raises(ValueError, match="first owner"):
        owner_add(access=system, user_id=make_user(), display_name="x", now=clock.now())


def test_an_unknown_bundle_or_department_is_refused(tenant: TenantFixture, other_tenant: TenantFixture) -> None:
    with tenant_context(tenant.id):
        for keys, department_id in ((["no-such"], None), (["intern"], other_tenant.department_id)):
            with pytest.raises(LookupError):
                member_add(
                    access=tenant.owner,
                    user_id=make_user(),
                    display_name="x",
                    department_id=department_id,
                    bundle_keys=keys,
                    now=clock.now(),
                )


def test_a_person_is_a_member_once(tenant: TenantFixture) -> None:
    with tenant_context(tenant.id), pytest.raises(IntegrityError), transaction.atomic():
        member_add(
            access=tenant.owner,
            user_id=tenant.owner_user_id,
            display_name="x",
            department_id=None,
            bundle_keys=[],
            now=clock.now(),
        )


def test_each_change_of_rights_is_on_record(tenant: TenantFixture) -> None:
    target = member_id_of(tenant.member("intern"))
    with tenant_context(tenant.id):
        bundle_assign(access=tenant.owner, member_id=target, bundle_key="campaign_ops", now=clock.now())
        bundle_revoke(access=tenant.owner, member_id=target, bundle_key="intern", now=clock.now())
        rows = AuditEntry.objects.filter(object_type="member", object_id=target).order_by("id")
        assert list(rows.values_list("action", flat=True)) == [
            "member.added",
            "member.bundle_given",
            "member.bundle_taken",
        ]


def test_members_holding_counts_scope_department_and_owners(tenant: TenantFixture) -> None:
    now = clock.now()
    with tenant_context(tenant.id):
        north = department_upsert(access=tenant.owner, name="北区", parent_id=tenant.department_id, now=now)
        south = department_upsert(access=tenant.owner, name="南区", parent_id=tenant.department_id, now=now)
    above = member_id_of(tenant.member("campaign_ops"))
    in_north = member_id_of(access_of(tenant, tenant.add_member(["campaign_ops"], department_id=north), now))
    everywhere = member_id_of(access_of(tenant, tenant.add_member(["ops_director"], department_id=south), now))
    owner = member_id_of(tenant.owner)
    tenant.member("intern")
    with tenant_context(tenant.id):
        assert set(members_holding("codes.renew", now=now)) == {owner, above, in_north, everywhere}
        assert set(members_holding("codes.renew", north, now=now)) == {owner, above, in_north, everywhere}
        assert set(members_holding("codes.renew", south, now=now)) == {owner, above, everywhere}
        assert set(members_holding("codes.renew", tenant.department_id, now=now)) == {owner, above, everywhere}


def test_only_those_who_hold_a_guarded_capability_can_give_it(tenant: TenantFixture) -> None:
    tenant.member("system_config")
    with tenant_context(tenant.id):
        assert grantors(["codes.edit"], now=clock.now()) == ["方圆", "周敏"]
        assert grantors(["customers.export"], now=clock.now()) == ["方圆"]


def test_moving_a_department_moves_all_below_it_and_never_below_itself(tenant: TenantFixture) -> None:
    now, owner, root = clock.now(), tenant.owner, tenant.department_id
    with tenant_context(tenant.id):
        a = department_upsert(access=owner, name="甲", parent_id=root, wecom_id=10, now=now)
        b = department_upsert(access=owner, name="乙", parent_id=a, wecom_id=11, now=now)
        c = department_upsert(access=owner, name="丙", parent_id=b, wecom_id=12, now=now)
        with pytest.raises(DepartmentCycle):
            department_upsert(access=owner, name="甲", parent_id=c, wecom_id=10, now=now)
        assert department_upsert(access=owner, name="乙部", parent_id=root, wecom_id=11, order=5, now=now) == b
        paths = dict(Department.objects.values_list("id", "path"))
        tree = [(row.name, row.depth) for row in departments_tree(owner)]
    assert paths[c] == f"/{root}/{b}/{c}/"
    assert tree == [("知行教育", 0), ("乙部", 1), ("丙", 2), ("甲", 1)]


def test_an_unchanged_department_is_not_on_record_again(tenant: TenantFixture) -> None:
    with tenant_context(tenant.id):
        known = AuditEntry.objects.count()
        department_upsert(access=tenant.owner, name="知行教育", parent_id=None, wecom_id=1, now=clock.now())
        assert AuditEntry.objects.count() == known


def test_weak_passwords_are_refused() -> None:
    for weak in ("short-1", "password1234", "123456789012"):
        with pytest.raises(ValidationError):
            user_create(username=f"w-{weak}", password=weak, now=clock.now())


def test_pickers_show_active_colleagues(tenant: TenantFixture) -> None:
    gone = member_id_of(tenant.member("intern"))
    with tenant_context(tenant.id):
        member_deactivate(access=tenant.owner, member_id=gone, now=clock.now())
        cards = members_for_picker(tenant.owner)
    assert [(card.name, card.department) for card in cards] == [("方圆", "")]


def test_the_command_brings_every_tenant_up_to_date(tenant: TenantFixture) -> None:
    with tenant_context(tenant.id):
        RoleBundle.objects.filter(key="intern").update(capabilities=["codes.view"])
    call_command("install_bundles", stdout=StringIO())
    assert tenant.member("intern").can("welcome.choose")


def test_changing_how_a_bundle_is_held_keeps_before_and_after(tenant: TenantFixture) -> None:
    target = member_id_of(tenant.member("intern"))
    with tenant_context(tenant.id):
        bundle_assign(access=tenant.owner, member_id=target, bundle_key="intern", scope=Scope.ALL, now=clock.now())
        entry = AuditEntry.objects.latest("id")
    assert (entry.action, entry.before, entry.after) == (
        "member.bundle_changed",
        {"bundle": "intern", "target": "tenant"},
        {"bundle": "intern", "target": "tenant", "scope": "all"},
    )
