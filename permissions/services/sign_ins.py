"""Where a person is signed in: one row for each session, and ending sessions from elsewhere."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Iterable
from datetime import datetime

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import CharField, F, Func

from permissions.models import SignIn

_BROWSERS = (
    ("企业微信", r"wxwork"),
    ("微信", r"MicroMessenger"),
    ("Edge", r"Edg/"),
    ("Firefox", r"Firefox/"),
    ("Chrome", r"Chrome/|CriOS/"),
    ("Safari", r"Safari/"),
)
_SYSTEMS = (
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("macOS", r"Mac OS X"),
    ("Linux", r"Linux"),
)


class KeyHash(Func):
    """The hash of a session's key, computed by the database."""

    template = "encode(sha256(convert_to(%(expressions)s, 'UTF8')), 'hex')"
    output_field = CharField()


def session_hash(session_key: str) -> str:
    """What a sign-in keeps of a session's key: with the row alone nobody gets in."""
    return hashlib.sha256(session_key.encode()).hexdigest()


def short_ip(address: str) -> str:
    """The network of an address (a.b.c.* or the first 48 bits): enough to know the place, no more than needed."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if parsed.version == 4:
        return f"{address.rpartition('.')[0]}.*"
    return f"{':'.join(parsed.exploded.split(':')[:3])}:*"


def browser_name(user_agent: str) -> str:
    """「Chrome · Windows」 of a user agent; empty when nothing in it is known."""
    found = [
        next((name for name, pattern in table if re.search(pattern, user_agent)), "") for table in (_BROWSERS, _SYSTEMS)
    ]
    return " · ".join(filter(None, found))


@transaction.atomic
def sign_in_started(*, user_id: int, session_key: str, method: str, ip: str, user_agent: str, now: datetime) -> None:
    """Note a new session. ``method``: ``password`` or ``wecom``; ``ip`` is shortened here."""
    SignIn.objects.create(
        user_id=user_id,
        session_hash=session_hash(session_key),
        method=method,
        started_at=now,
        seen_at=now,
        ip=short_ip(ip),
        browser=browser_name(user_agent),
    )


@transaction.atomic
def sign_in_seen(*, session_key: str, now: datetime) -> None:
    """The session was used at ``now``."""
    SignIn.objects.filter(session_hash=session_hash(session_key)).update(seen_at=now)


@transaction.atomic
def sign_in_moved(*, old_key: str, new_key: str) -> None:
    """The session goes on under another key."""
    SignIn.objects.filter(session_hash=session_hash(old_key)).update(session_hash=session_hash(new_key))


@transaction.atomic
def sign_in_ended(*, session_key: str, now: datetime) -> None:
    """The person signed out."""
    SignIn.objects.filter(session_hash=session_hash(session_key), ended_at=None).update(ended_at=now)


@transaction.atomic
def session_end(*, user_id: int, sign_in_id: int, now: datetime) -> bool:
    """Sign one of the person's sessions out; felt on its next request. False: there is no such session of theirs."""
    return bool(_end(list(SignIn.objects.filter(pk=sign_in_id, user_id=user_id, ended_at=None)), now))


@transaction.atomic
def other_sessions_end(*, user_id: int, keep_key: str, now: datetime) -> int:
    """Sign all of the person's sessions out but the one with this key; how many there were."""
    rows = SignIn.objects.filter(user_id=user_id, ended_at=None).exclude(session_hash=session_hash(keep_key))
    return _end(list(rows), now)


def _end(rows: Iterable[SignIn], now: datetime) -> int:
    hashes = [row.session_hash for row in rows]
    if hashes:
        # The session itself goes: a mark alone would have to be looked at on every request.
        keyed = Session.objects.filter(expire_date__gt=now).annotate(hash=KeyHash(F("session_key")))
        keyed.filter(hash__in=hashes).delete()
        SignIn.objects.filter(session_hash__in=hashes).update(ended_at=now)
    return len(hashes)
