"""Health pages, the policy in the headers, the schedule, and logs without secrets."""

from collections.abc import MutableMapping
from typing import Any

import pytest
from celery.schedules import crontab
from django.test import Client, override_settings

from livecode_admin import celery
from livecode_admin.kernel import health
from livecode_admin.settings.logs import hide_secrets


def test_healthz_asks_nobody_and_readyz_names_each_dependency() -> None:
    client = Client()
    assert client.get("/healthz").json() == {"status": "alive"}
    ready = client.get("/readyz")
    assert ready.status_code == 200
    dependencies = ready.json()["dependencies"]
    assert set(dependencies) == {"postgres", "broker", "cache"}
    assert all(answer["ok"] and answer["lag_ms"] >= 0 for answer in dependencies.values())


def test_readyz_is_503_and_tells_the_kind_of_fault_only() -> None:
    with override_settings(BROKER_URL="redis://:geheim@127.0.0.1:1/0"):
        answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["dependencies"]["broker"]["fault"] == "ConnectionError"
    assert "geheim" not in answer.content.decode()


def test_a_socket_address_in_celerys_form_is_understood(broker_url: str) -> None:
    assert health.probe(health.redis_server(broker_url)).ok


def test_every_page_carries_the_strict_policy() -> None:
    headers = Client().get("/healthz").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_the_apps_own_schedules_reach_beat_and_name_existing_tasks() -> None:
    entries = celery.schedule_of_apps()
    celery.app.finalize()
    celery.app.loader.import_default_modules()
    assert {entry["task"] for entry in entries.values()} <= set(celery.app.tasks)
    assert celery.app.conf.beat_schedule == entries
    assert all(isinstance(entry["schedule"], int | float | crontab) for entry in entries.values())


def test_tasks_are_acknowledged_late_and_end_before_they_would_be_given_out_again() -> None:
    conf = celery.app.conf
    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert conf.worker_prefetch_multiplier == 1
    assert conf.accept_content == ["json"]
    assert conf.task_soft_time_limit < conf.task_time_limit < conf.broker_transport_options["visibility_timeout"]


@pytest.mark.parametrize(
    "event",
    [
        {"event": "GET /cgi-bin/user/get?access_token=SECRET&userid=a"},
        {"event": "saved", "corp_secret": "SECRET"},
        {"event": "login", "password": "SECRET"},
        {"event": 'body {"corpsecret": "SECRET"}'},
    ],
)
def test_logs_hold_no_secret(event: MutableMapping[str, Any]) -> None:
    assert "SECRET" not in str(hide_secrets(None, "info", event))
