"""The form of a new code offers what its member may choose, and says what somebody chose beyond it."""

from __future__ import annotations

import re

from codes.selectors import codes_visible
from livecode_admin.kernel import clock
from permissions.services import department_upsert
from tagging.models import Tag
from tagging.services import tags_install
from tenants.context import tenant_context
from tests.console.stage import staff_of, told, viewer
from tests.console.test_creating import form
from tests.factories import TenantFixture


def test_a_department_out_of_reach_is_not_offered(tenant: TenantFixture) -> None:
    with tenant_context(tenant.id):
        own = department_upsert(
            access=tenant.owner, name="华东", parent_id=tenant.department_id, wecom_id=2, now=clock.now()
        )
        department_upsert(access=tenant.owner, name="华南", parent_id=tenant.department_id, wecom_id=3, now=clock.now())
    user_id = tenant.add_member(["campaign_ops"], department_id=own)
    page = viewer(tenant, tenant._access(user_id)).get("codes/new/")
    field = re.findall(r'(?s)<select name="department".*?</select>', page)[0]
    assert "华东" in field
    assert "华南" not in field
    assert "华南" in viewer(tenant, tenant.owner).get("codes/new/")


def test_a_tag_above_ones_tier_is_refused_in_words(tenant: TenantFixture) -> None:
    with tenant_context(tenant.id):
        tags_install(now=clock.now())
        sensitive = Tag.objects.get(name="高净值客户").pk
    browser = viewer(tenant, tenant.member("campaign_ops"))
    assert "高净值客户" not in browser.get("codes/new/")
    reply = browser.post("codes/new/", form(staff_of(tenant, 1), tags=[str(sensitive)]))
    assert reply.status_code == 200
    assert "标签不存在或已停用" in told(reply.content.decode())
    with tenant_context(tenant.id):
        assert not codes_visible(tenant.owner).exists()


def test_how_a_code_reaches_wecom_is_chosen_from_the_table(tenant: TenantFixture) -> None:
    browser = viewer(tenant, tenant.member("campaign_ops"))
    page = browser.get("codes/new/")
    for words in ("如何到达企业微信", "我们的短网址，打开跳转到获客链接", "企业微信生成的二维码", "接近，可能略超"):
        assert words in page
    staff = staff_of(tenant, 1)
    for number, (delivery, kept) in enumerate((("", "hosted"), ("link", "link"), ("native", "native"))):
        reply = browser.post("codes/new/", form(staff, name=f"到达方式{number}", delivery=delivery))
        assert reply.status_code == 302, told(reply.content.decode())
        with tenant_context(tenant.id):
            assert codes_visible(tenant.owner).get(name=f"到达方式{number}").delivery == kept


def test_an_unknown_way_of_reaching_wecom_is_told_beside_the_table(tenant: TenantFixture) -> None:
    browser = viewer(tenant, tenant.member("campaign_ops"))
    reply = browser.post("codes/new/", form(staff_of(tenant, 1), delivery="pigeon"))
    assert reply.status_code == 200
    with tenant_context(tenant.id):
        assert not codes_visible(tenant.owner).exists()


def test_a_native_code_has_no_page_of_ours_and_so_no_line_on_it(tenant: TenantFixture) -> None:
    browser = viewer(tenant, tenant.member("campaign_ops"))
    page = browser.get("codes/new/")
    assert re.search(r'(?s)<div class="for-landing">.*name="landing_text"', page) is not None
    staff = staff_of(tenant, 1)
    for delivery, kept in (("native", ""), ("hosted", "添加后为您安排体验课")):
        sent = form(staff, name=f"提示语{delivery}", delivery=delivery, landing_text="添加后为您安排体验课")
        assert browser.post("codes/new/", sent).status_code == 302
        with tenant_context(tenant.id):
            assert codes_visible(tenant.owner).get(name=f"提示语{delivery}").landing_text == kept
