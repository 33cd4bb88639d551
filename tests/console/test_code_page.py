"""The page of one code beside its specification: the roster with its dates and actions, and what changes were."""

from __future__ import annotations

from datetime import UTC, datetime

from livecode_admin.console.changes import change_events
from livecode_admin.kernel.web.formats import through
from permissions.selectors import AuditRow
from routing.models import Seat
from routing.rules.rulewords import Change, brief
from tenants.context import tenant_context
from tests.console.stage import codes_of, staff_of, told, viewer
from tests.factories import TenantFixture

MIDNIGHT = datetime(2027, 11, 30, 16, tzinfo=UTC)  # the end of 11-30 in Shanghai


def test_a_pause_names_its_last_day_as_it_was_entered(tenant: TenantFixture) -> None:
    (code,) = codes_of(tenant.owner, 1, staff=staff_of(tenant, 2))
    with tenant_context(tenant.id):
        Seat.objects.filter(code=code, position=1).update(paused_until=MIDNIGHT)
    page = viewer(tenant, tenant.owner).get(f"codes/{code}/")
    assert "暂停至 2027-11-30" in told(page)
    assert "通过率" in told(page)
    assert page.count("暂停或调整席位") == 2
    assert 'data-menu="code-edit"' in page


def test_an_end_at_midnight_is_the_day_before_and_any_other_end_is_a_moment() -> None:
    assert through(MIDNIGHT, "Asia/Shanghai") == "2027-11-30"
    assert through(MIDNIGHT.replace(hour=6), "Asia/Shanghai") == "2027-11-30 14:00"


def test_changes_are_told_in_one_line_each() -> None:
    assert brief(Change("接待 吴梓涵", "（不在名单）", "加入")) == "加 吴梓涵"
    assert brief(Change("备用 吴梓涵", "在名单", "移出")) == "移出 吴梓涵"
    assert brief(Change("暂停 何嘉怡", "无", "至 2027-01-22")) == "何嘉怡 暂停至 2027-01-22"
    assert brief(Change("席位上限 何嘉怡", "不限", "30")) == "何嘉怡 席位上限 不限 → 30"
    assert brief(Change("峰值窗口", "5 分钟", "10 分钟")) == "峰值窗口 5 分钟 → 10 分钟"


def test_an_entry_of_the_history_says_what_its_version_changed() -> None:
    row = AuditRow(1, MIDNIGHT, "苏婉清", "", "code.roster_changed", "code", 1, "码", ())
    (event,) = change_events([row], "Asia/Shanghai", {MIDNIGHT: "加 吴梓涵"}, "/versions/")
    assert (event.what, event.url) == ("加 吴梓涵", "/versions/")
    (bare,) = change_events([row], "Asia/Shanghai")
    assert (bare.what, bare.url) == ("", "")
