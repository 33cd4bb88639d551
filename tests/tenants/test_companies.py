"""Companies, how they are found before a tenant is known, and their sealed WeCom secrets."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction

from livecode_admin.kernel import clock, ids
from livecode_admin.kernel.sealing import SealError
from tenants import selectors
from tenants.context import NoTenant, tenant_context
from tenants.models import Tenant, WeComConnection
from tenants.services import tenant_create, wecom_connect
from tests.tenants.test_context import new_tenant

CONNECTION = {
    "corp_id": "",
    "agent_id": "1000002",
    "secret": "应用的密钥",
    "callback_token": "token",
    "aes_key": "aes",
    "base_url": "https://qyapi.weixin.qq.com/",
}


def connect(tenant_id: int, **changes: str) -> str:
    given = CONNECTION | {"corp_id": f"ww{tenant_id}"} | changes
    with tenant_context(tenant_id):
        return wecom_connect(tenant_id=tenant_id, now=clock.now(), **given)


def test_a_company_is_found_by_slug_host_and_callback_key_without_a_context() -> None:
    host = f"{ids.new_slug()}.example"
    tenant_id = new_tenant(entry_host=host.upper())
    key = connect(tenant_id)
    with tenant_context(tenant_id):
        facts = selectors.tenant_facts()
    assert facts.id == tenant_id
    assert facts.entry_host == host
    assert facts.corp_id == f"ww{tenant_id}"
    assert selectors.tenant_by_slug(facts.slug) == facts
    assert selectors.tenant_by_host(host.upper()) == facts
    assert selectors.tenant_by_callback_key(key) == tenant_id
    assert tenant_id in selectors.tenant_ids()


def test_what_is_unknown_is_none() -> None:
    assert selectors.tenant_by_slug("no-such-company") is None
    assert selectors.tenant_by_host("") is None
    assert selectors.tenant_by_callback_key("no-such-key") is None
    assert selectors.tenants_of_user(-1) == []


def test_without_a_context_nothing_is_read_of_a_company() -> None:
    connect(new_tenant())
    with pytest.raises(NoTenant):
        selectors.tenant_facts()
    with pytest.raises(NoTenant):
        selectors.wecom_credentials()
    assert not Tenant.objects.exists()


def test_the_app_may_not_make_a_company_nor_rename_another() -> None:
    mine, other = new_tenant(), new_tenant()
    with pytest.raises(DatabaseError, match="row-level security"):
        Tenant.objects.create(name="x", slug=ids.new_slug(), created_at=clock.now())
    with tenant_context(mine):
        assert Tenant.objects.filter(pk=other).update(name="改名") == 0


@pytest.mark.parametrize("slug", ["", "UPPER", "a b", "-a", "a-", "a/b", "企业", "a" * 41])
def test_a_slug_is_lower_case_letters_digits_and_hyphens(slug: str) -> None:
    with pytest.raises(ValueError, match="not a slug"):
        tenant_create(name="x", slug=slug, now=clock.now())


def test_a_companys_look_has_known_names() -> None:
    with pytest.raises(ValueError, match="not a company's look"):
        tenant_create(name="x", slug=f"t-{ids.new_slug()}", now=clock.now(), id="7")


def test_secrets_are_sealed_and_open_only_in_their_place() -> None:
    mine, other = new_tenant(), new_tenant()
    connect(mine)
    connect(other, secret="别家的密钥")
    with tenant_context(other):
        stolen = WeComConnection.objects.get().secret
    assert "密钥" not in stolen
    with tenant_context(mine):
        credentials = selectors.wecom_credentials()
        assert credentials is not None
        assert credentials.secret == "应用的密钥"
        assert "密钥" not in repr(credentials)
        WeComConnection.objects.update(secret=stolen)
        with pytest.raises(SealError):
            selectors.wecom_credentials()
    connect(mine)
    with tenant_context(mine):
        row = WeComConnection.objects.get()
        row.aes_key = row.callback_token
        row.save()
        with pytest.raises(SealError):
            selectors.wecom_credentials()


def test_connecting_again_keeps_the_callback_key_and_what_was_left_empty() -> None:
    tenant_id = new_tenant()
    key = connect(tenant_id)
    assert connect(tenant_id, secret="", agent_id="1000003", callback_token="new") == key
    with tenant_context(tenant_id):
        credentials = selectors.wecom_credentials()
    assert credentials is not None
    assert (credentials.secret, credentials.agent_id, credentials.callback_token) == ("应用的密钥", "1000003", "new")
    assert credentials.base_url == "https://qyapi.weixin.qq.com"


def test_a_connection_is_set_for_the_current_company_only() -> None:
    mine, other = new_tenant(), new_tenant()
    with pytest.raises(ValueError, match="not the current one"), tenant_context(mine):
        wecom_connect(
            tenant_id=other,
            corp_id="w",
            agent_id="",
            secret="",
            callback_token="",
            aes_key="",
            base_url="",
            now=clock.now(),
        )


def test_resolver_functions_give_the_app_no_way_into_the_tables() -> None:
    connect(new_tenant())
    with connection.cursor() as cursor:
        for table in ("tenants_tenant", "tenants_wecomconnection"):
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone() == (0,)
        with pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute("SET ROLE livecode_resolver")


def test_commands_make_a_company_and_open_its_shell() -> None:
    slug, out = f"t-{ids.new_slug()}", StringIO()
    call_command("create_tenant", slug, "命令企业", stdout=out)
    with pytest.raises(CommandError):
        call_command("create_tenant", slug, "再来一个")
    change = "Tenant.objects.update(name=tenant.name + '!')"
    call_command("shell_tenant", slug, command=change)
    facts = selectors.tenant_by_slug(slug)
    assert facts is not None
    assert (str(facts.id), facts.name) == (out.getvalue().strip(), "命令企业")
    call_command("shell_tenant", slug, command=change, write=True)
    assert selectors.tenant_by_slug(slug) != facts
    with pytest.raises(CommandError, match="no company"):
        call_command("shell_tenant", "no-such-company", command="1")
