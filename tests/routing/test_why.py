"""「为什么分给了她」 (product.md §2.8): one scan told in order, as page and as dialog; a code's scans as a list."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from livecode_admin.kernel import clock
from routing.models import RoutingRule, Slot
from routing.rules.counters import Passed
from routing.rules.traces import trace_read, trace_written
from routing.services.publish import snapshot_store
from routing.services.slots import friend_added, slots_expire
from tenants.context import tenant_context
from tests.console.stage import Viewer, told, viewer
from tests.factories import TenantFixture
from tests.routing.conftest import Edges, new_cookie
from tests.routing.stage import StageCode, live_code

pytestmark = pytest.mark.processes


def scan_ids(code: StageCode) -> list[str]:
    """The code's scans, oldest first."""
    rows = code.rows("SELECT scan_id FROM routing_scan WHERE code_id = %s ORDER BY id", code.code_id)
    return [str(scan_id) for (scan_id,) in rows]


def why(member: Viewer, code: StageCode, number: int) -> str:
    """What a person reads of the scan with this number."""
    return told(member.get(f"codes/{code.code_id}/scans/{scan_ids(code)[number]}/").split('data-testid="why"')[1])


def shown(html: str) -> list[str]:
    """The scans of a list, in its order."""
    return re.findall(r'href="[^"]*/scans/([0-9a-f-]{36})/"', html)


def settled(code: StageCode, number: int) -> None:
    """The customer of this scan becomes a friend."""
    ((state, userid),) = code.rows(
        "SELECT w.state, p.wecom_userid FROM routing_slot s JOIN routing_contactway w ON w.id = s.way_id"
        " JOIN people_staff p ON p.id = s.staff_id WHERE s.scan_id = %s",
        scan_ids(code)[number],
    )
    now = clock.now()
    with tenant_context(code.tenant.id):
        friend_added(state=state, staff_userid=userid, customer_id=1, occurred_at=now, now=now)


def test_each_who_was_passed_over_is_named_in_order_with_the_reason(tenant: TenantFixture, edges: Edges) -> None:
    code, member = live_code(tenant, roster=2, backups=1, cap=1), viewer(tenant, tenant.owner)
    for _ in range(3):
        edges.scan(code.slug)
    text = why(member, code, 2)
    assert "接待名单均不可接待，转备用客服" in text
    first, second = text.index("跳过 林晓彤 今日已达上限"), text.index("跳过 王一鸣 今日已达上限")
    assert first < second < text.index("陈思远 溢出至备用客服 · 序号 备1")
    assert "规则 第 1 版" in text


def test_the_condition_that_held_is_named_and_one_that_did_not_is_said(tenant: TenantFixture, edges: Edges) -> None:
    code, member = live_code(tenant, roster=2), viewer(tenant, tenant.owner)
    condition = {"key": 3, "name": "海报专线", "subs": ["poster12"], "staff": [code.staff[1]]}
    with tenant_context(tenant.id):
        RoutingRule.objects.update_or_create(code_id=code.code_id, defaults={"conditions": [condition]})
        snapshot_store(access=tenant.owner, code_id=code.code_id, reason="publish", now=clock.now())
    edges.scan(code.slug, query="?p=poster12")
    edges.scan(code.slug)
    assert "分流条件 符合「海报专线」" in why(member, code, 0)
    assert "点位 poster12" in why(member, code, 0)
    assert "分流条件 没有符合的条件，按整个名单" in why(member, code, 1)


def test_a_fallback_code_is_named_with_what_it_means(tenant: TenantFixture, edges: Edges) -> None:
    code, other = live_code(tenant, roster=1, cap=0), live_code(tenant, roster=1, name="兜底用的活码")
    with tenant_context(tenant.id):
        rule = {"fallback": "code", "fallback_code_id": other.code_id}
        RoutingRule.objects.update_or_create(code_id=code.code_id, defaults=rule)
        snapshot_store(access=tenant.owner, code_id=code.code_id, reason="publish", now=clock.now())
    edges.scan(code.slug)
    text = why(viewer(tenant, tenant.owner), code, 0)
    assert "转到 兜底用的活码 （兜底活码）" in text
    assert "按兜底设置转到另一个活码" in text


