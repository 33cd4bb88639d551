"""One call of the WeCom API: token, lane, breaker, retries, and what the answer means (documents 90313, 90454).

- A dead token (40014, 42001) is replaced once for all processes and the call is replayed once.
- A credential error (40001, 40013, 40091) is remembered, never repeated: WeCom bans the address for an hour.
- 45009 stops the API for this corp for the window. -1, time-outs, 5xx and 45033/45035 are retried at most 3 times.
"""

from __future__ import annotations

import hashlib
import json
import random
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from urllib.parse import urlencode

from livecode_admin.kernel import http
from wecom import errors
from wecom.client.decode import Json, number, text
from wecom.errors import Action, Unreachable, WecomError
from wecom.stores import FetchedToken, Limiter, TokenStore

RETRIES = 3
MAX_BODY = 32 * 1024 * 1024  # user/list of a large department; WeCom states no size
LANE_SECONDS = 30.0
TOKEN_SECONDS = 12.0  # less than a token store holds its lock
_AGAIN = frozenset({Action.RETRY, Action.SERIALISE})


@dataclass(frozen=True)
class Call:
    """What to ask. `query` is sent beside the token; `width` is the number of places in the API's lane (0: no lane)."""

    api: str
    query: Mapping[str, str | int] = field(default_factory=dict)
    body: Mapping[str, object] | None = field(default=None, repr=False)
    raw: tuple[str, bytes] | None = field(default=None, repr=False)  # content type and bytes, instead of `body`
    width: int = 0
    budget: float | None = None  # seconds for the whole call, retries included


@dataclass(kw_only=True)
class Caller:
    """The connection of one app of one corp. Cheap to make; holds no state of its own."""

    corp_id: str
    secret: str = field(repr=False)
    agent_id: int
    base_url: str
    tokens: TokenStore = field(repr=False)
    limiter: Limiter = field(repr=False)
    deadline: float = 10.0  # seconds per attempt
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    jitter: Callable[[], float] = field(default=random.random, repr=False)  # in [0, 1)
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)

    @property
    def app(self) -> str:
        """The app's name in the token store: changes with the secret, doesn't reveal it."""
        digest = hashlib.sha256(f"{self.corp_id}\0{self.secret}".encode()).hexdigest()
        return f"{self.agent_id}-{digest[:16]}"

    def read(self, api: str, body: Mapping[str, object] | None = None, /, **query: str | int) -> Json:
        """A call that changes nothing: GET without a body, POST with one. Raises WecomError."""
        return self.call(Call(api, query=query, body=body))

    def write(self, api: str, body: Mapping[str, object]) -> Json:
        """A call that changes something: one at a time per corp and API. Raises WecomError."""
        return self.call(Call(api, body=body, width=1))

    def access_token(self) -> str:
        """The app's token, fetched once for all processes (document 91039). Raises WecomError."""
        return self.tokens.token(self.corp_id, self.app, self._fetch_token)

    def call(self, call: Call) -> Json:
        """The answer of a call that needs a token. Raises WecomError."""
        ends = None if call.budget is None else self.clock() + call.budget
        token = self.access_token()
        try:
            return self._persist(call, {"access_token": token}, ends)
        except WecomError as error:
            if error.code in errors.CREDENTIALS_WRONG:
                self.tokens.condemn(self.corp_id, self.app, error.code)
            if error.code not in errors.TOKEN_DEAD:
                raise
        self.tokens.discard(self.corp_id, self.app, token)
        return self._persist(call, {"access_token": self.access_token()}, ends)

    def _fetch_token(self) -> FetchedToken:
        ends = self.clock() + TOKEN_SECONDS
        found = self._persist(Call("gettoken"), {"corpid": self.corp_id, "corpsecret": self.secret}, ends)
        value = text(found, "access_token")
        if not value:
            raise Unreachable("gettoken", "an answer without a token")
        return FetchedToken(value, number(found, "expires_in") or 7200)

    def _persist(self, call: Call, secrets: Mapping[str, str], ends: float | None) -> Json:
        for attempt in range(RETRIES + 1):
            try:
                return self._attempt(call, secrets, ends)
            except WecomError as error:
                pause = (0.2 * 2**attempt) * (1 + self.jitter())
                out_of_time = ends is not None and self.clock() + pause >= ends
                if not error.asked or error.action not in _AGAIN or attempt == RETRIES or out_of_time:
                    raise
            self.sleep(pause)
        raise Unreachable(call.api, "no attempt was made")

    def _seconds(self, call: Call, ends: float | None) -> float:
        if ends is None:
            return self.deadline
        left = ends - self.clock()
        if left <= 0:
            raise Unreachable(call.api, "the time for this call is over")
        return min(self.deadline, left)

    def _attempt(self, call: Call, secrets: Mapping[str, str], ends: float | None) -> Json:
        self.limiter.admit(self.corp_id, call.api)
        with self._lane(call, self._seconds(call, ends)):
            if call.width:  # what was in the lane before us may have met the limit
                self.limiter.admit(self.corp_id, call.api)
            try:
                return self._exchange(call, secrets, self._seconds(call, ends))
            except WecomError as error:
                if error.code == errors.RATE_LIMITED:
                    self.limiter.trip(self.corp_id, call.api)
                raise

    def _lane(self, call: Call, seconds: float) -> AbstractContextManager[None]:
        if not call.width:
            return nullcontext()
        waits = LANE_SECONDS if call.budget is None else seconds
        return self.limiter.lane(self.corp_id, call.api, width=call.width, seconds=waits)

    def _exchange(self, call: Call, secrets: Mapping[str, str], seconds: float) -> Json:
        try:
            response = http.send(self._request(call, secrets), deadline=seconds, max_body=MAX_BODY)
            if response.status != 200:
                raise self._refusal(call, response.status)
            found = response.json()
        except http.HttpError as error:
            raise Unreachable(call.api, type(error).__name__) from error
        if not isinstance(found, dict):
            raise Unreachable(call.api, "not a JSON object")
        code = number(found, "errcode")  # absent on success at some old endpoints
        if code:
            raise WecomError(code, api=call.api, errmsg=text(found, "errmsg"))
        return found

    def _refusal(self, call: Call, status: int) -> WecomError:
        if status >= 500 or status == 429:
            return Unreachable(call.api, f"status {status}")
        return WecomError(status, api=call.api, action=Action.FIX, text=f"企业微信返回了 HTTP {status}")

    def _request(self, call: Call, secrets: Mapping[str, str]) -> http.Request:
        query = urlencode({**secrets, **call.query})
        content_type, body = call.raw or ("application/json; charset=utf-8", None)
        if call.body is not None:
            body = json.dumps(call.body, ensure_ascii=False, separators=(",", ":")).encode()
        return http.Request(
            method="GET" if body is None else "POST",
            url=f"{self.base_url.rstrip('/')}/cgi-bin/{call.api}?{query}",
            headers={} if body is None else {"Content-Type": content_type},
            body=body,
            purpose=f"wecom:{call.api}",
        )
