"""Reads of jobs and notices; a member sees only their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from livecode_admin.workspace.models import Job, Notice
from livecode_admin.workspace.progress import progress_read
from permissions.access import Access


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One line of the bell menu."""

    text: str
    url: str
    created_at: datetime
    unread: bool


@dataclass(frozen=True, slots=True)
class JobProgress:
    """A job as its progress bar shows it; ``percent`` is 0–100."""

    id: int
    title: str
    state: str
    done: int
    total: int
    percent: int
    error: str


def notices_unread(access: Access) -> int:
    """How many lines of the member's bell are unread."""
    count: int = Notice.objects.filter(member_id=access.member_id, read_at=None).count()
    return count


def notices_latest(access: Access, *, limit: int = 20) -> list[NoticeRow]:
    """The newest lines of the member's bell."""
    rows = Notice.objects.filter(member_id=access.member_id).order_by("-id")[:limit]
    return [NoticeRow(row.text, row.url, row.created_at, row.read_at is None) for row in rows]


def job_for(access: Access, job_id: int) -> JobProgress | None:
    """The member's own job with its progress, or None when there is none of that id."""
    job = Job.objects.filter(pk=job_id, member_id=access.member_id).first()
    if job is None:
        return None
    running = job.state == Job.State.RUNNING
    done = progress_read(tenant_id=access.tenant_id, job_id=job.pk) if running else job.total
    percent = min(100, done * 100 // job.total) if job.total else (0 if running else 100)
    return JobProgress(job.pk, job.title, job.state, done, job.total, percent, job.error)
