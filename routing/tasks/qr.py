"""WeCom's QR pictures, downloaded and read outside of any transaction."""

from __future__ import annotations

from livecode_admin.kernel import http
from routing.qrimages import MAX_BYTES, QrUnreadable, qr_content, way_png


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
