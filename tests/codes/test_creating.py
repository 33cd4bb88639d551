"""Creating and editing codes: fields, scope, audit, slugs (product.md §1.3, §1.4, §1.11; design.md §4)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from codes.models import Channel, LiveCode
from codes.rules import Refused
from codes.selectors import NotFound, codes_visible, name_proposal
from codes.services import channel_create, code_create, code_update
from permissions.access import Denied
from permissions.selectors import audit_entries
from permissions.services import department_upsert
from tenants.context import tenant_context
from tests.codes.conftest import NOW, MakeCode
from tests.factories import TenantFixture


def found_by_slug(slug: str) -> list[tuple[int, int]]:
    """Whose a slug is, as the edge asks: without a tenant."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tenant_id, code_id FROM resolve_slug(%s)", [slug])
        return list(cursor.fetchall())


def test_a_new_code_is_a_draft_of_its_creator_with_a_permanent_slug(tenant: TenantFixture, make_code: MakeCode) -> None:
    access = tenant.member("campaign_ops")
    code_id = make_code(access, channel_name="地铁广告")
    with tenant_context(tenant.id):
        code = LiveCode.objects.select_related("channel").get(pk=code_id)
    assert (code.state, code.owner_id, code.department_id) == ("draft", access.member_id, access.department_id)
    assert len(code.slug) == 10
    assert code.channel is not None
    assert code.channel.name == "地铁广告"
    assert code.purpose_abbreviation == "DTGG"
    assert found_by_slug(code.slug) == [(tenant.id, code_id)]
    assert found_by_slug("0000000000") == []


def test_a_channel_is_made_once(tenant: TenantFixture, make_code: MakeCode) -> None:
    for _ in range(2):
        make_code(tenant.owner, channel_name=" 直播间 ")
    with tenant_context(tenant.id):
        assert [c.name for c in Channel.objects.all()] == ["直播间"]


def test_creating_is_in_the_audit_log(tenant: TenantFixture, make_code: MakeCode) -> None:
    access = tenant.member("campaign_ops")
    code_id = make_code(access, name="售后服务")
    with tenant_context(tenant.id):
        entry = audit_entries(access, "code", code_id, 10)[0]
    assert entry.action == "code.created"
    assert {change.name: change.after for change in entry.changes}["name"] == "售后服务"


