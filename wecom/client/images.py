"""Fetching the QR image of a contact way or join way."""

from __future__ import annotations

from urllib.parse import urlsplit

from livecode_admin.kernel import http
from wecom.errors import Unreachable

MAX_BYTES = 2 * 1024 * 1024
_STARTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"RIFF")
_API = "qr image"


def fetch_image(url: str, *, deadline: float = 10.0) -> bytes:
    """The image at `url` (≤ 2 MB, PNG, JPEG, GIF or WebP by its first bytes; not decoded here).

    WeCom names its image host with http: it is asked by https. Raises Unreachable.
    """
    parts = urlsplit(url)
    if parts.scheme == "http" and (parts.hostname or "").endswith(".qpic.cn"):
        url = parts._replace(scheme="https").geturl()
    try:
        response = http.send(http.Request("GET", url, purpose="wecom:qr"), deadline=deadline, max_body=MAX_BYTES)
    except http.HttpError as error:
        raise Unreachable(_API, type(error).__name__) from error
    if response.status != 200:
        raise Unreachable(_API, f"status {response.status}")
    if not response.body.startswith(_STARTS):
        raise Unreachable(_API, "not an image")
    return response.body
