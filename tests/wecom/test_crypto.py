"""Every published crypto vector passes, and nothing forged or damaged does (documents 90968, 90930)."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from tests.wecom.conftest import sample
from wecom import crypto

VECTORS: list[dict[str, Any]] = sample("vectors/vectors.json")
SIGNED = [vector for vector in VECTORS if vector["kind"] != "decrypt_only"]
SEALED = [vector for vector in VECTORS if vector["encoding_aes_key"]]
FIRST = VECTORS[0]
KEY = FIRST["encoding_aes_key"]


def name(vector: dict[str, Any]) -> str:
    return str(vector["id"])


def callback(vector: dict[str, Any]) -> crypto.Callback:
    return crypto.Callback(vector["token"], vector["encoding_aes_key"], vector["receive_id"])


def opened(vector: dict[str, Any], **changes: str) -> bytes:
    values = {key: vector[key] for key in ("msg_signature", "timestamp", "nonce")} | {"encrypted": vector["encrypt"]}
    return callback(vector).open(**(values | changes))


def test_all_fourteen_vectors_are_here() -> None:
    assert (len(VECTORS), len(SIGNED), len(SEALED)) == (14, 13, 12)


@pytest.mark.parametrize("vector", SIGNED, ids=name)
def test_the_signature_is_the_published_one(vector: dict[str, Any]) -> None:
    made = crypto.signature(vector["token"], vector["timestamp"], vector["nonce"], vector["encrypt"])
    assert made == vector["msg_signature"]


@pytest.mark.parametrize("vector", SEALED, ids=name)
def test_the_plaintext_is_the_published_one(vector: dict[str, Any]) -> None:
    plain = crypto.decrypt(crypto.decode_key(vector["encoding_aes_key"]), vector["encrypt"])
    assert plain.receive_id == vector["receive_id"]
    assert plain.message.decode() == vector["expected_msg"]


@pytest.mark.parametrize("vector", [v for v in SEALED if v in SIGNED], ids=name)
def test_a_callback_is_opened(vector: dict[str, Any]) -> None:
    assert opened(vector).decode() == vector["expected_msg"]


@pytest.mark.parametrize("vector", [v for v in VECTORS if v["kind"] == "echo"], ids=name)
def test_the_url_check_is_answered_with_exactly_the_plaintext(vector: dict[str, Any]) -> None:
    answer = callback(vector).echo(
        msg_signature=vector["msg_signature"],
        timestamp=vector["timestamp"],
        nonce=vector["nonce"],
        echostr=vector["encrypt"],
    )
    assert answer == vector["expected_msg"].encode()


@pytest.mark.parametrize("vector", [v for v in VECTORS if v.get("random16")], ids=name)
def test_a_reply_is_sealed_byte_for_byte(vector: dict[str, Any]) -> None:
    sealed = callback(vector).seal(
        vector["expected_msg"].encode(),
        timestamp=vector["timestamp"],
        nonce=vector["nonce"],
        random16=vector["random16"].encode(),
    )
    assert sealed == (vector["encrypt"], vector["msg_signature"])


@pytest.mark.parametrize(
    "change",
    [
        {"msg_signature": "0" * 40},
        {"msg_signature": FIRST["msg_signature"].upper()},
        {"msg_signature": ""},
        {"msg_signature": "签名"},
        {"timestamp": "1409659814"},
        {"nonce": "x"},
        {"encrypted": VECTORS[1]["encrypt"]},
    ],
)
def test_a_forged_callback_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(crypto.BadSignature):
        opened(FIRST, **change)


def test_a_callback_for_another_corp_is_refused() -> None:
    ours = crypto.Callback(FIRST["token"], KEY, "ww-another")
    with pytest.raises(crypto.ForeignReceiver):
        ours.open(
            msg_signature=FIRST["msg_signature"],
            timestamp=FIRST["timestamp"],
            nonce=FIRST["nonce"],
            encrypted=FIRST["encrypt"],
        )


def sealed_raw(raw: bytes) -> str:
    """Encrypt `raw` as it stands, without length or padding of ours."""

    key = crypto.decode_key(KEY)
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(raw) + encryptor.finalize()).decode()


@pytest.mark.parametrize(
    "encrypted",
    [
        "",
        "not base64!",
        "密文",
        FIRST["encrypt"][:-5],
        FIRST["encrypt"][:40] + "==",
        base64.b64encode(b"short").decode(),
        sealed_raw(b"\x00" * 32),
        sealed_raw(b"\x21" * 64),
        sealed_raw(b"a" * 31 + b"\x02"),
        sealed_raw(b"a" * 14 + b"\x02\x02"),
        sealed_raw(b"r" * 16 + b"\xff\xff\xff\xff" + b"\x0c" * 12),
        sealed_raw(b"r" * 16 + b"\x00\x00\x00\x01" + b"m" + b"\xff\xfe" + b"\x09" * 9),
    ],
)
def test_a_damaged_ciphertext_is_refused(encrypted: str) -> None:
    with pytest.raises(crypto.BadCiphertext):
        crypto.decrypt(crypto.decode_key(KEY), encrypted)


def test_padding_up_to_32_is_taken_off() -> None:
    """The official sample pads 30 bytes: blocks are of 32, not of 16."""
    key = crypto.decode_key(KEY)
    for length in range(70):
        message = b"m" * length
        assert crypto.decrypt(key, crypto.encrypt(key, message, "corp")).message == message


@pytest.mark.parametrize("key", ["", "a" * 42, "a" * 44, "*" * 43, "钥" * 43, "=" * 43])
def test_a_wrong_encoding_key_is_named(key: str) -> None:
    with pytest.raises(crypto.BadEncodingKey):
        crypto.decode_key(key)


def test_secrets_are_not_shown() -> None:
    shown = repr(callback(FIRST)) + repr(crypto.decrypt(crypto.decode_key(KEY), FIRST["encrypt"]))
    assert FIRST["token"] not in shown
    assert KEY not in shown
    assert "hello" not in shown


@given(st.binary(max_size=3000), st.text(max_size=70), st.binary(min_size=16, max_size=16))
def test_what_is_sealed_can_be_opened(message: bytes, receiver: str, random16: bytes) -> None:
    ours = crypto.Callback("token", KEY, receiver)
    encrypted, signature = ours.seal(message, timestamp="1", nonce="2", random16=random16)
    assert ours.open(msg_signature=signature, timestamp="1", nonce="2", encrypted=encrypted) == message


@given(st.text(), st.text(), st.text(), st.text())
def test_anything_strangers_send_raises_only_our_errors(signature: str, timestamp: str, nonce: str, body: str) -> None:
    with pytest.raises(crypto.CryptoError):
        crypto.Callback("token", KEY, "corp").open(
            msg_signature=signature, timestamp=timestamp, nonce=nonce, encrypted=body
        )


@given(st.binary(max_size=400))
def test_any_bytes_decrypted_raise_only_our_errors(noise: bytes) -> None:
    try:
        crypto.decrypt(crypto.decode_key(KEY), base64.b64encode(noise).decode())
    except crypto.CryptoError:
        return
