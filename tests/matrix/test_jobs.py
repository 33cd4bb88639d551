"""What is queued is done with the rights of whoever queued it, as these are when the worker comes to it."""

from __future__ import annotations

import ast
import csv
import inspect
from pathlib import Path

import pytest
from celery import current_app

from livecode_admin.celery import app
from livecode_admin.kernel import clock
from livecode_admin.workspace.models import Job
from livecode_admin.workspace.selectors import notices_latest
from permissions.services import bundle_revoke, member_deactivate
from routing.services import defaults
from routing.services.defaults import defaults_set
from tenants.context import tenant_context
from tests.factories import TenantFixture
from tests.matrix.rows import contents, differing
from tests.matrix.tables import BUNDLES, HERE, WIDTHS, scopes
from tests.routing.stage import StageCode, live_code

ROOT = HERE.parents[1]
SOURCES = [file for file in ROOT.glob("*/**/*.py") if file.relative_to(ROOT).parts[0] not in ("tests", ".venv")]
ENTITLED = [name for name in BUNDLES if scopes(name).get("routing.rules") == WIDTHS["all"] and name != "owner"]
# Only the job's own end is written, the bell of its member and of those who may do it again.
TOLD = {"workspace_job", "workspace_notice", "routing_receptiondefault"}


def listed() -> list[dict[str, str]]:
    with (HERE / "jobs.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def kinds(file: Path) -> set[str]:
    """The kinds of jobs that a module begins."""
    text = file.read_text(encoding="utf-8")
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)] if "job_start" in text else []
    named = [call for call in calls if getattr(call.func, "id", getattr(call.func, "attr", "")) == "job_start"]
    words = [word.value for call in named for word in call.keywords if word.arg == "kind"]
    return {str(word.value) if isinstance(word, ast.Constant) else ast.dump(word) for word in words}


def test_every_kind_of_job_is_in_the_table() -> None:
    assert {row["kind"] for row in listed()} == {kind for file in SOURCES for kind in kinds(file)}


def test_every_task_in_somebodys_name_is_in_the_table() -> None:
    app.loader.import_default_modules()
    ours = [task for name, task in app.tasks.items() if not name.startswith("celery.")]
    named = {task.name for task in ours if {"user_id", "member_id"} & inspect.signature(task.run).parameters.keys()}
    assert {row["task"] for row in listed()} == named


def queued(tenant: TenantFixture, bundle: str, code: StageCode) -> int:
    """The job that somebody with this bundle has just begun."""
    with tenant_context(tenant.id):
        job_id = defaults_set(access=tenant.member(bundle), duty_staff_id=code.staff[0], now=clock.now())
    assert job_id is not None
    return job_id


def work(tenant: TenantFixture, bundle: str, job_id: int) -> None:
    """The worker comes to it."""
    user_id = tenant.user_ids[bundle]
    current_app.tasks["routing.tasks.republish_codes"](tenant_id=tenant.id, job_id=job_id, user_id=user_id)


@pytest.mark.parametrize("bundle", ENTITLED)
@pytest.mark.parametrize("how", ["revoked", "deactivated"])
def test_a_job_of_somebody_who_may_no_more_does_nothing_and_says_so(
    tenant: TenantFixture, monkeypatch: pytest.MonkeyPatch, bundle: str, how: str
) -> None:
    monkeypatch.setattr(defaults, "AT_ONCE", 0)
    code, member = live_code(tenant, roster=1), tenant.member(bundle)
    job_id = queued(tenant, bundle, code)
    assert member.member_id is not None
    with tenant_context(tenant.id):
        if how == "revoked":
            bundle_revoke(access=tenant.owner, member_id=member.member_id, bundle_key=bundle, now=clock.now())
        else:
            member_deactivate(access=tenant.owner, member_id=member.member_id, now=clock.now())
    before = contents(tenant.id)
    for _ in range(2):
        work(tenant, bundle, job_id)
    assert set(differing(before, contents(tenant.id))) == TOLD
    with tenant_context(tenant.id):
        job = Job.objects.get(pk=job_id)
        assert (job.state, "没有修改接待设置的权限" in job.error) == (Job.State.FAILED, True)
        assert ["没有重新发布" in notice.text for notice in notices_latest(tenant.owner)] == [True]


@pytest.mark.parametrize("bundle", ENTITLED)
def test_a_job_of_somebody_who_still_may_is_done(
    tenant: TenantFixture, monkeypatch: pytest.MonkeyPatch, bundle: str
) -> None:
    monkeypatch.setattr(defaults, "AT_ONCE", 0)
    code = live_code(tenant, roster=1)
    job_id = queued(tenant, bundle, code)
    before = contents(tenant.id)
    work(tenant, bundle, job_id)
    assert "routing_snapshot" in differing(before, contents(tenant.id))
    with tenant_context(tenant.id):
        assert Job.objects.get(pk=job_id).state == Job.State.DONE
