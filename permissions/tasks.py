"""Background work of permissions: sealing the audit log."""

from __future__ import annotations

from celery import shared_task

from livecode_admin.kernel import clock
from permissions.services.sealing import audit_seal, tenants_to_seal
from tenants.context import tenant_context
from tenants.tasks import PlatformTask

SCHEDULE = {"permissions.tasks.seal_audit": 5.0}


@shared_task(base=PlatformTask, name="permissions.tasks.seal_audit", queue="default")
def seal_audit(**_: object) -> None:
    """Seal what waits in every tenant, each in its own transaction."""
    for tenant_id in tenants_to_seal():
        with tenant_context(tenant_id):
            audit_seal(now=clock.now())
