"""Uploads (documents 90253, 90256): temporary files live three days; uploadimg gives a lasting address."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from wecom_simulator import multipart
from wecom_simulator.api.gate import Call, endpoint
from wecom_simulator.errors import WecomError
from wecom_simulator.model import Media
from wecom_simulator.router import Json, NotFound, Request, Response, route

LEAST = 5
LIMITS = {"image": 10_000_000, "voice": 2_000_000, "video": 10_000_000, "file": 20_000_000}
UPLOADIMG_LIMIT = 2_000_000
NAME = re.compile(r"[A-Za-z0-9_-]+")


def media_path(state_dir: Path, media_id: str) -> Path:
    """Where the bytes of an upload are kept."""
    return state_dir / "media" / media_id


@endpoint("POST", "/cgi-bin/media/upload", raw_body=True)
def upload(call: Call) -> Json:
    """A temporary file of type image, voice, video or file."""
    kind = call.query.get("type", "")
    if kind not in LIMITS:
        raise WecomError(40004)
    media = _keep(call, kind, LIMITS[kind], permanent=False)
    return {"errmsg": "", "type": kind, "media_id": media.media_id, "created_at": str(media.created_at)}


@endpoint("POST", "/cgi-bin/media/uploadimg", raw_body=True)
def uploadimg(call: Call) -> Json:
    """A picture with a lasting address."""
    media = _keep(call, "image", UPLOADIMG_LIMIT, permanent=True)
    return {"errmsg": "", "url": f"{call.world.config.base_url}/sim/media/{media.media_id}"}


def _keep(call: Call, kind: str, limit: int, *, permanent: bool) -> Media:
    parts = multipart.parse(call.request.headers.get("content-type", ""), call.request.body)
    part = next((part for part in parts if part.filename), None)
    if part is None or len(part.data) <= LEAST:
        raise WecomError(44001)
    if len(part.data) > limit:
        raise WecomError(45001)
    if kind == "image" and not part.data.startswith((b"\x89PNG", b"\xff\xd8")):
        raise WecomError(40004)
    media = Media(secrets.token_urlsafe(32), kind, part.filename, part.content_type, call.now, permanent)
    path = media_path(call.world.config.state_dir, media.media_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(part.data)
    call.corp.media[media.media_id] = media
    call.corp.touch("media")
    return media


@route("GET", "/sim/media/{media_id}")
async def media_file(request: Request) -> Response:
    """The bytes of an upload, for the chat on the phone."""
    media_id = request.params["media_id"]
    found = [corp.media[media_id] for corp in request.world.store.corps.values() if media_id in corp.media]
    path = media_path(request.world.config.state_dir, media_id)
    if not found or not NAME.fullmatch(media_id) or not path.is_file():
        raise NotFound(media_id)
    picture = path.read_bytes()
    kind = "image/png" if picture.startswith(b"\x89PNG") else "image/jpeg"
    shown = kind if found[0].type == "image" else "application/octet-stream"
    return Response(picture, content_type=shown, headers=[("X-Content-Type-Options", "nosniff")])
