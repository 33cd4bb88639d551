"""Tags reach WeCom: at once, once, and in spite of errors, lost hints and dead workers (product.md §3.3, §3.4)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.db import connections

from crm.models import OutboxMessage
from livecode_admin.kernel import clock
from people.services import customer_upsert, staff_upsert
from tagging.models import CustomerTag, Tag
from tagging.selectors import tags_of_customer, tags_of_customers
from tagging.services import MarkResult, code_tags_apply, customer_mark, marks_due
from tagging.services.marking import CLAIM
from tagging.tasks import mark_customer, sweep_marks
from tenants.context import tenant_context
from tests.factories import TenantFixture
from tests.people.wecom_side import Corp
from tests.tagging.stage import NOW, install, make_code, set_tags


@dataclass
class Stage:
    """A code of channel 地铁广告 with two tags, and a customer who is a friend of linxt in WeCom."""

    tenant: TenantFixture
    corp: Corp
    code_id: int
    customer_id: int
    staff_id: int
    external: str

    def apply(self) -> list[int]:
        with tenant_context(self.tenant.id):
            return code_tags_apply(code_id=self.code_id, customer_id=self.customer_id, staff_id=self.staff_id, now=NOW)

    def mark(self, now: datetime = NOW) -> MarkResult:
        return customer_mark(tenant_id=self.tenant.id, customer_id=self.customer_id, staff_id=self.staff_id, now=now)

    def states(self) -> list[tuple[str, int | None]]:
        with tenant_context(self.tenant.id):
            return sorted(set(CustomerTag.objects.values_list("state", "errcode")), key=str)

    def due(self, now: datetime) -> list[tuple[int, int]]:
        with tenant_context(self.tenant.id):
            return marks_due(now=now)


@pytest.fixture
def stage(connected: TenantFixture, corp: Corp) -> Stage:
    tags = install(connected)
    code_id = make_code(connected.owner, channel_name="地铁广告")
    set_tags(connected.owner, code_id, [tags["地区/华东"], tags["高净值客户"]])
    external = corp.friend("linxt")
    with tenant_context(connected.id):
        staff_id = staff_upsert(wecom_userid="linxt", name="林晓彤", now=NOW)
        customer_id = customer_upsert(external_userid=external, name="微风", avatar_url="", gender=0, kind=1, now=NOW)
    return Stage(connected, corp, code_id, customer_id, staff_id, external)


def test_the_codes_tags_and_its_channels_are_put_on_the_customer(stage: Stage) -> None:
    assert len(stage.apply()) == 3
    assert stage.states() == [("pending", None)]
    assert stage.mark() == MarkResult(marked=3)
    assert stage.states() == [("set", None)]
    assert stage.corp.tags_of(stage.external) == {"华东", "高净值客户", "地铁广告"}
    groups = {group["group_name"] for group in stage.corp.records("tag_groups")}
    assert groups == {"地区", "高净值客户", "渠道来源"}


def test_doing_it_again_does_nothing(stage: Stage) -> None:
    for _ in range(2):
        stage.apply()
        stage.mark()
    with tenant_context(stage.tenant.id):
        assert CustomerTag.objects.count() == 3
        assert OutboxMessage.objects.filter(event_type="customer.tagged").count() == 1
    assert stage.mark(NOW + timedelta(days=1)) == MarkResult()


def test_a_second_customer_makes_no_second_tag(stage: Stage) -> None:
    stage.apply()
    stage.mark()
    external = stage.corp.friend("linxt")
    with tenant_context(stage.tenant.id):
        second = customer_upsert(external_userid=external, name="云", avatar_url="", gender=0, kind=1, now=NOW)
        code_tags_apply(code_id=stage.code_id, customer_id=second, staff_id=stage.staff_id, now=NOW)
    customer_mark(tenant_id=stage.tenant.id, customer_id=second, staff_id=stage.staff_id, now=NOW)
    assert stage.corp.tags_of(external) == stage.corp.tags_of(stage.external)
    assert len(stage.corp.records("tags")) == 3


def test_tags_that_wecom_has_already_are_used(stage: Stage) -> None:
    made = stage.corp.sim.post(f"/sim/corps/{stage.corp.corp_id}/tags", {"group": "地区", "name": "华东"})
    stage.apply()
    stage.mark()
    with tenant_context(stage.tenant.id):
        assert Tag.objects.get(name="华东").wecom_tag_id == made["tag_id"]
    assert [tag["name"] for tag in stage.corp.records("tags")].count("华东") == 1


def test_a_tag_deleted_over_there_is_made_again(stage: Stage) -> None:
    stage.apply()
    stage.mark()
    with tenant_context(stage.tenant.id):
        gone = Tag.objects.get(name="华东").wecom_tag_id
    stage.corp.sim.delete(f"/sim/corps/{stage.corp.corp_id}/tags/{gone}")
    external = stage.corp.friend("linxt")
    with tenant_context(stage.tenant.id):
        second = customer_upsert(external_userid=external, name="云", avatar_url="", gender=0, kind=1, now=NOW)
        code_tags_apply(code_id=stage.code_id, customer_id=second, staff_id=stage.staff_id, now=NOW)
    now = NOW
    first = customer_mark(tenant_id=stage.tenant.id, customer_id=second, staff_id=stage.staff_id, now=now)
    assert first.errcode == 40068
    now += timedelta(seconds=30)
    customer_mark(tenant_id=stage.tenant.id, customer_id=second, staff_id=stage.staff_id, now=now)
    assert stage.corp.tags_of(external) == {"华东", "高净值客户", "地铁广告"}


def test_an_error_that_passes_is_tried_again_after_a_wait(stage: Stage) -> None:
    stage.apply()
    stage.corp.fault("externalcontact/mark_tag", value=48002, times=1)
    assert stage.mark().errcode == 48002
    assert stage.states() == [("failed", 48002)]
    assert stage.mark(NOW + timedelta(seconds=29)) == MarkResult()
    assert stage.due(NOW + timedelta(seconds=29)) == []
    assert stage.due(NOW + timedelta(seconds=30)) == [(stage.customer_id, stage.staff_id)]
    assert stage.mark(NOW + timedelta(seconds=30)).marked == 3
    assert stage.states() == [("set", None)]


def test_an_error_that_stays_is_kept_with_its_code_and_left_alone(stage: Stage) -> None:
    stage.apply()
    stage.corp.fault("externalcontact/mark_tag", value=84061)  # no longer this member's customer
    assert stage.mark().errcode == 84061
    assert stage.states() == [("failed", 84061)]
    assert stage.due(NOW + timedelta(days=365)) == []
    with tenant_context(stage.tenant.id):
        row = tags_of_customer(stage.tenant.owner, stage.customer_id)[0]
    assert (row.state_label, row.error) == ("同步失败", "该客户与成员没有好友关系")


def test_without_a_connection_the_tags_wait(tenant: TenantFixture) -> None:
    install(tenant)
    code_id = make_code(tenant.owner, channel_name="地铁广告")
    with tenant_context(tenant.id):
        staff_id = staff_upsert(wecom_userid="linxt", name="林晓彤", now=NOW)
        customer_id = customer_upsert(external_userid="wm1", name="风", avatar_url="", gender=0, kind=1, now=NOW)
        code_tags_apply(code_id=code_id, customer_id=customer_id, staff_id=staff_id, now=NOW)
    customer_mark(tenant_id=tenant.id, customer_id=customer_id, staff_id=staff_id, now=NOW)
    with tenant_context(tenant.id):
        row = CustomerTag.objects.get()
    assert (row.state, row.error, row.next_at) == ("failed", "尚未连接企业微信", NOW + timedelta(seconds=30))


def test_a_worker_that_died_after_its_claim_is_followed_by_another(stage: Stage) -> None:
    from tagging.services.marking import _claim

    stage.apply()
    with tenant_context(stage.tenant.id):
        assert _claim(stage.customer_id, stage.staff_id, NOW) is not None
    assert stage.mark(NOW + CLAIM - timedelta(seconds=1)) == MarkResult()
    assert stage.mark(NOW + CLAIM).marked == 3


def test_many_workers_at_once_mark_once(stage: Stage) -> None:
    stage.apply()

    def work(_: int) -> int:
        try:
            return stage.mark().marked
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(work, range(4))) == [0, 0, 0, 3]
    with tenant_context(stage.tenant.id):
        assert OutboxMessage.objects.filter(event_type="customer.tagged").count() == 1


def test_the_sweeper_finds_what_a_lost_hint_forgot(stage: Stage) -> None:
    stage.apply()
    assert stage.due(clock.now()) == [(stage.customer_id, stage.staff_id)]
    sweep_marks()  # sends the hint; no worker runs here, so the task is run as it would
    mark_customer(tenant_id=stage.tenant.id, customer_id=stage.customer_id, staff_id=stage.staff_id)
    assert stage.states() == [("set", None)]
    assert stage.due(clock.now()) == []


def test_who_looks_at_a_customer_sees_tags_up_to_their_tier(stage: Stage) -> None:
    stage.apply()
    seen = {}
    for bundle in ("intern", "campaign_ops", "ops_director"):
        access = stage.tenant.member(bundle)
        with tenant_context(stage.tenant.id):
            seen[bundle] = {row.tag.name for row in tags_of_customer(access, stage.customer_id)}
            listed = tags_of_customers(access, [stage.customer_id])
        assert {node.name for node in listed[stage.customer_id]} == seen[bundle]
    assert seen["intern"] == {"华东"}
    assert seen["campaign_ops"] == {"华东", "地铁广告"}
    assert seen["ops_director"] == {"华东", "地铁广告", "高净值客户"}


def test_each_tag_says_by_which_code_and_when(stage: Stage) -> None:
    stage.apply()
    with tenant_context(stage.tenant.id):
        rows = tags_of_customer(stage.tenant.owner, stage.customer_id)
    assert {(row.source_label, row.code_id, row.set_at) for row in rows} == {("活码", stage.code_id, NOW)}


def test_a_code_without_channel_and_tags_tags_nobody(connected: TenantFixture) -> None:
    code_id = make_code(connected.owner)
    with tenant_context(connected.id):
        staff_id = staff_upsert(wecom_userid="linxt", name="林晓彤", now=NOW)
        customer_id = customer_upsert(external_userid="wm1", name="风", avatar_url="", gender=0, kind=1, now=NOW)
        assert code_tags_apply(code_id=code_id, customer_id=customer_id, staff_id=staff_id, now=NOW) == []
        assert not CustomerTag.objects.exists()
