"""WeCom's error codes and their texts (document 90313)."""

from __future__ import annotations

TEXTS: dict[int, str] = {
    -1: "system error",
    40001: "invalid credential",
    40003: "invalid user id",
    40004: "invalid media type",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid corpid",
    40014: "invalid access_token",
    40029: "invalid code",
    40031: "invalid user id list",
    40056: "invalid agentid",
    40058: "invalid parameter",
    40063: "some parameters are empty",
    40066: "invalid party list",
    40068: "invalid tagid",
    40071: "tag name exist",
    40091: "secret is invalid for this corp",
    40096: "invalid external userid",
    40097: "handover user is not dismissed",
    40098: "user is not real-name verified",
    40128: "external contact is transferred too often",
    40129: "external contact is being transferred",
    40130: "handover user and takeover user are the same",
    40131: "handover user is not a follower of this external contact",
    41001: "access_token missing",
    41004: "corpsecret missing",
    41035: "missing or invalid contact way parameter",
    41036: "missing contact way config_id",
    41037: "missing contact way type",
    41038: "missing contact way scene",
    41039: "invalid contact way type",
    41040: "invalid contact way scene",
    41041: "contact way users exceed limit",
    41042: "invalid contact way style",
    41044: "invalid contact way config_id",
    41045: "contact way number exceeds limit",
    41049: "welcome code missing",
    41050: "invalid welcome code",
    41051: "externaluser has started chatting",
    41054: "user is not activated",
    41055: "group welcome template number exceeds limit",
    41058: "invalid group welcome template",
    41064: "attachments size exceeds limit",
    41065: "invalid attachment type",
    41091: "chat_id_list exceeds limit",
    41096: "welcome message is being delivered by another app",
    42001: "access_token expired",
    42003: "code expired",
    42022: "code used",
    43004: "require subscribe",
    44001: "empty media data",
    45001: "media size exceeds limit",
    45009: "api freq out of limit",
    45033: "api concurrent out of limit",
    45035: "contact is being modified concurrently",
    46004: "user no exist",
    47001: "data format error",
    48002: "api forbidden",
    50001: "redirect_uri is not authorized",
    60003: "department not found",
    60011: "no privilege to access/modify contact/party/agent",
    60111: "userid not found",
    60123: "invalid party id",
    81013: "user & party & tag all invalid",
    84061: "not external contact",
    84074: "user has no permission of external contact",
    84084: "user is not a follower of this external contact",
    90500: "the owner of this chat is not resigned",
    90501: "chat is not external group chat",
    90502: "chat not found",
    90507: "new owner is invalid",
}
# These answer with the bare text, as probes have shown.
BARE = frozenset({-1, 45033, 41051})


class WecomError(Exception):
    """A refusal by WeCom: becomes an HTTP 200 with errcode and errmsg."""

    def __init__(self, errcode: int, detail: str = "") -> None:
        super().__init__(errcode, detail)
        self.errcode = errcode
        self.detail = detail

    def errmsg(self, hint: str) -> str:
        """The text as WeCom writes it; nobody may parse it."""
        text = TEXTS.get(self.errcode, "error")
        if self.errcode in BARE:
            return text
        detail = f" ({self.detail})" if self.detail else ""
        more = f"more info at https://open.work.weixin.qq.com/devtool/query?e={self.errcode}"
        return f"{text}{detail}, hint: [{hint}], from ip: 127.0.0.1, {more}"
