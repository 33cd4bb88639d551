"""How many wrong passwords are borne: by one name from one address, by one name, by one address (product: login).

Few for the pair, so that guessing at one account ends at once and its owner elsewhere goes on; more for the name alone
(many addresses guess at one account); most for the address alone (a whole office signs in from one).
"""

from __future__ import annotations

import hashlib
from typing import Any

from axes.handlers.cache import AxesCacheHandler
from axes.helpers import get_cache_timeout, get_client_ip_address, get_client_username
from django.conf import settings
from django.http import HttpRequest

from livecode_admin.kernel.keys import platform_key


class SignInThrottle(AxesCacheHandler):  # type: ignore[misc]
    """axes counts the pair (``AXES_FAILURE_LIMIT``); this adds the name and the address, each with its own limit.

    All counts end ``AXES_COOLOFF_TIME`` after the last wrong password. Unknown names are counted like known ones.
    """

    def is_locked(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        """Whether one of the three counts is full."""
        return super().is_locked(request, credentials) or any(
            self.cache.get(key, 0) >= limit for key, limit in _wide(request, credentials)
        )

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
    ) -> None:
        """Count a wrong password; one that came while locked prolongs nothing."""
        held_up = request is None or getattr(request, "axes_locked_out", False)
        super().user_login_failed(sender, credentials, request, **kwargs)
        if held_up or request is None:
            return
        for key, limit in _wide(request, credentials):
            if self.cache.add(key, 1, get_cache_timeout(request)):
                continue
            count = self.cache.incr(key)
            self.cache.touch(key, get_cache_timeout(request))
            if count >= limit:
                request.axes_locked_out = True  # type: ignore[attr-defined]
                request.axes_credentials = credentials  # type: ignore[attr-defined]

    def user_logged_in(self, sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
        """The right password clears the name's counts; the address keeps its own, or one account would free it."""
        super().user_logged_in(sender, request, user, **kwargs)
        self.cache.delete(_key("name", user.get_username()))


def _wide(request: HttpRequest, credentials: dict[str, Any] | None) -> list[tuple[str, int]]:
    """The counts of the name and of the address, with their limits."""
    found = []
    if username := get_client_username(request, credentials):
        found.append((_key("name", username), settings.SIGN_IN_FAILURES_OF_NAME))
    if address := get_client_ip_address(request):
        found.append((_key("address", address), settings.SIGN_IN_FAILURES_OF_ADDRESS))
    return found


def _key(kind: str, value: str) -> str:
    return platform_key("sign-in", kind, hashlib.sha256(value.encode()).hexdigest())
