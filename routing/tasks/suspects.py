"""Who looks full: searched every 30 s over all tenants by one statement, marked tenant by tenant (product.md §2.13)."""

from __future__ import annotations

from celery import shared_task

from livecode_admin.kernel import clock
from routing.services.suspects import suspects_find, tenants_with_many_assignments
from tenants.tasks import PlatformTask, TenantTask, enqueue_now

SCHEDULE = {"routing.tasks.suspects.watch_suspects": 30.0}


@shared_task(base=PlatformTask, name="routing.tasks.suspects.watch_suspects", queue="default")
def watch_suspects(**_: object) -> None:
    """Fan out to the tenants in which somebody got 20 customers within the hour."""
    for tenant_id in tenants_with_many_assignments(clock.now()):
        enqueue_now("routing.tasks.suspects.find_suspects", tenant_id=tenant_id)


@shared_task(base=TenantTask, name="routing.tasks.suspects.find_suspects", queue="default")
def find_suspects(*, tenant_id: int, **_: object) -> None:
    """Mark those of one tenant who were added by nobody."""
    suspects_find(now=clock.now())