def test_a_page_without_a_person_says_so(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1, cap=0)
    edges.scan(code.slug)
    html = viewer(tenant, tenant.owner).get(f"codes/{code.code_id}/scans/{scan_ids(code)[0]}/")
    assert "为什么没有分给客服" in html
    assert "跳过 林晓彤 今日已达上限" in told(html)


def test_the_slot_shows_how_it_stands_waiting_added_or_given_back(tenant: TenantFixture, edges: Edges) -> None:
    code, member = live_code(tenant, roster=1), viewer(tenant, tenant.owner)
    for _ in range(3):
        edges.scan(code.slug)
    settled(code, 0)
    with tenant_context(tenant.id):
        Slot.objects.filter(scan_id=scan_ids(code)[1]).update(held_until=clock.now() - timedelta(seconds=1))
        slots_expire(now=clock.now())
    assert "名额 已添加" in why(member, code, 0)
    assert "名额 已退回" in why(member, code, 1)
    assert "名额 等待添加" in why(member, code, 2)
    assert "二维码尚未加载，3 分钟内不加载则退回" in why(member, code, 2)
    settled(code, 1)
    assert "名额退回之后才添加" in why(member, code, 1)
    page = f"codes/{code.code_id}/scans/?slot="
    listed = {key: shown(member.get(page + key)) for key in ("friend", "late", "waiting")}
    first, second, third = scan_ids(code)
    assert listed == {"friend": [first], "late": [second], "waiting": [third]}


def test_the_list_gives_the_day_too_when_a_slot_ended_on_another_one(tenant: TenantFixture, edges: Edges) -> None:
    code, member = live_code(tenant, roster=1), viewer(tenant, tenant.owner)
    edges.scan(code.slug)
    settled(code, 0)
    page = f"codes/{code.code_id}/scans/"
    with tenant_context(tenant.id):
        slot = Slot.objects.get()
        noon = clock.day_start(slot.day, "Asia/Shanghai") + timedelta(hours=12)
        Slot.objects.update(settled_at=noon)
    assert '<span class="small muted num">12:00</span>' in member.get(page)
    with tenant_context(tenant.id):
        Slot.objects.update(settled_at=noon + timedelta(days=1))
    assert f'<span class="small muted num">{slot.day + timedelta(days=1):%m-%d} 12:00</span>' in member.get(page)


def test_a_returning_visitor_s_earlier_slot_is_the_one_shown(tenant: TenantFixture, edges: Edges) -> None:
    code, cookie = live_code(tenant, roster=2), new_cookie()
    for _ in range(2):
        edges.scan(code.slug, cookie=cookie)
    html = viewer(tenant, tenant.owner).get(f"codes/{code.code_id}/scans/{scan_ids(code)[1]}/")
    assert "同一访客在回访时间内再次扫码" in html
    assert "没有另占" in html
    assert f"/scans/{scan_ids(code)[0]}/" in html


def test_opened_directly_it_is_a_whole_page_and_asked_for_by_a_page_it_is_a_dialog(
    tenant: TenantFixture, edges: Edges
) -> None:
    code, member = live_code(tenant, roster=1), viewer(tenant, tenant.owner)
    edges.scan(code.slug)
    path = f"/t/{tenant.slug}/codes/{code.code_id}/scans/{scan_ids(code)[0]}/"
    page = member.client.get(path)
    assert "</html>" in page.content.decode()
    assert "扫码记录" in page.content.decode()
    dialog = member.client.get(path, headers={"hx-request": "true"}).content.decode()
    assert dialog.lstrip().startswith("<dialog")
    assert "打开单独的页面" in dialog
    panel = member.get(f"codes/{code.code_id}/scans/recent/")
    assert 'hx-target="#dialog-slot"' in panel


