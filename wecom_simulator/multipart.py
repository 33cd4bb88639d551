"""Reads a multipart/form-data body: the few fields that WeCom's upload endpoints and the phone send."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP


@dataclass(frozen=True)
class Part:
    """One field of a form; `filename` is empty for a plain field."""

    name: str
    filename: str
    content_type: str
    data: bytes


def parse(content_type: str, body: bytes) -> list[Part]:
    """The parts of the body, in order; an empty list when it is not multipart."""
    if not content_type.lower().startswith("multipart/"):
        return []
    document = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    if not document.is_multipart():
        return []
    return [_part(part) for part in document.iter_parts()]


def _part(part: Message) -> Part:
    payload = part.get_payload(decode=True)
    return Part(
        name=str(part.get_param("name", "", header="content-disposition")),
        filename=part.get_filename() or "",
        content_type=part.get_content_type(),
        data=payload if isinstance(payload, bytes) else b"",
    )
