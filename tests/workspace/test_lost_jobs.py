"""A job whose hint or whose worker was lost does not stay 进行中 for ever."""

from __future__ import annotations

import os
from datetime import datetime, timedelta

import pytest
import redis
from celery import current_app
from django.conf import settings

from livecode_admin.celery import schedule_of_apps
from livecode_admin.kernel import clock
from livecode_admin.workspace.selectors import job_for, notices_latest
from livecode_admin.workspace.services import job_begin, job_finish, job_start, jobs_lost
from tenants.context import tenant_context
from tests.factories import TenantFixture

SWEEP, END = "livecode_admin.workspace.tasks.sweep_jobs", "livecode_admin.workspace.tasks.end_job"
WORK = "routing.tasks.republish_codes"  # any task that takes the ids of tenant, job and user


def begun(tenant: TenantFixture, *, started: datetime, worked: datetime | None = None, task: str = WORK) -> int:
    with tenant_context(tenant.id):
        job_id = job_start(access=tenant.owner, kind="export", title="导出活码", total=40, now=started, task=task)
    if worked is not None:
        with tenant_context(tenant.id):
            assert job_begin(job_id=job_id, now=worked)
    return job_id


def sent(job_id: int) -> set[str]:
    """The tasks that wait in the broker for this job."""
    parts = os.environ["BROKER_URL"].removeprefix("redis+socket://").replace("?virtual_host=", "?db=")
    with redis.Redis.from_url(f"unix://{parts}" if parts.startswith("/") else parts) as broker:
        found = [
            line.decode() for key in broker.scan_iter("*default*", _type="list") for line in broker.lrange(key, 0, -1)
        ]
    words = f"'job_id': {job_id}"
    return {task for task in (WORK, END) for line in found if words in line and f'"{task}"' in line}


def state(tenant: TenantFixture, job_id: int) -> tuple[str, str]:
    with tenant_context(tenant.id):
        job = job_for(tenant.owner, job_id)
    assert job is not None
    return job.state, job.error


def test_beat_looks_every_minute() -> None:
    assert schedule_of_apps()[SWEEP]["schedule"] == 60.0


def test_a_job_that_has_not_begun_within_a_minute_is_sent_again(tenant: TenantFixture) -> None:
    now = clock.now()
    lost = begun(tenant, started=now - timedelta(seconds=61))
    fresh = begun(tenant, started=now - timedelta(seconds=30))
    working = begun(tenant, started=now - timedelta(minutes=2), worked=now - timedelta(minutes=1))
    others = begun(tenant, started=now - timedelta(minutes=2), task="")
    current_app.tasks[SWEEP]()
    assert [sent(job) for job in (lost, fresh, working, others)] == [{WORK}, set(), set(), set()]
    assert state(tenant, lost) == ("running", "")


def test_a_job_sent_twice_is_done_once(tenant: TenantFixture) -> None:
    job_id = begun(tenant, started=clock.now())
    with tenant_context(tenant.id):
        assert job_begin(job_id=job_id, now=clock.now())
    with tenant_context(tenant.id):
        assert not job_begin(job_id=job_id, now=clock.now())


@pytest.mark.parametrize(
    ("started", "worked", "said"),
    [
        (timedelta(hours=1), None, "后台一直没有开始处理，请重新操作"),
        (timedelta(hours=1), timedelta(seconds=settings.CELERY_TASK_TIME_LIMIT + 60), "后台处理中断，请重新操作"),
    ],
)
def test_a_job_that_nobody_works_on_any_more_is_ended_in_plain_words(
    tenant: TenantFixture, started: timedelta, worked: timedelta | None, said: str
) -> None:
    now = clock.now()
    job_id = begun(tenant, started=now - started, worked=None if worked is None else now - worked)
    current_app.tasks[SWEEP]()
    assert sent(job_id) == {END}
    for _ in range(2):
        current_app.tasks[END](tenant_id=tenant.id, job_id=job_id)
    assert state(tenant, job_id) == ("failed", said)
    with tenant_context(tenant.id):
        assert [row.text for row in notices_latest(tenant.owner)] == [f"导出活码：{said}"]
    assert (tenant.id, job_id) not in jobs_lost(clock.now())


def test_a_job_that_ended_meanwhile_stays_as_it_ended(tenant: TenantFixture) -> None:
    job_id = begun(tenant, started=clock.now() - timedelta(hours=2))
    with tenant_context(tenant.id):
        job_finish(job_id=job_id, result={}, now=clock.now())
    current_app.tasks[END](tenant_id=tenant.id, job_id=job_id)
    assert state(tenant, job_id) == ("done", "")
