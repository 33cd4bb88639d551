"""Members from a list: a preview row by row, all or nothing, links as a CSV that computes nothing (product.md §5.1)."""

from __future__ import annotations

import base64
import csv
import io
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.http import HttpResponse

from permissions.models import Invitation
from permissions.services.member_import import ImportRefused, members_import
from tenants.context import tenant_context
from tests.console.stage import viewer
from tests.factories import TenantFixture, client_for
from tests.workbooks import xlsx

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
HEAD = "姓名,部门,角色权限包,邮箱\n"
Row = tuple[int, tuple[str, str, str, str]]


def upload(tenant: TenantFixture, body: bytes, name: str = "成员.csv", by: str = "") -> HttpResponse:
    client = client_for(tenant.member(by) if by else tenant.owner)
    return client.post(f"/t/{tenant.slug}/members/import/", {"file": SimpleUploadedFile(name, body)})  # type: ignore[return-value]


def carry_out(tenant: TenantFixture, preview: HttpResponse) -> HttpResponse:
    rows = re.search(r'name="rows" value="([^"]*)"', preview.content.decode())
    assert rows
    sent = rows.group(1).replace("&quot;", '"').replace("&#x27;", "'")
    path = f"/t/{tenant.slug}/members/import/carry-out/"
    return client_for(tenant.owner).post(path, {"rows": sent, "days": 7})  # type: ignore[return-value]


def invited(tenant: TenantFixture) -> list[str]:
    with tenant_context(tenant.id):
        return sorted(Invitation.objects.values_list("display_name", flat=True))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_list_becomes_links_that_work(tenant: TenantFixture, encoding: str) -> None:
    text = f"{HEAD}张三,知行教育,活动运营、数据分析,z@example.com\n=李四,,实习生,\n"
    preview = upload(tenant, text.encode(encoding))
    assert (preview.status_code, invited(tenant)) == (200, [])
    done = carry_out(tenant, preview).content.decode()
    assert invited(tenant) == ["=李四", "张三"]
    packed = re.search(r"base64,([^\"]+)\"", done)
    assert packed
    table = list(csv.reader(io.StringIO(base64.b64decode(packed.group(1)).decode("utf-8-sig"))))
    assert table[1][:4] == ["张三", "知行教育", "活动运营、数据分析", "z@example.com"]
    assert table[2][0] == "'=李四", "a spreadsheet would compute it"
    assert client_for(tenant.owner).get(table[1][4].partition("testserver")[2]).status_code in (200, 302)


def test_an_xlsx_is_read_as_a_csv_is(tenant: TenantFixture) -> None:
    cells: dict[str, object] = {
        "A1": "部门",
        "B1": "姓名",
        "C1": "角色权限包",
        "A2": "知行教育",
        "B2": "张三",
        "C2": "活动运营",
    }
    cells |= {"B3": 1234, "C3": "实习生"}
    carry_out(tenant, upload(tenant, xlsx(cells), "成员.xlsx"))
    assert invited(tenant) == ["1234", "张三"]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (",知行教育,活动运营,", "请填写姓名"),
        (f"{'长' * 41},,活动运营,", "姓名不能超过 40 个字"),
        ("王五,火星部,活动运营,", "没有部门「火星部」"),
        ("王五,,超人,", "没有角色权限包「超人」"),
        ("王五,,,", "请填写角色权限包"),
        ("王五,,运营总监,", "您不能授予「运营总监」，缺少：导出客户"),
        ("王五,,活动运营,not-an-address", "邮箱格式不正确"),
        ("王五,,活动运营、实习生,", "「活动运营」的数据范围是本部门及以下，请选择部门"),
        ("张三,知行教育,活动运营,", "与第 2 行重复"),
        ("周敏,知行教育,活动运营,", "部门中已有同名成员"),
    ],
)
def test_what_is_wrong_stands_beside_its_row_and_nobody_is_invited(
    tenant: TenantFixture, line: str, error: str
) -> None:
    preview = upload(tenant, f"{HEAD}张三,知行教育,活动运营,\n{line}\n".encode(), by="system_config")
    text = preview.content.decode()
    row = text.split("<tbody>")[1].split("</tr>")[1]
    assert error in row
    assert '<td class="n">3</td>' in row
    assert "邀请这" not in text
    access = tenant.member("system_config")
    rows: list[Row] = [(2, ("张三", "知行教育", "活动运营", "")), (3, tuple(line.split(",")))]  # type: ignore[list-item]
    with pytest.raises(ImportRefused), tenant_context(tenant.id):
        members_import(access=access, rows=rows, days=3, now=NOW)
    assert invited(tenant) == []


@pytest.mark.parametrize(
    ("body", "name", "error"),
    [
        (b"PK\x03\x04rubbish", "a.xlsx", "无法读取文件"),
        (b"\xd0\xcf\x11\xe0\x00\x00", "a.xls", "另存为 xlsx"),
        ("姓名,部门\n".encode(), "a.csv", "没有成员"),
        (b"x" * (512 * 1024 + 1), "a.csv", "512 KB"),
        ("张三,,实习生\n".encode() * 501, "a.csv", "500 人"),
    ],
)
def test_files_that_are_no_lists_are_refused(tenant: TenantFixture, body: bytes, name: str, error: str) -> None:
    page = upload(tenant, body, name)
    assert (page.status_code, error in page.content.decode()) == (422, True)


def test_sent_twice_at_the_same_time_everybody_is_invited_once(tenant: TenantFixture) -> None:
    access = tenant.owner
    rows: list[Row] = [(number, (f"新人{number}", "", "实习生", "")) for number in range(5)]

    def run(_: int) -> str:
        try:
            with tenant_context(tenant.id):
                members_import(access=access, rows=rows, days=3, now=NOW)
        except ImportRefused as refused:
            return refused.rows[0].errors[0]
        finally:
            connections.close_all()
        return "invited"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(run, range(2))) == ["invited", "已有未接受的邀请"]
    assert len(invited(tenant)) == 5


def test_rows_that_no_preview_made_are_refused(tenant: TenantFixture) -> None:
    owner = viewer(tenant, tenant.owner)
    for rows in ("", "[]", "{", '[[1,["a"]]]', "[" * 5000, '[[1,["王五","","owner",""]]]'):
        assert owner.post("members/import/carry-out/", {"rows": rows, "days": 3}).status_code == 422
    assert viewer(tenant, tenant.member("campaign_ops")).post("members/import/", {}).status_code == 403
    assert invited(tenant) == []
