"""试算 (product.md §2.9): before publishing from the editor, and on what is published for those who only plan."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from codes.selectors import code_for
from livecode_admin.kernel import clock
from routing.models import RoutingRule, Scan, Slot, StaffDay
from routing.selectors.tryout import Question, try_out
from routing.services.rules import rule_set
from tenants.context import tenant_context
from tests.console.stage import told
from tests.factories import TenantFixture, client_for
from tests.routing.conftest import Edges
from tests.routing.rulestage import address, form_of
from tests.routing.stage import StageCode, live_code

ZONE = ZoneInfo("Asia/Shanghai")


def tried(code: StageCode, **sent: Any) -> str:
    """What the editor's panel tells of the form's present values."""
    client = client_for(code.tenant.owner)
    form = form_of(client.get(address(code)).content.decode(), try_at="2026-11-23T10:00", try_scans="10", **sent)
    return told(client.post(address(code, "rules/try/"), form).content.decode())


def nothing_written(code: StageCode) -> bool:
    """Whether no rule, scan, slot or count came of it."""
    with tenant_context(code.tenant.id):
        return not any(
            rows.exists()
            for rows in (
                RoutingRule.objects.filter(code=code.code_id),
                Scan.objects.filter(code_id=code.code_id),
                Slot.objects.filter(code_id=code.code_id),
                StaffDay.objects.filter(staff__in=code.staff),
            )
        )


def test_the_editor_tries_what_is_not_published_yet_and_writes_nothing(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=2, backups=1, cap=3)
    text = tried(code)
    assert "林晓彤 接待 3 30.0% 按序号轮到 3 次" in text
    assert "陈思远 备用 3 30.0%" in text
    assert "企业兜底页 1 没有可接待的客服" in text
    off = tried(code, overflow=None)
    assert "陈思远 备用 0 0.0%" in off
    assert "溢出自动切换已关闭" in off
    assert nothing_written(code)


def test_conditions_hours_and_a_duty_person_of_the_form_are_tried(tenant: TenantFixture) -> None:
    code, other = live_code(tenant, roster=2), live_code(tenant, roster=1, name="值班所在")
    condition = {"c1_name": "二号点位", "c1_subs": "m2", "c1_people": [f"s{code.staff[1]}"]}
    text = tried(code, **condition, try_sub="m2")
    assert "王一鸣 接待 10 100.0% 符合分流条件 10 次" in text
    assert "二号点位 10 次" in text
    closed = tried(code, hours="weekly", hours_0="20:00-21:00", duty=str(other.staff[0]))
    assert "这一时刻不在接待时段内" in closed
    assert "不在活码的接待时段 10 次" in closed
    assert "值班人 10 100.0%" in closed
    assert nothing_written(code)


def test_a_load_can_be_chosen_and_full_people_are_passed_over(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=1, cap=10)
    assert "林晓彤 接待 5 50.0%" in tried(code, try_load="50")
    assert "今日已达上限 10 次" in tried(code, try_load="100")


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ({"try_scans": "0"}, "请填写 1 到 1000 之间的整数"),
        ({"try_scans": "1001"}, "请填写 1 到 1000 之间的整数"),
        ({"try_at": "明天"}, "请选择时间"),
        ({"try_load": "30"}, "请选择列出的一项"),
        ({"try_sub": "a b"}, "点位应为字母"),
        ({"pending": "x"}, "请填写数字"),
        ({"fallback": "duty"}, "尚未设置值班人"),
    ],
)
def test_what_cannot_be_tried_is_said(tenant: TenantFixture, sent: dict[str, str], error: str) -> None:
    code = live_code(tenant, roster=1)
    client = client_for(tenant.owner)
    form = form_of(client.get(address(code)).content.decode(), try_at="2026-11-23T10:00", try_scans="10") | sent
    text = told(client.post(address(code, "rules/try/"), form).content.decode())
    assert "还不能试算" in text
    assert error in text


@pytest.mark.parametrize(("bundle", "status"), [("campaign_ops", 200), ("reception_lead", 200), ("intern", 403)])
def test_who_only_plans_tries_what_is_published(tenant: TenantFixture, bundle: str, status: int) -> None:
    code = live_code(tenant, roster=2)
    client = client_for(tenant.member(bundle))
    answer = client.get(address(code, "dry-run/?try_at=2026-11-23T10:00&try_scans=4&try_load="))
    assert answer.status_code in (status, 404 if status == 403 else status)
    if status == 200:
        text = told(answer.content.decode())
        assert "林晓彤 接待 2 50.0%" in text
        assert "dry-run/" in client.get(f"/t/{tenant.slug}/codes/{code.code_id}/").content.decode()
        assert "请填写 1 到 1000" in told(client.get(address(code, "dry-run/?try_scans=x")).content.decode())
    assert nothing_written(code)


@pytest.mark.processes
def test_the_next_scans_go_where_the_dry_run_said(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=3, backups=1, cap=4)
    for _ in range(5):
        edges.scan(code.slug)
    with tenant_context(tenant.id):
        rule_set(access=tenant.owner, code_id=code.code_id, now=clock.now(), strategy="least_loaded")
        row = code_for(tenant.owner, code.code_id)
        now = clock.now()
        said = try_out(row, Question(at=now.astimezone(ZONE), scans=12), now=now)
    for _ in range(12):
        edges.scan(code.slug)
    got = code.served()[5:]
    assert [seat.total for seat in said.seats] == [got.count(place) for place in range(4)]
    assert said.pages == got.count(None)


def test_another_day_begins_with_nobody_received(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=1, cap=5)
    now = clock.now()
    day = clock.local_day(now, "Asia/Shanghai")
    with tenant_context(tenant.id):
        StaffDay.objects.create(staff_id=code.staff[0], day=day, assigned=5)
        row = code_for(tenant.owner, code.code_id)
        assert try_out(row, Question(at=now, scans=5), now=now).pages == 5
        assert try_out(row, Question(at=now + timedelta(days=1), scans=5), now=now).pages == 0
