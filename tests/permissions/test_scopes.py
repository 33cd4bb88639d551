"""Own, own department, other department: lists, pages, writes and numbers go by the scope of their own capability."""

from __future__ import annotations

from datetime import timedelta

import pytest

from analytics.selectors import daily
from codes.listing import CodeFilters, code_rows
from codes.selectors import channels, code_for, codes_visible, folders
from livecode_admin.console.services import batch_preview
from livecode_admin.kernel import clock
from people.selectors import staff_rows
from permissions.access import Access
from permissions.audit import DENIED
from permissions.selectors import audit_entries, audit_log
from permissions.selectors.audit import AuditFilters
from routing.selectors.live import codes_live
from tenants.context import tenant_context
from tests.factories import TenantFixture, access_of, client_for
from tests.permissions.stage import TwoDepartments, two_departments

REACH = {
    "owner": {"华东", "华南"},
    "ops_director": {"华东", "华南"},
    "system_config": {"华东", "华南"},
    "campaign_ops": {"华东"},
    "data_analyst": {"华东"},
    "reception_lead": {"华东"},
    "receptionist": set(),
    "intern": set(),
}


@pytest.fixture
def company(tenant: TenantFixture) -> TwoDepartments:
    """Two departments, each with a code."""
    return two_departments(tenant)


def seen_by(company: TwoDepartments, bundle: str) -> Access:
    """Somebody in 华东 with this bundle."""
    return company.tenant.owner if bundle == "owner" else company.member(bundle)


@pytest.mark.parametrize("bundle", sorted(REACH))
def test_lists_pages_and_search_end_where_the_scope_ends(company: TwoDepartments, bundle: str) -> None:
    access, now = seen_by(company, bundle), clock.now()
    client, root = client_for(access), f"/t/{company.tenant.slug}/"
    listed = client.get(f"{root}codes/").content.decode()
    found = client.get(f"{root}search/?q=的码").content.decode()
    for name in ("华东", "华南"):
        inside = name in REACH[bundle]
        assert (f"{name}的码" in listed, f"{name}的码" in found) == (inside, inside)
        assert client.get(company.path(name)).status_code == (200 if inside else 404)
    with tenant_context(company.tenant.id):
        assert {row.name[:2] for row in code_rows(access, CodeFilters(), now=now).rows} == REACH[bundle]
        assert channels(access) == []
        assert folders(access) == []


@pytest.mark.parametrize(("bundle", "reach"), [("reception_lead", {"华东"}), ("system_config", {"华东", "华南"})])
def test_staff_are_listed_within_the_scope(company: TwoDepartments, bundle: str, reach: set[str]) -> None:
    with tenant_context(company.tenant.id):
        assert {row.card.name[:2] for row in staff_rows(company.member(bundle))} == reach


def test_the_live_page_and_its_numbers_end_there_too(company: TwoDepartments) -> None:
    now = clock.now()
    with tenant_context(company.tenant.id):
        codes_visible(company.tenant.owner).update(state="live")
        lead = company.member("reception_lead")
        assert {code.name for code in codes_live(lead, now)} == {"华东的码"}
        assert len(daily(lead, last_day=now.date(), days=2, code_id=company.codes["华南"])) == 2
    page = client_for(lead).get(f"/t/{company.tenant.slug}/live/").content.decode()
    assert "华南的码" not in page
    assert "华南顾问" not in page


@pytest.mark.parametrize("tail", ["roster/", "rules/", "versions/1/", "pause/", "retire/", "renew/", "welcome/"])
def test_no_way_of_writing_reaches_another_departments_code(company: TwoDepartments, tail: str) -> None:
    client = client_for(company.member("campaign_ops"))
    sent = {"roster": [str(company.staff["华东"])], "months": "3", "part": ["roster"], "fallback": "page"}
    assert client.post(company.path("华南", tail), sent).status_code == 404
    with tenant_context(company.tenant.id):
        verbs = [row.action for row in audit_entries(company.tenant.owner, "code", company.codes["华南"])]
    assert verbs == ["code.roster_changed", "code.created"]


def test_operations_of_one_department_with_analysis_of_all(company: TwoDepartments) -> None:
    from permissions.rules import Scope
    from permissions.services import bundle_assign

    user_id = company.tenant.add_member(["campaign_ops"], department_id=company.departments["华东"])
    access, now = access_of(company.tenant, user_id, clock.now()), clock.now()
    assert access.member_id is not None
    with tenant_context(company.tenant.id):
        bundle_assign(
            access=company.tenant.owner,
            member_id=access.member_id,
            bundle_key="data_analyst",
            scope=Scope.ALL,
            now=now,
        )
    access = access_of(company.tenant, user_id, clock.now() + timedelta(seconds=1))
    client = client_for(access)
    for name, edits in (("华东", True), ("华南", False)):
        page = client.get(company.path(name)).content.decode()
        assert f"codes/{company.codes[name]}/figures/" in page
        assert client.get(company.path(name, "figures/")).status_code == 200
        assert ("编辑名单" in page) == edits
        assert client.get(company.path(name, "roster/")).status_code == (200 if edits else 403)
        assert client.post(company.path(name, "retire/")).status_code == (302 if edits else 403)
    with tenant_context(company.tenant.id):
        states = {name: code_for(access, pk).state for name, pk in company.codes.items()}
    assert states == {"华东": "retired", "华南": "draft"}


def test_a_batch_refuses_the_foreign_row_and_names_it(company: TwoDepartments) -> None:
    client, now = client_for(company.member("campaign_ops")), clock.now()
    ids = list(company.codes.values())
    answer = client.post(
        f"/t/{company.tenant.slug}/codes/batch/", {"do": "retire", "confirm": "1", "ids": [str(pk) for pk in ids]}
    ).content.decode()
    assert f"编号 {company.codes['华南']}" in answer
    assert "不在您的数据范围内" in answer
    assert "华南的码" not in answer
    with tenant_context(company.tenant.id):
        owner = company.tenant.owner
        assert {name: code_for(owner, pk).state for name, pk in company.codes.items()} == {
            "华东": "retired",
            "华南": "draft",
        }
        rows = batch_preview(access=company.member("campaign_ops"), code_ids=ids, action="renew", now=now)
    assert [row.code_id for row in rows] == ids


def test_caps_of_a_selection_leave_the_other_department_and_name_it(company: TwoDepartments) -> None:
    client = client_for(company.member("reception_lead"))
    url = f"/t/{company.tenant.slug}/staff/caps/"
    ids = [str(pk) for pk in company.staff.values()]
    answer = client.post(url, {"bulk": "1", "ids": ids, "all_cap": "7"}, follow=True).content.decode()
    assert f"没有权限，未改动：编号 {company.staff['华南']}" in answer
    assert "华南顾问" not in answer
    assert client.post(url, {f"cap_{company.staff['华南']}": "7"}).status_code == 403
    assert client.post(url, {f"leave_{company.staff['华南']}": "2099-01-01"}).status_code == 403
    with tenant_context(company.tenant.id):
        assert [row.object_label for row in audit_log(company.tenant.owner, AuditFilters(group="staff")).rows] == [
            "华东顾问"
        ]
        assert len(audit_log(company.tenant.owner, AuditFilters(action=DENIED)).rows) == 2
