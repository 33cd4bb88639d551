"""Access: what a member may do is what the reviewed table says, from two queries, felt at once."""

import csv
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from guardian.core import ObjectPermissionChecker
from hypothesis import given, settings
from hypothesis import strategies as st

from codes.services import folder_create
from livecode_admin.kernel import clock
from permissions.access import Access, Denied, FieldDenied, Scope, Tier, access_for
from permissions.capabilities import CAPABILITIES, CODENAME, FIELD_CAPABILITY, UnknownCapability
from permissions.models import TenantGrant
from permissions.rules import Target
from permissions.services import bundle_assign, bundle_revoke, bundles_install, department_upsert, member_deactivate
from tenants.context import tenant_context
from tenants.models import Tenant
from tests.console.stage import codes_of, staff_of
from tests.factories import TenantFixture, access_of, make_tenant

REVIEWED = Path(__file__).parent / "reviewed" / "role_bundles.csv"
with REVIEWED.open(encoding="utf-8", newline="") as _file:
    ROWS = list(csv.DictReader(_file))
KEYS = {title: title.split()[-1] for title in ROWS[0] if title != "capability"}


@pytest.fixture(scope="module")
def cast() -> TenantFixture:
    return make_tenant(bundles=[key for key in KEYS.values() if key != "owner"])


def place_of(tenant: TenantFixture) -> tuple[int, int]:
    """A folder, and a code that lies elsewhere."""
    with tenant_context(tenant.id):
        folder_id = folder_create(access=tenant.owner, name="华东", parent_id=None, now=clock.now())
    (code_id,) = codes_of(tenant.owner, 1, staff=staff_of(tenant, 1))
    return folder_id, code_id


def held(access: Access) -> set[str]:
    return {name for name in CAPABILITIES if access.can(name)}


@pytest.mark.parametrize(("title", "key"), KEYS.items())
def test_a_bundle_gives_exactly_what_its_column_says(cast: TenantFixture, title: str, key: str) -> None:
    access = cast.owner if key == "owner" else cast.member(key)
    *capabilities, scope, tier = [row[title] for row in ROWS]
    assert held(access) == {row["capability"] for row, cell in zip(ROWS, capabilities, strict=False) if cell == "1"}
    assert {str(access.scope(name)) for name in held(access)} == {scope}
    assert {str(access.tier(name)) for name in held(access)} == {tier}


@pytest.mark.parametrize("key", [key for key in KEYS.values() if key != "owner"])
def test_a_field_may_be_changed_by_those_who_hold_its_capability(cast: TenantFixture, key: str) -> None:
    access = cast.member(key)
    for (obj, name), capability in FIELD_CAPABILITY.items():
        if access.can(capability):
            access.require_fields(obj, [name])
        else:
            with pytest.raises(Denied) as refused:
                access.require_fields(obj, [name])
            assert refused.value.missing == (capability,)


def test_one_field_without_its_capability_refuses_the_whole_save(cast: TenantFixture) -> None:
    with pytest.raises(Denied) as refused:
        cast.member("campaign_ops").require_fields("seat", ["staff", "daily_cap", "weight", "position"])
    assert refused.value.missing == ("routing.caps", "routing.rules")


def test_a_field_that_is_not_in_the_table_is_refused_even_to_the_owner(cast: TenantFixture) -> None:
    with pytest.raises(FieldDenied, match=r"code\.slug"):
        cast.owner.require_fields("code", ["name", "slug"])


def test_any_stands_for_every_field_of_its_object(cast: TenantFixture) -> None:
    cast.member("ops_director").require_fields("tag", ["name", "tier", "parent"])
    with pytest.raises(Denied):
        cast.member("campaign_ops").require_fields("tag", ["name"])


@pytest.mark.parametrize("keys", [["intern"], ["campaign_ops", "data_analyst", "receptionist"]])
def test_access_takes_at_most_two_queries(cast: TenantFixture, keys: list[str]) -> None:
    user_id = cast.add_member(keys)
    with (
        tenant_context(cast.id),
        CaptureQueriesContext(
            connection,
        ) as queries,
    ):
        access_for(user_id, cast, clock.now())
    assert len(queries) <= 2


def test_no_bundle_no_right(tenant: TenantFixture) -> None:
    assert held(access_of(tenant, tenant.add_member([]), clock.now())) == set()


def test_a_capability_that_guardian_does_not_grant_is_not_held(tenant: TenantFixture) -> None:
    assert tenant.member("campaign_ops").can("codes.create")
    with tenant_context(tenant.id):
        grant = TenantGrant.objects.filter(group__name=f"t{tenant.id}:campaign_ops")
        grant.filter(permission__codename="codes_create").delete()
    assert not tenant.member("campaign_ops").can("codes.create")
    with tenant_context(tenant.id):
        bundles_install()
    assert tenant.member("campaign_ops").can("codes.create")


def test_a_capability_that_only_guardian_grants_is_not_held_and_is_taken_back(tenant: TenantFixture) -> None:
    with tenant_context(tenant.id):
        group = Group.objects.get(name=f"t{tenant.id}:data_analyst")
        row = Tenant.objects.get(pk=tenant.id)
        TenantGrant.objects.assign_perm("codes_retire", group, row)
    assert not tenant.member("data_analyst").can("codes.retire")
    with tenant_context(tenant.id):
        bundles_install()
        assert "codes_retire" not in ObjectPermissionChecker(group).get_perms(row)


