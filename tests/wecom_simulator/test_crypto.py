"""The simulator's own encryption agrees with every published vector."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from wecom_simulator import crypto


def test_every_published_vector_is_signed_and_decrypted_alike(samples: Path) -> None:
    vectors = json.loads((samples / "vectors" / "vectors.json").read_text(encoding="utf-8"))
    assert len(vectors) == 14
    for vector in vectors:
        encrypted = vector["encrypt"]
        if vector["kind"] != "decrypt_only":
            signed = crypto.signature(vector["token"], vector["timestamp"], vector["nonce"], encrypted)
            assert signed == vector["msg_signature"], vector["id"]
        if vector["encoding_aes_key"]:
            message, receiver = crypto.decrypt(vector["encoding_aes_key"], encrypted)
            assert receiver == vector["receive_id"], vector["id"]
            if vector["expected_msg"] is not None:
                assert message.decode() == vector["expected_msg"], vector["id"]
        if vector.get("random16"):
            again = crypto.encrypt(vector["encoding_aes_key"], message, receiver, vector["random16"].encode())
            assert again == encrypted


@pytest.mark.parametrize("length", range(70))
def test_any_length_survives_encryption_and_decryption(length: int) -> None:
    key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
    message = ("活" * length).encode()
    assert crypto.decrypt(key, crypto.encrypt(key, message, "wwcorp")) == (message, "wwcorp")


def test_a_cut_ciphertext_is_refused() -> None:
    key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
    with pytest.raises(crypto.DecryptError):
        crypto.decrypt(key, crypto.encrypt(key, b"hello", "wwcorp")[:-8])
