"""The rule editor as a page: nothing is saved before it is published, and only what may be changed is there."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from codes.services import code_create
from livecode_admin.kernel import clock
from livecode_admin.kernel.web.formats import local_datetime
from permissions.selectors import audit_entries
from routing.models import Snapshot
from routing.rules.ruleset import Rules
from routing.services.rules import rule_set
from tenants.context import tenant_context
from tests.console.stage import told
from tests.factories import TenantFixture, client_for
from tests.routing.rulestage import address, form_of, over, stored
from tests.routing.stage import StageCode, live_code


def test_the_editor_shows_the_rules_and_sending_them_unchanged_changes_nothing(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=2)
    client = client_for(tenant.owner)
    html = client.get(address(code)).content.decode()
    for title in ("分流方式", "溢出与峰值", "接待时段", "分流条件", "回访与等待", "值班人与兜底", "加好友验证", "试算"):
        assert f"<h2>{title}</h2>" in html
    answer = client.post(address(code), form_of(html), follow=True)
    assert "规则没有改动" in answer.content.decode()
    assert stored(code) == Rules()


def test_the_changes_are_shown_first_and_nothing_is_saved_until_they_are_confirmed(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=2)
    client = client_for(tenant.owner)
    sent = form_of(client.get(address(code)).content.decode(), overflow=None, pending="45", act="review")
    review = client.post(address(code), sent).content.decode()
    for text in ("溢出自动切换", "45 分钟未添加则退回名额", "确认发布"):
        assert text in review
    assert stored(code) == Rules()
    carried = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', review))
    assert {name: carried[name] for name in ("stamp", "pending", "strategy")} == {
        name: sent[name] for name in ("stamp", "pending", "strategy")
    }
    back = client.post(address(code), carried | {"act": "edit"}).content.decode()
    assert 'name="pending" value="45"' in back
    told = client.post(address(code), carried | {"act": "publish"}, follow=True).content.decode()
    assert "规则已发布为第 2 版" in told
    assert (stored(code).overflow, stored(code).pending_seconds) == (False, 2700)


# What is sent, and what the snapshot of the new version then says.
FIELD_CASES: list[tuple[dict[str, Any], str, Any]] = [
    ({"strategy": "least_loaded"}, "strategy", "least_loaded"),
    ({"turns_count": "adds"}, "turns", "adds"),
    ({"overflow": None}, "overflow", False),
    ({"peak_overflow": "on", "peak_window": "10"}, "peak", 600),
    ({"pending": "1.5"}, "pending", 90),
    ({"sticky": "0"}, "sticky", 0),
    ({"hours": "weekly", "hours_0": "09:00-18:00", "hours_7": "22:00-06:00"}, "hours",
     {"0": [[540, 1080]], "7": [[1320, 1800]]}),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "key", "value"), FIELD_CASES, ids=[key for _, key, _ in FIELD_CASES])
def test_each_field_of_the_page_reaches_the_snapshot(
    tenant: TenantFixture, sent: dict[str, Any], key: str, value: Any
) -> None:
    code = live_code(tenant, roster=2)
    client = client_for(tenant.owner)
    client.post(address(code), form_of(client.get(address(code)).content.decode(), **sent))
    with tenant_context(tenant.id):
        last = Snapshot.objects.filter(code=code.code_id).latest("version")
    assert (last.version, last.data[key]) == (2, value)


def test_duty_person_fallback_code_conditions_and_verification_reach_version_and_rules(tenant: TenantFixture) -> None:
    code, other = live_code(tenant, roster=2), live_code(tenant, roster=1, name="售后转接")
    client = client_for(tenant.owner)
    sent = form_of(
        client.get(address(code)).content.decode(),
        duty=str(other.staff[0]),
        fallback="code",
        fallback_code=other.slug,
        verify_hours="weekly",
        verify_hours_5="12:00-14:00",
        c1_name="二号点位",
        c1_subs="m2、m3",
        c1_hours="周一至周五 18:00-22:00",
        c1_visitor="new",
        c1_people=[f"s{code.staff[1]}"],
    )
    client.post(address(code), sent)
    rules = stored(code)
    assert (rules.skip_verify, rules.verify_hours and rules.verify_hours[5]) == (True, ((720, 840),))
    with tenant_context(tenant.id):
        data = Snapshot.objects.filter(code=code.code_id).latest("version").data
    assert (data["duty"][1], data["fallback"], data["fallback_code"]) == (other.staff[0], "code", other.code_id)
    (condition,) = data["conditions"]
    assert (condition["subs"], condition["returning"], condition["name"]) == (["m2", "m3"], False, "二号点位")
    assert condition["hours"] == {str(day): [[1080, 1320]] for day in range(5)}
    assert condition["seats"] == [data["roster"][1][0]]


def test_conditions_are_added_moved_and_removed_without_losing_what_was_typed(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=2)
    client = client_for(tenant.owner)
    html = client.get(address(code)).content.decode()
    typed = {"c1_name": "甲", "c1_hours": "乱写", "c2_name": "乙", "c2_subs": "m2", "pending": "77"}
    for act, order in (("down-1", ["乙", "甲"]), ("up-2", ["乙", "甲"]), ("remove-1", ["乙"]), ("add", ["甲", "乙"])):
        sent = form_of(html, conditions="3", **typed) | {"act": act}
        page = client.post(address(code), sent).content.decode()
        assert [name for name in re.findall(r'name="c\d_name" value="(.*?)"', page) if name] == order
        assert 'value="乙"' in page
        assert 'name="pending" value="77"' in page
        part = client.post(address(code), sent, headers={"HX-Request": "true"}).content.decode()
        assert part.lstrip().startswith("<section")
        assert 'id="conditions"' in part
    assert stored(code) == Rules()


def test_errors_stand_beside_their_fields_and_everything_typed_stays(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=2)
    client = client_for(tenant.owner)
    sent = form_of(
        client.get(address(code)).content.decode(),
        pending="0.5",
        hours="weekly",
        hours_0="九点",
        fallback="code",
        fallback_code="没有这个",
        c1_name="空条件",
    )
    answer = client.post(address(code), sent)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "还不能发布" in html
    assert "没有这个活码" in html
    assert 'value="九点"' in html
    for text, at in (
        ("等待添加：等待添加时间应在 1 分钟到 24 小时之间", "id_pending"),
        ("分流条件 1：请至少设置一项：地区、时段、点位或访客", "c1_subs"),
        ("分流条件 1：请选择由哪些客服或分组接待", "c1_seats"),
    ):
        assert f'<a href="#{at}">{text}</a>' in html
        assert f'id="{at}"' in html
    answer = client.post(address(code), sent | {"hours": "always", "fallback": "", "c1_hours": "每晚", "c1_name": ""})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert re.search(r'<a href="#c1_hours">分流条件 1：', html)
    assert "请填写条件名称" in html
    assert "请至少设置一项" not in html
    html = client.post(address(code), sent).content.decode()
    assert 'value="空条件"' in html
    assert stored(code) == Rules()


def test_two_people_editing_the_same_rules_are_told(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=1)
    client = client_for(tenant.owner)
    html = client.get(address(code)).content.decode()
    client.post(address(code), form_of(html, overflow=None))
    answer = client.post(address(code), form_of(html, pending="40"))
    assert answer.status_code == 422
    assert "规则刚刚被其他人修改过" in answer.content.decode()
    assert stored(code).pending_seconds == 1800
    page = told(answer.content.decode())
    assert "溢出自动切换 关 开" in page
    assert "等待添加 30 分钟未添加则退回名额 40 分钟未添加则退回名额" in page
    again = form_of(answer.content.decode(), pending="40")
    assert client.post(address(code), again).status_code == 422
    assert (stored(code).overflow, stored(code).pending_seconds) == (False, 1800)
    review = client.post(address(code), again | over(answer.content.decode()) | {"act": "review"}).content.decode()
    carried = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', review))
    assert client.post(address(code), carried | {"act": "publish"}).status_code == 302
    assert (stored(code).overflow, stored(code).pending_seconds) == (True, 2400)


def test_the_page_says_who_saved_the_rules_meanwhile(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=1)
    client, other = client_for(tenant.owner), tenant.member("system_config")
    html = client.get(address(code)).content.decode()
    with tenant_context(tenant.id):
        rule_set(access=other, code_id=code.code_id, now=clock.now(), overflow=False)
        row = audit_entries(tenant.owner, "code", code.code_id)[0]
    page = client.post(address(code), form_of(html, pending="40")).content.decode()
    assert row.action == "code.rules_changed"
    assert f"规则刚刚被其他人修改过（{row.who}，{local_datetime(row.at, 'Asia/Shanghai')}）" in page


def test_what_a_member_may_not_change_is_text_and_refused_when_sent(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=1)
    client = client_for(tenant.member("system_config"))  # routing.rules without codes.edit
    html = client.get(address(code)).content.decode()
    assert 'name="fallback"' not in html
    assert "只有持有「编辑活码」权限的人能修改" in html
    before = (stored(code).fallback, stored(code).pending_seconds)
    assert client.post(address(code), form_of(html, fallback="page", pending="40")).status_code == 403
    assert (stored(code).fallback, stored(code).pending_seconds) == before
    client.post(address(code), form_of(html, fallback=None, pending="40"))
    assert (stored(code).fallback, stored(code).pending_seconds) == ("", 2400)


@pytest.mark.parametrize("bundle", ["reception_lead", "data_analyst"])
def test_without_rules_there_is_no_editor_and_no_way_to_it(tenant: TenantFixture, bundle: str) -> None:
    code = live_code(tenant, roster=1)
    client = client_for(tenant.member(bundle))
    page = client.get(f"/t/{tenant.slug}/codes/{code.code_id}/").content.decode()
    assert f"codes/{code.code_id}/rules/" not in page
    assert "只有持有「分流规则」权限的人能修改" in page
    assert client.get(address(code)).status_code == 403
    assert client.post(address(code), {"act": "publish"}).status_code == 403
    assert client.post(address(code, "rules/try/"), {}).status_code == 403


def test_strangers_find_nothing(tenant: TenantFixture, other_tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=1)
    client = client_for(other_tenant.owner)
    for tail in ("rules/", "dry-run/", "versions/", "versions/1/"):
        assert client.get(address(code, tail)).status_code == 404
        assert client.get(f"/t/{other_tenant.slug}/codes/{code.code_id}/{tail}").status_code == 404


def test_a_native_code_offers_only_what_wecom_takes_notice_of(tenant: TenantFixture) -> None:
    now = clock.now()
    with tenant_context(tenant.id):
        code_id = code_create(
            access=tenant.owner, now=now, name="原生规则", purpose="service", purpose_text="售后", delivery="native"
        )
    html = client_for(tenant.owner).get(f"/t/{tenant.slug}/codes/{code_id}/rules/").content.decode()
    for name in ("strategy", "peak_overflow", "sticky", "pending", "conditions", "fallback", "try_at"):
        assert f'name="{name}"' not in html
    for name in ("overflow", "hours", "duty", "verify", "verify_hours"):
        assert f'name="{name}"' in html


def test_the_peak_switch_shows_on_the_codes_page_while_it_is_on(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=1, backups=1)
    client, page = client_for(tenant.owner), f"/t/{tenant.slug}/codes/{code.code_id}/"
    assert "峰值转接已开" not in client.get(page).content.decode()
    with tenant_context(tenant.id):
        rule_set(access=tenant.owner, code_id=code.code_id, now=clock.now(), peak_overflow=True)
    assert "峰值转接已开" in client.get(page).content.decode()
    assert "<b>等待 =</b>" in client.get(address(code)).content.decode()


def test_the_editor_takes_the_same_queries_for_two_people_and_twelve(tenant: TenantFixture) -> None:
    client = client_for(tenant.owner)

    def queries(code: StageCode) -> int:
        client.get(address(code))
        with CaptureQueriesContext(connection) as captured:
            client.get(address(code))
        return len(captured)

    assert queries(live_code(tenant, roster=2)) == queries(live_code(tenant, roster=12))
