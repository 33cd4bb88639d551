"""The member's page: what they hold, switching off and on, moving, and the staff that they are."""

import pytest

from codes.selectors import codes_visible
from livecode_admin.kernel import clock
from permissions.access import Access
from permissions.services import BundleRefused, member_deactivate, member_identify, member_update
from tenants.context import tenant_context
from tests.console.stage import codes_of, staff_of, viewer
from tests.factories import TenantFixture, access_of, client_for


def id_of(access: Access) -> int:
    assert access.member_id is not None
    return access.member_id


def test_the_page_tells_what_a_member_holds_and_what_it_adds_up_to(tenant: TenantFixture) -> None:
    member = tenant.member("campaign_ops", "data_analyst")
    text = viewer(tenant, tenant.owner).get(f"members/{id_of(member)}/")
    for word in ("活动运营", "数据分析", "合计权限", "创建活码", "本部门及以下", "变更记录", "长期"):
        assert word in text
    assert "修改分流规则" not in text


def test_switching_off_is_felt_on_the_next_request(tenant: TenantFixture) -> None:
    member, owner = tenant.member("campaign_ops"), viewer(tenant, tenant.owner)
    open_session = client_for(member)
    assert open_session.get(f"/t/{tenant.slug}/codes/").status_code == 200
    owner.post(f"members/{id_of(member)}/switch/", {})
    assert open_session.get(f"/t/{tenant.slug}/codes/")["Location"].startswith("/login/")
    assert "已停用" in owner.get(f"members/{id_of(member)}/")
    owner.post(f"members/{id_of(member)}/switch/", {})
    assert tenant.member("campaign_ops").can("codes.create")


def test_owners_are_changed_by_owners_alone(tenant: TenantFixture) -> None:
    second, giver = access_of(tenant, tenant.add_member(["owner"]), clock.now()), tenant.member("system_config")
    with tenant_context(tenant.id):
        for change in (
            lambda: member_deactivate(access=giver, member_id=id_of(second), now=clock.now()),
            lambda: member_identify(access=giver, member_id=id_of(second), wecom_userid="me", now=clock.now()),
            lambda: member_identify(access=giver, member_id=id_of(giver), wecom_userid="me", now=clock.now()),
            lambda: member_update(
                access=giver, member_id=id_of(giver), display_name="x", department_id=None, now=clock.now()
            ),
        ):
            with pytest.raises(BundleRefused):
                change()


def test_name_and_department_are_changed_and_told(tenant: TenantFixture) -> None:
    member, owner = tenant.member("intern"), viewer(tenant, tenant.owner)
    assert owner.post(f"members/{id_of(member)}/edit/", {"name": "", "department": ""}).status_code == 422
    owner.post(f"members/{id_of(member)}/edit/", {"name": "何小苗", "department": ""})
    text = owner.get(f"members/{id_of(member)}/")
    assert "何小苗" in text
    assert "未分部门" in text


def test_who_is_linked_to_a_staff_sees_the_codes_of_that_seat(tenant: TenantFixture) -> None:
    member, owner = tenant.member("receptionist"), viewer(tenant, tenant.owner)
    staff = staff_of(tenant, 2)
    (code_id,) = codes_of(tenant.owner, 1, staff=staff)

    def seen() -> list[int]:
        with tenant_context(tenant.id):
            return list(codes_visible(tenant.member("receptionist")).values_list("id", flat=True))

    assert seen() == []
    assert owner.post(f"members/{id_of(member)}/staff/", {"staff": staff[0]}).status_code == 204
    assert seen() == [code_id]
    other = tenant.member("intern")
    assert owner.post(f"members/{id_of(other)}/staff/", {"staff": staff[0]}).status_code == 422
    owner.post(f"members/{id_of(member)}/staff/", {})
    assert seen() == []


def test_folders_and_codes_are_offered_to_the_giver(tenant: TenantFixture) -> None:
    codes_of(tenant.owner, 1, staff=staff_of(tenant, 1), name="地铁展架")
    owner = viewer(tenant, tenant.owner)
    assert "地铁展架" in owner.get("members/giving/places/?target=code")
    assert "没有可选的分类" in owner.get("members/giving/places/?target=folder")


def test_the_list_is_narrowed_by_bundle_and_state(tenant: TenantFixture) -> None:
    tenant.member("campaign_ops")
    owner = viewer(tenant, tenant.owner)
    assert "林晓" in owner.get("members/?bundle=campaign_ops").split("<tbody>")[1]
    assert "没有符合条件的成员" in owner.get("members/?state=off")


@pytest.mark.parametrize("path", ["members/", "members/{}/"])
def test_two_rows_and_twenty_cost_the_same(tenant: TenantFixture, path: str) -> None:
    owner, member_id = viewer(tenant, tenant.owner), id_of(tenant.member("intern"))
    few = owner.queries(path.format(member_id))
    for _ in range(18):
        tenant.add_member(["campaign_ops", "data_analyst"])
    assert owner.queries(path.format(member_id)) == few
