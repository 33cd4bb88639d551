"""Custom role bundles: who may make and change them, what a change does, and that nothing of their history is lost."""

import pytest
from django.db import DatabaseError, transaction

from livecode_admin.kernel import clock
from permissions.access import Access, Denied, Scope, Tier
from permissions.capabilities import BUNDLES, CAPABILITIES, UnknownCapability
from permissions.capability_words import OPENS
from permissions.models import AuditEntry, BundleVersion, Department, RoleBundle, TenantGrant
from permissions.selectors.bundles import bundle_card, bundle_effects, bundle_versions
from permissions.services import BundleRefused, bundle_assign, bundle_revoke
from permissions.services.custom_bundles import (
    BundleMoved,
    BundlePlan,
    BundleUnfit,
    custom_bundle_create,
    custom_bundle_restore,
    custom_bundle_save,
    custom_bundle_switch_off,
)
from tenants.context import tenant_context
from tests.factories import TenantFixture

LOOKS = frozenset({"codes.view", "analytics.view", "analytics.traffic"})


def plan(name: str = "外包运营", capabilities: frozenset[str] = LOOKS, scope: Scope = Scope.DEPARTMENT) -> BundlePlan:
    return BundlePlan(name, capabilities, scope, Tier.STANDARD)


def made(tenant: TenantFixture, wanted: BundlePlan | None = None) -> int:
    with tenant_context(tenant.id):
        return custom_bundle_create(access=tenant.owner, plan=wanted or plan(), now=clock.now())


def saved(tenant: TenantFixture, bundle_id: int, wanted: BundlePlan, *, version: int = 1) -> bool:
    with tenant_context(tenant.id):
        return custom_bundle_save(
            access=tenant.owner, bundle_id=bundle_id, version=version, plan=wanted, now=clock.now()
        )


def key_of(tenant: TenantFixture, bundle_id: int) -> str:
    with tenant_context(tenant.id):
        key: str = RoleBundle.objects.values_list("key", flat=True).get(pk=bundle_id)
    return key


def holder(tenant: TenantFixture, bundle_id: int) -> Access:
    """Somebody who holds the bundle and nothing else."""
    return tenant.member(key_of(tenant, bundle_id))


def maker(tenant: TenantFixture, capabilities: frozenset[str], scope: Scope = Scope.DEPARTMENT) -> Access:
    """Somebody who manages bundles and holds these capabilities in this scope."""
    return holder(tenant, made(tenant, plan("管理者", capabilities | {"bundles.manage"}, scope)))


def test_every_capability_has_one_line_of_what_it_opens() -> None:
    assert tuple(OPENS) == CAPABILITIES
    assert all(4 <= len(line) <= 40 and not line.endswith("。") for line in OPENS.values())


def test_a_custom_bundle_gives_what_it_names_in_its_scope_and_nothing_else(tenant: TenantFixture) -> None:
    access = holder(tenant, made(tenant))
    assert set(access.scopes) == LOOKS
    assert access.scope("codes.view") is Scope.DEPARTMENT


def test_guardian_names_the_same_as_the_bundle_after_every_change(tenant: TenantFixture) -> None:
    bundle_id = made(tenant)

    def granted() -> set[str]:
        with tenant_context(tenant.id):
            group_id = RoleBundle.objects.get(pk=bundle_id).group_id
            rows = TenantGrant.objects.filter(group_id=group_id)
            return set(rows.values_list("permission__codename", flat=True))

    assert granted() == {"codes_view", "analytics_view", "analytics_traffic"}
    saved(tenant, bundle_id, plan(capabilities=frozenset({"codes.view", "codes.edit"})))
    assert granted() == {"codes_view", "codes_edit"}


def test_a_save_is_felt_by_those_who_hold_it_and_kept_as_a_version(tenant: TenantFixture) -> None:
    bundle_id = made(tenant)
    holder(tenant, bundle_id)
    assert saved(tenant, bundle_id, plan(capabilities=frozenset({"codes.view"}), scope=Scope.ALL))
    assert holder(tenant, bundle_id).scope("codes.view") is Scope.ALL
    assert not holder(tenant, bundle_id).can("analytics.view")
    with tenant_context(tenant.id):
        newest, first = bundle_versions(tenant.owner, bundle_id)
        entry = AuditEntry.objects.latest("id")
    assert (newest.version, newest.removed, newest.scope_from) == (
        2,
        ("analytics.traffic", "analytics.view"),
        "department",
    )
    assert (newest.current, first.current, first.capabilities) == (True, False, LOOKS)
    assert (entry.action, entry.before["capabilities"]) == ("bundle.updated", sorted(LOOKS))
    assert entry.after == {"capabilities": ["codes.view"], "scope": "all", "version": 2}


