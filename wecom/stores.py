"""What the client needs of its surroundings: one token for all processes, and shared lanes and breakers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class FetchedToken:
    """An access token and the seconds it lives (normally 7200)."""

    value: str = field(repr=False)
    expires_in: int


class TokenStore(Protocol):
    """Keeps the token of each (corp, app). `app` names an app *and* its secret, so a corrected secret starts afresh."""

    def token(self, corp_id: str, app: str, fetch: Callable[[], FetchedToken]) -> str:
        """The cached token, or the one that `fetch` brings; many callers at once, in many processes, fetch once.

        A credential error that `fetch` raises is remembered and raised again without asking WeCom.
        """
        ...

    def discard(self, corp_id: str, app: str, token: str) -> None:
        """Forget `token` if it is still the cached one."""
        ...

    def condemn(self, corp_id: str, app: str, code: int) -> None:
        """Remember a credential error: `token` raises it until it is forgotten or its time is over."""
        ...

    def pardon(self, corp_id: str, app: str) -> None:
        """Forget a remembered credential error (an administrator asks for a new try)."""
        ...


class Limiter(Protocol):
    """Holds back calls of one (corp, API)."""

    def admit(self, corp_id: str, api: str) -> None:
        """Raises CircuitOpen while the API is stopped."""
        ...

    def trip(self, corp_id: str, api: str) -> None:
        """Stop the API for the window of its rate limit: WeCom answered 45009."""
        ...

    def lane(self, corp_id: str, api: str, *, width: int, seconds: float) -> AbstractContextManager[None]:
        """At most `width` at once. Waits up to `seconds` for a place, then raises LaneBusy."""
        ...
