"""The member list and the audit log as pages."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from livecode_admin.kernel import clock
from permissions.services import department_upsert, member_deactivate
from tenants.context import tenant_context
from tests.factories import TenantFixture, client_for


def get(tenant: TenantFixture, path: str) -> str:
    answer = client_for(tenant.owner).get(f"/t/{tenant.slug}/{path}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_member_list_shows_people_departments_and_bundles(tenant: TenantFixture) -> None:
    tenant.member("campaign_ops")
    text = get(tenant, "members/")
    for word in ("方圆", "林晓", "超级管理员", "活动运营", "知行教育"):
        assert word in text


def test_the_member_list_is_filtered_by_its_url(tenant: TenantFixture) -> None:
    tenant.member("campaign_ops")
    assert "林晓" not in get(tenant, "members/?q=方圆").split("<tbody>")[1]
    here = get(tenant, f"members/?department={tenant.department_id}")
    assert "方圆" not in here.split("<tbody>")[1].split("</tbody>")[0]
    assert "没有符合条件的成员" in get(tenant, "members/?q=zzz")


def test_a_member_who_is_switched_off_is_marked(tenant: TenantFixture) -> None:
    member_id = tenant.member("intern").member_id
    assert member_id is not None
    with tenant_context(tenant.id):
        member_deactivate(access=tenant.owner, member_id=member_id, now=clock.now())
    assert "已停用" in get(tenant, "members/")


def test_the_audit_log_shows_changes_in_plain_words(tenant: TenantFixture) -> None:
    client_for(tenant.member("intern")).get(f"/t/{tenant.slug}/members/")
    text = get(tenant, "audit/")
    for word in ("成员 · 添加", "被拒绝的操作", "管理成员与权限", "实习生"):
        assert word in text


def test_the_audit_log_is_filtered_and_turns_pages(tenant: TenantFixture) -> None:
    with tenant_context(tenant.id):
        for number in range(60):
            department_upsert(access=tenant.owner, name=f"部门{number:02}", parent_id=None, now=clock.now())
    first = get(tenant, "audit/?kind=department")
    assert "部门59" in first
    assert "部门05" not in first
    older = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert "部门05" in get(tenant, f"audit/{older}")
    assert "部门59" not in get(tenant, "audit/?kind=member").split("<tbody>")[1]


@pytest.mark.parametrize(
    "query", ["?before=x", "?before=-1", "?member=99999999999999999999", "?kind=<script>", "?page=z"]
)
def test_odd_queries_do_no_harm(tenant: TenantFixture, query: str) -> None:
    for path in ("audit/", "members/"):
        assert "<script>alert" not in get(tenant, path + query)


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("members/", {"owner", "system_config"}),
        ("audit/", {"owner", "system_config", "ops_director", "reception_lead"}),
    ],
)
def test_only_those_who_may_see_the_pages(tenant: TenantFixture, path: str, allowed: set[str]) -> None:
    for key in ("system_config", "campaign_ops", "data_analyst", "ops_director", "reception_lead", "receptionist"):
        status = client_for(tenant.member(key)).get(f"/t/{tenant.slug}/{path}").status_code
        assert status == (200 if key in allowed else 403), key


@pytest.mark.parametrize("path", ["members/", "audit/"])
def test_more_rows_take_no_more_queries(tenant: TenantFixture, path: str) -> None:
    def count() -> int:
        client = client_for(tenant.owner)
        client.get(f"/t/{tenant.slug}/{path}")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/t/{tenant.slug}/{path}")
        return len(queries)

    before = count()
    for _ in range(8):
        tenant.add_member(["campaign_ops", "data_analyst"])
    assert count() == before
