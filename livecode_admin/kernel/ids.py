"""Identifiers. Public ones are random, never guessable from another; no Django here."""

from __future__ import annotations

import os
import re
import secrets
import uuid
from datetime import datetime

# Crockford base32: no I, L, O, U, so a slug can be read aloud and typed in either case.
CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
SLUG_LENGTH = 10
STATE_LENGTH = 24
_SLUG = re.compile(f"[{CROCKFORD}]{{{SLUG_LENGTH}}}")


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


def time_ordered_uuid(now: datetime) -> uuid.UUID:
    """A version-7 UUID of ``now``: unique, and ordered by time so that indexes stay narrow."""
    milliseconds = int(now.timestamp() * 1000)
    value = (milliseconds & ((1 << 48) - 1)) << 80 | secrets.randbits(80)
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return uuid.UUID(int=value)


def time_ordered_text(now: datetime) -> str:
    """:func:`time_ordered_uuid` as text, without making the object: the edge needs one for each scan."""
    stamp, chance = f"{int(now.timestamp() * 1000) & ((1 << 48) - 1):012x}", os.urandom(10).hex()
    variant = "89ab"[int(chance[19], 16) & 3]
    return f"{stamp[:8]}-{stamp[8:]}-7{chance[:3]}-{variant}{chance[3:6]}-{chance[6:18]}"
