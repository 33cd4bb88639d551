"""What every door shares once WeCom has made it: its QR picture is read, and its code goes live with it."""

from __future__ import annotations

import logging
from datetime import datetime

from codes.rules import Refused
from livecode_admin.kernel import http
from permissions.access import Access
from routing.qrimages import MAX_BYTES, QrUnreadable, qr_content, way_png
from routing.services.publish import code_go_live
from tenants.context import tenant_context
from tenants.selectors import tenant_facts

_log = logging.getLogger("livecode.routing")


class DoorProblem(Exception):
    """Why a way could not be made, in words for people."""


def read_qr(url: str) -> tuple[str, bytes]:
    """What WeCom's picture says, and our own picture of it.

    Raises:
        DoorProblem: the picture can't be fetched or isn't a QR; the message is for people.
    """
    try:
        answer = http.send(http.Request("GET", url, purpose="routing.way_qr"), max_body=MAX_BYTES)
    except http.HttpError as error:
        raise DoorProblem("企业微信的二维码图片暂时无法下载") from error
    if answer.status != 200:
        raise DoorProblem(f"企业微信的二维码图片下载失败（{answer.status}）")
    try:
        content = qr_content(answer.body)
    except QrUnreadable as error:
        raise DoorProblem("企业微信返回的二维码无法识别") from error
    return content, way_png(content)


def go_live(tenant_id: int, code_id: int, *, reason: str, now: datetime) -> None:
    """Let a code go live with its first finished door; one that may not stays as it is.

    ``reason`` is what the audit log says of it.
    """
    with tenant_context(tenant_id):
        access = Access.system(tenant_id=tenant_id, tenant_slug=tenant_facts().slug, reason=reason)
        try:
            code_go_live(access=access, code_id=code_id, now=now)
        except Refused as refused:
            # Retired, or past its end, while the door was made: the door is there, the code stays down.
            _log.info("code_stays_down", extra={"code_id": code_id, "reason": refused.message})
