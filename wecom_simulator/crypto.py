"""WeCom's callback encryption, written from its description (document 90968) and from nothing of ours."""

from __future__ import annotations

import base64
import hashlib
import os
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32


class DecryptError(ValueError):
    """The ciphertext is not what WeCom would have made with this key."""


def signature(token: str, timestamp: str, nonce: str, encrypted: str) -> str:
    """msg_signature: sha1 over the four values in dictionary order, as lower-case hex."""
    joined = "".join(sorted([token, timestamp, nonce, encrypted]))
    return hashlib.sha1(joined.encode(), usedforsecurity=False).hexdigest()


def _key(aes_key: str) -> bytes:
    key = base64.b64decode(aes_key + "=")
    if len(key) != 32:
        raise DecryptError("EncodingAESKey must have 43 characters")
    return key


def encrypt(aes_key: str, message: bytes, receive_id: str, random16: bytes | None = None) -> str:
    """Encrypt to base64: 16 random bytes, big-endian length, message, receive id, PKCS#7 on 32-byte blocks."""
    key = _key(aes_key)
    raw = (random16 or os.urandom(16)) + struct.pack(">I", len(message)) + message + receive_id.encode()
    pad = BLOCK - len(raw) % BLOCK
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(raw + bytes([pad]) * pad) + encryptor.finalize()).decode()


def decrypt(aes_key: str, encrypted: str) -> tuple[bytes, str]:
    """The message and the receive id; raises DecryptError when padding or length are wrong."""
    key = _key(aes_key)
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    try:
        raw = decryptor.update(base64.b64decode(encrypted, validate=True)) + decryptor.finalize()
    except ValueError as error:
        raise DecryptError("not a ciphertext") from error
    pad = raw[-1] if raw else 0
    if not 1 <= pad <= BLOCK or not raw.endswith(bytes([pad]) * pad):
        raise DecryptError("bad padding")
    raw = raw[:-pad]
    if len(raw) < 20:
        raise DecryptError("too short")
    length = int(struct.unpack(">I", raw[16:20])[0])
    if 20 + length > len(raw):
        raise DecryptError("bad length")
    return raw[20 : 20 + length], raw[20 + length :].decode(errors="replace")
