"""The company's reception settings and its calendar; the codes that go by them follow."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from codes.services import code_pause, code_resume
from livecode_admin.kernel import clock
from permissions.access import Denied
from permissions.models import AuditEntry
from routing.models import CalendarDay, Snapshot
from routing.rules.calendars import CalendarEntry, calendar_read
from routing.selectors.compiled import reception_default
from routing.services.defaults import calendar_add, calendar_remove, defaults_set
from routing.services.rules import RuleRefused, rule_set
from tenants.context import tenant_context
from tests.factories import TenantFixture, client_for, make_tenant
from tests.routing.stage import StageCode, live_code


def last(code: StageCode) -> Snapshot:
    """The code's current version."""
    with tenant_context(code.tenant.id):
        return last_in(code)


def test_codes_without_a_duty_person_of_their_own_follow_the_company_and_others_stay() -> None:
    tenant = make_tenant()
    codes = [live_code(tenant, roster=1) for _ in range(3)]
    own, duty = codes[2].staff[0], codes[0].staff[0]
    with tenant_context(tenant.id):
        rule_set(access=tenant.owner, code_id=codes[1].code_id, now=clock.now(), duty_staff_id=own)
        versions = [last_of.version for last_of in map(last_in, codes)]
        assert defaults_set(access=tenant.owner, duty_staff_id=duty, now=clock.now()) is None
    after = [last(code) for code in codes]
    assert [one.data["duty"][1] for one in after] == [duty, own, duty]
    assert [one.version - before for one, before in zip(after, versions, strict=True)] == [1, 0, 1]
    assert after[0].reason == "defaults"


def last_in(code: StageCode) -> Snapshot:
    """The code's current version, in a tenant context."""
    found: Snapshot = Snapshot.objects.filter(code=code.code_id).latest("version")
    return found


def test_the_companys_fallback_reaches_codes_that_name_none(tenant: TenantFixture) -> None:
    code, target = live_code(tenant, roster=1), live_code(tenant, roster=1)
    with tenant_context(tenant.id):
        defaults_set(access=tenant.owner, now=clock.now(), fallback="code", fallback_code_id=target.code_id)
    assert (last(code).data["fallback"], last(code).data["fallback_code"]) == ("code", target.code_id)
    assert (last(target).data["fallback"], last(target).data["fallback_code"]) == ("code", None)


def test_settings_are_saved_field_by_field_beside_the_quota_of_links(tenant: TenantFixture) -> None:
    with tenant_context(tenant.id), CaptureQueriesContext(connection) as seen:
        defaults_set(access=tenant.owner, now=clock.now(), swap_allowed=True)
    updates = [
        one["sql"] for one in seen.captured_queries if one["sql"].startswith('UPDATE "routing_receptiondefault"')
    ]
    assert len(updates) == 1
    assert "links_exhausted_at" not in updates[0]


@pytest.mark.parametrize("bundle", ["campaign_ops", "reception_lead", "data_analyst"])
def test_who_has_no_rules_of_the_whole_company_changes_nothing(tenant: TenantFixture, bundle: str) -> None:
    member = tenant.member(bundle)
    with tenant_context(tenant.id):
        with pytest.raises(Denied):
            defaults_set(access=member, now=clock.now(), swap_allowed=True)
        with pytest.raises(Denied):
            calendar_add(access=member, entries=[CalendarEntry(date(2026, 10, 1))], now=clock.now())
        assert reception_default().swap_allowed is False
        assert not CalendarDay.objects.exists()


def test_the_fallback_of_the_company_needs_its_settings_too(tenant: TenantFixture) -> None:
    director = tenant.member("ops_director")  # routing.rules over all, not tenant.settings
    target = live_code(tenant, roster=1)
    with tenant_context(tenant.id):
        with pytest.raises(Denied) as denied:
            defaults_set(access=director, now=clock.now(), swap_allowed=True, fallback="code", fallback_code_id=1)
        assert denied.value.missing == ("tenant.settings",)
        assert reception_default().swap_allowed is False
        defaults_set(access=director, now=clock.now(), swap_allowed=True, duty_staff_id=target.staff[0])
        assert reception_default().swap_allowed is True


def test_what_can_t_be_kept_is_refused_beside_its_field(tenant: TenantFixture) -> None:
    paused, target = live_code(tenant, roster=1), live_code(tenant, roster=1, name="兜底用")
    with tenant_context(tenant.id):
        code_pause(access=tenant.owner, code_id=paused.code_id, now=clock.now())
        for changes, field, text in (
            ({"fallback": "duty"}, "fallback", "请先指定值班人"),
            ({"fallback": ""}, "fallback", "请选择"),
            ({"fallback": "code"}, "fallback_code_id", "请选择兜底活码"),
            ({"fallback": "code", "fallback_code_id": paused.code_id}, "fallback_code_id", "未在启用中"),
            ({"duty_staff_id": 999_999_999}, "duty_staff_id", "不存在"),
        ):
            with pytest.raises(RuleRefused) as refused:
                defaults_set(access=tenant.owner, now=clock.now(), **changes)
            assert text in refused.value.where[field]
        other = live_rule(tenant, target, paused)
        with pytest.raises(RuleRefused, match="兜底形成循环"):
            defaults_set(access=tenant.owner, now=clock.now(), fallback="code", fallback_code_id=other)


