"""How long a session lives: 30 minutes without a request, 12 hours in all (settings ``SESSION_*_SECONDS``).

Real seconds, not the product's clock: a demonstration that lets days pass must not sign everybody out.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponseBase

SIGNED_IN = "signed_in_at"
SEEN = "seen_at"
# Remembering each request to the second would write the session row each time.
SEEN_STEP = 60


class SessionLimits:
    """Empties a session that is over before anything asks who is signed in. Stands before AuthenticationMiddleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request, without the session if it is over."""
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            _limit(request.session, time.time())
        return self.get_response(request)


def _limit(session: SessionBase, seconds: float) -> None:
    if "_auth_user_id" not in session:
        return
    signed_in, seen = session.get(SIGNED_IN), session.get(SEEN)
    if signed_in is None or seen is None:
        session[SIGNED_IN] = session[SEEN] = int(seconds)
    elif is_over(signed_in, seen, seconds):
        session.flush()
    elif seconds - seen >= SEEN_STEP:
        session[SEEN] = int(seconds)


def is_over(signed_in: float, seen: float, seconds: float) -> bool:
    """Whether a session from ``signed_in``, last used at ``seen``, has ended (all in seconds since 1970)."""
    return bool(
        seconds - seen >= settings.SESSION_IDLE_SECONDS or seconds - signed_in >= settings.SESSION_ABSOLUTE_SECONDS
    )
