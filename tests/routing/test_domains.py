"""入口域名 and 落地域名 in the console: what may be set, their files, and who is told of trouble (product.md §1.12)."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings

from livecode_admin.kernel.ids import time_ordered_uuid
from livecode_admin.workspace.selectors import notices_latest
from permissions.access import Access, Denied
from permissions.selectors import audit_entries
from routing.models import Scan
from routing.rules.domains import HostInvalid, after_count, after_probe, clean_host, file_problem, silent
from routing.selectors.domains import domain_rows, scans_of_the_hour, verification_files
from routing.services.domains import DomainRefused, domains_set, probe_record, scans_record, verification_file_put
from routing.tasks.domains import probe_tenant
from tenants.context import tenant_context
from tenants.selectors import tenant_facts
from tenants.services import tenant_hosts_set
from tests.factories import TenantFixture, client_for

NOW = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
GOOD = "MP_verify_a1B2c3D4e5F6g7H8.txt"


def fresh_host() -> str:
    """A host that nobody has."""
    return f"h{secrets.token_hex(6)}.example.com"


def set_hosts(tenant: TenantFixture, entry: str, landing: str = "", access: Access | None = None) -> None:
    """Set both hosts as somebody types them."""
    with tenant_context(tenant.id):
        domains_set(access=access or tenant.owner, entry_host=entry, landing_host=landing, now=NOW)


def system_of(tenant: TenantFixture) -> Access:
    """The product acting by itself."""
    return Access.system(tenant_id=tenant.id, tenant_slug=tenant.slug, reason="test")


def told(tenant: TenantFixture) -> list[str]:
    """What the owner's bell says of domains, oldest first."""
    with tenant_context(tenant.id):
        return [row.text for row in reversed(notices_latest(tenant.owner)) if "域名" in row.text]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("scan.example.com", "scan.example.com"),
        (" HTTPS://Scan.Example.com/ ", "scan.example.com"),
        ("例子.中国", "xn--fsqu00a.xn--fiqs8s"),
        ("", ""),
    ],
)
def test_a_host_may_be_pasted_as_it_is_found(typed: str, kept: str) -> None:
    assert clean_host(typed) == kept


@pytest.mark.parametrize(
    "typed", ["localhost", "127.0.0.1", "a.example.com:8443", "a.example.com/c", "-a.example", "a b"]
)
def test_what_is_no_host_is_refused_in_words(typed: str) -> None:
    with pytest.raises(HostInvalid, match="域名"):
        clean_host(typed)


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        (GOOD, b"a1B2c3D4e5F6g7H8", ""),
        ("WW_verify_zZ9.txt", b"x", "文件名"),
        ("index.html", b"<script>", "文件名"),
        ("../MP_verify_abcd1234.txt", b"x", "文件名"),
        (GOOD, b" \n", "空"),
        (GOOD, b"x" * 1025, "1 KB"),
        (GOOD, "验证".encode(), "纯文本"),
    ],
)
def test_only_files_that_wechat_and_wecom_give_out_are_taken(name: str, content: bytes, word: str) -> None:
    problem = file_problem(name, content)
    assert problem == "" if not word else word in problem


def test_one_failed_probe_is_chance_two_are_told_once_and_so_is_the_recovery() -> None:
    failures, is_told, said = 0, False, []
    for problem in ("", "x", "", "x", "x", "x", "", ""):
        step = after_probe(failures=failures, told=is_told, problem=problem)
        failures, is_told = step.failures, step.told
        said.append(step.say)
    assert said == ["", "", "", "", "down", "", "up", ""]


@pytest.mark.parametrize(
    ("now", "usual", "alarm"),
    [
        (0, [40, 30, 25, 50, 20, 31, 28], True),
        (1, [40, 30, 25, 50, 20, 31, 28], False),
        (0, [19] * 7, False),
        (0, [20] * 7, True),
        (0, [500, 500, 500, 0, 0, 0, 0], False),
        (0, [500, 500, 500, 500, 0, 0, 0], True),
        (0, [], False),
    ],
)
def test_no_scan_is_an_alarm_only_where_twenty_are_usual(now: int, usual: list[int], alarm: bool) -> None:
    assert silent(now=now, usual=usual) is alarm