def test_guardian_itself_reads_the_projection(tenant: TenantFixture) -> None:
    with tenant_context(tenant.id):
        group = Group.objects.get(name=f"t{tenant.id}:intern")
        codenames = ObjectPermissionChecker(group).get_perms(Tenant.objects.get(pk=tenant.id))
    assert set(codenames) == {CODENAME[name] for name in held(tenant.member("intern"))}


def test_a_revoked_bundle_is_gone_at_once(tenant: TenantFixture) -> None:
    access = tenant.member("campaign_ops")
    assert access.member_id is not None
    with tenant_context(tenant.id):
        assert bundle_revoke(
            access=tenant.owner, member_id=access.member_id, bundle_key="campaign_ops", now=clock.now()
        )
    assert held(tenant.member("campaign_ops")) == set()


def test_a_bundle_ends_at_the_moment_it_was_given_until(tenant: TenantFixture) -> None:
    user_id, now = tenant.add_member([]), clock.now()
    member_id = access_of(tenant, user_id, now).member_id
    assert member_id is not None
    end = now + timedelta(days=1)
    with tenant_context(tenant.id):
        bundle_assign(access=tenant.owner, member_id=member_id, bundle_key="intern", until=end, now=now)
    assert access_of(tenant, user_id, end - timedelta(microseconds=1)).can("codes.view")
    assert not access_of(tenant, user_id, end).can("codes.view")


def test_a_deactivated_member_has_no_access(tenant: TenantFixture) -> None:
    access = tenant.member("campaign_ops")
    assert access.member_id is not None
    assert access.user_id is not None
    with tenant_context(tenant.id):
        member_deactivate(access=tenant.owner, member_id=access.member_id, now=clock.now())
        assert access_for(access.user_id, tenant, clock.now()) is None


def test_a_member_of_another_tenant_has_no_access_here(tenant: TenantFixture, other_tenant: TenantFixture) -> None:
    with tenant_context(tenant.id):
        assert access_for(other_tenant.owner_user_id, tenant, clock.now()) is None


def test_seeing_everything_does_not_let_anyone_edit_everything(tenant: TenantFixture) -> None:
    access, now = tenant.member("campaign_ops"), clock.now()
    assert access.member_id is not None
    with tenant_context(tenant.id):
        bundle_assign(
            access=tenant.owner, member_id=access.member_id, bundle_key="data_analyst", scope=Scope.ALL, now=now
        )
    both = tenant.member("campaign_ops")
    assert both.scope("codes.edit") is Scope.DEPARTMENT
    assert both.scope("analytics.view") is Scope.ALL


def test_a_tier_can_be_narrowed_for_one_member(tenant: TenantFixture) -> None:
    access, now = tenant.member("campaign_ops"), clock.now()
    assert access.member_id is not None
    with tenant_context(tenant.id):
        bundle_assign(
            access=tenant.owner, member_id=access.member_id, bundle_key="campaign_ops", tier=Tier.BASIC, now=now
        )
    assert tenant.member("campaign_ops").tier("tags.apply") is Tier.BASIC


def test_a_bundle_for_one_folder_opens_that_folder_and_no_more(tenant: TenantFixture) -> None:
    user_id, now = tenant.add_member([]), clock.now()
    member_id = access_of(tenant, user_id, now).member_id
    assert member_id is not None
    folder_id, code_id = place_of(tenant)
    with tenant_context(tenant.id):
        for target, target_id in ((Target.FOLDER, folder_id), (Target.CODE, code_id)):
            bundle_assign(
                access=tenant.owner,
                member_id=member_id,
                bundle_key="campaign_ops",
                target=target,
                target_id=target_id,
                now=now,
            )
    with CaptureQueriesContext(connection) as queries, tenant_context(tenant.id):
        access = access_for(user_id, tenant, now)
    assert access is not None
    asked = [one["sql"] for one in queries if "FROM" in one["sql"]]
    assert len(asked) == 2
    assert not access.can("codes.edit")
    with pytest.raises(Denied):
        access.require("codes.edit")
    assert access.may_enter("codes.edit")
    assert access.can_on("codes.edit", folder_ids=[folder_id + 1, folder_id])
    assert access.can_on("codes.edit", code_id=code_id)
    assert not access.can_on("codes.edit", folder_ids=[folder_id + 1], code_id=code_id + 1)
    assert not access.can_on("routing.rules", folder_ids=[folder_id], code_id=code_id)


def test_department_ids_are_mine_and_all_below(tenant: TenantFixture) -> None:
    now = clock.now()
    ids: dict[str, int] = {}
    with tenant_context(tenant.id):
        for name, parent in [("市场部", None), ("地推组", "市场部"), ("一队", "地推组"), ("市场部二", None)]:
            parent_id = ids[parent] if parent else tenant.department_id
            ids[name] = department_upsert(access=tenant.owner, name=name, parent_id=parent_id, now=now)
    user_id = tenant.add_member(["campaign_ops"], department_id=ids["市场部"])
    assert access_of(tenant, user_id, now).department_ids == {ids["市场部"], ids["地推组"], ids["一队"]}


def test_the_system_may_do_everything_and_says_why(tenant: TenantFixture) -> None:
    access = Access.system(tenant_id=tenant.id, tenant_slug=tenant.slug, reason="nightly check")
    assert held(access) == set(CAPABILITIES)
    assert (access.member_id, access.reason) == (None, "nightly check")


@given(st.text(max_size=20).filter(lambda text: text not in CAPABILITIES))
@settings(max_examples=25)
def test_an_unknown_capability_raises_for_everybody(cast: TenantFixture, name: str) -> None:
    for ask in (cast.owner.can, cast.owner.require, cast.owner.scope, cast.owner.tier, cast.owner.may_enter):
        with pytest.raises(UnknownCapability):
            ask(name)
