"""One token for all processes: fetched once, replaced once, and a wrong secret never tried in a loop (91039)."""

from __future__ import annotations

import subprocess
import sys
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from tests.wecom.conftest import FakeWecom
from tests.wecom.server import Seen
from wecom.client import Client
from wecom.errors import Action, StoreUnavailable, Unreachable, WecomError
from wecom.redis_store import RedisTokenStore, connect

MANY = 50
ROOT = Path(__file__).parents[2]


def at_once(count: int, act: Callable[[], Any]) -> list[Any]:
    """What `act` gave or raised in `count` threads that start together."""
    gate = threading.Barrier(count)

    def run(_: int) -> Any:
        gate.wait()
        try:
            return act()
        except WecomError as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def needs(token: str) -> Callable[[Seen], dict[str, Any]]:
    """An API that takes only `token`."""

    def reply(seen: Seen) -> dict[str, Any]:
        if seen.query["access_token"] == token:
            return {"errcode": 0, "errmsg": "ok", "userid": "u"}
        return {"errcode": 42001, "errmsg": "access_token expired"}

    return reply


def test_fifty_callers_at_once_fetch_one_token(client_of: Callable[..., Client], wecom: FakeWecom) -> None:
    """Each caller has its own store, as processes have."""
    assert set(at_once(MANY, lambda: client_of().access_token())) == {"token1"}
    assert len(wecom.calls("gettoken")) == 1


PROCESS = """
import sys
from wecom.client import Client
from wecom.redis_store import RedisLimiter, RedisTokenStore, connect

base_url, redis_url, space = sys.argv[1:]
redis, key = connect(redis_url), lambda *parts: ":".join([space, *parts])
stores = {"tokens": RedisTokenStore(redis, key), "limiter": RedisLimiter(redis, key)}
print(Client(corp_id="ww1", secret="s", agent_id=1, base_url=base_url, **stores).access_token())
"""


def test_four_processes_fetch_one_token(wecom: FakeWecom, redis_url: str) -> None:
    assert wecom.server is not None
    command = [sys.executable, "-c", PROCESS, wecom.server.url, redis_url, f"test-{uuid.uuid4()}"]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(4)]
    assert [process.communicate(timeout=60)[0].strip() for process in running] == ["token1"] * 4
    assert len(wecom.calls("gettoken")) == 1


def test_fifty_callers_with_a_dead_token_fetch_one_new_token(client: Client, wecom: FakeWecom) -> None:
    assert client.access_token() == "token1"
    wecom.replies["user/get"] = needs("token2")
    found = at_once(MANY, lambda: client.get_user("u").userid)
    assert found == ["u"] * MANY
    assert len(wecom.calls("gettoken")) == 2


@pytest.mark.parametrize("code", [40014, 42001])
def test_a_token_that_stays_dead_is_replaced_once_and_the_call_replayed_once(
    code: int, client: Client, wecom: FakeWecom
) -> None:
    wecom.replies["user/get"] = {"errcode": code, "errmsg": "dead"}
    with pytest.raises(WecomError) as caught:
        client.get_user("u")
    assert caught.value.code == code
    assert len(wecom.calls("user/get")) == 2
    assert len(wecom.calls("gettoken")) == 2


def test_a_missing_token_is_our_mistake_and_not_refreshed(client: Client, wecom: FakeWecom) -> None:
    wecom.replies["user/get"] = {"errcode": 41001, "errmsg": "access_token missing"}
    with pytest.raises(WecomError):
        client.get_user("u")
    assert len(wecom.calls("gettoken")) == 1


@pytest.mark.parametrize("code", [40001, 40013, 40091])
def test_a_wrong_secret_is_asked_once_however_often_we_call(code: int, client: Client, wecom: FakeWecom) -> None:
    wecom.replies["gettoken"] = {"errcode": code, "errmsg": "wrong"}
    errors = at_once(20, client.access_token) + [at_once(1, lambda: client.get_user("u"))[0] for _ in range(5)]
    assert {error.code for error in errors} == {code}
    assert {error.action for error in errors} == {Action.CONFIG}
    assert len(wecom.calls("gettoken")) == 1
    assert wecom.calls("user/get") == []


def test_a_credential_error_of_another_api_stops_the_calls_too(client: Client, wecom: FakeWecom) -> None:
    wecom.replies["user/get"] = {"errcode": 40001, "errmsg": "invalid credential"}
    for _ in range(5):
        with pytest.raises(WecomError):
            client.get_user("u")
    assert len(wecom.calls("user/get")) == 1
    assert len(wecom.calls("gettoken")) == 1


def test_a_corrected_secret_is_tried_at_once(client_of: Callable[..., Client], wecom: FakeWecom) -> None:
    def reply(seen: Seen) -> dict[str, Any]:
        good = seen.query["corpsecret"] == "right"
        return wecom.next_token(seen) if good else {"errcode": 40001, "errmsg": "invalid credential"}

    wecom.replies["gettoken"] = reply
    with pytest.raises(WecomError):
        client_of(secret="wrong").access_token()
    assert client_of(secret="right").access_token() == "token1"


def test_an_administrator_s_new_try_is_let_through(client: Client, wecom: FakeWecom) -> None:
    wecom.replies["gettoken"] = {"errcode": 40013, "errmsg": "invalid corpid"}
    with pytest.raises(WecomError):
        client.access_token()
    del wecom.replies["gettoken"]
    client.tokens.pardon(client.corp_id, client.app)
    assert client.access_token() == "token1"


def test_tokens_of_apps_and_corps_are_not_mixed(client_of: Callable[..., Client]) -> None:
    tokens = {client_of(corp, secret).access_token() for corp in ("ww1", "ww2") for secret in ("a", "b")}
    assert len(tokens) == 4


def test_the_token_ends_before_wecom_s_does(client: Client, redis: Redis) -> None:
    client.access_token()
    lives = [redis.ttl(key) for key in redis.scan_iter("*:token:*") if redis.get(key) == "token1"]
    assert max(int(str(seconds)) for seconds in lives) in range(6800, 6901)


def test_those_who_waited_for_a_failed_fetch_don_t_all_repeat_it(client: Client, wecom: FakeWecom) -> None:
    wecom.replies["gettoken"] = {"errcode": -1, "errmsg": "system busy"}
    errors = at_once(20, client.access_token)
    assert {type(error) for error in errors} <= {WecomError, Unreachable}
    assert len(wecom.calls("gettoken")) == 4  # one fetch with its three retries


def test_an_answer_without_a_token_is_no_token(client: Client, wecom: FakeWecom) -> None:
    wecom.replies["gettoken"] = {"errcode": 0, "errmsg": "ok"}
    with pytest.raises(Unreachable):
        client.access_token()


def test_a_store_that_is_gone_says_so(client: Client, wecom: FakeWecom) -> None:
    gone = connect("redis://127.0.0.1:1/0")
    client.tokens = RedisTokenStore(gone, lambda *parts: ":".join(map(str, parts)))
    with pytest.raises(StoreUnavailable):
        client.get_user("u")
    assert wecom.seen == []


def test_neither_secret_nor_token_is_shown(client: Client) -> None:
    assert "s3cret" not in repr(client)
    assert "s3cret" not in client.app
