"""How far a running job is: kept in Redis, so that it shows while the job's own transaction is still open."""

from __future__ import annotations

from django.core.cache import cache

from livecode_admin.kernel.keys import tenant_key

_KEEP_SECONDS = 24 * 3600


def progress_write(*, tenant_id: int, job_id: int, done: int) -> None:
    """Note how many of the job's items are done."""
    cache.set(tenant_key(tenant_id, "job", job_id), done, _KEEP_SECONDS)


def progress_read(*, tenant_id: int, job_id: int) -> int:
    """How many items are done; 0 when nothing was noted yet or Redis lost it."""
    return int(cache.get(tenant_key(tenant_id, "job", job_id)) or 0)