def test_saving_the_same_again_makes_no_version(tenant: TenantFixture) -> None:
    bundle_id = made(tenant)
    assert not saved(tenant, bundle_id, plan("  外包运营 "))
    with tenant_context(tenant.id):
        assert BundleVersion.objects.filter(bundle_id=bundle_id).count() == 1


def test_an_old_version_comes_back_as_a_new_one(tenant: TenantFixture) -> None:
    bundle_id = made(tenant)
    saved(tenant, bundle_id, plan("改名", frozenset({"codes.view"})))
    with tenant_context(tenant.id):
        assert custom_bundle_restore(access=tenant.owner, bundle_id=bundle_id, version=2, to=1, now=clock.now())
        card = bundle_card(tenant.owner, bundle_id, now=clock.now())
        assert card is not None
        assert (card.name, card.capabilities, card.version) == ("外包运营", LOOKS, 3)


def test_two_editors_do_not_write_over_each_other(tenant: TenantFixture) -> None:
    bundle_id = made(tenant)
    saved(tenant, bundle_id, plan("先到"))
    with pytest.raises(BundleMoved) as moved:
        saved(tenant, bundle_id, plan("后到"), version=1)
    assert moved.value.version == 2


@pytest.mark.parametrize("key", sorted(BUNDLES))
def test_a_built_in_bundle_can_not_be_changed(tenant: TenantFixture, key: str) -> None:
    with tenant_context(tenant.id):
        bundle_id = RoleBundle.objects.get(key=key).pk
        with pytest.raises(RoleBundle.DoesNotExist):
            custom_bundle_save(access=tenant.owner, bundle_id=bundle_id, version=1, plan=plan(), now=clock.now())
        with pytest.raises(RoleBundle.DoesNotExist):
            custom_bundle_switch_off(access=tenant.owner, bundle_id=bundle_id, now=clock.now())


def test_without_bundles_manage_nobody_makes_one(tenant: TenantFixture) -> None:
    access = tenant.member("system_config")
    with tenant_context(tenant.id), pytest.raises(Denied) as denied:
        custom_bundle_create(access=access, plan=plan(), now=clock.now())
    assert denied.value.missing == ("bundles.manage",)


def test_nobody_puts_in_what_they_do_not_hold(tenant: TenantFixture) -> None:
    access = maker(tenant, LOOKS)
    with tenant_context(tenant.id), pytest.raises(BundleRefused) as refused:
        custom_bundle_create(access=access, plan=plan(capabilities=LOOKS | {"routing.rules"}), now=clock.now())
    assert refused.value.missing == ("routing.rules",)


def test_nobody_puts_in_more_scope_than_they_hold(tenant: TenantFixture) -> None:
    access = maker(tenant, LOOKS)
    with tenant_context(tenant.id), pytest.raises(BundleRefused) as refused:
        custom_bundle_create(access=access, plan=plan(scope=Scope.ALL), now=clock.now())
    assert set(refused.value.missing) == LOOKS


def test_nobody_changes_a_bundle_that_holds_more_than_they_do(tenant: TenantFixture) -> None:
    bundle_id = made(tenant, plan(capabilities=LOOKS | {"routing.rules"}))
    access = maker(tenant, LOOKS)
    with tenant_context(tenant.id):
        with pytest.raises(BundleRefused):
            custom_bundle_save(access=access, bundle_id=bundle_id, version=1, plan=plan("小"), now=clock.now())
        with pytest.raises(BundleRefused):
            custom_bundle_switch_off(access=access, bundle_id=bundle_id, now=clock.now())


def test_an_old_version_is_not_restored_by_who_lacks_what_it_held(tenant: TenantFixture) -> None:
    bundle_id = made(tenant, plan(capabilities=LOOKS | {"routing.rules"}))
    saved(tenant, bundle_id, plan())
    access = maker(tenant, LOOKS)
    with tenant_context(tenant.id), pytest.raises(BundleRefused):
        custom_bundle_restore(access=access, bundle_id=bundle_id, version=2, to=1, now=clock.now())


