"""Reading about companies: who they are, and which one a slug, a host or a callback belongs to.

The functions that find a tenant before one is known call resolver functions of the database
(``tenants/migrations/0002_create_resolver_functions.py``); everything else needs a tenant context.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from django.db import connection

from livecode_admin.kernel import sealing
from tenants.context import require_tenant_id
from tenants.models import Tenant, WeComConnection


@dataclass(frozen=True, slots=True)
class TenantFacts:
    """What pages and tasks need to know of a company; nothing secret."""

    id: int
    slug: str
    name: str
    time_zone: str
    brand_color: str
    tagline: str
    telephone: str
    entry_host: str
    landing_host: str
    corp_id: str | None


@dataclass(frozen=True, slots=True)
class WeComCredentials:
    """The opened secrets of one company's WeCom connection. Never logged: the secrets are left out of ``repr``."""

    corp_id: str
    agent_id: str
    secret: str = field(repr=False)
    callback_token: str = field(repr=False)
    aes_key: str = field(repr=False)
    callback_key: str = field(repr=False)
    base_url: str


SEALED_FIELDS = ("secret", "callback_token", "aes_key")
_COLUMNS = ", ".join(one.name for one in fields(TenantFacts))


def seal_context(tenant_id: int, name: str) -> str:
    """The place a connection's secret is sealed for: a copy in another tenant's row or another field doesn't open."""
    return f"{tenant_id}|tenants.wecomconnection.{name}"


def tenant_ids() -> list[int]:
    """All companies, for platform jobs that fan out; read by the role ``livecode_ops``."""
    return list(Tenant.objects.using("ops").order_by("id").values_list("id", flat=True))


def tenant_by_slug(slug: str) -> TenantFacts | None:
    """The company of a console URL (``/t/<slug>/``); works without a tenant context."""
    return _one("livecode_tenant_by_slug", slug)


def tenant_by_host(host: str) -> TenantFacts | None:
    """The company whose entry or landing host this is (product.md §1.12); works without a tenant context."""
    return _one("livecode_tenant_by_host", host.lower())


def tenants_of_user(user_id: int) -> list[TenantFacts]:
    """The companies in which a person is an active member, by name; works without a tenant context."""
    return sorted(_facts("livecode_tenants_of_user", user_id), key=lambda facts: (facts.name, facts.id))


def tenant_by_callback_key(key: str) -> int | None:
    """The company whose WeCom calls back at this key; works without a tenant context."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT livecode_tenant_by_callback_key(%s)", [key])
        row = cursor.fetchone()
    found: int | None = row[0]
    return found


def tenant_facts() -> TenantFacts:
    """The current company.

    Raises:
        NoTenant: outside of a tenant context.
        Tenant.DoesNotExist: the context is of a company that there isn't.
    """
    tenant = Tenant.objects.get(pk=require_tenant_id())
    return TenantFacts(**{one.name: getattr(tenant, one.name) for one in fields(TenantFacts)})


def wecom_credentials() -> WeComCredentials | None:
    """The current company's WeCom connection with its secrets opened, or None while it isn't connected.

    Raises:
        NoTenant: outside of a tenant context.
        SealError: a secret was sealed for another place or with a key that is gone.
    """
    row = WeComConnection.objects.first()
    if row is None:
        return None
    opened = {
        name: sealing.unseal(getattr(row, name), context=seal_context(row.tenant_id, name)) for name in SEALED_FIELDS
    }
    return WeComCredentials(
        corp_id=row.corp_id, agent_id=row.agent_id, callback_key=row.callback_key, base_url=row.base_url, **opened
    )


def _one(function: str, argument: str) -> TenantFacts | None:
    found = _facts(function, argument)
    return found[0] if found else None


def _facts(function: str, argument: Any) -> list[TenantFacts]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_COLUMNS} FROM {function}(%s)", [argument])  # noqa: S608  # both are constants
        return [TenantFacts(*row) for row in cursor.fetchall()]
