"""The pages of role bundles: who sees them, what stands on them, and that a save shows its effect first."""

from typing import Any

import pytest

from livecode_admin.kernel import clock
from permissions.access import Scope, Tier
from permissions.models import RoleBundle
from permissions.services.custom_bundles import BundlePlan, custom_bundle_create
from tenants.context import tenant_context
from tests.console.stage import Viewer, told, viewer
from tests.factories import TenantFixture

LOOKS = frozenset({"codes.view", "analytics.view"})


def form(*capabilities: str, **changes: Any) -> dict[str, Any]:
    return {"name": "外包", "scope": "department", "tier": "standard", "capabilities": list(capabilities)} | changes


def bundle_of(tenant: TenantFixture, name: str) -> RoleBundle:
    with tenant_context(tenant.id):
        row: RoleBundle = RoleBundle.objects.get(name=name)
    return row


def made(tenant: TenantFixture, *more: str, name: str = "外包") -> RoleBundle:
    with tenant_context(tenant.id):
        plan = BundlePlan(name, LOOKS | set(more), Scope.DEPARTMENT, Tier.STANDARD)
        custom_bundle_create(access=tenant.owner, plan=plan, now=clock.now())
    return bundle_of(tenant, name)


@pytest.fixture
def owner(tenant: TenantFixture) -> Viewer:
    return viewer(tenant, tenant.owner)


def test_all_bundles_stand_there_with_those_who_hold_them(tenant: TenantFixture, owner: Viewer) -> None:
    tenant.member("campaign_ops")
    page = owner.get("bundles/")
    for word in ("超级管理员", "活动运营", "林晓", "无人持有", "复制为自定义", "新建权限包"):
        assert word in page
    assert "权限</th>" in owner.get("bundles/?view=matrix")


@pytest.mark.parametrize(
    ("key", "status"), [("system_config", 200), ("campaign_ops", 403), ("ops_director", 403), ("receptionist", 403)]
)
def test_who_manages_members_sees_them_and_nobody_else(tenant: TenantFixture, key: str, status: int) -> None:
    page = viewer(tenant, tenant.member(key)).get("bundles/", status)
    assert "新建权限包" not in page
    assert "复制为自定义" not in page


def test_who_only_manages_bundles_sees_them_too(tenant: TenantFixture) -> None:
    row = made(tenant, "bundles.manage")
    assert "新建权限包" in viewer(tenant, tenant.member(row.key)).get("bundles/")


@pytest.mark.parametrize("path", ["bundles/new/", "bundles/{}/edit/", "bundles/{}/versions/1/"])
def test_without_bundles_manage_no_page_that_changes_opens(tenant: TenantFixture, path: str) -> None:
    row = made(tenant)
    seer = viewer(tenant, tenant.member("system_config"))
    seer.get(path.format(row.pk), 403)
    assert seer.post(path.format(row.pk), form("codes.view") | {"version": "1"}).status_code == 403
    assert seer.post(f"bundles/{row.pk}/off/", {}).status_code == 403
    assert bundle_of(tenant, "外包").version == 1


def test_a_built_in_bundle_is_read_only_and_can_be_copied(tenant: TenantFixture, owner: Viewer) -> None:
    row = bundle_of(tenant, "活动运营")
    page = owner.get(f"bundles/{row.pk}/")
    assert "内置权限包不能修改" in page
    assert f"bundles/{row.pk}/edit/" not in page
    owner.get(f"bundles/{row.pk}/edit/", 403)
    assert owner.post(f"bundles/{row.pk}/off/", {}).status_code == 403
    copy = owner.get(f"bundles/new/?from={row.pk}")
    assert 'value="活动运营（副本）"' in copy
    assert 'value="routing.roster" checked' in copy
    assert 'value="routing.rules" checked' not in copy


def test_a_bundle_is_made_from_what_is_ticked(tenant: TenantFixture, owner: Viewer) -> None:
    assert owner.post("bundles/new/", form("codes.view", "nonsense", scope="all")).status_code == 302
    row = bundle_of(tenant, "外包")
    assert (row.capabilities, row.scope, row.builtin) == (["codes.view"], "all", False)