def test_silence_is_told_once_until_scans_arrive_again() -> None:
    is_told, said = False, []
    for now, usual in ((30, 30), (0, 30), (0, 30), (0, 5), (3, 30), (0, 30)):
        step = after_count(told=is_told, now=now, usual=[usual] * 7)
        is_told = step.told
        said.append(step.say)
    assert said == ["", "down", "", "", "up", "down"]


def test_hosts_are_kept_and_noted(tenant: TenantFixture) -> None:
    entry, landing = fresh_host(), fresh_host()
    set_hosts(tenant, f"https://{entry.upper()}/", landing)
    with tenant_context(tenant.id):
        facts = tenant_facts()
        (entry_row,) = audit_entries(tenant.owner, "tenant", tenant.id)
        assert [(row.label, row.host, row.state) for row in domain_rows(tenant.owner)] == [
            ("入口域名", entry, ""),
            ("落地域名", landing, ""),
        ]
    assert (facts.entry_host, facts.landing_host) == (entry, landing)
    assert entry_row.action == "tenant.domains_changed"


@pytest.mark.parametrize("place", ["entry", "landing"])
def test_a_host_of_another_company_is_refused_whatever_it_is_there(
    tenant: TenantFixture, other_tenant: TenantFixture, place: str
) -> None:
    theirs = {"entry": fresh_host(), "landing": fresh_host()}
    set_hosts(other_tenant, theirs["entry"], theirs["landing"])
    for field, hosts in (("entry_host", (theirs[place], "")), ("landing_host", (fresh_host(), theirs[place]))):
        with pytest.raises(DomainRefused) as refused:
            set_hosts(tenant, *hosts)
        assert refused.value.errors == {field: "该域名已被其他企业使用"}


@pytest.mark.parametrize(
    ("entry", "landing", "field"),
    [
        ("", "hi.example.com", "entry_host"),
        ("same.example.com", "same.example.com", "landing_host"),
        ("a b", "", "entry_host"),
        ("scan.ours.example", "", "entry_host"),
        ("ok.example.com", "console.ours.example", "landing_host"),
    ],
)
def test_hosts_that_can_not_work_are_refused_beside_their_field(
    tenant: TenantFixture, entry: str, landing: str, field: str
) -> None:
    ours = override_settings(ENTRY_URL="https://scan.ours.example", CONSOLE_URL="https://console.ours.example")
    with ours, pytest.raises(DomainRefused) as refused:
        set_hosts(tenant, entry, landing)
    assert list(refused.value.errors) == [field]


def test_hosts_and_files_need_the_right_to_change_the_companys_settings(tenant: TenantFixture) -> None:
    access = tenant.member("campaign_ops")
    with pytest.raises(Denied):
        set_hosts(tenant, fresh_host(), access=access)
    with pytest.raises(Denied), tenant_context(tenant.id):
        verification_file_put(access=access, name=GOOD, content=b"abc", now=NOW)
    assert client_for(access).get(f"/t/{tenant.slug}/settings/domains/").status_code == 403


def test_the_page_says_what_is_wrong_and_keeps_what_is_right(tenant: TenantFixture) -> None:
    client, address = client_for(tenant.owner), f"/t/{tenant.slug}/settings/domains/"
    answer = client.post(address, {"entry_host": "没有点", "landing_host": ""})
    assert answer.status_code == 422
    assert "域名格式不正确" in answer.content.decode()
    entry = fresh_host()
    assert client.post(address, {"entry_host": entry, "landing_host": ""}).status_code == 302
    assert entry in client.get(address).content.decode()


