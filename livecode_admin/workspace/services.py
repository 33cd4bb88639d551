"""The writers of jobs and notices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connections, transaction

from livecode_admin.workspace.models import Job, Notice
from livecode_admin.workspace.progress import progress_write
from permissions.access import Access

SENT_AGAIN_AFTER = timedelta(minutes=1)
GIVEN_UP_AFTER = timedelta(hours=1)
NOT_BEGUN = "后台一直没有开始处理，请重新操作"
BROKEN_OFF = "后台处理中断，请重新操作"


@transaction.atomic
def notice_send(*, member_ids: Iterable[int], kind: str, text: str, url: str, now: datetime) -> int:
    """Put one line into the bell of each member; how many got it is returned."""
    rows = [Notice(member_id=pk, kind=kind, text=text[:200], url=url, created_at=now) for pk in sorted(set(member_ids))]
    return len(Notice.objects.bulk_create(rows))


@transaction.atomic
def notices_mark_read(*, access: Access, now: datetime) -> int:
    """Mark everything in the member's own bell as read."""
    count: int = Notice.objects.filter(member_id=access.member_id, read_at=None).update(read_at=now)
    return count


@transaction.atomic
def job_start(*, access: Access, kind: str, title: str, total: int, now: datetime, task: str = "") -> int:
    """Note that a long piece of work begins, and return its id.

    ``task``: the task that does it, which the caller enqueues with ``tenant_id``, ``job_id`` and ``user_id`` and which
    begins with :func:`job_begin`: it is sent again when it hasn't begun within a minute, and the job is ended when its
    worker died.

    Raises:
        ValueError: the system has no bell to report to; jobs belong to members.
    """
    if access.member_id is None:
        raise ValueError("a job belongs to a member")
    job = Job.objects.create(
        member_id=access.member_id,
        kind=kind,
        title=title,
        total=total,
        started_at=now,
        task=task,
        user_id=access.user_id,
    )
    return int(job.pk)


@transaction.atomic
def job_begin(*, job_id: int, now: datetime) -> bool:
    """Whether the job is this worker's to do: not when another one began it, or it is over.

    Commit before the work begins, so that a worker that dies over it is noticed.
    """
    mine = Job.objects.filter(pk=job_id, state=Job.State.RUNNING, begun_at=None)
    return bool(mine.update(begun_at=now))


@transaction.atomic
def job_give_up(*, job_id: int, now: datetime) -> None:
    """End a job that :func:`jobs_lost` found, in plain words; one that has ended meanwhile is left as it is."""
    job = Job.objects.select_for_update().get(pk=job_id)
    if job.state == Job.State.RUNNING:
        job_finish(job_id=job_id, result={}, error=NOT_BEGUN if job.begun_at is None else BROKEN_OFF, now=now)


def jobs_unheard(now: datetime) -> list[tuple[str, int, int, int]]:
    """(task, tenant, job, user) of jobs that haven't begun within a minute; read as ``livecode_ops``."""
    with connections["ops"].cursor() as cursor:
        cursor.execute(
            "SELECT task, tenant_id, id, user_id FROM workspace_job WHERE state = 'running' AND task <> ''"
            " AND user_id IS NOT NULL AND begun_at IS NULL AND started_at <= %s AND started_at > %s ORDER BY id",
            [now - SENT_AGAIN_AFTER, now - GIVEN_UP_AFTER],
        )
        return [(str(task), int(tenant), int(job), int(user)) for task, tenant, job, user in cursor.fetchall()]


def jobs_lost(now: datetime) -> list[tuple[int, int]]:
    """(tenant, job) of jobs that nobody works on any more or would ever begin; read as ``livecode_ops``."""
    longest = timedelta(seconds=settings.CELERY_TASK_TIME_LIMIT) + SENT_AGAIN_AFTER
    with connections["ops"].cursor() as cursor:
        cursor.execute(
            "SELECT tenant_id, id FROM workspace_job WHERE state = 'running' AND task <> ''"
            " AND (begun_at <= %s OR begun_at IS NULL AND started_at <= %s) ORDER BY id",
            [now - longest, now - GIVEN_UP_AFTER],
        )
        return [(int(tenant), int(job)) for tenant, job in cursor.fetchall()]


def job_advance(*, tenant_id: int, job_id: int, done: int) -> None:
    """Note how many items are done; shown at once, also before the job's transaction commits."""
    progress_write(tenant_id=tenant_id, job_id=job_id, done=done)


@transaction.atomic
def job_finish(*, job_id: int, result: Mapping[str, object], now: datetime, error: str = "", url: str = "") -> None:
    """Note how a job ended and tell its member in the bell."""
    job = Job.objects.select_for_update().get(pk=job_id)
    job.state = Job.State.FAILED if error else Job.State.DONE
    job.result, job.error, job.finished_at = dict(result), error[:300], now
    job.save(update_fields=["state", "result", "error", "finished_at"])
    text = f"{job.title}：{job.error}" if error else f"{job.title}已完成"
    notice_send(member_ids=[job.member_id], kind="job", text=text, url=url, now=now)
