"""Tasks: ids in by name, tolerant of newer messages, on a base of ours; every name that is enqueued is registered."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Task

from livecode_admin.celery import app, schedule_of_apps
from tenants.tasks import PlatformTask, SendingTask, TenantTask

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("tenants", "permissions", "crm", "people", "codes", "tagging", "routing", "reception", "analytics")
BASES = (TenantTask, SendingTask, PlatformTask)
SIMPLE = {"int", "str", "int | None", "str | None"}

app.loader.import_default_modules()
TASKS = [task for name, task in sorted(app.tasks.items()) if not name.startswith("celery.")]


def sources() -> Iterator[Path]:
    """Our Python files, migrations left out."""
    for folder in (*FOLDERS, "livecode_admin"):
        yield from (file for file in (ROOT / folder).rglob("*.py") if "migrations" not in file.parts)


def enqueued(tree: ast.AST) -> Iterator[str | None]:
    """The first argument of each call of enqueue_on_commit; None when it isn't a plain text."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and getattr(node.func, "id", getattr(node.func, "attr", "")) == "enqueue_on_commit"
        ):
            name = node.args[0] if node.args else None
            yield name.value if isinstance(name, ast.Constant) and isinstance(name.value, str) else None


def faults(task: Task[Any, Any]) -> list[str]:
    """What is wrong with a task's base, name or signature."""
    found = []
    if not isinstance(task, BASES):
        found.append("its base is TenantTask, SendingTask or PlatformTask")
    run = task.run
    if task.name != f"{run.__module__}.{run.__name__}":
        found.append(f"its name is not its place: {run.__module__}.{run.__name__}")
    parameters = list(inspect.signature(run).parameters.values())
    if not any(one.kind is one.VAR_KEYWORD for one in parameters):
        found.append("takes no **_, so a newer message would fail it")
    for one in parameters:
        if one.kind is one.VAR_KEYWORD:
            continue
        if one.kind is not one.KEYWORD_ONLY:
            found.append(f"{one.name}: ids are passed by name")
        if str(one.annotation) not in SIMPLE:
            found.append(f"{one.name}: {one.annotation}: ids only")
    takes_tenant = any(one.name == "tenant_id" for one in parameters)
    if takes_tenant == isinstance(task, PlatformTask):
        found.append("a tenant's task takes tenant_id, a platform task doesn't")
    return found


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_a_task_takes_ids_by_name(task: Task[Any, Any]) -> None:
    assert faults(task) == []


@pytest.mark.parametrize("file", [pytest.param(f, id=str(f.relative_to(ROOT))) for f in sources()])
def test_every_name_that_is_enqueued_is_registered(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    for name in enqueued(ast.parse(text)) if "enqueue_on_commit(" in text and file.name != "tasks.py" else ():
        assert name in app.tasks, f"{file.name}: {name}"


def test_what_beat_sends_is_registered() -> None:
    for entry in schedule_of_apps().values():
        assert isinstance(app.tasks[entry["task"]], PlatformTask), entry


def test_the_control_a_misspelt_name_and_a_bad_task_are_found() -> None:
    assert list(enqueued(ast.parse('enqueue_on_commit("routing.tasks.nope", tenant_id=1)'))) == ["routing.tasks.nope"]
    assert list(enqueued(ast.parse("enqueue_on_commit(name)"))) == [None]

    def bad(tenant_id: int, when: dict[str, int]) -> None:
        """Positional, with an object, closed to newer messages."""

    task = type("Bad", (PlatformTask,), {"name": "wrong", "run": staticmethod(bad)})()
    assert len(faults(task)) == 6
