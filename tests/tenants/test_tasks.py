"""Task bases: whose work it is comes with the message, and nothing is left behind."""

from __future__ import annotations

from contextlib import suppress
from queue import Empty
from typing import Any

import pytest
from celery import Celery
from django.db import connection, transaction
from kombu import Connection

from livecode_admin import celery as product
from livecode_admin.kernel.http import Request, TransactionOpen, send
from tenants.context import NestedTenant, current_tenant_id, tenant_context
from tenants.tasks import PlatformTask, SendingTask, TenantTask, enqueue_on_commit
from tests.tenants.test_context import new_tenant

app = Celery("tests", set_as_current=False, fixups=[])
seen: list[Any] = []


@app.task(base=TenantTask, name="t.inside")
def inside(*, tenant_id: int, fail: bool = False, **_: object) -> None:
    seen.append((current_tenant_id(), connection.in_atomic_block))
    if fail:
        raise ZeroDivisionError


@app.task(base=SendingTask, name="t.sending")
def sending(*, tenant_id: int, **_: object) -> None:
    seen.append((current_tenant_id(), connection.in_atomic_block))
    with tenant_context(tenant_id):
        seen.append(current_tenant_id())


@app.task(base=PlatformTask, name="t.platform")
def platform(**_: object) -> None:
    seen.append(current_tenant_id())


@pytest.fixture(autouse=True)
def _fresh() -> None:
    seen.clear()


def test_a_tenants_task_is_one_transaction_in_its_context() -> None:
    tenant_id = new_tenant()
    inside(tenant_id=tenant_id, of_a_newer_version=1)
    assert seen == [(tenant_id, True)]


def test_after_a_task_that_raises_the_context_is_empty() -> None:
    with pytest.raises(ZeroDivisionError):
        inside(tenant_id=new_tenant(), fail=True)
    assert current_tenant_id() is None
    assert not connection.in_atomic_block
    platform()
    assert seen[-1] is None


def test_a_worker_runs_a_task_the_same_way() -> None:
    tenant_id = new_tenant()
    assert inside.apply(kwargs={"tenant_id": tenant_id}).successful()
    assert inside.apply(kwargs={"tenant_id": tenant_id, "fail": True}).failed()
    assert seen == [(tenant_id, True)] * 2
    assert current_tenant_id() is None


def test_a_sending_task_opens_its_own_steps() -> None:
    tenant_id = new_tenant()
    sending(tenant_id=tenant_id)
    assert seen == [(None, False), tenant_id]


@pytest.mark.parametrize("wrong", [{}, {"tenant_id": None}, {"tenant_id": "7"}, {"tenant_id": True}])
def test_a_tenants_task_must_be_told_whose_it_is(wrong: dict[str, Any]) -> None:
    for task in (inside, sending):
        with pytest.raises(TypeError, match="tenant_id"):
            task(**wrong)
    assert seen == []


def test_a_task_is_not_called_from_inside_a_tenant_or_a_transaction() -> None:
    tenant_id = new_tenant()
    for task, ids in ((inside, {"tenant_id": tenant_id}), (sending, {"tenant_id": tenant_id}), (platform, {})):
        with tenant_context(tenant_id), pytest.raises(NestedTenant):
            task(**ids)
        with transaction.atomic(), pytest.raises(NestedTenant):
            task(**ids)
    assert seen == []


def test_no_call_leaves_while_a_transaction_is_open() -> None:
    with tenant_context(new_tenant()), pytest.raises(TransactionOpen):
        send(Request("GET", "http://127.0.0.1:9/"))


def waiting(broker_url: str, queue: str) -> list[tuple[str, dict[str, int]]]:
    """Names and ids of the tasks that wait in a queue of the broker; takes them."""
    names = []
    with Connection(broker_url, transport_options=product.app.conf.broker_transport_options) as broker:
        box = broker.SimpleQueue(queue)
        with suppress(Empty):
            while True:
                message = box.get_nowait()
                names.append((message.headers["task"], message.payload[1]))
                message.ack()
        box.close()
    return names


def test_a_hint_is_sent_to_the_tasks_own_queue_after_the_commit_alone(broker_url: str) -> None:
    product.app.set_current()
    queue, name = "crm", "crm.tasks.deliver"
    waiting(broker_url, queue)
    with transaction.atomic():
        enqueue_on_commit(name, tenant_id=1, message_id=2)
        assert waiting(broker_url, queue) == []
    assert waiting(broker_url, queue) == [(name, {"tenant_id": 1, "message_id": 2})]
    with transaction.atomic():
        enqueue_on_commit(name, tenant_id=1, message_id=3)
        transaction.set_rollback(True)
    assert waiting(broker_url, queue) == []


def test_a_broker_that_is_gone_fails_no_action(caplog: pytest.LogCaptureFixture) -> None:
    lonely = Celery("lonely", broker="redis://127.0.0.1:9/0", set_as_current=False, fixups=[])
    lonely.conf.task_publish_retry = False
    lonely.set_current()
    try:
        with transaction.atomic():
            enqueue_on_commit("no.such.task", tenant_id=1)
    finally:
        product.app.set_current()
    assert "hint_lost" in caplog.text
