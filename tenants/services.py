"""Writing about companies: a new one, and its connection to WeCom."""

from __future__ import annotations

import re
from datetime import datetime

from django.db import IntegrityError, connection, transaction

from livecode_admin.kernel import ids, sealing
from tenants.context import require_tenant_id
from tenants.models import Tenant, WeComConnection
from tenants.selectors import SEALED_FIELDS, seal_context, tenant_by_host

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
LOOK = frozenset({"time_zone", "brand_color", "tagline", "telephone", "entry_host", "landing_host"})


def tenant_create(*, name: str, slug: str, now: datetime, corp_id: str | None = None, **look: str) -> int:
    """Make a company and return its id. Written by the role ``livecode_ops``: the app's role can't make tenants.

    ``slug`` is the company's part of console URLs: lower-case letters, digits and hyphens, at most 40 characters.
    ``look``: any of ``LOOK``; host names are kept in lower case.

    Raises:
        ValueError: the slug or a name in ``look`` isn't allowed.
        IntegrityError: slug or corp id are taken.
    """
    if not _SLUG.fullmatch(slug):
        raise ValueError(f"not a slug: {slug!r}")
    if unknown := look.keys() - LOOK:
        raise ValueError(f"not a company's look: {', '.join(sorted(unknown))}")
    kept = {key: value.lower() if key.endswith("_host") else value for key, value in look.items()}
    with transaction.atomic(using="ops"):
        tenant = Tenant.objects.using("ops").create(name=name, slug=slug, corp_id=corp_id, created_at=now, **kept)
    return tenant.pk


class HostTaken(Exception):
    """A host leads to another company already. ``host``: which."""

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self.host = host


@transaction.atomic
def tenant_hosts_set(*, entry_host: str, landing_host: str) -> None:
    """Set the current company's two hosts, in lower case; empty: none. Edges follow within 30 s (product.md §1.12).

    Raises:
        NoTenant: outside of a tenant context.
        HostTaken: another company's, as either of its hosts.
    """
    tenant_id = require_tenant_id()
    with connection.cursor() as cursor:
        # Two companies that take the same host at once, one as entry and one as landing host, wait for each other.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('livecode.hosts', 0))")
    for host in filter(None, (entry_host, landing_host)):
        owner = tenant_by_host(host)
        if owner is not None and owner.id != tenant_id:
            raise HostTaken(host)
    try:
        with transaction.atomic():
            Tenant.objects.filter(pk=tenant_id).update(entry_host=entry_host, landing_host=landing_host)
    except IntegrityError:
        raise HostTaken(entry_host) from None


@transaction.atomic
def wecom_connect(
    *,
    tenant_id: int,
    corp_id: str,
    agent_id: str,
    secret: str,
    callback_token: str,
    aes_key: str,
    base_url: str,
    now: datetime,
) -> str:
    """Set the current company's WeCom connection, its secrets sealed; returns the callback key.

    The callback key is made once and stays, so that the URL in WeCom's settings stays right.
    An empty secret keeps the stored one (forms never show secrets).

    Raises:
        ValueError: ``tenant_id`` isn't the current tenant.
        IntegrityError: the corp belongs to another company.
    """
    if tenant_id != require_tenant_id():
        raise ValueError(f"tenant {tenant_id} is not the current one")
    row: WeComConnection | None = WeComConnection.objects.select_for_update().first()
    if row is None:
        row = WeComConnection(tenant_id=tenant_id, callback_key=ids.new_token(), created_at=now)
    row.corp_id, row.agent_id, row.base_url, row.updated_at = corp_id, agent_id, base_url.rstrip("/"), now
    given = {"secret": secret, "callback_token": callback_token, "aes_key": aes_key}
    for name in SEALED_FIELDS:
        if given[name]:
            setattr(row, name, sealing.seal(given[name], context=seal_context(tenant_id, name)))
    row.save()
    Tenant.objects.filter(pk=tenant_id).update(corp_id=corp_id)
    return row.callback_key