@pytest.mark.parametrize("bundle", ["data_analyst", "system_config", "reception_lead", "receptionist", "intern"])
def test_who_lacks_codes_create_creates_nothing(tenant: TenantFixture, make_code: MakeCode, bundle: str) -> None:
    with pytest.raises(Denied, match=r"codes\.create"):
        make_code(tenant.member(bundle))
    with tenant_context(tenant.id):
        assert not LiveCode.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "长" * 31}, "name"),
        ({"purpose": "seasonal"}, "purpose"),
        ({"purpose_text": ""}, "purpose_text"),
        ({"kind": "crowd"}, "kind"),
        ({"delivery": "pigeon"}, "delivery"),
        ({"expires_at": NOW}, "expires_at"),
        ({"folder_id": 999_999_999}, "folder_id"),
        ({"channel_id": 999_999_999}, "channel_id"),
        ({"owner_id": 999_999_999}, "owner_id"),
        ({"department_id": 999_999_999}, "department_id"),
        ({"channel_name": "渠" * 31}, "name"),
        ({"landing_text": "字" * 121}, "landing_text"),
    ],
)
def test_wrong_values_are_refused_beside_their_field(
    tenant: TenantFixture, make_code: MakeCode, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        make_code(tenant.owner, **wrong)
    assert refused.value.field == field
    with tenant_context(tenant.id):
        assert not LiveCode.objects.exists()
        assert not Channel.objects.exists()


def test_a_name_is_taken_once_in_a_company_and_free_in_another(
    tenant: TenantFixture, other_tenant: TenantFixture, make_code: MakeCode
) -> None:
    make_code(tenant.owner, name="年终大促")
    make_code(other_tenant.owner, name="年终大促")
    with pytest.raises(Refused, match="同名") as refused:
        make_code(tenant.owner, name="年终大促")
    assert refused.value.field == "name"


def test_the_proposed_name_is_free(tenant: TenantFixture, make_code: MakeCode) -> None:
    make_code(tenant.owner, name="20261122-DTGG-地铁广告")
    with tenant_context(tenant.id):
        name = name_proposal(now=NOW, zone="Asia/Shanghai", purpose_text="地铁广告", channel="地铁广告")
    assert name == "20261122-DTGG-地铁广告-2"


def test_a_slug_that_somebody_has_is_drawn_again(
    tenant: TenantFixture, other_tenant: TenantFixture, make_code: MakeCode
) -> None:
    taken_id = make_code(other_tenant.owner)
    with tenant_context(other_tenant.id):
        taken = LiveCode.objects.get(pk=taken_id).slug
    fresh = taken[::-1] if taken != taken[::-1] else "zzzzzzzzzz"
    drawn: Iterator[str] = iter([taken, taken, fresh])
    code_id = make_code(tenant.owner, make_slug=lambda: next(drawn))
    with tenant_context(tenant.id):
        assert LiveCode.objects.get(pk=code_id).slug == fresh


def test_another_companys_channel_is_unknown_here(tenant: TenantFixture, other_tenant: TenantFixture) -> None:
    with tenant_context(other_tenant.id):
        foreign = Channel.objects.create(name="外企渠道", created_at=NOW).pk
    with pytest.raises(Refused, match="渠道不存在"), tenant_context(tenant.id):
        code_create(
            access=tenant.owner,
            now=NOW,
            name="借用渠道",
            purpose="service",
            purpose_text="试",
            channel_id=foreign,
        )


def test_department_scope_files_no_code_outside_of_its_departments(tenant: TenantFixture, make_code: MakeCode) -> None:
    with tenant_context(tenant.id):
        sales = department_upsert(access=tenant.owner, name="销售部", parent_id=None, now=NOW)
    campaign = tenant.member("campaign_ops")
    other = tenant.owner
    with pytest.raises(Denied):
        make_code(campaign, department_id=sales, owner_id=other.member_id)
    make_code(campaign, owner_id=other.member_id)


def test_edits_are_saved_and_told_before_and_after(tenant: TenantFixture, make_code: MakeCode) -> None:
    access = tenant.member("campaign_ops")
    code_id = make_code(access, name="旧名")
    with tenant_context(tenant.id):
        changed = code_update(access=access, code_id=code_id, now=NOW, name="新名", purpose="campaign")
        assert changed == ["name"]
        entry = audit_entries(access, "code", code_id, 10)[0]
        assert [(change.name, change.before, change.after) for change in entry.changes] == [("name", "旧名", "新名")]
        assert codes_visible(access).filter(search_key__contains="xm").count() == 1


def test_the_log_names_what_a_code_was_moved_between(tenant: TenantFixture, make_code: MakeCode) -> None:
    access = tenant.owner
    code_id = make_code(access, channel_name="地铁广告")
    with tenant_context(tenant.id):
        other = channel_create(access=access, name="直播间", cost="", now=NOW)
        code_update(access=access, code_id=code_id, now=NOW, channel_id=other)
        entry = audit_entries(access, "code", code_id, 10)[0]
    assert [(change.name, change.before, change.after) for change in entry.changes] == [
        ("channel", "地铁广告", "直播间")
    ]


def test_one_field_without_its_capability_refuses_the_whole_save(tenant: TenantFixture, make_code: MakeCode) -> None:
    code_id = make_code(tenant.owner, name="旧名")
    config = tenant.member("system_config")  # may organise, may not edit
    with pytest.raises(Denied, match="code"), tenant_context(tenant.id):
        code_update(access=config, code_id=code_id, now=NOW, name="新名", landing_text="你好")
    with tenant_context(tenant.id):
        assert LiveCode.objects.get(pk=code_id).name == "旧名"
        assert code_update(access=config, code_id=code_id, now=NOW, folder_id=None) == []


def test_a_code_outside_of_the_scope_is_as_unknown_as_none(tenant: TenantFixture, make_code: MakeCode) -> None:
    with tenant_context(tenant.id):
        sales = department_upsert(access=tenant.owner, name="销售部", parent_id=None, now=NOW)
    code_id = make_code(tenant.owner, department_id=sales)
    with pytest.raises(NotFound), tenant_context(tenant.id):
        code_update(access=tenant.member("campaign_ops"), code_id=code_id, now=NOW, name="新名")


def test_another_companys_code_is_unknown_here(
    tenant: TenantFixture, other_tenant: TenantFixture, make_code: MakeCode
) -> None:
    code_id = make_code(other_tenant.owner)
    with pytest.raises(NotFound), tenant_context(tenant.id):
        code_update(access=tenant.owner, code_id=code_id, now=NOW, name="新名")


def test_fields_that_are_not_editable_here_are_a_mistake_of_ours(tenant: TenantFixture, make_code: MakeCode) -> None:
    code_id = make_code(tenant.owner)
    with pytest.raises(TypeError, match="state"), tenant_context(tenant.id):
        code_update(access=tenant.owner, code_id=code_id, now=NOW, state="live")


def test_the_resolver_shows_nothing_but_the_two_ids(tenant: TenantFixture, make_code: MakeCode) -> None:
    make_code(tenant.owner)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM codes_livecode")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT pg_get_userbyid(proowner), prosecdef FROM pg_proc WHERE proname = 'resolve_slug'")
        assert cursor.fetchone() == ("livecode_resolver", True)
