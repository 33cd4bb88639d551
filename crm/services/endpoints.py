"""The endpoint and its switch (product.md §7.1)."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime

from django.db import transaction

from crm.models import CrmEndpoint
from crm.services.outbox import event_emit
from livecode_admin.kernel.sealing import seal
from permissions.access import Access
from permissions.audit import record


def secret_context(tenant_id: int) -> str:
    """What the signing secret is sealed for."""
    return f"{tenant_id}|crm.crmendpoint.secret"


def new_signing_secret() -> str:
    """A fresh Standard Webhooks secret: ``whsec_`` and 32 random bytes in base64."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


@transaction.atomic
def endpoint_set(*, access: Access, url: str, enabled: bool, now: datetime, secret: str | None = None) -> str | None:
    """Set the tenant's endpoint. Returns a newly made signing secret, shown once, or None when it stayed.

    Saving an enabled endpoint clears an earlier automatic shutdown.

    Raises:
        Denied: without ``crm.manage``.
    """
    access.require_fields("crm_endpoint", ["url", "enabled", "secret"])
    endpoint = CrmEndpoint.objects.select_for_update().first()
    before = {"url": endpoint.url, "enabled": endpoint.enabled} if endpoint else {}
    made: str | None = None
    if endpoint is None:
        endpoint = CrmEndpoint()
        made = secret or new_signing_secret()
    elif secret:
        made = secret
    if made:
        endpoint.secret_sealed = seal(made, context=secret_context(access.tenant_id))
    endpoint.url, endpoint.enabled, endpoint.updated_at = url, enabled, now
    endpoint.failing_since = endpoint.disabled_at = None
    endpoint.disabled_reason = ""
    endpoint.save()
    record(
        access=access,
        action="crm.endpoint_set",
        object_type="crm_endpoint",
        object_id=endpoint.pk,
        object_label=url,
        before=before,
        after={"url": url, "enabled": enabled, "secret": "新密钥" if made else "未变"},
        now=now,
    )
    return made


@transaction.atomic
def test_event_send(*, access: Access, now: datetime) -> str:
    """Put a test event into the outbox, delivered like any other; its message id is returned.

    Raises:
        Denied: without ``crm.manage``.
    """
    access.require("crm.manage")
    return event_emit(
        event_type="endpoint.test",
        customer_id=0,
        body={"message": "这是一条测试事件", "sent_by": access.display_name},
        occurred_at=now,
        now=now,
    )
