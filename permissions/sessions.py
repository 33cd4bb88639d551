"""How long a session lives, and what it knows of the person: second factor passed, identity confirmed lately.

30 minutes without a request, 12 hours in all (settings ``SESSION_*_SECONDS``). Real seconds, not the product's clock:
a demonstration that lets days pass must not sign everybody out.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponseBase

from permissions.services.sign_ins import sign_in_seen

SIGNED_IN = "signed_in_at"
SEEN = "seen_at"
# Remembering each request to the second would write the session row each time.
SEEN_STEP = 60
# When the second factor was passed in this session; absent: it was not.
PASSED = "second_factor_at"
# When the person last showed that it is them: password, second factor or scan.
CONFIRMED = "confirmed_at"
CONFIRMED_SECONDS = 600
# The person owes a second factor and has none yet: nothing opens until it is set up.
OWED = "second_factor_owed"
# The one company that a session counts in, when it was opened by that company's WeCom: whose account is whose there is
# for the company's administrators to say, and they say nothing about other companies.
COMPANY = "company_id"


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
        sign_in_seen(session_key=session.session_key or "", now=real_now())


def is_over(signed_in: float, seen: float, seconds: float) -> bool:
    """Whether a session from ``signed_in``, last used at ``seen``, has ended (all in seconds since 1970)."""
    return bool(
        seconds - seen >= settings.SESSION_IDLE_SECONDS or seconds - signed_in >= settings.SESSION_ABSOLUTE_SECONDS
    )


def real_now() -> datetime:
    """The machine's time, which sessions and one-time codes go by."""
    return datetime.fromtimestamp(time.time(), UTC)


def mark_confirmed(session: SessionBase) -> None:
    """The person has just shown that it is them: :func:`is_confirmed` for ten minutes."""
    session[CONFIRMED] = int(time.time())


def is_confirmed(session: SessionBase) -> bool:
    """Whether the person has shown within the last ten minutes that it is them."""
    return bool(0 <= time.time() - session.get(CONFIRMED, 0) < CONFIRMED_SECONDS)


def counts_in(session: SessionBase, tenant_id: int) -> bool:
    """Whether the session was opened for this company: every session, but those by another company's WeCom."""
    return session.get(COMPANY) in (None, tenant_id)


def mark_passed(session: SessionBase) -> None:
    """The second factor was passed: that confirms the person too, and nothing is owed any more."""
    session[PASSED] = int(time.time())
    session.pop(OWED, None)
    mark_confirmed(session)


def has_passed(session: SessionBase) -> bool:
    """Whether the second factor was passed in this session."""
    return PASSED in session
