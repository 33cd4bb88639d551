"""How looking with a member's eyes begins and ends, what is on record of it, and what it costs."""

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from livecode_admin.kernel import clock
from permissions.access import Access
from permissions.services import bundle_assign, bundle_revoke, member_add, member_deactivate
from permissions.viewing import KEY, SECONDS, is_file
from tenants.context import tenant_context
from tests.factories import TenantFixture, client_for
from tests.permissions.test_viewing import HTMX, entries, looking_at

BAR = "的视角查看，只读"


def bar_is_there(client: Client, tenant: TenantFixture) -> bool:
    page = client.get(f"/t/{tenant.slug}/", follow=True)
    return BAR in page.content.decode()


def age(client: Client, seconds: int) -> None:
    """Let the views of this session have begun that much earlier."""
    session = client.session
    session[KEY] = {key: {**kept, "since": kept["since"] - seconds} for key, kept in session[KEY].items()}
    session.save()


def member_id_of(access: Access) -> int:
    assert access.member_id is not None
    return access.member_id


def test_start_and_end_are_on_record_with_the_owner_and_the_reason(tenant: TenantFixture) -> None:
    client = looking_at(tenant, "intern", reason="  核对 权限 ")
    client.post(f"/t/{tenant.slug}/view-as/end/")
    started, ended = entries(tenant)[-2:]
    assert (started["action"], ended["action"]) == ("member.viewing_started", "member.viewing_ended")
    assert started["member_id"] == ended["member_id"] == tenant.owner.member_id
    assert started["object_id"] == ended["object_id"] == tenant.member("intern").member_id
    assert (started["after"], ended["after"]) == ({"reason": "核对 权限"}, {"reason": "退出查看"})
    assert not bar_is_there(client, tenant)


def test_what_is_refused_while_looking_is_on_record_as_the_owners(tenant: TenantFixture) -> None:
    client = looking_at(tenant, "intern")
    client.post(f"/t/{tenant.slug}/presence/", {"online": "1"})
    client.get(f"/t/{tenant.slug}/audit/")
    refused, closed = entries(tenant)[-2:]
    assert {refused["action"], closed["action"]} == {"access.denied"}
    assert {refused["member_id"], closed["member_id"]} == {tenant.owner.member_id}
    assert refused["after"]["what"] == "以他人视角查看"
    assert member_id_of(tenant.member("intern")) not in {entry["member_id"] for entry in entries(tenant)}


def test_no_reason_no_look(tenant: TenantFixture) -> None:
    member_id = tenant.member("intern").member_id
    client = client_for(tenant.owner)
    answer = client.post(f"/t/{tenant.slug}/members/{member_id}/view-as/", {"reason": " "})
    assert answer.status_code == 422
    assert "请填写原因" in answer.content.decode()
    assert not bar_is_there(client, tenant)


def test_the_page_that_asks_for_the_reason_says_what_will_happen(tenant: TenantFixture) -> None:
    member_id = tenant.member("intern").member_id
    page = client_for(tenant.owner).get(f"/t/{tenant.slug}/members/{member_id}/view-as/").content.decode()
    for words in ("以「何苗」的视角查看", "不能修改、导出或下载", "满 30 分钟"):
        assert words in page


def test_only_owners_may_and_only_at_active_members_of_their_own_tenant(
    tenant: TenantFixture, other_tenant: TenantFixture
) -> None:
    target, stranger = member_id_of(tenant.member("intern")), member_id_of(other_tenant.member("receptionist"))
    path = f"/t/{tenant.slug}/members"
    refused = client_for(tenant.member("system_config")).post(f"{path}/{target}/view-as/", {"reason": "x"})
    assert refused.status_code == 403
    assert "只有企业的超级管理员" in refused.content.decode()
    owner = client_for(tenant.owner)
    with tenant_context(tenant.id):
        member_deactivate(access=tenant.owner, member_id=target, now=clock.now())
    assert owner.post(f"{path}/{stranger}/view-as/", {"reason": "x"}).status_code == 404
    assert "已停用" in owner.post(f"{path}/{target}/view-as/", {"reason": "x"}).content.decode()
    assert owner.post(f"{path}/{tenant.owner.member_id}/view-as/", {"reason": "x"}).status_code == 422


def test_another_owner_can_be_looked_through(tenant: TenantFixture) -> None:
    assert bar_is_there(looking_at(tenant, "owner"), tenant)


def test_it_holds_in_this_tenant_alone(tenant: TenantFixture, other_tenant: TenantFixture) -> None:
    client = looking_at(tenant, "intern")
    user_id = tenant.owner.user_id
    assert user_id is not None
    with tenant_context(other_tenant.id):
        member_add(
            access=other_tenant.owner,
            user_id=user_id,
            display_name="方圆",
            department_id=None,
            bundle_keys=["system_config"],
            now=clock.now(),
        )
    assert not bar_is_there(client, other_tenant)
    assert client.get(f"/t/{other_tenant.slug}/bundles/").status_code == 200
    assert other_tenant.name in client.get(f"/t/{tenant.slug}/").content.decode()


