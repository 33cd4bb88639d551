"""The pages of invitations: the dialog that makes a link, the list, and what stands behind the link."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from livecode_admin.kernel import clock
from permissions.models import Invitation, Member, User
from tenants.context import tenant_context
from tests.console.stage import Viewer, told, viewer
from tests.factories import PASSWORD, TenantFixture, client_for, make_user


def made(tenant: TenantFixture, by: Viewer | None = None, **changes: object) -> str:
    """The path of a link made on the page."""
    sent = {"display_name": "许知远", "department_id": tenant.department_id, "bundles": ["campaign_ops"], "days": 3}
    page = (by or viewer(tenant, tenant.owner)).post("members/invitations/new/", sent | changes)
    found = re.search(r"data-copy=\"http://[^/]+(/t/[^\"]+)\"", page.content.decode())
    assert found, told(page.content.decode())
    return found.group(1)


def test_a_member_with_a_bundle_is_made_by_name_and_bundle_alone(tenant: TenantFixture) -> None:
    dialog = viewer(tenant, tenant.owner).get("members/invitations/new/")
    # Everything but the name and the bundle has a value already: open, choose, create, copy.
    assert re.search(r'<option value="" selected>|<option value="\d+" selected>', dialog)
    assert re.search(r'value="3"[^>]*checked', dialog)
    path = made(tenant)
    visitor = Client()
    page = visitor.get(path)
    assert "加入知行教育" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    name = f"xu-{tenant.slug}"
    answer = visitor.post(path, {"username": name, "password": PASSWORD, "again": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, f"/t/{tenant.slug}/")
    assert visitor.get(f"/t/{tenant.slug}/codes/").status_code == 200
    assert visitor.get(f"/t/{tenant.slug}/members/").status_code == 403


def test_a_bundle_that_goes_by_the_department_asks_for_one(tenant: TenantFixture) -> None:
    sent = {"display_name": "许知远", "department_id": "", "bundles": ["campaign_ops", "intern"], "days": 3}
    owner = viewer(tenant, tenant.owner)
    page = owner.post("members/invitations/new/", sent).content.decode()
    assert "「活动运营」的数据范围是本部门及以下，请选择部门" in page
    assert "data-copy" not in page
    assert "data-copy" in owner.post("members/invitations/new/", sent | {"bundles": ["intern"]}).content.decode()


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"username": ""}, "请设置用户名"),
        ({"username": "a b"}, "用户名只能包含"),
        ({"password": "short", "again": "short"}, "密码至少 12 个字符"),
        ({"password": "password1234", "again": "password1234"}, "这个密码太常见，请换一个"),
        ({"username": "liang.xiaoyu", "password": "liang.xiaoyu.1", "again": "liang.xiaoyu.1"}, "密码不能与用户名相似"),
        ({"again": "something-else-47"}, "两次输入的密码不一致"),
    ],
)
def test_what_is_wrong_stands_beside_the_field(tenant: TenantFixture, sent: dict[str, str], words: str) -> None:
    path = made(tenant)
    before = User.objects.count()
    good = {"username": f"xu-{tenant.slug}", "password": PASSWORD, "again": PASSWORD}
    page = Client().post(path, good | sent)
    assert page.status_code == 422
    assert words in page.content.decode()
    assert PASSWORD not in page.content.decode()
    assert User.objects.count() == before


def test_a_taken_name_is_told(tenant: TenantFixture) -> None:
    make_user(f"xu-{tenant.slug}")
    page = Client().post(made(tenant), {"username": f"xu-{tenant.slug}", "password": PASSWORD, "again": PASSWORD})
    assert "已有人使用" in page.content.decode()


def test_who_is_signed_in_accepts_with_that_account(tenant: TenantFixture, other_tenant: TenantFixture) -> None:
    path = made(tenant)
    intern = other_tenant.member("intern")
    client = client_for(intern)
    assert "加入" in client.get(path).content.decode()
    assert client.post(path)["Location"] == f"/t/{tenant.slug}/"
    with tenant_context(tenant.id):
        assert Member.objects.filter(user_id=intern.user_id).exists()
    assert client.get(path).status_code == 410


def test_a_link_that_ended_says_whom_to_ask(tenant: TenantFixture) -> None:
    path = made(tenant)
    with tenant_context(tenant.id):
        Invitation.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    page = Client().get(path)
    assert (page.status_code, "已过期" in page.content.decode(), "方圆" in page.content.decode()) == (410, True, True)


def test_a_link_that_was_never_given_tells_no_names(tenant: TenantFixture) -> None:
    page = Client().get(f"/t/{tenant.slug}/join/nothing/")
    assert page.status_code == 404
    assert "方圆" not in page.content.decode()
    assert Client().get("/t/no-such-company/join/nothing/").status_code == 404


def test_withdrawing_and_a_new_link_from_the_list(tenant: TenantFixture) -> None:
    owner = viewer(tenant, tenant.owner)
    first = made(tenant, owner)
    with tenant_context(tenant.id):
        pk = Invitation.objects.get().pk
    assert "许知远" in owner.get("members/invitations/")
    again = owner.post(f"members/invitations/{pk}/again/", {}).content.decode()
    assert "链接只显示这一次" in again
    assert Client().get(first).status_code == 404
    assert owner.post(f"members/invitations/{pk}/off/", {}).status_code == 302
    assert "没有未接受的邀请" in owner.get("members/invitations/")


def test_only_bundles_that_one_may_hand_out_are_offered_and_taken(tenant: TenantFixture) -> None:
    config = viewer(tenant, tenant.member("system_config"))
    dialog = config.get("members/invitations/new/")
    assert 'value="campaign_ops"' in dialog
    assert 'value="ops_director"' not in dialog
    sent = {"display_name": "许知远", "bundles": ["ops_director"], "days": 3}
    assert config.post("members/invitations/new/", sent).status_code == 422
    assert viewer(tenant, tenant.member("campaign_ops")).post("members/invitations/new/", sent).status_code == 403
    with tenant_context(tenant.id):
        assert not Invitation.objects.exists()


def test_more_invitations_take_no_more_queries(tenant: TenantFixture) -> None:
    owner = viewer(tenant, tenant.owner)
    made(tenant, owner)
    before = owner.queries("members/invitations/")
    for _ in range(5):
        made(tenant, owner)
    assert owner.queries("members/invitations/") == before
