"""Identifiers. Public ones are random, never guessable from another; no Django here."""

from __future__ import annotations

import base64
import os
import re
import secrets
import threading
import uuid
from datetime import datetime

# Crockford base32: no I, L, O, U, so a slug can be read aloud and typed in either case.
CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
SLUG_LENGTH = 10
STATE_LENGTH = 24
_SLUG = re.compile(f"[{CROCKFORD}]{{{SLUG_LENGTH}}}")


POOL_BYTES = 4096


class Chance:
    """Bytes of the system's generator, fetched many at a time and each given out once.

    Asking the system for a few bytes lets another thread take Python's lock, and getting it back can take half a
    millisecond: too much for something that each scan needs twice.
    """

    def __init__(self) -> None:
        self.forget()
        os.register_at_fork(after_in_child=self.forget)

    def forget(self) -> None:
        """Begin anew, as a forked process must: what its parent fetched is the parent's."""
        self._lock = threading.Lock()
        self._pool, self._next = b"", 0

    def take(self, number: int) -> bytes:
        """``number`` bytes, up to POOL_BYTES, that nobody else gets."""
        with self._lock:
            first = self._next
            if first + number > len(self._pool):
                self._pool, first = os.urandom(POOL_BYTES), 0
            self._next = first + number
            return self._pool[first : self._next]


_chance = Chance()


def new_slug() -> str:
    """The permanent part of a printed URL: 10 characters of Crockford base32 (50 bits), lower case."""
    return "".join(secrets.choice(CROCKFORD) for _ in range(SLUG_LENGTH))


def clean_slug(text: str) -> str | None:
    """``text`` as a stored slug, or None when it can't be one. Case-insensitive; o→0, i and l→1 as Crockford asks."""
    slug = text.strip().lower().replace("o", "0").replace("i", "1").replace("l", "1")
    return slug if _SLUG.fullmatch(slug) else None


def new_state() -> str:
    """The opaque ``state`` of a contact way: 24 characters, under WeCom's 30 (document 92572)."""
    return "".join(secrets.choice(CROCKFORD) for _ in range(STATE_LENGTH))


def new_token() -> str:
    """An unguessable token of 256 bits for invitations and keys."""
    return secrets.token_urlsafe(32)


def new_visitor() -> str:
    """An unguessable value of 128 bits for a visitor's cookie, in letters that a cookie may have."""
    return base64.urlsafe_b64encode(_chance.take(16)).rstrip(b"=").decode("ascii")


def time_ordered_uuid(now: datetime) -> uuid.UUID:
    """A version-7 UUID of ``now``: unique, and ordered by time so that indexes stay narrow."""
    milliseconds = int(now.timestamp() * 1000)
    value = (milliseconds & ((1 << 48) - 1)) << 80 | secrets.randbits(80)
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return uuid.UUID(int=value)


def time_ordered_text(now: datetime) -> str:
    """:func:`time_ordered_uuid` as text, without making the object: the edge needs one for each scan."""
    stamp, chance = f"{int(now.timestamp() * 1000) & ((1 << 48) - 1):012x}", _chance.take(10).hex()
    variant = "89ab"[int(chance[19], 16) & 3]
    return f"{stamp[:8]}-{stamp[8:]}-7{chance[:3]}-{variant}{chance[3:6]}-{chance[6:18]}"
