"""Rollups in the background, every few seconds."""

from __future__ import annotations

from celery import shared_task

from analytics.models import Watermark
from analytics.services import FACTS_AT_ONCE, figures_roll_up
from livecode_admin.kernel import clock
from tenants.context import tenant_context
from tenants.selectors import tenant_ids
from tenants.tasks import PlatformTask, SendingTask, enqueue_now

SCHEDULE = {"analytics.tasks.roll_up_all": 3.0}


@shared_task(base=SendingTask, name="analytics.tasks.roll_up", queue="analytics")
def roll_up(*, tenant_id: int, **_: object) -> None:
    """Count one tenant's new facts until none are left, a transaction for each 20,000."""
    for source in Watermark.Source:
        counted = FACTS_AT_ONCE
        while counted == FACTS_AT_ONCE:
            with tenant_context(tenant_id):
                counted = figures_roll_up(source=source, now=clock.now())


@shared_task(base=PlatformTask, name="analytics.tasks.roll_up_all", queue="analytics")
def roll_up_all(**_: object) -> None:
    """Fan out over the tenants."""
    for tenant_id in tenant_ids():
        enqueue_now("analytics.tasks.roll_up", tenant_id=tenant_id)
