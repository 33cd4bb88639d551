"""The WeCom connection: tested when it is saved; what is wrong stands beside its field (product.md §8)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import override_settings

from livecode_admin.kernel import clock
from routing.models import ContactWay
from routing.services.ways import way_failed, ways_due
from tenants.context import tenant_context
from tenants.selectors import wecom_credentials
from tests.company import Company
from tests.factories import TenantFixture, client_for

FORM = {"corp_id": "ww1", "agent_id": "1000002", "secret": "s", "callback_token": "t", "aes_key": "a" * 43}


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("agent_id", "一百", "AgentId 只有数字"),
        ("callback_token", "有空格 的", "英文字母和数字"),
        ("aes_key", "short", "43 个英文字母和数字"),
        ("corp_id", "", "请填写企业 ID"),
        ("secret", "", "请填写应用 Secret"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(tenant: TenantFixture, field: str, value: str, error: str) -> None:
    client = client_for(tenant.member("system_config"))
    page = client.post(f"/t/{tenant.slug}/wecom/", FORM | {field: value})
    assert error in page.content.decode()
    with tenant_context(tenant.id):
        assert wecom_credentials() is None


def test_the_corp_of_another_company_is_refused(company: Company, other_tenant: TenantFixture) -> None:
    with tenant_context(company.tenant.id):
        theirs = wecom_credentials()
    assert theirs is not None
    form = FORM | {"corp_id": theirs.corp_id, "secret": theirs.secret}
    with override_settings(WECOM_API_URL=theirs.base_url):
        page = client_for(other_tenant.owner).post(f"/t/{other_tenant.slug}/wecom/", form)
    assert "该企业 ID 已连接到另一家企业" in page.content.decode()
    with tenant_context(other_tenant.id):
        assert wecom_credentials() is None


def test_a_wrong_secret_is_not_kept(company: Company) -> None:
    with tenant_context(company.tenant.id):
        before = wecom_credentials()
    assert before is not None
    form = {"corp_id": before.corp_id, "agent_id": before.agent_id, "secret": "wrong"}
    with override_settings(WECOM_API_URL=before.base_url):
        page = client_for(company.tenant.owner).post(f"/t/{company.tenant.slug}/wecom/", form)
    assert "企业微信未接受" in page.content.decode()
    with tenant_context(company.tenant.id):
        assert wecom_credentials() == before


def test_ways_that_failed_for_want_of_a_connection_are_tried_at_once(company: Company) -> None:
    company.code()
    now = clock.now()
    with tenant_context(company.tenant.id):
        before = wecom_credentials()
        (way_id, *_) = ContactWay.objects.values_list("pk", flat=True)
        ContactWay.objects.filter(pk=way_id).update(status="pending")
        for _ in range(8):
            way_failed(way_id=way_id, text="尚未连接企业微信", errcode=None, now=now)
    assert before is not None
    due = (company.tenant.id, way_id)
    assert due not in ways_due(now + timedelta(seconds=20), limit=10_000)
    form = {"corp_id": before.corp_id, "agent_id": before.agent_id, "secret": ""}
    with override_settings(WECOM_API_URL=before.base_url):
        page = client_for(company.tenant.owner).post(f"/t/{company.tenant.slug}/wecom/", form)
    assert page.status_code == 302
    assert due in ways_due(clock.now(), limit=10_000)