def test_nobody_changes_the_bundle_that_they_hold(tenant: TenantFixture) -> None:
    access = maker(tenant, LOOKS)
    with tenant_context(tenant.id):
        own = RoleBundle.objects.get(name="管理者")
        less = BundlePlan("管理者", LOOKS, Scope.DEPARTMENT, Tier.STANDARD)
        with pytest.raises(BundleRefused):
            custom_bundle_save(access=access, bundle_id=own.pk, version=1, plan=less, now=clock.now())


def test_a_bundle_is_switched_off_when_nobody_holds_it_and_comes_back_with_its_versions(tenant: TenantFixture) -> None:
    bundle_id = made(tenant)
    access, key = holder(tenant, bundle_id), key_of(tenant, bundle_id)
    assert access.member_id is not None
    now = clock.now()
    with tenant_context(tenant.id):
        with pytest.raises(BundleUnfit, match="收回后才能停用"):
            custom_bundle_switch_off(access=tenant.owner, bundle_id=bundle_id, now=now)
        bundle_revoke(access=tenant.owner, member_id=access.member_id, bundle_key=key, now=now)
        custom_bundle_switch_off(access=tenant.owner, bundle_id=bundle_id, now=now)
        with pytest.raises(LookupError):
            bundle_assign(access=tenant.owner, member_id=access.member_id, bundle_key=key, now=now)
        custom_bundle_restore(access=tenant.owner, bundle_id=bundle_id, version=2, to=1, now=now)
        bundle_assign(access=tenant.owner, member_id=access.member_id, bundle_key=key, now=now)
        assert BundleVersion.objects.filter(bundle_id=bundle_id).count() == 3
    assert holder(tenant, bundle_id).can("codes.view")


def test_a_bundle_that_a_department_proposes_stays_on(tenant: TenantFixture) -> None:
    bundle_id = made(tenant)
    with tenant_context(tenant.id):
        Department.objects.update(default_bundle_id=bundle_id)
        with pytest.raises(BundleUnfit, match="默认权限包"):
            custom_bundle_switch_off(access=tenant.owner, bundle_id=bundle_id, now=clock.now())


def test_versions_can_neither_be_changed_nor_removed_in_the_database(tenant: TenantFixture) -> None:
    bundle_id = made(tenant)
    with tenant_context(tenant.id):
        rows = BundleVersion.objects.filter(bundle_id=bundle_id)
        for attempt in (lambda: rows.update(name="x"), rows.delete):
            with pytest.raises(DatabaseError):
                with transaction.atomic():
                    attempt()
        assert rows.get().name == "外包运营"


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (plan(" "), "name"),
        (plan("长" * 41), "name"),
        (plan("客服"), "name"),
        (plan(capabilities=frozenset()), "capabilities"),
    ],
)
def test_what_can_not_be_saved_is_said_beside_its_field(tenant: TenantFixture, wanted: BundlePlan, field: str) -> None:
    with pytest.raises(BundleUnfit) as unfit:
        made(tenant, wanted)
    assert unfit.value.field == field


def test_a_capability_that_does_not_exist_is_refused(tenant: TenantFixture) -> None:
    with pytest.raises(UnknownCapability):
        made(tenant, plan(capabilities=frozenset({"codes.everything"})))


def test_the_preview_counts_what_other_bundles_give_too(tenant: TenantFixture) -> None:
    bundle_id = made(tenant)
    key = key_of(tenant, bundle_id)
    tenant.add_member([key], name="只有它")
    tenant.add_member([key, "data_analyst"], name="还有别的")
    with tenant_context(tenant.id):
        groups = bundle_effects(
            tenant.owner,
            bundle_id,
            capabilities=frozenset({"codes.view", "codes.edit"}),
            scope=Scope.DEPARTMENT,
            tier=Tier.STANDARD,
            now=clock.now(),
        )
    effects = {name: group.effect for group in groups for name in group.names}
    assert effects["只有它"].lost == ("查看数据看板", "查看流量指标")
    assert effects["还有别的"].lost == ()
    assert effects["还有别的"].gained == effects["只有它"].gained == ("编辑活码",)