def test_what_is_wrong_stands_beside_the_field_and_nothing_is_lost(owner: Viewer) -> None:
    answer = owner.post("bundles/new/", form("codes.renew", name="客服"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="err_name"' in page
    assert 'value="codes.renew" checked' in page


def test_a_save_shows_first_what_everybody_gains_and_loses(tenant: TenantFixture, owner: Viewer) -> None:
    row = made(tenant)
    tenant.member(row.key)
    wanted = form("codes.view", "codes.edit", version="1")
    review = told(owner.post(f"bundles/{row.pk}/edit/", wanted).content.decode())
    assert "1 人" in review
    assert "得到：编辑活码" in review
    assert "失去：查看数据看板" in review
    assert bundle_of(tenant, "外包").version == 1
    assert owner.post(f"bundles/{row.pk}/edit/", wanted | {"confirm": "1"}).status_code == 302
    assert tenant.member(row.key).can("codes.edit")
    assert not tenant.member(row.key).can("analytics.view")


def test_a_save_is_felt_on_the_next_request_of_an_open_session(tenant: TenantFixture, owner: Viewer) -> None:
    row = made(tenant, "audit.view")
    holder = viewer(tenant, tenant.member(row.key))
    holder.get("bundles/", 403)
    holder.get("codes/")
    owner.post(f"bundles/{row.pk}/edit/", form("analytics.view", version="1", confirm="1"))
    holder.get("codes/", 403)


def test_two_editors_are_told_and_shown_the_difference(tenant: TenantFixture, owner: Viewer) -> None:
    row = made(tenant)
    owner.post(f"bundles/{row.pk}/edit/", form("codes.view", version="1"))
    late = owner.post(f"bundles/{row.pk}/edit/", form("codes.view", "codes.pause", version="1"))
    assert late.status_code == 422
    assert "刚刚有人保存了第 2 版" in late.content.decode()
    assert "加上 暂停与恢复活码" in told(late.content.decode())


def test_what_the_editor_does_not_hold_is_no_choice_and_stays_out(tenant: TenantFixture) -> None:
    maker = viewer(tenant, tenant.member(made(tenant, "bundles.manage", name="管理者").key))
    page = maker.get("bundles/new/")
    assert 'value="codes.view"' in page
    assert 'value="routing.rules"' not in page
    refused = maker.post("bundles/new/", form("codes.view", "routing.rules"))
    assert refused.status_code == 403
    assert "修改分流规则" in refused.content.decode()


def test_too_much_scope_is_said_beside_the_scope(tenant: TenantFixture) -> None:
    maker = viewer(tenant, tenant.member(made(tenant, "bundles.manage", name="管理者").key))
    answer = maker.post("bundles/new/", form("codes.view", scope="all"))
    assert answer.status_code == 422
    assert 'id="err_scope"' in answer.content.decode()


def test_a_version_is_compared_and_restored(tenant: TenantFixture, owner: Viewer) -> None:
    row = made(tenant)
    owner.post(f"bundles/{row.pk}/edit/", form("codes.view", "codes.pause", version="1"))
    page = told(owner.get(f"bundles/{row.pk}/"))
    assert "加上 暂停与恢复活码" in page
    assert "去掉 暂停与恢复活码" in told(owner.get(f"bundles/{row.pk}/versions/1/"))
    assert owner.post(f"bundles/{row.pk}/versions/1/", {"version": "2"}).status_code == 302
    assert set(bundle_of(tenant, "外包").capabilities) == LOOKS


def test_a_bundle_out_of_use_says_so_and_is_offered_nowhere(tenant: TenantFixture, owner: Viewer) -> None:
    row = made(tenant)
    assert owner.post(f"bundles/{row.pk}/off/", {}).status_code == 302
    assert "已停用" in owner.get("bundles/")
    assert "这个权限包已停用" in owner.get(f"bundles/{row.pk}/")
    assert "外包" not in owner.get("bundles/?view=matrix")


def test_more_bundles_and_holders_take_no_more_queries(tenant: TenantFixture, owner: Viewer) -> None:
    before = owner.queries("bundles/"), owner.queries("bundles/?view=matrix")
    for number in range(5):
        tenant.add_member([made(tenant, name=f"外包{number}").key])
    assert (owner.queries("bundles/"), owner.queries("bundles/?view=matrix")) == before
