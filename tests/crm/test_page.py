"""The CRM page: who sees it, who changes it, and that the secret is shown once."""

from __future__ import annotations

from crm.models import CrmEndpoint
from tenants.context import tenant_context
from tests.factories import TenantFixture, client_for


def test_the_switch_is_for_those_who_hold_crm_manage(tenant: TenantFixture) -> None:
    director = client_for(tenant.member("ops_director"))
    page = director.get(f"/t/{tenant.slug}/crm/")
    assert page.status_code == 200
    assert "接收地址" not in page.content.decode()
    refused = director.post(f"/t/{tenant.slug}/crm/save/", {"url": "https://crm.example/hook", "enabled": "on"})
    assert refused.status_code == 403
    with tenant_context(tenant.id):
        assert not CrmEndpoint.objects.exists()


def test_campaign_staff_do_not_find_the_page(tenant: TenantFixture) -> None:
    assert client_for(tenant.member("campaign_ops")).get(f"/t/{tenant.slug}/crm/").status_code == 403


def test_a_new_secret_is_shown_once(tenant: TenantFixture) -> None:
    client = client_for(tenant.member("system_config"))
    answer = client.post(f"/t/{tenant.slug}/crm/save/", {"url": "https://crm.example/hook", "enabled": "on"})
    assert "whsec_" in answer.content.decode()
    assert "whsec_" not in client.get(f"/t/{tenant.slug}/crm/").content.decode()


def test_a_wrong_address_is_told_beside_the_field(tenant: TenantFixture) -> None:
    client = client_for(tenant.member("system_config"))
    answer = client.post(f"/t/{tenant.slug}/crm/save/", {"url": "crm", "enabled": "on"})
    assert "请填写完整的网址" in answer.content.decode()
