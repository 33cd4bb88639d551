"""Callback signature and encryption (WeCom documents 90968, 90930, 91144).

AES-256-CBC with the key's first 16 bytes as IV, PKCS#7 to blocks of 32 bytes; the plaintext is 16 random bytes, the
length of the message (4 bytes, big endian), the message, and the receiver's id. For a self-built app the receiver is
the corp id; comparing it keeps a message for one company from being replayed to another's URL.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import struct
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK = 32
_AES_BLOCK = 16
_RANDOM = 16
_KEY_CHARACTERS = 43


class CryptoError(Exception):
    """A callback that is not from WeCom, not for us, or damaged. The message never quotes the content."""


class BadEncodingKey(CryptoError):
    """The EncodingAESKey is not 43 characters of base64 for 32 bytes."""


class BadSignature(CryptoError):
    """The signature does not match token, timestamp, nonce and ciphertext."""


class BadCiphertext(CryptoError):
    """Not base64, not whole blocks, wrong padding, or a length that does not fit."""


class ForeignReceiver(CryptoError):
    """Decrypted well, but meant for another receiver."""


@dataclass(frozen=True)
class Plain:
    """What a ciphertext held."""

    random: bytes
    message: bytes = field(repr=False)
    receive_id: str


def signature(token: str, timestamp: str, nonce: str, encrypted: str) -> str:
    """The lower-case hex SHA-1 of the four values, sorted and joined (document 90968)."""
    joined = "".join(sorted((token, timestamp, nonce, encrypted)))
    return hashlib.sha1(joined.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def decode_key(encoding_aes_key: str) -> bytes:
    """The 32-byte AES key of a 43-character EncodingAESKey. Raises BadEncodingKey."""
    if len(encoding_aes_key) != _KEY_CHARACTERS:
        raise BadEncodingKey("an EncodingAESKey has 43 characters")
    try:
        key = base64.b64decode(encoding_aes_key.encode("ascii") + b"=", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise BadEncodingKey("the EncodingAESKey is not base64") from error
    if len(key) != 32:
        raise BadEncodingKey("the EncodingAESKey does not hold 32 bytes")
    return key


def encrypt(key: bytes, message: bytes, receive_id: str, *, random16: bytes | None = None) -> str:
    """Encrypt as WeCom does. `random16` fixes the 16 leading bytes (for tests); by default they are random."""
    lead = secrets.token_bytes(_RANDOM) if random16 is None else random16
    if len(lead) != _RANDOM:
        raise ValueError("the leading bytes are 16")
    raw = lead + struct.pack(">I", len(message)) + message + receive_id.encode()
    pad = _BLOCK - len(raw) % _BLOCK
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:_AES_BLOCK])).encryptor()
    return base64.b64encode(encryptor.update(raw + bytes([pad]) * pad) + encryptor.finalize()).decode("ascii")


def decrypt(key: bytes, encrypted: str) -> Plain:
    """Decrypt a ciphertext in base64. Says nothing of who sent it: check the signature first. Raises BadCiphertext."""
    try:
        raw = base64.b64decode(encrypted.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise BadCiphertext("the ciphertext is not base64") from error
    if not raw or len(raw) % _AES_BLOCK:
        raise BadCiphertext("the ciphertext is not whole blocks")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:_AES_BLOCK])).decryptor()
    return _take_apart(_unpadded(decryptor.update(raw) + decryptor.finalize()))


def _unpadded(padded: bytes) -> bytes:
    pad = padded[-1]
    if not 1 <= pad <= _BLOCK or pad > len(padded) or padded[-pad:] != bytes([pad]) * pad:
        raise BadCiphertext("wrong padding")
    return padded[:-pad]


def _take_apart(raw: bytes) -> Plain:
    head = _RANDOM + 4
    if len(raw) < head:
        raise BadCiphertext("too short for a message")
    (length,) = struct.unpack(">I", raw[_RANDOM:head])
    if head + length > len(raw):
        raise BadCiphertext("the stated length is longer than the content")
    try:
        receive_id = raw[head + length :].decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadCiphertext("the receiver is not text") from error
    return Plain(random=raw[:_RANDOM], message=raw[head : head + length], receive_id=receive_id)


@dataclass(frozen=True)
class Callback:
    """One receiving URL's secrets: token (≤ 32 characters), EncodingAESKey and the receiver id (corp id)."""

    token: str = field(repr=False)
    encoding_aes_key: str = field(repr=False)
    receive_id: str

    def open(self, *, msg_signature: str, timestamp: str, nonce: str, encrypted: str) -> bytes:
        """The message of a callback, after signature and receiver were checked.

        Raises BadSignature, BadCiphertext, ForeignReceiver, BadEncodingKey.
        """
        expected = signature(self.token, timestamp, nonce, encrypted)
        if not _same(expected, msg_signature):
            raise BadSignature("the signature does not match")
        plain = decrypt(decode_key(self.encoding_aes_key), encrypted)
        if not _same(plain.receive_id, self.receive_id):
            raise ForeignReceiver("the message is for another receiver")
        return plain.message

    def echo(self, *, msg_signature: str, timestamp: str, nonce: str, echostr: str) -> bytes:
        """The exact bytes to answer the URL check with (document 90930; within a second). Raises as `open`."""
        return self.open(msg_signature=msg_signature, timestamp=timestamp, nonce=nonce, encrypted=echostr)

    def seal(self, message: bytes, *, timestamp: str, nonce: str, random16: bytes | None = None) -> tuple[str, str]:
        """Encrypt and sign a passive reply: (ciphertext, signature)."""
        encrypted = encrypt(decode_key(self.encoding_aes_key), message, self.receive_id, random16=random16)
        return encrypted, signature(self.token, timestamp, nonce, encrypted)


def _same(left: str, right: str) -> bool:
    return hmac.compare_digest(left.encode("utf-8", "surrogatepass"), right.encode("utf-8", "surrogatepass"))
