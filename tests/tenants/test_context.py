"""The tenant context: one outermost transaction, known to both walls, forgotten on the way out."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from livecode_admin.kernel import clock, ids
from tenants.context import (
    NestedTenant,
    NoTenant,
    TenantMismatch,
    current_tenant_id,
    require_tenant_id,
    tenant_context,
)
from tenants.models import Tenant, WeComConnection
from tenants.services import tenant_create


def new_tenant(**look: str) -> int:
    return tenant_create(name="华东教育", slug=f"t-{ids.new_slug()}", now=clock.now(), **look)


def setting() -> str | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.tenant', true)")
        value: str | None = cursor.fetchone()[0]
    return value


def test_inside_both_walls_know_the_tenant_and_outside_neither_does() -> None:
    tenant_id = new_tenant()
    with tenant_context(tenant_id):
        assert current_tenant_id() == require_tenant_id() == tenant_id
        assert setting() == str(tenant_id)
        assert connection.in_atomic_block
    assert current_tenant_id() is None
    assert not setting()
    with pytest.raises(NoTenant):
        require_tenant_id()


def test_an_error_inside_rolls_back_and_forgets_the_tenant() -> None:
    tenant_id = new_tenant()
    with pytest.raises(ZeroDivisionError), tenant_context(tenant_id):
        assert 1 / (Tenant.objects.filter(pk=tenant_id).update(name="改名") - 1)
    assert current_tenant_id() is None
    assert not setting()
    with tenant_context(tenant_id):
        assert Tenant.objects.get().name == "华东教育"


def test_it_is_refused_inside_another_context_or_transaction() -> None:
    tenant_id = new_tenant()
    with tenant_context(tenant_id), pytest.raises(NestedTenant), tenant_context(tenant_id):
        pass
    with transaction.atomic(), pytest.raises(NestedTenant), tenant_context(tenant_id):
        pass
    assert current_tenant_id() is None


def test_the_setting_does_not_survive_the_transaction_on_the_same_connection() -> None:
    tenant_id = new_tenant()
    with tenant_context(tenant_id):
        same = connection.connection
    assert connection.connection is same
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM tenants_tenant")
        assert cursor.fetchone() == (0,)


def test_the_control_a_session_setting_does_survive() -> None:
    tenant_id = new_tenant()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.tenant', %s, false)", [str(tenant_id)])
        cursor.execute("SELECT count(*) FROM tenants_tenant")
        assert cursor.fetchone() == (1,)
    connection.close()


def test_another_thread_does_not_inherit_the_tenant() -> None:
    seen: list[int | None] = []
    with tenant_context(new_tenant()):
        thread = threading.Thread(target=lambda: seen.append(current_tenant_id()))
        thread.start()
        thread.join()
    assert seen == [None]


def test_a_new_row_gets_the_current_tenant_and_another_tenants_row_is_refused() -> None:
    mine, other = new_tenant(), new_tenant()
    now = clock.now()
    with tenant_context(mine):
        row = WeComConnection(corp_id="ww1", callback_key=ids.new_token(), base_url="x", created_at=now, updated_at=now)
        row.save()
        assert row.tenant_id == mine
        row.tenant_id = other
        for change in (row.save, row.delete):
            with pytest.raises(TenantMismatch):
                change()
        with pytest.raises(TenantMismatch):
            WeComConnection.objects.create(
                tenant_id=other, corp_id="ww", callback_key="k", base_url="x", created_at=now, updated_at=now
            )
        with pytest.raises(TenantMismatch):
            WeComConnection.objects.raw("SELECT * FROM tenants_wecomconnection")
        with pytest.raises(TenantMismatch):
            WeComConnection.objects.update(tenant=other)
    with tenant_context(other):
        assert not WeComConnection.objects.exists()
