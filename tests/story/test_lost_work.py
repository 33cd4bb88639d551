"""Arrivals survive what breaks: the broker forgets, workers are killed, WeCom sends everything again."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import pytest
import redis

from tests.story.console import Console
from tests.story.stack import Stack, until

pytestmark = pytest.mark.processes


def arrivals(stack: Stack, code_id: int) -> list[tuple[Any, ...]]:
    """Each customer that came over a code."""
    return stack.rows("SELECT customer_id, state, match FROM reception_contact WHERE code_id = %s", code_id)


def ledger_of(stack: Stack, person: str) -> list[tuple[Any, ...]]:
    """The greetings of a customer's contact way: state, called in time, attempts."""
    return stack.rows(
        "SELECT state, called_at <= deadline, attempts FROM reception_welcomedelivery WHERE way_state = %s",
        stack.friend(person)["state"],
    )


def told_the_crm(stack: Stack, code_id: int) -> Counter[str]:
    """The events of a code's customers in the outbox, by type and state."""
    rows = stack.rows(
        "SELECT event_type || ' ' || m.state FROM crm_outboxmessage m JOIN reception_contact c USING (customer_id)"
        " WHERE c.code_id = %s",
        code_id,
    )
    return Counter(row[0] for row in rows)


def test_when_the_broker_forgets_everything_sweepers_still_greet_and_count(stack: Stack, ops: Console) -> None:
    code_id, url = ops.live_code(f"任务丢失{os.getpid()}", "林晓彤")
    person = stack.customer("小满")
    broker = redis.Redis.from_url(stack.state["redis_url"])
    # While the workers are away the hints lie in the broker; then they are gone for good.
    killed = {name: stack.kill(name) for name in ("worker-welcome", "worker-outgoing", "worker")}
    stack.walk(person, url)
    until(lambda: broker.llen("lc:welcome") and broker.llen("lc:default"), what="the hints of the callback")
    broker.flushall()
    for name, pid in killed.items():
        stack.until_replaced(name, pid)
    until(lambda: told_the_crm(stack, code_id)["customer.added delivered"], what="the CRM's event")
    until(lambda: ledger_of(stack, person)[0][0] != "pending", what="the greeting's end")
    assert [row[1:] for row in arrivals(stack, code_id)] == [("friend", "exact")]
    state, in_time, _ = ledger_of(stack, person)[0]
    # On a machine too slow to bring a worker back within 18 s the greeting is given up, and that is written down.
    assert (state, in_time, len(stack.greetings(person))) in [("sent", True, 1), ("missed", None, 0)]


def test_a_worker_killed_while_greeting_is_replaced_and_the_customer_is_greeted_once(
    stack: Stack, ops: Console
) -> None:
    code_id, url = ops.live_code(f"欢迎被杀{os.getpid()}", "林晓彤")
    person = stack.customer("谷雨")
    fault = stack.fault("/cgi-bin/externalcontact/send_welcome_msg", "delay", value=4000, times=1)
    stack.walk(person, url)
    until(lambda: _fired(stack, fault), what="the worker waits for WeCom")
    killed = stack.kill("worker-welcome")
    stack.until_replaced("worker-welcome", killed)
    until(lambda: ledger_of(stack, person)[0][0] != "pending", what="the greeting's end")
    state, in_time, attempts = ledger_of(stack, person)[0]
    # WeCom finished the call of the dead worker, so the second one hears 41051; past 18 s it isn't tried at all.
    assert (state, in_time, attempts) in [("already", True, 2), ("sent", True, 2), ("missed", True, 1)]
    assert len(stack.greetings(person)) == 1
    until(lambda: told_the_crm(stack, code_id)["customer.added delivered"], what="the CRM's event")
    assert told_the_crm(stack, code_id)["customer.added delivered"] == 1
    assert [row[1:] for row in arrivals(stack, code_id)] == [("friend", "exact")]


def _fired(stack: Stack, fault: int) -> bool:
    rules = stack.sim("GET", "/sim/faults")["faults"]
    return any(rule["id"] == fault and rule["fired"] for rule in rules)


def test_the_same_callback_four_times_at_once_is_one_contact_one_greeting_one_event(stack: Stack, ops: Console) -> None:
    code_id, url = ops.live_code(f"四次回调{os.getpid()}", "林晓彤")
    corp_id = stack.tenant["corp_id"]
    stack.sim("POST", "/sim/corps", {"corp_id": corp_id, "duplicates": 4})
    person = stack.customer("立夏")
    try:
        stack.walk(person, url)
    finally:
        stack.sim("POST", "/sim/corps", {"corp_id": corp_id, "duplicates": 1})
    until(lambda: told_the_crm(stack, code_id)["customer.added delivered"], what="the CRM's event")
    until(lambda: stack.greetings(person), what="the greeting")
    external = stack.friend(person)["external_userid"]
    # The fourth delivery has been answered before this is judged.
    until(lambda: _deliveries(stack, external) == 4, what="four deliveries")
    assert stack.rows("SELECT count(*) FROM reception_welcomedelivery WHERE code_id = %s", code_id) == [(1,)]
    assert len(arrivals(stack, code_id)) == 1
    assert len(stack.greetings(person)) == 1
    assert told_the_crm(stack, code_id)["customer.added delivered"] == 1
    assert stack.rows("SELECT count(*) FROM people_customer WHERE external_userid = %s", external) == [(1,)]


def _deliveries(stack: Stack, external: str) -> int:
    """How often WeCom delivered the add of a customer and was answered with 200."""
    events = stack.sim("GET", f"/sim/corps/{stack.tenant['corp_id']}/events")["events"]
    added = [one for one in events if external in str(one) and "add_external_contact" in str(one)]
    return sum(1 for one in added for attempt in one["attempts"] if attempt.get("status") == 200)