def test_after_half_an_hour_it_is_over_and_the_request_is_not_carried_out(tenant: TenantFixture) -> None:
    client = looking_at(tenant, "intern")
    age(client, SECONDS - 30)
    assert bar_is_there(client, tenant)
    age(client, 31)
    known = len(entries(tenant))
    answer = client.post(f"/t/{tenant.slug}/notices/")
    assert (answer.status_code, answer["Location"]) == (302, f"/t/{tenant.slug}/")
    assert [entry["after"] for entry in entries(tenant)[known:]] == [{"reason": "已满 30 分钟"}]
    page = client.get(f"/t/{tenant.slug}/").content.decode()
    assert BAR not in page
    assert "视角查看已结束：已满 30 分钟" in page


def test_a_part_of_a_page_that_comes_too_late_moves_the_whole_window(tenant: TenantFixture) -> None:
    client = looking_at(tenant, "intern")
    age(client, SECONDS)
    answer = client.get(f"/t/{tenant.slug}/notices/", headers=HTMX)
    assert (answer.status_code, answer["HX-Redirect"]) == (403, f"/t/{tenant.slug}/")


def test_forms_of_pages_opened_with_other_eyes_are_refused_afterwards(tenant: TenantFixture) -> None:
    client = client_for(tenant.owner)
    client.handler.enforce_csrf_checks = True
    path = f"/t/{tenant.slug}/members/{tenant.member('intern').member_id}/view-as/"
    own_token = _token(client.get(path).content.decode())
    client.post(path, {"reason": "核对", "csrfmiddlewaretoken": own_token})
    borrowed = _token(client.get(f"/t/{tenant.slug}/").content.decode())
    client.post(f"/t/{tenant.slug}/view-as/end/", {"csrfmiddlewaretoken": borrowed})
    late = client.post(f"/t/{tenant.slug}/notices/", {"csrfmiddlewaretoken": borrowed})
    assert late.status_code == 403


def test_signing_out_ends_it_on_record(tenant: TenantFixture) -> None:
    client = looking_at(tenant, "intern")
    client.post("/logout/")
    assert entries(tenant)[-1]["after"] == {"reason": "退出登录"}
    assert KEY not in client.session


def test_it_ends_when_the_member_is_switched_off(tenant: TenantFixture) -> None:
    client = looking_at(tenant, "intern")
    with tenant_context(tenant.id):
        target = member_id_of(tenant.member("intern"))
        member_deactivate(access=tenant.owner, member_id=target, now=clock.now())
    assert client.get(f"/t/{tenant.slug}/").status_code == 302
    assert entries(tenant)[-1]["after"] == {"reason": "成员已停用"}


def test_it_ends_when_the_one_who_looks_is_no_owner_any_more(tenant: TenantFixture) -> None:
    owner, other = tenant.owner, tenant.member("owner")
    client = looking_at(tenant, "intern")
    with tenant_context(tenant.id):
        bundle_revoke(access=other, member_id=member_id_of(owner), bundle_key="owner", now=clock.now())
    assert client.get(f"/t/{tenant.slug}/").status_code == 302
    assert client.get(f"/t/{tenant.slug}/members/").status_code == 403


def test_what_the_member_may_is_felt_at_once(tenant: TenantFixture) -> None:
    client = looking_at(tenant, "intern")
    assert client.get(f"/t/{tenant.slug}/audit/").status_code == 403
    with tenant_context(tenant.id):
        target = member_id_of(tenant.member("intern"))
        bundle_assign(access=tenant.owner, member_id=target, bundle_key="reception_lead", now=clock.now())
    assert client.get(f"/t/{tenant.slug}/audit/").status_code == 200


def test_pictures_of_codes_show_but_are_not_saved_as_files() -> None:
    shown = HttpResponse(b"", content_type="image/png")
    attached = HttpResponse(b"", content_type="image/png", headers={"Content-Disposition": 'attachment; filename="a"'})
    assert [is_file(one) for one in (shown, attached, HttpResponse(b"", content_type="text/csv"))] == [
        False,
        True,
        True,
    ]


@pytest.mark.parametrize("bundle", ["intern", "owner"])
def test_looking_asks_at_most_two_more_questions_about_rights(tenant: TenantFixture, bundle: str) -> None:
    def rights(client: Client) -> int:
        client.get(f"/t/{tenant.slug}/notices/", headers=HTMX)
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/t/{tenant.slug}/notices/", headers=HTMX)
        return len([q for q in queries if "permissions_member" in q["sql"] or "permissions_tenantgrant" in q["sql"]])

    own = rights(client_for(tenant.member(bundle)))
    assert own <= 2
    assert rights(looking_at(tenant, bundle)) == own + 1


def _token(page: str) -> str:
    return page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
