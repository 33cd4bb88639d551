"""The encrypted envelope of a callback POST (document 90238): XML, or JSON where the app was set so."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from wecom.events.markup import EventMalformed, child_text, parse_xml, text_of


@dataclass(frozen=True)
class Envelope:
    """Whom it is addressed to (the corp id; not proven before decryption), for which app, and the ciphertext."""

    to_user: str
    agent_id: str
    encrypted: str = field(repr=False)


def parse_envelope(body: bytes) -> Envelope:
    """Read a POST body of at most 64 KB. `agent_id` is empty in customer and contact events.

    Raises EventTooLarge, EventMalformed.
    """
    text = text_of(body)
    to_user, agent_id, encrypted = _from_json(text) if text.lstrip().startswith("{") else _from_xml(text)
    if not encrypted:
        raise EventMalformed("no ciphertext in the envelope")
    return Envelope(to_user=to_user, agent_id=agent_id, encrypted=encrypted)


def _from_xml(text: str) -> tuple[str, str, str]:
    root = parse_xml(text)
    return child_text(root, "ToUserName") or "", child_text(root, "AgentID") or "", child_text(root, "Encrypt") or ""


def _from_json(text: str) -> tuple[str, str, str]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise EventMalformed("not JSON") from error
    if not isinstance(found, dict):
        raise EventMalformed("not a JSON object")
    values = {str(key).lower(): value for key, value in found.items()}
    encrypted = values.get("encrypt", "")
    if not isinstance(encrypted, str):
        raise EventMalformed("the ciphertext is not text")
    return _word(values.get("tousername")), _word(values.get("agentid")), encrypted.strip()


def _word(value: object) -> str:
    return str(value).strip() if isinstance(value, str | int) else ""
