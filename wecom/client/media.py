"""Uploads (documents 90253, 90256)."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from wecom import limits
from wecom.client.calls import Call, Caller
from wecom.client.decode import Json, number, text

MIN_BYTES = 6


@dataclass(frozen=True)
class UploadedMedia:
    """A temporary file: `media_id` works for 3 days in all apps of the corp. `created_at`: Unix seconds."""

    type: str
    media_id: str
    created_at: int


class Media(Caller):
    """Uploads."""

    def upload_media(self, *, kind: str, filename: str, content: bytes, content_type: str) -> UploadedMedia:
        """Upload a file for 3 days; `kind` is image, voice, video or file. Raises ValueError for an unfit size."""
        if not MIN_BYTES <= len(content) <= 2 * limits.IMAGE_BYTES:
            raise ValueError("a file has 6 bytes to 20 MB")
        found = self._upload("media/upload", {"type": kind}, filename, content, content_type)
        return UploadedMedia(text(found, "type"), text(found, "media_id"), number(found, "created_at"))

    def upload_image(self, *, filename: str, content: bytes, content_type: str) -> str:
        """Upload an image for good and give its URL, which only shows inside WeCom. Few a day. Raises ValueError."""
        if not MIN_BYTES <= len(content) <= limits.UPLOADIMG_BYTES:
            raise ValueError("an image has 6 bytes to 2 MB")
        return text(self._upload("media/uploadimg", {}, filename, content, content_type), "url")

    def _upload(self, api: str, query: dict[str, str | int], filename: str, content: bytes, content_type: str) -> Json:
        raw = multipart(filename, content, content_type, boundary=secrets.token_hex(16))
        return self.call(Call(api, query=query, raw=raw, width=1))


def multipart(filename: str, content: bytes, content_type: str, *, boundary: str) -> tuple[str, bytes]:
    """(content type, body) of a form with the one field `media`. Raises ValueError for a content type that is none."""
    if not re.fullmatch(r"[\w.+-]+/[\w.+-]+", content_type):
        raise ValueError("not a content type")
    name = re.sub(r'[\x00-\x1f"\\]', "_", filename)
    head = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="media"; filename="{name}"; filelength={len(content)}\r\n'
        f"Content-Type: {content_type}\r\n\r\n"
    )
    return f"multipart/form-data; boundary={boundary}", head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
