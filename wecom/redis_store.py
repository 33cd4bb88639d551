"""Tokens, breakers and lanes in Redis, shared by all processes. The caller builds the keys, with the tenant in them."""

from __future__ import annotations

import logging
import random
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from wecom.errors import (
    CREDENTIALS_WRONG,
    SYSTEM_BUSY,
    CircuitOpen,
    LaneBusy,
    StoreUnavailable,
    Unreachable,
    WecomError,
)
from wecom.stores import FetchedToken

TOKEN_MARGIN = 300  # seconds before its end that a token is no longer used
LOCK_MS = 15_000  # longer than a fetch may take (calls.TOKEN_SECONDS)
WAIT_SECONDS = 20.0
CONDEMNED_SECONDS = 300  # a wrong secret is tried at most 12 times an hour; a corrected one at once
FAILED_MS = 1000  # those who waited for a failed fetch don't all repeat it
WINDOW_SECONDS = 60  # the shortest window of 45009 (document 90454)
LONG_WINDOW_SECONDS = 3600  # the next one, when the first was not enough
LONG_WINDOW_APIS = frozenset({"gettoken", "get_jsapi_ticket", "media/uploadimg"})
LANE_MS = 30_000  # longer than one attempt; frees the place of a process that died

_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"
_ENTER = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
"""
_log = logging.getLogger("livecode.wecom")

KeyBuilder = Callable[..., str]


def connect(url: str) -> Redis:
    """A Redis client that fails fast: short time-outs, no retries (by default a dead server costs 4 s a command)."""
    return Redis.from_url(
        url,
        decode_responses=True,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=2.0,
        socket_connect_timeout=1.0,
        health_check_interval=30,
    )


@contextmanager
def _guarded(api: str) -> Iterator[None]:
    try:
        yield
    except RedisError as error:
        raise StoreUnavailable(api) from error


class RedisTokenStore:
    """A `TokenStore`. `key` builds a key from parts without ':' and '/'."""

    def __init__(self, redis: Redis, key: KeyBuilder, *, sleep: Callable[[float], None] = time.sleep) -> None:
        """`sleep` is called between looks at a token that another caller is fetching."""
        self._redis: Any = redis  # redis-py types its answers as sync-or-async unions
        self._key = key
        self._sleep = sleep
        self._release = self._redis.register_script(_RELEASE)

    def token(self, corp_id: str, app: str, fetch: Callable[[], FetchedToken]) -> str:
        """See `TokenStore.token`. Also raises StoreUnavailable; Unreachable right after a fetch that failed."""
        lock, mine = self._name(corp_id, "token-lock", app), secrets.token_hex(8)
        ends = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < ends:
            cached = self._cached(corp_id, app)
            if cached:
                return cached
            with _guarded("gettoken"):
                locked = self._redis.set(lock, mine, nx=True, px=LOCK_MS)
            if locked:
                try:
                    return self._cached(corp_id, app) or self._fetched(corp_id, app, fetch)
                finally:
                    self._unlock(lock, mine)
            self._sleep(0.03)
        raise StoreUnavailable("gettoken")

    def discard(self, corp_id: str, app: str, token: str) -> None:
        """See `TokenStore.discard`."""
        with _guarded("gettoken"):
            self._release(keys=[self._name(corp_id, "token", app)], args=[token])

    def condemn(self, corp_id: str, app: str, code: int) -> None:
        """See `TokenStore.condemn`."""
        with _guarded("gettoken"):
            self._redis.set(self._name(corp_id, "token-fault", app), code, ex=CONDEMNED_SECONDS)

    def pardon(self, corp_id: str, app: str) -> None:
        """See `TokenStore.pardon`."""
        with _guarded("gettoken"):
            self._redis.delete(self._name(corp_id, "token-fault", app))

    def _name(self, corp_id: str, what: str, app: str) -> str:
        return self._key("wecom", corp_id, what, app)

    def _cached(self, corp_id: str, app: str) -> str:
        names = [self._name(corp_id, "token-fault", app), self._name(corp_id, "token", app)]
        with _guarded("gettoken"):
            fault, token = self._redis.mget(names)
        if fault and int(fault) == SYSTEM_BUSY:
            raise Unreachable("gettoken", "the token could not be fetched a moment ago")
        if fault:
            raise WecomError(int(fault), api="gettoken")
        return token or ""

    def _fetched(self, corp_id: str, app: str, fetch: Callable[[], FetchedToken]) -> str:
        try:
            token = fetch()
        except WecomError as error:
            if error.code in CREDENTIALS_WRONG:
                self.condemn(corp_id, app, error.code)
            elif error.code == SYSTEM_BUSY:
                with _guarded("gettoken"):
                    self._redis.set(self._name(corp_id, "token-fault", app), SYSTEM_BUSY, px=FAILED_MS)
            raise
        lives = max(token.expires_in - TOKEN_MARGIN, min(token.expires_in, 60))
        with _guarded("gettoken"):
            self._redis.set(self._name(corp_id, "token", app), token.value, ex=max(lives, 1))
        return token.value

    def _unlock(self, lock: str, mine: str) -> None:
        try:
            self._release(keys=[lock], args=[mine])
        except RedisError:
            _log.warning("wecom_token_lock_left", extra={"lock": lock})  # it expires by itself


class RedisLimiter:
    """A `Limiter`. `key` builds a key from parts without ':' and '/'."""

    def __init__(
        self,
        redis: Redis,
        key: KeyBuilder,
        *,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """`sleep` and `jitter` (in [0, 1)) space the looks at a full lane."""
        self._redis: Any = redis
        self._key = key
        self._sleep = sleep
        self._jitter = jitter
        self._enter = self._redis.register_script(_ENTER)

    def admit(self, corp_id: str, api: str) -> None:
        """See `Limiter.admit`."""
        with _guarded(api):
            left = self._redis.pttl(self._name(corp_id, "stopped", api))
        if left > 0:
            raise CircuitOpen(api, left / 1000)

    def trip(self, corp_id: str, api: str) -> None:
        """See `Limiter.trip`: 60 s at first, an hour when 45009 comes again within 5 minutes after it."""
        stopped, strikes = self._name(corp_id, "stopped", api), self._name(corp_id, "strikes", api)
        with _guarded(api):
            again = api in LONG_WINDOW_APIS or self._redis.exists(strikes)
            window = LONG_WINDOW_SECONDS if again else WINDOW_SECONDS
            # Calls that were under way when the first was refused are refused too: only the first of them counts.
            if self._redis.set(stopped, 1, nx=True, ex=window):
                self._redis.set(strikes, 1, ex=window + 300)

    @contextmanager
    def lane(self, corp_id: str, api: str, *, width: int, seconds: float) -> Iterator[None]:
        """See `Limiter.lane`. A place is given back after 30 s at the latest."""
        name, mine = self._name(corp_id, "lane", api), secrets.token_hex(8)
        ends = time.monotonic() + seconds
        while not self._entered(name, width, mine, api):
            if time.monotonic() >= ends:
                raise LaneBusy(api)
            self._sleep(0.01 + 0.02 * self._jitter())
        try:
            yield
        finally:
            self._leave(name, mine)

    def _entered(self, name: str, width: int, mine: str, api: str) -> bool:
        with _guarded(api):
            return bool(self._enter(keys=[name], args=[width, LANE_MS, mine]))

    def _leave(self, name: str, mine: str) -> None:
        try:
            self._redis.zrem(name, mine)
        except RedisError:
            _log.warning("wecom_lane_left", extra={"lane": name})  # it expires by itself

    def _name(self, corp_id: str, what: str, api: str) -> str:
        return self._key("wecom", corp_id, what, api.replace("/", "."))
