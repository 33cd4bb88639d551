"""「以此人视角查看」: an owner sees what a member sees, changes nothing, and it is the owner who is on record."""

from typing import Any

import pytest
from django.test import Client

from permissions.models import AuditEntry
from tenants.context import tenant_context
from tests.factories import TenantFixture, client_for
from tests.isolation.pages import pages

HTMX = {"HX-Request": "true"}
OF_TENANTS = [page for page in pages() if page.of_a_tenant]


def looking_at(tenant: TenantFixture, *bundles: str, reason: str = "核对权限") -> Client:
    """The owner's browser, looking with the eyes of the member who holds these bundles."""
    member_id = tenant.member(*bundles).member_id
    client = client_for(tenant.owner)
    answer = client.post(f"/t/{tenant.slug}/members/{member_id}/view-as/", {"reason": reason})
    assert (answer.status_code, answer["Location"]) == (302, f"/t/{tenant.slug}/")
    return client


def entries(tenant: TenantFixture) -> list[dict[str, Any]]:
    with tenant_context(tenant.id):
        rows = AuditEntry.objects.order_by("id")
        return list(rows.values("action", "member_id", "object_id", "object_label", "after"))


def path_of(route: str, tenant: TenantFixture) -> str:
    """A path of the pattern; the ids are nobody's: what refuses must refuse before it looks."""
    filled = route.replace("<slug:tenant_slug>", tenant.slug)
    while "<" in filled:
        head, _, rest = filled.partition("<")
        kind, _, tail = rest.partition(">")
        value = "1" if kind.startswith("int") else "00000000-0000-0000-0000-000000000001"
        filled = head + value + tail
    return f"/{filled}"


def test_the_owner_sees_the_menu_and_pages_of_the_member(tenant: TenantFixture) -> None:
    client = looking_at(tenant, "receptionist")
    page = client.get(f"/t/{tenant.slug}/").content.decode()
    assert "我的活码" in page
    assert "审计日志" not in page
    assert client.get(f"/t/{tenant.slug}/members/").status_code == 403


def test_every_page_says_whose_eyes_and_offers_the_way_out(tenant: TenantFixture) -> None:
    client = looking_at(tenant, "receptionist")
    for path in ("", "members/"):
        page = client.get(f"/t/{tenant.slug}/{path}").content.decode()
        assert "正以 <b>孙悦</b> 的视角查看" in page
        assert f'action="/t/{tenant.slug}/view-as/end/"' in page


@pytest.mark.parametrize("page", OF_TENANTS, ids=lambda page: page.name)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_nothing_can_be_sent_to_any_page(
    page: Any, headers: dict[str, str], watched: tuple[TenantFixture, Client]
) -> None:
    tenant, client = watched
    if page.name == "permissions:view-as-end":
        return
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = client.generic(method, path_of(page.route, tenant), headers=headers)
        assert answer.status_code == 403, method
        assert "只能看，不能修改" in answer.content.decode()
        assert answer["X-Plain-Refusal"]


@pytest.fixture(scope="module")
def watched(django_db_setup: None, django_db_blocker: Any) -> Any:
    """One company whose owner looks with the eyes of another owner, who may everything."""
    from tests.factories import make_tenant

    with django_db_blocker.unblock():
        tenant = make_tenant()
        yield tenant, looking_at(tenant, "owner")


@pytest.mark.parametrize("page", OF_TENANTS, ids=lambda page: page.name)
def test_looking_writes_nothing_so_every_page_opens_as_it_does_for_the_member(
    page: Any, watched: tuple[TenantFixture, Client]
) -> None:
    tenant, client = watched
    path = path_of(page.route, tenant)
    looked = client.get(path)
    own = client_for(tenant.member("owner")).get(path)
    if "attachment" in own.get("Content-Disposition", ""):
        assert looked.status_code == 403
    elif page.name not in ("permissions:view-as-end",):
        assert looked.status_code == own.status_code
