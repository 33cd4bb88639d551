"""Long work shows how far it is, only to whoever began it, and ends in the bell."""

from __future__ import annotations

import pytest

from livecode_admin.kernel import clock
from livecode_admin.workspace.selectors import job_for, notices_latest, notices_unread
from livecode_admin.workspace.services import job_advance, job_finish, job_start, notices_mark_read
from permissions.access import Access
from tenants.context import tenant_context
from tests.factories import TenantFixture, client_for


def begun(tenant: TenantFixture, access: Access) -> int:
    with tenant_context(tenant.id):
        return job_start(access=access, kind="export", title="导出活码", total=40, now=clock.now())


def test_progress_shows_while_the_work_runs(tenant: TenantFixture) -> None:
    job_id = begun(tenant, tenant.owner)
    job_advance(tenant_id=tenant.id, job_id=job_id, done=10)
    with tenant_context(tenant.id):
        job = job_for(tenant.owner, job_id)
    assert job is not None
    assert (job.state, job.done, job.total, job.percent) == ("running", 10, 40, 25)
    assert "导出活码" in client_for(tenant.owner).get(f"/t/{tenant.slug}/jobs/{job_id}/").content.decode()


def test_a_colleague_does_not_see_it(tenant: TenantFixture) -> None:
    job_id = begun(tenant, tenant.owner)
    lead = tenant.member("reception_lead")
    with tenant_context(tenant.id):
        assert job_for(lead, job_id) is None
    assert client_for(lead).get(f"/t/{tenant.slug}/jobs/{job_id}/").status_code == 404


@pytest.mark.parametrize(
    ("error", "state", "said"), [("", "done", "导出活码已完成"), ("超时", "failed", "导出活码：超时")]
)
def test_the_end_stands_in_the_bell_until_it_is_read(tenant: TenantFixture, error: str, state: str, said: str) -> None:
    owner = tenant.owner
    job_id = begun(tenant, owner)
    with tenant_context(tenant.id):
        job_finish(job_id=job_id, result={}, error=error, now=clock.now())
        job = job_for(owner, job_id)
        assert job is not None
        assert job.state == state
        assert [(row.text, row.unread) for row in notices_latest(owner)] == [(said, True)]
        assert notices_mark_read(access=owner, now=clock.now()) == 1
        assert notices_unread(owner) == 0


def test_the_system_has_no_jobs(tenant: TenantFixture) -> None:
    system = Access.system(tenant_id=tenant.id, tenant_slug=tenant.slug, reason="tests")
    with pytest.raises(ValueError, match="member"):
        begun(tenant, system)
