"""Ways to spoil a callback on purpose, for tests of the receiving side. Each works at one stage of the sealing."""

from __future__ import annotations

MODES = (
    "normal",
    "forge_signature",
    "wrong_receiver",
    "truncated",
    "oversize",
    "doctype",
    "entity_bomb",
    "non_utf8",
    "not_xml",
)
OVERSIZE_BYTES = 1_000_000
_ENTITIES = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;">]>'
)


def plaintext(mode: str, xml: str, corp_id: str) -> tuple[bytes, str]:
    """The bytes to encrypt and the receive id that goes with them."""
    if mode == "doctype":
        return f"<!DOCTYPE xml>{xml}".encode(), corp_id
    if mode == "entity_bomb":
        return (_ENTITIES + xml.replace("</xml>", "<X>&c;</X></xml>")).encode(), corp_id
    if mode == "non_utf8":
        return xml.replace("</xml>", "<X>中文</X></xml>").encode("gbk"), corp_id
    if mode == "not_xml":
        return b"this is not xml", corp_id
    return xml.encode(), f"ww{corp_id[::-1]}" if mode == "wrong_receiver" else corp_id


def ciphertext(mode: str, encrypted: str) -> str:
    """The encrypted text, cut short when asked."""
    return encrypted[:-20] if mode == "truncated" else encrypted


def signature(mode: str, signed: str) -> str:
    """The signature, one digit off when asked."""
    if mode != "forge_signature":
        return signed
    return ("0" if signed[0] != "0" else "1") + signed[1:]


def envelope(mode: str, body: str) -> bytes:
    """The outer XML, as bytes."""
    if mode == "oversize":
        return body.replace("</xml>", f"<Filler>{'x' * OVERSIZE_BYTES}</Filler></xml>").encode()
    if mode == "doctype":
        return f"<!DOCTYPE xml>{body}".encode()
    return body.encode()
