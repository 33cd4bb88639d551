"""Secrets at rest: AES-256-GCM with a key ring, each value bound to the place it is stored in.

The context (``tenant|model.field``) is authenticated: a ciphertext copied into another tenant's row or
another field does not open. No Django here: the ring comes from the environment.
"""

from __future__ import annotations

import base64
import os
import secrets
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

RING_ENV = "LIVECODE_SECRET_KEYS"
RING_FILE_ENV = "LIVECODE_SECRET_KEYS_FILE"


class SealError(ValueError):
    """A sealed value could not be opened: wrong context, unknown key or damaged text."""


@lru_cache(maxsize=4)
def _parse_ring(text: str) -> dict[str, AESGCM]:
    ring: dict[str, AESGCM] = {}
    for entry in filter(None, (part.strip() for part in text.replace("\n", ",").split(","))):
        key_id, _, encoded = entry.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except ValueError:
            key = b""
        if len(key) != 32 or not key_id:
            raise SealError("an entry of the key ring is not ID:base64 of 32 bytes")
        ring[key_id] = AESGCM(key)
    if not ring:
        raise SealError(f"set {RING_ENV} (ID:base64 of 32 bytes, the first key seals) or {RING_FILE_ENV}")
    return ring


def _ring() -> dict[str, AESGCM]:
    text = os.environ.get(RING_ENV, "")
    path = os.environ.get(RING_FILE_ENV)
    if not text and path:
        text = Path(path).read_text(encoding="ascii")
    return _parse_ring(text)


def seal(plaintext: str, *, context: str) -> str:
    """Encrypt ``plaintext`` for ``context`` with the first key of the ring; empty text stays empty."""
    if not plaintext:
        return ""
    key_id, key = next(iter(_ring().items()))
    nonce = secrets.token_bytes(12)
    sealed = nonce + key.encrypt(nonce, plaintext.encode(), context.encode())
    return f"{key_id}:{base64.b64encode(sealed).decode()}"


def unseal(sealed: str, *, context: str) -> str:
    """Decrypt what :func:`seal` made for the same ``context``.

    Raises:
        SealError: another context, an unknown key, or damaged text.
    """
    if not sealed:
        return ""
    key_id, _, encoded = sealed.partition(":")
    key = _ring().get(key_id)
    if key is None:
        raise SealError(f"sealed with unknown key {key_id!r}")
    try:
        raw = base64.b64decode(encoded, validate=True)
        return key.decrypt(raw[:12], raw[12:], context.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise SealError("sealed for another place, or damaged") from error


def new_ring() -> str:
    """A fresh ring with one random key, for a new installation."""
    return "k1:" + base64.b64encode(secrets.token_bytes(32)).decode()
