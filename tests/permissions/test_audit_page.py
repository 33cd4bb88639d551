"""The audit log as a page and as a file: found by person, object, action, day and outcome; told in plain Chinese."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from livecode_admin.kernel import clock
from permissions import audit
from permissions.models import AuditEntry
from permissions.selectors.audit import AuditFilters
from permissions.services.auditing import ExportTooLong, audit_export
from tenants.context import tenant_context
from tests.factories import TenantFixture, client_for

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # 12:00 in China


def write(tenant: TenantFixture, *, number: int = 7, at: datetime = NOON, **values: Any) -> None:
    told: dict[str, Any] = {"before": {"name": "旧"}, "after": {"name": "新"}, "action": "code.updated"}
    told |= {"label": f"地铁活码{number}"} | values
    with tenant_context(tenant.id):
        audit.record(
            access=values.get("access", tenant.owner),
            action=told["action"],
            object_type=str(told["action"]).partition(".")[0],
            object_id=number,
            object_label=told["label"],
            before=told["before"],
            after=told["after"],
            now=at,
        )


def client_of(tenant: TenantFixture) -> Client:
    return client_for(tenant.owner)


def rows(tenant: TenantFixture, query: str = "") -> str:
    """The body of the table, without its filters."""
    answer = client_of(tenant).get(f"/t/{tenant.slug}/audit/{query}")
    assert answer.status_code == 200
    return answer.content.decode().partition("<tbody>")[2].partition("</tbody>")[0]


def test_what_changed_is_told_in_words_and_never_as_a_dict(tenant: TenantFixture) -> None:
    write(
        tenant,
        before={"roster": ["林晓", "吴迪"], "caps": {"林晓": 100}, "expires_at": "2026-12-01T16:00:00+00:00"},
        after={"roster": ["吴迪", "何苗"], "caps": {"林晓": 120}, "expires_at": "2027-01-01T16:00:00+00:00"},
    )
    text = rows(tenant, "?kind=code")
    assert "<del>林晓</del><ins>何苗</ins>" in text
    assert "席位上限 · 林晓" in text
    assert "<del>100</del>" in text
    assert "<del>2026-12-02 00:00</del>" in text
    assert "<ins>2027-01-02 00:00</ins>" in text
    assert "{" not in text


def test_numbers_become_names_where_the_log_knows_them(tenant: TenantFixture) -> None:
    member_id, department_id = tenant.owner.member_id, tenant.department_id
    write(tenant, number=3, action="folder.created", label="地铁", before={}, after={"name": "地铁"})
    write(tenant, before={"owner_id": 999_999}, after={"owner_id": member_id, "department_id": department_id})
    write(tenant, action="member.bundle_given", before={}, after={"target": "folder", "target_id": 3})
    told = rows(tenant)
    assert "<del>（名称已查不到）</del>" in told
    assert "<ins>方圆</ins>" in told
    assert f"<ins>{tenant.name}</ins>" in told
    assert '<span class="lab">分类</span><ins>地铁</ins>' in told


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?from=2026-11-20&to=2026-11-20", {1, 2}),
        ("?from=2026-11-21", {3}),
        ("?to=2026-11-19", {0}),
        ("?q=活码2", {2}),
        ("?object=code:1", {1}),
        ("?object=staff:1", set()),
        ("?action=code.paused", {2}),
        ("?kind=code", {0, 1, 2, 3}),
        ("?kind=code&outcome=denied", set()),
        ("?kind=code&member=system", {3}),
    ],
)
def test_the_log_is_found_by_day_object_action_and_person(tenant: TenantFixture, query: str, found: set[int]) -> None:
    midnight = datetime(2026, 11, 19, 16, 0, tzinfo=UTC)  # the tenant's 20 November begins
    moments = (midnight - timedelta(seconds=1), midnight, midnight + timedelta(hours=23), midnight + timedelta(days=1))
    for number, at in enumerate(moments):
        write(
            tenant, number=number, at=at, action="code.paused" if number == 2 else "code.updated", **_by(tenant, number)
        )
    text = rows(tenant, query)
    assert {number for number in range(4) if f">地铁活码{number}<" in text} == found


def _by(tenant: TenantFixture, number: int) -> dict[str, Any]:
    from permissions.access import Access

    if number != 3:
        return {}
    return {"access": Access.system(tenant_id=tenant.id, tenant_slug=tenant.slug, reason="夜间任务")}


def test_what_was_refused_says_what_was_missing(tenant: TenantFixture) -> None:
    client_for(tenant.member("intern")).get(f"/t/{tenant.slug}/members/")
    text = rows(tenant, "?outcome=denied")
    for word in ("被拒绝的操作", "缺少权限", "管理成员与权限", "打开 成员与权限（/members/）"):
        assert word in text
    assert "被拒绝的操作" not in rows(tenant, "?outcome=done")


def test_the_pages_follow_each_other_without_a_gap(tenant: TenantFixture) -> None:
    for number in range(120):
        write(tenant, number=number)
    client, address, seen = client_of(tenant), "?kind=code", []
    while address:
        text = client.get(f"/t/{tenant.slug}/audit/{address}").content.decode()
        seen += [part.partition("<")[0] for part in text.split(">地铁活码")[1:]]
        before = text.partition('rel="next"')
        address = before[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&") if before[1] else ""
    assert [int(number) for number in seen] == list(range(119, -1, -1))


def test_fifty_rows_take_no_more_queries_than_two(tenant: TenantFixture) -> None:
    def count() -> int:
        client = client_of(tenant)
        client.get(f"/t/{tenant.slug}/audit/?kind=code")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/t/{tenant.slug}/audit/?kind=code")
        return len(queries)

    for number in range(2):
        write(tenant, number=number, after={"owner_id": tenant.owner.member_id, "department_id": tenant.department_id})
    few = count()
    for number in range(48):
        write(tenant, number=number, after={"owner_id": tenant.owner.member_id, "department_id": tenant.department_id})
    assert count() == few


@pytest.mark.parametrize(
    "query", ["?from=2026-99-99", "?to=x", "?from=0001-01-01", "?object=:", "?object=a:99999999999999999999", "?q=%00"]
)
def test_odd_addresses_do_no_harm(tenant: TenantFixture, query: str) -> None:
    assert client_of(tenant).get(f"/t/{tenant.slug}/audit/{query}").status_code == 200


def exported(tenant: TenantFixture, query: str) -> list[list[str]]:
    client = client_of(tenant)
    session = client.session
    from permissions import sessions

    sessions.mark_confirmed(session)
    session.save()
    answer = client.post(f"/t/{tenant.slug}/audit/export/{query}")
    assert answer["Content-Type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_file_holds_what_is_filtered_and_is_an_entry_itself(tenant: TenantFixture) -> None:
    write(tenant, number=1, label="=1+1", before={"roster": ["林晓"]}, after={"roster": ["何苗"]})
    write(tenant, number=2, action="staff.cap_changed")
    head, *found = exported(tenant, "?kind=code")
    assert head[:2] == ["编号", "时间"]
    told = ["2026-11-20 12:00:00", "方圆", "活码 · 修改", "'=1+1", "1", "接待名单：增加 何苗；移除 林晓"]
    assert [row[1:7] for row in found] == [told]
    with tenant_context(tenant.id):
        entry = AuditEntry.objects.latest("id")
    assert (entry.action, entry.after) == ("audit.exported", {"count": 1, "filters": {"类型": "活码"}})


def test_too_many_entries_are_no_file_but_a_sentence(tenant: TenantFixture) -> None:
    for number in range(3):
        write(tenant, number=number)
    with tenant_context(tenant.id), pytest.raises(ExportTooLong, match="超过 2 条，请缩小时间范围"):
        audit_export(
            access=tenant.owner,
            filters=AuditFilters(group="code"),
            told={},
            zone="Asia/Shanghai",
            now=clock.now(),
            most=2,
        )


def test_whoever_may_not_read_the_log_gets_no_file(tenant: TenantFixture) -> None:
    answer = client_for(tenant.member("campaign_ops")).post(f"/t/{tenant.slug}/audit/export/")
    assert answer.status_code == 403
