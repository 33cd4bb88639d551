"""Retries, breakers, lanes (design.md §7)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from redis import Redis

from tests.wecom.conftest import FakeWecom
from tests.wecom.server import Seen
from wecom.client import Client
from wecom.client.calls import RETRIES
from wecom.errors import Action, CircuitOpen, LaneBusy, Unreachable, WecomError
from wecom.redis_store import RedisLimiter

BUSY = {"errcode": -1, "errmsg": "system busy"}
LIMITED = {"errcode": 45009, "errmsg": "api freq out of limit"}
OK = {"errcode": 0, "errmsg": "ok", "userid": "u"}


def first(count: int, fault: Any, then: Any = OK) -> Callable[[Seen], Any]:
    """`fault` for the first `count` calls, `then` from there on."""
    left = iter(range(count))
    return lambda seen: fault if next(left, None) is not None else then


@pytest.mark.parametrize(
    "fault",
    [BUSY, {"errcode": 45033, "errmsg": "concurrent"}, (502, b"<html>"), (200, b"<html>garbage"), (200, b"[]")],
    ids=["-1", "45033", "502", "not JSON", "not an object"],
)
def test_a_passing_fault_is_retried_at_most_three_times_with_growing_pauses(
    fault: Any, client: Client, wecom: FakeWecom, pauses: list[float]
) -> None:
    wecom.replies["user/get"] = first(RETRIES, fault)
    assert client.get_user("u").userid == "u"
    assert len(wecom.calls("user/get")) == 4
    assert pauses == pytest.approx([0.3, 0.6, 1.2])


def test_a_lasting_fault_is_given_up_after_three_retries(client: Client, wecom: FakeWecom) -> None:
    wecom.replies["user/get"] = BUSY
    with pytest.raises(WecomError) as caught:
        client.get_user("u")
    assert (caught.value.code, caught.value.action) == (-1, Action.RETRY)
    assert len(wecom.calls("user/get")) == 4


def test_pauses_have_jitter(client: Client, wecom: FakeWecom, pauses: list[float]) -> None:
    wecom.replies["user/get"] = first(2, BUSY)
    shares = iter([0.0, 0.99])
    client.jitter = lambda: next(shares)
    client.get_user("u")
    assert pauses == pytest.approx([0.2, 0.796])


def test_a_time_out_is_retried_at_most_three_times(client: Client, wecom: FakeWecom, pauses: list[float]) -> None:
    hang = threading.Event()

    def reply(seen: Seen) -> Any:
        hang.wait(10)

    client.access_token()
    client.deadline = 0.1
    wecom.replies["user/get"] = reply
    with pytest.raises(Unreachable) as caught:
        client.get_user("u")
    hang.set()
    assert caught.value.reason == "DeadlineExceeded"
    assert len(pauses) == 3


@pytest.mark.parametrize(
    "answer", [{"errcode": 40058, "errmsg": "invalid"}, {"errcode": 99999}, (404, b""), (301, b"")]
)
def test_other_errors_are_not_repeated(answer: Any, client: Client, wecom: FakeWecom, pauses: list[float]) -> None:
    wecom.replies["user/get"] = answer
    with pytest.raises(WecomError):
        client.get_user("u")
    assert len(wecom.calls("user/get")) == 1
    assert pauses == []


def test_45009_stops_that_api_of_that_corp_and_nothing_else(client_of: Callable[..., Client], wecom: FakeWecom) -> None:
    one, other = client_of("ww1"), client_of("ww2")
    wecom.replies["user/get"] = lambda seen: LIMITED if seen.query["access_token"] == "token1" else OK
    with pytest.raises(WecomError) as caught:
        one.get_user("u")
    assert caught.value.action is Action.WAIT
    for _ in range(20):
        with pytest.raises(CircuitOpen) as stopped:
            one.get_user("u")
        assert 0 < stopped.value.seconds <= 60
    assert len(wecom.calls("user/get")) == 1
    assert other.get_user("u").userid == "u"
    assert one.get_follow_user_list() == ()


def test_writes_that_waited_behind_a_45009_are_not_sent(client: Client, wecom: FakeWecom) -> None:
    wecom.replies["externalcontact/mark_tag"] = LIMITED

    def mark(number: int) -> WecomError:
        with pytest.raises(WecomError) as caught:
            client.mark_tag(userid="u", external_userid=f"wm{number}", add=["t"])
        return caught.value

    with ThreadPoolExecutor(10) as pool:
        found = list(pool.map(mark, range(10)))
    assert len(wecom.calls("externalcontact/mark_tag")) == 1
    assert [error.code for error in found] == [45009] * 10


def test_the_window_is_an_hour_when_a_minute_was_not_enough(client: Client, wecom: FakeWecom, redis: Redis) -> None:
    assert isinstance(client.limiter, RedisLimiter)
    stopped = client.limiter._name("ww1", "stopped", "user/get")
    client.limiter.trip("ww1", "user/get")
    client.limiter.trip("ww1", "user/get")  # a call that was under way: the same window
    with pytest.raises(CircuitOpen) as caught:
        client.limiter.admit("ww1", "user/get")
    assert caught.value.seconds <= 60
    redis.delete(stopped)  # the minute is over
    client.limiter.admit("ww1", "user/get")
    client.limiter.trip("ww1", "user/get")
    with pytest.raises(CircuitOpen) as caught:
        client.limiter.admit("ww1", "user/get")
    assert 3500 < caught.value.seconds <= 3600


def test_a_ban_of_gettoken_lasts_an_hour(client: Client, wecom: FakeWecom) -> None:
    wecom.replies["gettoken"] = LIMITED
    for _ in range(5):
        with pytest.raises(WecomError):
            client.access_token()
    assert len(wecom.calls("gettoken")) == 1


class Crowd:
    """A handler that counts how many are inside at once."""

    def __init__(self, *, until: int = 1) -> None:
        self.inside = self.most = 0
        self.lock = threading.Lock()
        self.enough = threading.Event()
        self.until = until

    def __call__(self, seen: Seen) -> Any:
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
            if self.most >= self.until:
                self.enough.set()
        self.enough.wait(10)
        time.sleep(0.01)
        with self.lock:
            self.inside -= 1
        return OK


def test_writes_of_one_api_go_one_after_the_other(client: Client, wecom: FakeWecom) -> None:
    wecom.replies["externalcontact/mark_tag"] = crowd = Crowd()
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda n: client.mark_tag(userid="u", external_userid=f"wm{n}", add=["t"]), range(10)))
    assert crowd.most == 1
    assert len(wecom.calls("externalcontact/mark_tag")) == 10


def test_eight_greetings_go_at_once_and_not_behind_other_writes(client: Client, wecom: FakeWecom) -> None:
    wecom.replies["externalcontact/send_welcome_msg"] = crowd = Crowd(until=8)
    with client.limiter.lane("ww1", "externalcontact/mark_tag", width=1, seconds=1):
        with ThreadPoolExecutor(20) as pool:
            list(pool.map(lambda n: client.send_welcome_msg(f"CODE{n}", text="您好"), range(20)))
    assert crowd.most == 8
    assert len(wecom.calls("externalcontact/send_welcome_msg")) == 20


def test_a_full_lane_is_left_after_the_waiting_time(client: Client) -> None:
    with client.limiter.lane("ww1", "a/b", width=1, seconds=1):
        with pytest.raises(LaneBusy), client.limiter.lane("ww1", "a/b", width=1, seconds=0.05):
            pytest.fail("two in a lane for one")
        with client.limiter.lane("ww2", "a/b", width=1, seconds=0.05):
            pass
    with client.limiter.lane("ww1", "a/b", width=1, seconds=0.05):
        pass


def test_the_place_of_a_process_that_died_is_freed(client: Client, redis: Redis) -> None:
    assert isinstance(client.limiter, RedisLimiter)
    name = client.limiter._name("ww1", "lane", "a/b")
    redis.zadd(name, {"dead": 1})
    with client.limiter.lane("ww1", "a/b", width=1, seconds=0.05):
        assert redis.zscore(name, "dead") is None


def test_another_app_sending_the_greeting_is_waited_for(client: Client, wecom: FakeWecom) -> None:
    wecom.replies["externalcontact/send_welcome_msg"] = first(2, {"errcode": 41096, "errmsg": "sending"})
    client.send_welcome_msg("CODE", text="您好")
    assert len(wecom.calls("externalcontact/send_welcome_msg")) == 3


@pytest.mark.parametrize("code", [41050, 41051])
def test_a_greeting_that_can_t_be_sent_any_more_is_final(code: int, client: Client, wecom: FakeWecom) -> None:
    wecom.replies["externalcontact/send_welcome_msg"] = {"errcode": code, "errmsg": "no"}
    with pytest.raises(WecomError) as caught:
        client.send_welcome_msg("CODE", text="您好")
    assert caught.value.action is Action.FINAL
    assert len(wecom.calls("externalcontact/send_welcome_msg")) == 1


def test_a_greeting_is_not_retried_past_its_time(client: Client, wecom: FakeWecom) -> None:
    now = 100.0

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    client.sleep, client.clock = sleep, lambda: now
    wecom.replies["externalcontact/send_welcome_msg"] = BUSY
    with pytest.raises(WecomError):
        client.send_welcome_msg("CODE", text="您好", budget=0.7)
    assert len(wecom.calls("externalcontact/send_welcome_msg")) == 2  # the second pause would end after it
    assert now < 100.7  # and it wasn't slept in vain
    with pytest.raises(Unreachable):
        client.send_welcome_msg("CODE", text="您好", budget=0)
    assert len(wecom.calls("externalcontact/send_welcome_msg")) == 2
