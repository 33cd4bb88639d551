"""Every task: called for tenant A with tenant B's ids, it neither touches B's rows nor calls out with B's secrets."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import Any

import pytest
from celery import Task
from django.core.exceptions import ObjectDoesNotExist

from livecode_admin.celery import app
from livecode_admin.kernel.http import HttpError
from tenants.context import current_tenant_id
from tenants.tasks import SendingTask, TenantTask
from tests.isolation.factory import World, make_world
from tests.isolation.walls import STANDING, Walls, rows_of
from wecom.errors import WecomError

Behind = Callable[[Walls], AbstractContextManager[World]]
app.loader.import_default_modules()
# The product's own: other tests make tasks that fail on purpose.
TASKS = [
    task
    for name, task in sorted(app.tasks.items())
    if isinstance(task, TenantTask | SendingTask) and not task.__module__.startswith("tests.")
]
each_task = pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
# What a task may raise for an id that isn't there, or where no WeCom answers.
EXPECTED = (ObjectDoesNotExist, HttpError, WecomError)


def others_ids(task: Task[Any, Any], world: World) -> dict[str, Any]:
    """A's tenant, and B's id for everything else that the task takes."""
    names = [p.name for p in inspect.signature(task.run).parameters.values() if p.kind is p.KEYWORD_ONLY]
    return {name: world.a.tenant_id if name == "tenant_id" else world.b.row_id for name in names}


@each_task
@pytest.mark.parametrize("walls", STANDING, ids=lambda walls: walls.name.lower())
def test_no_task_touches_another_tenants_rows(
    task: Task[Any, Any], walls: Walls, behind: Behind, caplog: pytest.LogCaptureFixture
) -> None:
    with behind(walls) as world:
        before = rows_of(world.b.tenant_id)
        with suppress(*EXPECTED):
            task(**others_ids(task, world))
        assert current_tenant_id() is None
        assert rows_of(world.b.tenant_id) == before
        # Every outgoing call is logged with its address, and B's addresses carry B's canary.
        assert world.b.word not in caplog.text


@each_task
def test_no_tenants_task_runs_without_being_told_whose_it_is(task: Task[Any, Any], world: World) -> None:
    ids = others_ids(task, world)
    del ids["tenant_id"]
    with pytest.raises(TypeError, match="tenant_id"):
        task(**ids)
    with pytest.raises(TypeError, match="named ids"):
        task(world.a.tenant_id)


def test_the_control_without_both_walls_tasks_do_touch_them(behind: Behind) -> None:
    with behind(Walls.NONE):
        world = make_world()
        before = rows_of(world.b.tenant_id)
        touched = []
        for task in TASKS:
            with suppress(Exception):
                task(**others_ids(task, world))
            after = rows_of(world.b.tenant_id)
            if after != before:
                touched.append(task.name)
            before = after
        assert len(touched) >= 3, touched
