"""The greeting to a new customer (document 92137): a code is good once, and for 20 seconds."""

from __future__ import annotations

from wecom_simulator.api import params
from wecom_simulator.api.gate import Call, endpoint
from wecom_simulator.errors import WecomError
from wecom_simulator.model import Follow
from wecom_simulator.router import Json

CODE_SECONDS = 20
MOST_ATTACHMENTS = 9
KINDS = ("image", "link", "miniprogram", "video", "file")


@endpoint("POST", "/cgi-bin/externalcontact/send_welcome_msg")
def send_welcome_msg(call: Call) -> Json:
    """Deliver text and attachments to the customer's chat, as separate messages."""
    code = params.text(call.body, "welcome_code", code=41050)
    if not code:
        raise WecomError(41049)
    content = params.text(params.table(call.body, "text"), "content", octets=4000)
    attachments = _attachments(call)
    if not content and not attachments:
        raise WecomError(40063)
    record = call.corp.welcome_codes.get(code)
    now = call.world.clock.now()
    if record is None:
        raise WecomError(41050)
    follow = call.corp.follow(record.userid, record.external_userid)
    if record.used or follow is None or follow.started_chat:
        raise WecomError(41051)
    if now - record.created > CODE_SECONDS or follow.status not in ("friend", "half"):
        raise WecomError(41050)
    record.used = True
    _deliver(call, follow, content, attachments, now)
    return {}


def _attachments(call: Call) -> list[Json]:
    given = call.body.get("attachments") or []
    if not isinstance(given, list):
        raise WecomError(40058, "attachments")
    if len(given) > MOST_ATTACHMENTS:
        raise WecomError(41064)
    return [_checked(call, item) for item in given]


def _checked(call: Call, item: object) -> Json:
    kind = item.get("msgtype") if isinstance(item, dict) else None
    if not isinstance(item, dict) or kind not in KINDS:
        raise WecomError(41065)
    value = params.table(item, kind)
    if kind == "link":
        params.required(value, "title"), params.required(value, "url")
        params.text(value, "title", octets=128), params.text(value, "desc", octets=512)
    elif kind == "miniprogram":
        for name in ("title", "pic_media_id", "appid", "page"):
            params.required(value, name)
        params.text(value, "title", octets=64)
        known_media(call, value["pic_media_id"])
    elif kind == "image" and not value.get("media_id"):
        params.required(value, "pic_url")
    else:
        known_media(call, params.required(value, "media_id"))
    return {"msgtype": kind, kind: value}


def known_media(call: Call, media_id: str) -> None:
    """40007 unless the file was uploaded within the last three days."""
    media = call.corp.media.get(media_id)
    if media is None or (not media.permanent and call.now - media.created_at > 3 * 86_400):
        raise WecomError(40007)


def _deliver(call: Call, follow: Follow, content: str, attachments: list[Json], now: float) -> None:
    messages: list[Json] = [{"msgtype": "text", "text": {"content": content}}] if content else []
    for message in messages + attachments:
        follow.messages.append({"at": now, "from": "staff", "welcome": True, **message})
    timeline = call.world.timeline
    follow.welcome_seconds = timeline.since_add(follow.person_id, follow.userid) or 0
    text = f"欢迎语已送达，加好友后 {follow.welcome_seconds:.1f} 秒"
    total = timeline.since_scan(follow.person_id)
    if total is not None:
        text = f"扫码→欢迎语 {total:.1f} 秒"
    timeline.add(now, "welcome", text, person_id=follow.person_id, corp_id=call.corp.corp_id)
    call.corp.touch("follows", "welcome_codes")