def live_rule(tenant: TenantFixture, target: StageCode, follower: StageCode) -> int:
    """``target`` leads to a code that goes by the company's fallback; returns ``target``'s id."""
    code_resume(access=tenant.owner, code_id=follower.code_id, now=clock.now())
    rule_set(
        access=tenant.owner,
        code_id=target.code_id,
        now=clock.now(),
        fallback="code",
        fallback_code_id=follower.code_id,
    )
    return target.code_id


def test_history_names_the_people_and_codes(tenant: TenantFixture) -> None:
    target = live_code(tenant, roster=1, name="兜底活动")
    with tenant_context(tenant.id):
        defaults_set(
            access=tenant.owner,
            now=clock.now(),
            duty_staff_id=target.staff[0],
            fallback="code",
            fallback_code_id=target.code_id,
            outside_count=True,
        )
        entry = AuditEntry.objects.get(action="tenant.reception_changed")
    assert entry.before == {
        "duty_staff": "无",
        "fallback": "企业兜底页",
        "fallback_code": "无",
        "outside_count": "关",
    }
    assert entry.after == {
        "duty_staff": "林晓彤",
        "fallback": "另一个活码",
        "fallback_code": "兜底活动",
        "outside_count": "开",
    }


def test_the_calendar_is_pasted_replaced_and_taken_out(tenant: TenantFixture) -> None:
    entries, errors = calendar_read("2026-10-01 国庆\n2026-10-10 上班 按周五")
    assert errors == []
    with tenant_context(tenant.id):
        assert calendar_add(access=tenant.owner, entries=entries, now=clock.now()) == 2
        assert calendar_add(access=tenant.owner, entries=entries, now=clock.now()) == 0
        again = [CalendarEntry(date(2026, 10, 1), "中秋")]
        assert calendar_add(access=tenant.owner, entries=again, now=clock.now()) == 1
        rows = {row.day.isoformat(): (row.name, row.works_as) for row in CalendarDay.objects.all()}
        assert rows == {"2026-10-01": ("中秋", None), "2026-10-10": ("", 4)}
        assert calendar_remove(access=tenant.owner, days=[date(2026, 10, 1)], now=clock.now()) == 1
        assert CalendarDay.objects.count() == 1


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("2026-10-01 国庆", ["2026-10-01 国庆"]),
        ("2026/10/1,国庆", ["2026-10-01 国庆"]),
        ("2026年10月1日\t国庆节", ["2026-10-01 国庆节"]),
        ("2026-10-10 上班 按周五", ["2026-10-10 上班，按周五"]),
        ("2026-10-10 国庆调休 上班 按星期日", ["2026-10-10 国庆 上班，按周日"]),
        ("2027-01-01 至 2027-01-03 元旦", ["2027-01-01 元旦", "2027-01-02 元旦", "2027-01-03 元旦"]),
    ],
)
def test_lines_as_people_write_them_are_read(line: str, words: list[str]) -> None:
    entries, errors = calendar_read(line)
    assert errors == []
    assert [f"{entry.day.isoformat()} {entry.words}" for entry in entries] == words


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("国庆", "日期开头"),
        ("2026-02-30 假", "没有"),
        ("2026-10-10 上班", "按周几"),
        ("2026-10-07 至 2026-10-01", "之后"),
        (f"2026-10-01 {'长' * 21}", "最多 20 个字"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(line: str, error: str) -> None:
    entries, errors = calendar_read(f"\n{line}")
    assert entries == []
    assert errors[0].startswith("第 2 行")
    assert error in errors[0]


def test_the_page_saves_settings_and_pasted_days(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=1)
    client, address = client_for(tenant.owner), f"/t/{tenant.slug}/settings/reception/"
    assert "接待设置" in client.get(address).content.decode()
    sent = {"duty": str(code.staff[0]), "fallback": "duty", "swap_allowed": "on"}
    assert "接待设置已保存" in client.post(address, sent, follow=True).content.decode()
    with tenant_context(tenant.id):
        row = reception_default()
        assert (row.duty_staff_id, row.fallback, row.swap_allowed) == (code.staff[0], "duty", True)
    days = {"days": "2026-12-25 假\n2026-12-26 上班 按周五"}
    told = client.post(address + "calendar/", days, follow=True).content.decode()
    assert "日历已更新 2 天" in told
    told = client.post(address + "calendar/", {"remove": "2026-12-25"}, follow=True).content.decode()
    assert "已删除 1 天" in told
    wrong = client.post(address + "calendar/", {"days": "明天"})
    assert wrong.status_code == 422
    assert "第 1 行「明天」" in wrong.content.decode()


def test_the_page_shows_the_fallback_as_text_to_those_who_may_not_change_it(tenant: TenantFixture) -> None:
    address = f"/t/{tenant.slug}/settings/reception/"
    html = client_for(tenant.member("ops_director")).get(address).content.decode()
    assert 'name="fallback"' not in html
    assert "只有持有「修改企业设置」权限的人能修改" in html
    assert client_for(tenant.member("campaign_ops")).get(address).status_code == 403
    assert (
        "settings/reception/"
        not in client_for(tenant.member("campaign_ops")).get(f"/t/{tenant.slug}/").content.decode()
    )


def test_the_calendar_s_address_leads_to_the_page_when_it_is_asked_for_again(tenant: TenantFixture) -> None:
    client, home = client_for(tenant.owner), f"/t/{tenant.slug}/settings/reception/"
    assert client.post(f"{home}calendar/", {"days": "无效"}).status_code == 422
    answer = client.get(f"{home}calendar/")
    assert (answer.status_code, answer["Location"]) == (302, f"{home}#calendar")
    assert client_for(tenant.member("data_analyst")).get(f"{home}calendar/").status_code == 403