def test_scans_are_filtered_by_outcome_person_place_and_day(tenant: TenantFixture, edges: Edges) -> None:
    code, member = live_code(tenant, roster=1, backups=1, cap=1), viewer(tenant, tenant.owner)
    edges.scan(code.slug, query="?p=a1")
    edges.scan(code.slug, query="?p=b2")
    first, second = scan_ids(code)
    page, day = f"codes/{code.code_id}/scans/", clock.local_day(clock.now(), "Asia/Shanghai")
    assert shown(member.get(page)) == [second, first]
    assert shown(member.get(page + "?outcome=overflow")) == [second]
    assert shown(member.get(page + f"?staff={code.staff[0]}")) == [first]
    assert shown(member.get(page + "?p=b2")) == [second]
    assert shown(member.get(page + f"?day={day}")) == [second, first]
    assert "没有符合筛选条件的扫码" in member.get(page + f"?day={day - timedelta(days=1)}")
    assert shown(member.get(page + "?outcome=nonsense&staff=x&day=99-99&before=.")) == [second, first]


def test_pages_go_on_where_the_last_one_ended_and_cost_the_same(tenant: TenantFixture, edges: Edges) -> None:
    code, member = live_code(tenant, roster=3), viewer(tenant, tenant.owner)
    page = f"codes/{code.code_id}/scans/"
    edges.scan(code.slug)
    few = member.queries(page)
    edges.scan_many([code.slug] * 119, connections=4)
    assert member.queries(page) == few
    seen: list[str] = []
    path = page
    while path:
        html = member.get(path)
        seen += shown(html)
        more = re.search(r'rel="next" href="(\?[^"]+)"', html)
        path = page + more.group(1) if more else ""
    assert seen == scan_ids(code)[::-1]


def test_a_scan_of_another_code_or_company_is_not_there(
    tenant: TenantFixture, other_tenant: TenantFixture, edges: Edges
) -> None:
    code, other = live_code(tenant, roster=1), live_code(tenant, roster=1)
    edges.scan(code.slug)
    (scan_id,) = scan_ids(code)
    viewer(tenant, tenant.owner).get(f"codes/{other.code_id}/scans/{scan_id}/", status=404)
    viewer(other_tenant, other_tenant.owner).get(f"codes/{code.code_id}/scans/{scan_id}/", status=404)
    viewer(other_tenant, other_tenant.owner).get(f"codes/{code.code_id}/scans/", status=404)


def test_whoever_sees_only_their_own_figures_sees_no_single_scans(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1)
    edges.scan(code.slug)
    (scan_id,) = scan_ids(code)
    pages = [f"codes/{code.code_id}/scans/{tail}" for tail in ("", "recent/", f"{scan_id}/")]
    for bundle, status in (("campaign_ops", 200), ("data_analyst", 200), ("system_config", 403)):
        one = viewer(tenant, tenant.member(bundle))
        for page in pages:
            one.get(page, status=status)
        assert (f"codes/{code.code_id}/scans/recent/" in one.get(f"codes/{code.code_id}/")) is (status == 200)


def test_a_slot_given_back_says_whether_its_picture_was_ever_loaded(tenant: TenantFixture, edges: Edges) -> None:
    code, member = live_code(tenant, roster=1), viewer(tenant, tenant.owner)
    for _ in range(2):
        edges.scan(code.slug)
    with tenant_context(tenant.id):
        seen = Slot.objects.filter(scan_id=scan_ids(code)[1])
        taken = seen.get().taken_at
        seen.update(fetched_at=taken, held_until=taken + timedelta(minutes=30))
    assert "二维码已显示，未添加则退回" in why(member, code, 1)
    with tenant_context(tenant.id):
        slots_expire(now=clock.now() + timedelta(hours=1))
    assert "二维码 3 分钟内没有加载，提前退回" in why(member, code, 0)
    assert "看到二维码后，30 分钟内没有添加" in why(member, code, 1)
    assert "30 分钟未添加则退回名额；二维码未加载的，3 分钟即退回" in told(member.get(f"codes/{code.code_id}/"))


def test_a_scan_that_an_older_release_stored_is_told_as_well() -> None:
    pairs, runs = [[11, "peak"], [12, "peak"], [13, "no_way"]], [["peak", 11, 12], ["no_way", 13]]
    told_of = [(11, Passed.PEAK), (12, Passed.PEAK), (13, Passed.NO_WAY)]
    assert trace_written(told_of) == runs
    assert list(trace_read(pairs)) == list(trace_read(runs)) == told_of
    assert trace_written(()) is None
    assert not list(trace_read(None))
