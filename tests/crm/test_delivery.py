"""CRM sync, as product.md §7 says it: nothing lost, signed, in order per customer, one switch."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from crm.models import CrmEndpoint, OutboxMessage
from crm.rules import Outcome
from crm.services.delivery import TryResult, message_send, messages_claim, result_record
from crm.services.endpoints import endpoint_set
from crm.services.outbox import event_emit, replay_period
from crm.tasks import deliver
from livecode_admin.kernel import clock
from tenants.context import tenant_context
from tests.factories import TenantFixture
from wecom_simulator.testing import RunningSimulator


def switch_on(tenant: TenantFixture, sim: RunningSimulator, *, enabled: bool = True) -> str:
    """Point the tenant at its own sink; the signing secret."""
    with tenant_context(tenant.id):
        secret = endpoint_set(access=tenant.owner, url=f"{sim.url}/crm/{tenant.slug}", enabled=enabled, now=clock.now())
    assert secret is not None
    return secret


def emit(tenant: TenantFixture, customer_id: int = 1, at: datetime | None = None, **body: Any) -> str:
    now = at or clock.now()
    with tenant_context(tenant.id):
        return event_emit(event_type="customer.added", customer_id=customer_id, body=body, occurred_at=now, now=now)


def sink(tenant: TenantFixture, sim: RunningSimulator) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sim.get(f"/sim/crm/{tenant.slug}")["received"]
    return found


def states(tenant: TenantFixture) -> list[str]:
    with tenant_context(tenant.id):
        return list(OutboxMessage.objects.order_by("id").values_list("state", flat=True))


def fail_once(tenant: TenantFixture, *, status: int | None, now: datetime) -> Outcome:
    """One claimed message whose try ended so."""
    with tenant_context(tenant.id):
        (message,) = messages_claim(now=now)
    with tenant_context(tenant.id):
        return result_record(message, TryResult(status, {}, "no", 1), now=now)


def test_an_event_reaches_the_crm_and_verifies_with_the_official_library(
    tenant: TenantFixture, simulator: RunningSimulator
) -> None:
    secret = switch_on(tenant, simulator)
    message_id = emit(tenant, name="小满妈妈")
    deliver(tenant_id=tenant.id)
    (event,) = sink(tenant, simulator)
    headers = {name.lower(): value for name, value in event["headers"].items()}
    body = Webhook(secret).verify(event["body"], headers)
    assert body["type"] == "customer.added"
    assert body["data"]["name"] == "小满妈妈"
    assert headers["webhook-id"] == message_id
    assert states(tenant) == ["delivered"]


def test_with_the_switch_off_nothing_leaves_and_a_replay_sends_it_later(
    tenant: TenantFixture, simulator: RunningSimulator
) -> None:
    switch_on(tenant, simulator, enabled=False)
    emit(tenant)
    deliver(tenant_id=tenant.id)
    assert sink(tenant, simulator) == []
    assert states(tenant) == ["held"]
    now = clock.now()
    with tenant_context(tenant.id):
        endpoint_set(access=tenant.owner, url=f"{simulator.url}/crm/{tenant.slug}", enabled=True, now=now)
        count = replay_period(
            access=tenant.owner, since=now - timedelta(hours=1), until=now + timedelta(hours=1), now=now
        )
    deliver(tenant_id=tenant.id)
    assert count == 1
    assert len(sink(tenant, simulator)) == 1


def test_a_change_that_is_rolled_back_leaves_no_event(tenant: TenantFixture, simulator: RunningSimulator) -> None:
    switch_on(tenant, simulator)

    def change_and_fail() -> None:
        with tenant_context(tenant.id):
            event_emit(event_type="customer.added", customer_id=1, body={}, occurred_at=clock.now(), now=clock.now())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_and_fail()
    assert states(tenant) == []


def test_a_customers_second_event_waits_for_the_first_and_other_customers_do_not(
    tenant: TenantFixture, simulator: RunningSimulator
) -> None:
    switch_on(tenant, simulator)
    first, second, other = emit(tenant, 1), emit(tenant, 1), emit(tenant, 2)
    with tenant_context(tenant.id):
        claimed = {message.message_id for message in messages_claim(now=clock.now())}
    assert claimed == {first, other}
    assert second not in claimed


def test_a_worker_that_dies_after_sending_sends_again_with_the_same_id(
    tenant: TenantFixture, simulator: RunningSimulator
) -> None:
    switch_on(tenant, simulator)
    message_id = emit(tenant)
    now = clock.now()
    with tenant_context(tenant.id):
        (message,) = messages_claim(now=now)
    message_send(message, now=now)
    with tenant_context(tenant.id):
        assert messages_claim(now=now) == []
        (again,) = messages_claim(now=now + timedelta(seconds=61))
    message_send(again, now=clock.now())
    ids = [
        {name.lower(): value for name, value in event["headers"].items()}["webhook-id"]
        for event in sink(tenant, simulator)
    ]
    assert ids == [message_id, message_id]


def test_a_failed_try_is_made_again_after_five_seconds_and_ends_dead_after_eight(
    tenant: TenantFixture, simulator: RunningSimulator
) -> None:
    switch_on(tenant, simulator)
    now = clock.now()
    emit(tenant, at=now)
    fail_once(tenant, status=500, now=now)
    with tenant_context(tenant.id):
        assert messages_claim(now=now + timedelta(seconds=3)) == []
    for _ in range(7):
        now += timedelta(hours=13)
        fail_once(tenant, status=None, now=now)
    assert states(tenant) == ["dead"]


def test_410_switches_the_endpoint_off_at_once(tenant: TenantFixture, simulator: RunningSimulator) -> None:
    switch_on(tenant, simulator)
    emit(tenant)
    simulator.post(f"/sim/crm/{tenant.slug}/behaviour", {"status": 410})
    deliver(tenant_id=tenant.id)
    with tenant_context(tenant.id):
        assert CrmEndpoint.objects.get().disabled_at is not None
    emit(tenant)
    deliver(tenant_id=tenant.id)
    assert len(sink(tenant, simulator)) == 1


def test_five_days_of_failure_switch_the_endpoint_off_and_one_success_starts_over(
    tenant: TenantFixture, simulator: RunningSimulator
) -> None:
    switch_on(tenant, simulator)
    start = clock.now()
    emit(tenant, 1, at=start)
    fail_once(tenant, status=500, now=start)
    emit(tenant, 2, at=start)
    with tenant_context(tenant.id):
        messages = messages_claim(now=start + timedelta(minutes=1))
    with tenant_context(tenant.id):
        result_record(messages[0], TryResult(200, {}, "", 1), now=start + timedelta(minutes=1))
        assert CrmEndpoint.objects.get().failing_since is None
        result_record(messages[1], TryResult(500, {}, "no", 1), now=start + timedelta(minutes=2))
    emit(tenant, 3, at=start)
    late = start + timedelta(days=5, minutes=3)
    with tenant_context(tenant.id):
        (message, *_) = messages_claim(now=late)
        result_record(message, TryResult(500, {}, "no", 1), now=late)
        assert CrmEndpoint.objects.get().disabled_at == late


def test_what_happens_now_does_not_wait_behind_a_backlog(tenant: TenantFixture, simulator: RunningSimulator) -> None:
    switch_on(tenant, simulator)
    now = clock.now()
    for customer_id in range(10, 20):
        emit(tenant, customer_id, at=now - timedelta(days=30))
    fresh = emit(tenant, 99, at=now)
    with tenant_context(tenant.id):
        assert messages_claim(now=now)[0].message_id == fresh
