"""The Celery application: queues, limits (settings), and the schedule assembled from the apps' own `tasks.SCHEDULE`."""

import os
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from celery import Celery
from celery.schedules import crontab
from django.apps import apps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "livecode_admin.settings.development")

app = Celery("livecode_admin")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def schedule_of_apps() -> dict[str, dict[str, Any]]:
    """Return the beat schedule: every installed app may declare `tasks.SCHEDULE`, task name → seconds or crontab.

    Raises TypeError for anything else and ValueError when two apps declare the same task.
    """
    entries: dict[str, dict[str, Any]] = {}
    for config in apps.get_app_configs():
        if find_spec(f"{config.name}.tasks") is None:
            continue
        declared = getattr(import_module(f"{config.name}.tasks"), "SCHEDULE", {})
        for task, when in declared.items():
            if not isinstance(when, int | float | crontab):
                raise TypeError(f"{config.name}.tasks.SCHEDULE[{task!r}]: seconds or crontab, not {when!r}")
            if task in entries:
                raise ValueError(f"{task} is scheduled twice")
            entry: dict[str, Any] = {"task": task, "schedule": when}
            if isinstance(when, int | float):
                # A tick that nobody could take in time is worth nothing: the next one does the same work.
                entry["options"] = {"expires": max(float(when), 1.0)}
            entries[task] = entry
    return entries


@app.on_after_finalize.connect
def set_schedule(sender: Celery, **_: object) -> None:
    """Give beat its schedule once all tasks are known."""
    if apps.ready:
        sender.conf.beat_schedule = schedule_of_apps()
