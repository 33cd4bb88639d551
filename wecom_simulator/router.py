"""A small router for a plain ASGI application: requests, responses, and routes with `{name}` placeholders."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from wecom_simulator.world import World

Json = dict[str, Any]


class BadRequest(ValueError):
    """The caller of the simulator's own interface sent something unusable; the text says what."""


class NotFound(LookupError):
    """Nothing of that name here."""


@dataclass
class Request:
    """One HTTP request, its body read in full."""

    world: World
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    raw_query: str = ""
    params: dict[str, str] = field(default_factory=dict)

    def json(self) -> Json:
        """The body as a JSON object; an empty body is an empty object. Raises BadRequest."""
        if not self.body:
            return {}
        try:
            value = json.loads(self.body)
        except ValueError as error:
            raise BadRequest("the body is not JSON") from error
        if not isinstance(value, dict):
            raise BadRequest("the body must be a JSON object")
        return value

    def form(self) -> dict[str, str]:
        """The body as an urlencoded form."""
        return dict(parse_qsl(self.body.decode(errors="replace"), keep_blank_values=True))


@dataclass
class Response:
    """One HTTP response. `declared_length` larger than the body makes the server cut the connection midway."""

    body: bytes = b""
    status: int = 200
    content_type: str = "text/plain; charset=utf-8"
    headers: list[tuple[str, str]] = field(default_factory=list)
    declared_length: int | None = None
    drip_seconds: float = 0


def json_response(value: object, status: int = 200) -> Response:
    """A JSON response; dataclasses are written as their fields."""
    text = json.dumps(value, ensure_ascii=False, default=vars)
    return Response(text.encode(), status, "application/json; charset=utf-8")


def html_response(text: str, status: int = 200) -> Response:
    """A page."""
    return Response(text.encode(), status, "text/html; charset=utf-8", [("Cache-Control", "no-store")])


def redirect(url: str) -> Response:
    """302 to another address."""
    return Response(status=302, headers=[("Location", url)])


Handler = Callable[[Request], Awaitable[Response]]


class Router:
    """Exact paths first, then patterns in the order in which they were added."""

    def __init__(self) -> None:
        self._exact: dict[tuple[str, str], Handler] = {}
        self._patterns: list[tuple[str, re.Pattern[str], Handler]] = []

    def route(self, method: str, path: str) -> Callable[[Handler], Handler]:
        """Register a handler for `METHOD /path/{name}`; `{name*}` also takes slashes."""

        def register(handler: Handler) -> Handler:
            if "{" not in path:
                self._exact[(method, path)] = handler
                return handler
            pattern = re.sub(r"\{(\w+)\*\}", r"(?P<\1>.+)", path)
            pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern)
            self._patterns.append((method, re.compile(pattern), handler))
            return handler

        return register

    def find(self, request: Request) -> Handler | None:
        """The handler for a request, with its placeholders put into `request.params`; None when there is none."""
        method = "GET" if request.method == "HEAD" else request.method
        found = self._exact.get((method, request.path))
        if found is not None:
            return found
        for wanted, pattern, handler in self._patterns:
            match = pattern.fullmatch(request.path) if wanted == method else None
            if match is not None:
                request.params = match.groupdict()
                return handler
        return None


router = Router()
route = router.route
