"""The writers of jobs and notices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from livecode_admin.workspace.models import Job, Notice
from livecode_admin.workspace.progress import progress_write
from permissions.access import Access


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
def job_start(*, access: Access, kind: str, title: str, total: int, now: datetime) -> int:
    """Note that a long piece of work begins, and return its id.

    Raises:
        ValueError: the system has no bell to report to; jobs belong to members.
    """
    if access.member_id is None:
        raise ValueError("a job belongs to a member")
    job = Job.objects.create(member_id=access.member_id, kind=kind, title=title, total=total, started_at=now)
    return int(job.pk)


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
