"""Who gets a page, who gets 404, who gets 403, and what a refusal leaves behind."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from livecode_admin.kernel import clock
from permissions.access import Access
from permissions.capabilities import UnknownCapability
from permissions.guards import public, requires, requires_membership, signed_in
from permissions.models import AuditEntry, Department, Member
from permissions.services import bundle_revoke, member_deactivate
from tenants.context import tenant_context
from tests.factories import TenantFixture, client_for

HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/t/x/codes/"}


@pytest.fixture(autouse=True)
def _probes() -> Iterator[None]:
    with override_settings(ROOT_URLCONF="tests.permissions.probe_urls"):
        yield


def departments(tenant: TenantFixture) -> set[str]:
    with tenant_context(tenant.id):
        return set(Department.objects.values_list("name", flat=True))


def entries(tenant: TenantFixture) -> list[dict[str, Any]]:
    with tenant_context(tenant.id):
        return list(AuditEntry.objects.order_by("id").values("action", "member_id", "after", "object_label", "origin"))


def test_a_member_with_the_capability_gets_the_page_rendered_inside_the_tenant(tenant: TenantFixture) -> None:
    page = client_for(tenant.member("campaign_ops")).get(f"/t/{tenant.slug}/probe/edit/市场部/")
    assert page.status_code == 200
    assert "市场部" in departments(tenant)


def test_without_the_capability_it_is_403_with_what_misses_and_who_gives_it(tenant: TenantFixture) -> None:
    access = tenant.member("data_analyst")
    before = departments(tenant)
    page = client_for(access).get(f"/t/{tenant.slug}/probe/edit/x/")
    assert page.status_code == 403
    text = page.content.decode()
    assert "编辑活码" in text
    assert "方圆" in text
    assert departments(tenant) == before


def test_a_denied_attempt_is_on_record_with_who_and_what(tenant: TenantFixture) -> None:
    access = tenant.member("data_analyst")
    client_for(access).get(f"/t/{tenant.slug}/probe/edit/x/")
    last = entries(tenant)[-1]
    assert last["action"] == "access.denied"
    assert last["member_id"] == access.member_id
    assert last["after"]["missing"] == ["codes.edit"]
    assert last["object_label"] == "打开 页面（/probe/edit/x/）"
    assert last["origin"] == "127.0.0.1"


def test_a_denial_half_way_undoes_what_was_written_and_keeps_the_record(tenant: TenantFixture) -> None:
    client = client_for(tenant.member("campaign_ops"))
    before, known = departments(tenant), len(entries(tenant))
    page = client.post(f"/t/{tenant.slug}/probe/more/half/")
    assert page.status_code == 403
    assert departments(tenant) == before
    assert [entry["action"] for entry in entries(tenant)[known:]] == ["access.denied"]


def test_an_error_half_way_leaves_nothing(tenant: TenantFixture) -> None:
    client = client_for(tenant.member("campaign_ops"))
    client.raise_request_exception = False
    before, known = departments(tenant), len(entries(tenant))
    assert client.post(f"/t/{tenant.slug}/probe/break/half/").status_code == 500
    assert departments(tenant) == before
    assert len(entries(tenant)) == known


def test_a_view_that_calls_out_works_in_steps(tenant: TenantFixture) -> None:
    page = client_for(tenant.member("campaign_ops")).post(f"/t/{tenant.slug}/probe/steps/步骤/")
    assert page.content == b"None"
    assert "步骤" in departments(tenant)


def test_streaming_is_refused(tenant: TenantFixture) -> None:
    with pytest.raises(TypeError, match="streams nothing"):
        client_for(tenant.owner).get(f"/t/{tenant.slug}/probe/stream/")


@pytest.mark.parametrize("page", ["mine/", "edit/x/", "stream/"])
def test_another_tenant_and_an_unknown_one_give_the_same_404(
    tenant: TenantFixture, other_tenant: TenantFixture, page: str
) -> None:
    client = client_for(tenant.owner)
    foreign = client.get(f"/t/{other_tenant.slug}/probe/{page}")
    unknown = client.get(f"/t/no-such-tenant/probe/{page}")
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert foreign.content == unknown.content
    assert [e["action"] for e in entries(other_tenant) if e["action"] == "access.denied"] == []


def test_without_a_session_one_is_sent_to_sign_in_and_back(tenant: TenantFixture) -> None:
    page = Client().get(f"/t/{tenant.slug}/probe/mine/?a=1")
    assert page.status_code == 302
    assert page["Location"] == f"/login/?next=/t/{tenant.slug}/probe/mine/%3Fa%3D1"


def test_an_unknown_tenant_is_not_told_to_those_without_a_session(tenant: TenantFixture) -> None:
    known, unknown = (Client().get(f"/t/{slug}/probe/mine/") for slug in (tenant.slug, "no-such"))
    assert known.status_code == unknown.status_code == 302


def test_a_part_of_a_page_moves_the_whole_window_when_the_session_is_over(tenant: TenantFixture) -> None:
    answer = Client().get(f"/t/{tenant.slug}/probe/mine/", headers=HTMX)
    assert answer.status_code == 401
    assert answer["HX-Redirect"] == "/login/?next=/t/x/codes/"
    assert answer.content == b""


def test_a_revoked_bundle_is_felt_on_the_next_request(tenant: TenantFixture) -> None:
    access = tenant.member("campaign_ops")
    client, url = client_for(access), f"/t/{tenant.slug}/probe/edit/x/"
    assert client.get(url).status_code == 200
    assert access.member_id is not None
    with tenant_context(tenant.id):
        bundle_revoke(access=tenant.owner, member_id=access.member_id, bundle_key="campaign_ops", now=clock.now())
    assert client.get(url).status_code == 403


def test_a_deactivated_member_has_to_sign_in_again_and_the_session_is_gone(tenant: TenantFixture) -> None:
    access = tenant.member("campaign_ops")
    client, url = client_for(access), f"/t/{tenant.slug}/probe/mine/"
    assert client.get(url).status_code == 200
    assert access.member_id is not None
    with tenant_context(tenant.id):
        member_deactivate(access=tenant.owner, member_id=access.member_id, now=clock.now())
    answer = client.get(url)
    assert (answer.status_code, answer["Location"]) == (302, "/login/")
    assert client.get("/probe/person/").status_code == 302


def test_a_deactivated_person_is_signed_out_everywhere(tenant: TenantFixture) -> None:
    access = tenant.member("intern")
    client = client_for(access)
    with tenant_context(tenant.id):
        member = Member.objects.select_related("user").get(pk=access.member_id)
    member.user.is_active = False
    member.user.save(update_fields=["is_active"])
    assert client.get("/probe/person/").status_code == 302


def test_the_guard_itself_asks_for_rights_with_two_queries(tenant: TenantFixture) -> None:
    client = client_for(tenant.member("campaign_ops"))
    client.get(f"/t/{tenant.slug}/probe/mine/")
    with CaptureQueriesContext(connection) as queries:
        client.get(f"/t/{tenant.slug}/probe/mine/")
    rights = [q["sql"] for q in queries if "permissions_member" in q["sql"] or "permissions_tenantgrant" in q["sql"]]
    assert len(rights) == 2
    assert len([q for q in queries if "livecode_tenant_by_slug" in q["sql"]]) == 1


def test_pages_for_the_world_and_for_people_need_no_tenant(tenant: TenantFixture) -> None:
    assert Client().get("/probe/world/").content == b"world"
    assert client_for(tenant.owner).get("/probe/person/").content == b"person"


def view(request: Access) -> HttpResponse:
    """A view for the rules below."""
    return HttpResponse()


def test_each_guard_leaves_its_rule_on_the_view() -> None:
    rules = [
        guarded.access_rule  # type: ignore[attr-defined]
        for guarded in (requires("codes.view")(view), requires_membership(view), signed_in(view), public(view))
    ]
    assert rules == [("capability", "codes.view"), ("membership",), ("signed_in",), ("public",)]


def test_a_misspelt_capability_stops_the_import() -> None:
    with pytest.raises(UnknownCapability):
        requires("codes.veiw")
