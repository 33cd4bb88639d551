"""Jobs whose hint or worker was lost: sent again, or ended in plain words. None stays 进行中 for ever."""

from __future__ import annotations

from celery import shared_task

from livecode_admin.kernel import clock
from livecode_admin.workspace.services import job_give_up, jobs_lost, jobs_unheard
from tenants.tasks import PlatformTask, TenantTask, enqueue_now

SCHEDULE = {"livecode_admin.workspace.tasks.sweep_jobs": 60.0}


@shared_task(base=PlatformTask, name="livecode_admin.workspace.tasks.sweep_jobs", queue="default")
def sweep_jobs(**_: object) -> None:
    """Send jobs again that haven't begun, and end those that nobody works on any more."""
    now = clock.now()
    for task, tenant_id, job_id, user_id in jobs_unheard(now):
        enqueue_now(task, tenant_id=tenant_id, job_id=job_id, user_id=user_id)
    for tenant_id, job_id in jobs_lost(now):
        enqueue_now("livecode_admin.workspace.tasks.end_job", tenant_id=tenant_id, job_id=job_id)


@shared_task(base=TenantTask, name="livecode_admin.workspace.tasks.end_job", queue="default")
def end_job(*, tenant_id: int, job_id: int, **_: object) -> None:
    """End one job that was lost."""
    job_give_up(job_id=job_id, now=clock.now())
