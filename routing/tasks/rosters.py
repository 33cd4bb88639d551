"""Rosters with groups and departments follow the contact sync: a count of moves is compared every few seconds."""

from __future__ import annotations

from celery import shared_task

from livecode_admin.kernel import clock
from permissions.access import Access
from routing.services.groups import moves_follow, tenants_to_follow
from tenants.selectors import tenant_facts
from tenants.tasks import PlatformTask, TenantTask, enqueue_now

SCHEDULE = {"routing.tasks.rosters.watch_moves": 5.0}


@shared_task(base=PlatformTask, name="routing.tasks.rosters.watch_moves", queue="default")
def watch_moves(**_: object) -> None:
    """Fan out to the tenants in which somebody came, went, moved or can or can't receive any more."""
    for tenant_id in tenants_to_follow():
        enqueue_now("routing.tasks.rosters.follow_moves", tenant_id=tenant_id)


@shared_task(base=TenantTask, name="routing.tasks.rosters.follow_moves", queue="default")
def follow_moves(*, tenant_id: int, **_: object) -> None:
    """Bring one tenant's rosters in step."""
    access = Access.system(tenant_id=tenant_id, tenant_slug=tenant_facts().slug, reason="分组或部门成员变动")
    moves_follow(access=access, now=clock.now())