def test_files_are_uploaded_replaced_and_taken_away_on_the_page(tenant: TenantFixture) -> None:
    client, address = client_for(tenant.owner), f"/t/{tenant.slug}/settings/domains/files/"
    wrong = client.post(address, {"file": SimpleUploadedFile("logo.png", b"x")})
    assert wrong.status_code == 422
    assert "文件名应为" in wrong.content.decode()
    assert "请先选择文件" in client.post(address, {}).content.decode()
    for content in (b"one", b"two"):
        assert client.post(address, {"file": SimpleUploadedFile(GOOD, content)}).status_code == 302
    with tenant_context(tenant.id):
        (row,) = verification_files(tenant.owner)
    assert row.name == GOOD
    client.post(f"{address}{row.id}/remove/")
    with tenant_context(tenant.id):
        assert verification_files(tenant.owner) == []


def test_two_failed_probes_reach_the_bell_of_those_who_handle_the_system(tenant: TenantFixture) -> None:
    host, access = fresh_host(), system_of(tenant)
    set_hosts(tenant, host)
    for minute, problem in enumerate(("8 秒内没有响应", "8 秒内没有响应", "8 秒内没有响应", "")):
        with tenant_context(tenant.id):
            probe_record(access=access, host=host, problem=problem, now=NOW + timedelta(minutes=3 * minute))
    assert told(tenant) == [f"域名 {host} 无法访问：8 秒内没有响应", f"域名 {host} 已恢复访问"]
    with tenant_context(tenant.id):
        assert [row.state for row in domain_rows(tenant.owner)] == ["ok"]


def add_scans(number: int, at: datetime, kind: str = "visit") -> None:
    """Scans of one moment on some code."""
    Scan.objects.bulk_create(
        Scan(
            scan_id=time_ordered_uuid(at),
            scan_day=(at + timedelta(hours=8)).date(),
            code_id=1,
            scanned_at=at,
            kind=kind,
            outcome="assigned",
            reason="in_turn",
            sub_channel="",
        )
        for _ in range(number)
    )


def test_silence_on_all_codes_is_told_by_the_same_hour_of_the_last_seven_days(tenant: TenantFixture) -> None:
    host, access = fresh_host(), system_of(tenant)
    set_hosts(tenant, host)
    with tenant_context(tenant.id):
        for back in range(1, 8):
            add_scans(25, NOW - timedelta(days=back, minutes=20))
            add_scans(9, NOW - timedelta(days=back, minutes=61))
        add_scans(40, NOW - timedelta(minutes=90))
        add_scans(7, NOW - timedelta(minutes=5), kind="outside")
        assert scans_of_the_hour(NOW) == (0, [25] * 7)
        last_hour, usual = scans_of_the_hour(NOW)
        scans_record(access=access, host=host, last_hour=last_hour, usual=usual, now=NOW)
    assert told(tenant) == [f"域名 {host} 近 1 小时没有任何微信扫码，请检查域名是否被微信拦截"]


class Answers(BaseHTTPRequestHandler):
    """A host of ours, or somebody else's."""

    body = b"ok\n"

    def do_GET(self) -> None:
        """Answer anything."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[HTTPServer]:
    """A server on loopback, as which ``localhost`` is reached."""
    made = HTTPServer(("127.0.0.1", 0), Answers)
    monkeypatch.setenv("LIVECODE_HTTP_ALLOW", f"localhost:{made.server_port},127.0.0.1:{made.server_port}")
    threading.Thread(target=made.serve_forever, daemon=True).start()
    with override_settings(ENTRY_URL=f"http://127.0.0.1:{made.server_port}"):
        yield made
    made.shutdown()


def test_the_task_asks_each_host_and_tells_ours_from_somebody_elses(
    tenant: TenantFixture, server: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tenant_context(tenant.id):
        tenant_hosts_set(entry_host="localhost", landing_host=f"{secrets.token_hex(6)}.invalid")
    probe_tenant(tenant_id=tenant.id)
    with tenant_context(tenant.id):
        assert [row.state for row in domain_rows(tenant.owner)] == ["ok", "wrong"]
    monkeypatch.setattr(Answers, "body", b"<html>parked</html>")
    probe_tenant(tenant_id=tenant.id)
    with tenant_context(tenant.id):
        assert domain_rows(tenant.owner)[0].problem == "响应的不是本系统，请检查域名解析"
        tenant_hosts_set(entry_host="", landing_host="")
    assert len(told(tenant)) == 1
