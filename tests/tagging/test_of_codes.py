"""The tags that a code carries: tier, scope, audit (product.md §3.3)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from codes.selectors import NotFound
from permissions.access import Denied
from permissions.selectors import audit_entries
from tagging.rules import TagRefused
from tagging.selectors import tag_names, tags_of_code, tags_tree
from tagging.services import channel_tag_ensure, tag_create, tag_switch, tags_install
from tagging.tasks import tag_channels
from tenants.context import tenant_context
from tests.factories import TenantFixture
from tests.tagging.stage import NOW, code_tags, install, make_code, set_tags


def test_installing_twice_adds_nothing(tenant: TenantFixture) -> None:
    assert install(tenant) == install(tenant)


def test_the_tree_ends_at_the_members_tier(tenant: TenantFixture) -> None:
    install(tenant)
    seen = {}
    for bundle in ("intern", "campaign_ops", "ops_director", "data_analyst"):
        access = tenant.member(bundle)
        with tenant_context(tenant.id):
            seen[bundle] = {node.names[0] for node in tags_tree(access)}
    assert seen["intern"] == {"性别", "地区"}
    assert seen["campaign_ops"] == {"性别", "地区", "渠道来源", "消费偏好"}
    assert seen["ops_director"] == seen["campaign_ops"] | {"高净值客户", "投诉预警"}
    assert seen["data_analyst"] == set()  # doesn't apply tags at all


def test_setting_replaces_and_is_told(tenant: TenantFixture) -> None:
    tags = install(tenant)
    access = tenant.member("campaign_ops")
    code_id = make_code(access)
    set_tags(access, code_id, [tags["地区/华东"], tags["消费偏好/品质优先"]])
    set_tags(access, code_id, [tags["地区/华东"], tags["性别/女"]])
    assert code_tags(tenant, code_id) == {"华东", "女"}
    with tenant_context(tenant.id):
        entry = audit_entries(access, "code", code_id, 10)[0]
    assert entry.action == "code.tags_set"
    assert [(change.before, change.after) for change in entry.changes] == [
        (["地区/华东"], ["性别/女", "地区/华东"]),
        (["消费偏好/品质优先"], []),
    ]


def test_a_tag_above_the_tier_can_neither_be_set_nor_seen_nor_taken(tenant: TenantFixture) -> None:
    tags = install(tenant)
    director, campaign = tenant.member("ops_director"), tenant.member("campaign_ops")
    code_id = make_code(campaign)
    with pytest.raises(TagRefused, match="不存在"):
        set_tags(campaign, code_id, [tags["高净值客户"]])
    assert code_tags(tenant, code_id) == set()
    set_tags(director, code_id, [tags["高净值客户"]])
    set_tags(campaign, code_id, [tags["地区/华东"]])
    assert code_tags(tenant, code_id) == {"高净值客户", "华东"}
    with tenant_context(tenant.id):
        assert {node.name for node in tags_of_code(code_id, access=campaign)} == {"华东"}
        assert {node.name for node in tags_of_code(code_id, access=director)} == {"华东", "高净值客户"}


def test_only_the_last_level_and_tags_in_use_are_set(tenant: TenantFixture) -> None:
    tags = install(tenant)
    code_id = make_code(tenant.owner)
    with pytest.raises(TagRefused, match="最末一级"):
        set_tags(tenant.owner, code_id, [tags["地区"]])
    with tenant_context(tenant.id):
        tag_switch(access=tenant.owner, tag_id=tags["地区/西北"], active=False, now=NOW)
    with pytest.raises(TagRefused, match="停用"):
        set_tags(tenant.owner, code_id, [tags["地区/西北"]])


def test_who_may_not_apply_tags_sets_none(tenant: TenantFixture) -> None:
    tags = install(tenant)
    code_id = make_code(tenant.owner, department_id=tenant.department_id)
    with pytest.raises(Denied, match="code"):
        set_tags(tenant.member("data_analyst"), code_id, [tags["地区/华东"]])
    assert code_tags(tenant, code_id) == set()


def test_another_companys_code_and_tags_are_unknown(tenant: TenantFixture, other_tenant: TenantFixture) -> None:
    foreign_tags, tags = install(other_tenant), install(tenant)
    code_id, foreign_code = make_code(tenant.owner), make_code(other_tenant.owner)
    with pytest.raises(TagRefused):
        set_tags(tenant.owner, code_id, [foreign_tags["地区/华东"]])
    with pytest.raises(NotFound):
        set_tags(tenant.owner, foreign_code, [tags["地区/华东"]])


def test_a_channels_tag_stands_beside_the_codes_own(tenant: TenantFixture) -> None:
    tags = install(tenant)
    code_id = make_code(tenant.owner, channel_name="地铁广告")
    set_tags(tenant.owner, code_id, [tags["地区/华东"]])
    with tenant_context(tenant.id):
        first = channel_tag_ensure(name="地铁广告", now=NOW)
        assert channel_tag_ensure(name="地铁广告", now=NOW) == first
        assert tag_names([first]) == {first: "渠道来源/地铁广告"}
    assert code_tags(tenant, code_id) == {"华东", "地铁广告"}


def test_a_new_channel_makes_its_tag(tenant: TenantFixture, other_tenant: TenantFixture) -> None:
    install(tenant)
    code_id = make_code(tenant.owner, channel_name="地铁广告")
    make_code(other_tenant.owner, channel_name="直播间")
    assert code_tags(tenant, code_id) == set()
    for _ in range(2):
        tag_channels(tenant_id=tenant.id)
        assert code_tags(tenant, code_id) == {"地铁广告"}
    with tenant_context(tenant.id):
        assert {node.name for node in tags_tree(tenant.owner) if node.group == "渠道来源"} == {"未知", "地铁广告"}


@pytest.mark.parametrize(
    ("name", "tier", "field"),
    [("", "basic", "name"), ("长" * 31, "basic", "name"), ("新", "gold", "tier"), ("性别", "basic", "name")],
)
def test_wrong_new_tags_are_refused_beside_their_field(tenant: TenantFixture, name: str, tier: str, field: str) -> None:
    install(tenant)
    with pytest.raises(TagRefused) as refused, tenant_context(tenant.id):
        tag_create(access=tenant.owner, name=name, parent_id=None, tier=tier, now=NOW)
    assert refused.value.field == field


def test_a_fourth_level_is_refused_and_a_sensitive_branch_stays_sensitive(tenant: TenantFixture) -> None:
    tags = install(tenant)
    with tenant_context(tenant.id):
        owner = tenant.owner
        third = tag_create(access=owner, name="上海", parent_id=tags["地区/华东"], tier="basic", now=NOW)
        hidden = tag_create(access=owner, name="A 类", parent_id=tags["高净值客户"], tier="basic", now=NOW)
        assert {node.id: node.tier for node in tags_tree(owner)}[hidden] == "sensitive"
        with pytest.raises(TagRefused, match="3 级"):
            tag_create(access=owner, name="浦东", parent_id=third, tier="basic", now=NOW)
    with pytest.raises(Denied), tenant_context(tenant.id):
        tag_create(access=tenant.member("campaign_ops"), name="私", parent_id=None, tier="basic", now=NOW)


def test_the_trees_cost_is_one_query_whatever_its_size(tenant: TenantFixture) -> None:
    access = tenant.owner
    with tenant_context(tenant.id):
        tags_install(NOW)
        with CaptureQueriesContext(connection) as small:
            tags_tree(access)
        for number in range(20):
            tag_create(access=access, name=f"标签{number}", parent_id=None, tier="basic", now=NOW)
        with CaptureQueriesContext(connection) as large:
            tags_tree(access)
    assert (len(small), len(large)) == (1, 1)
