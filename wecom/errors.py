"""What WeCom's errcodes mean for a client (documents 90313, 90454, each API's notes). Codes decide, texts never."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What the caller should do about an error."""

    RETRY = "retry"  # system busy, time-out: again, at most 3 times, with jitter
    REFRESH = "refresh"  # the token died: fetch once, replay once
    WAIT = "wait"  # rate limit: nothing to this API until the window has passed
    SERIALISE = "serialise"  # too many at once: again, one after the other
    CONFIG = "config"  # our settings are wrong: stop, tell the administrator, never loop
    ADMIN = "admin"  # someone must act in WeCom's console
    FIX = "fix"  # the request itself is wrong
    DROP = "drop"  # this member can't be used here: take them out, re-sync
    SKIP = "skip"  # this item can't be done: go on with the next
    RESYNC = "resync"  # our copy is stale
    FINAL = "final"  # can't be done any more, and that is no fault
    LOGIN = "login"  # start the login again
    AUTHORISE = "authorise"  # the authorisation of a third-party app must be redone
    LICENCE = "licence"  # an interface licence is missing
    QUOTA = "quota"  # a fixed amount is used up: show it
    NONE = "none"  # errcode 0: it worked
    UNKNOWN = "unknown"  # not in the table: report it, don't repeat it


@dataclass(frozen=True)
class Meaning:
    """One errcode: what to do, and a plain sentence in Chinese for the person who must."""

    action: Action
    text: str


_TABLE: dict[Action, dict[int, str]] = {
    Action.NONE: {0: "成功"},
    Action.RETRY: {-1: "企业微信系统繁忙，稍后自动重试", 41096: "其他应用正在发送欢迎语，稍后重试"},
    Action.REFRESH: {40014: "访问凭证无效，已重新获取", 42001: "访问凭证过期，已重新获取"},
    Action.WAIT: {45009: "接口调用超过频率限制，限制解除前暂停调用"},
    Action.SERIALISE: {45033: "接口并发超过限制", 45035: "同一客户正在被其他操作修改"},
    Action.CONFIG: {
        40001: "Secret 不正确，请在企业微信连接页更新",
        40013: "企业 ID 不正确",
        40056: "应用 AgentID 不正确",
        40091: "Secret 属于另一家企业",
        41001: "请求缺少访问凭证",
        41004: "缺少 Secret",
        41002: "缺少企业 ID",
        43012: "应用需要先配置回调地址",
        301002: "访问凭证属于另一个应用",
    },
    Action.ADMIN: {
        48002: "应用没有这个接口的权限，请在「客户联系 → 可调用接口的应用」中添加",
        48004: "授权已失效",
        48005: "接口已停用",
        48006: "接口权限已被收回",
        48009: "通讯录同步助手不能调用此接口",
        50001: "登录域名与可信域名不一致",
        50002: "成员不在应用可见范围",
        50003: "应用已停用",
        60011: "成员或部门不在应用可见范围",
        60020: "服务器 IP 不在企业可信 IP 中",
        60021: "成员不在可见范围",
        60031: "应用未开启接口",
        41055: "入群欢迎语素材已满",
        41058: "不是本应用创建的入群欢迎语素材",
    },
    Action.DROP: {
        40003: "成员账号不存在",
        40031: "成员账号列表有误",
        40098: "成员未实名认证",
        41054: "成员未激活或未登录过企业微信",
        60111: "成员不存在",
        84074: "成员没有客户联系权限",
    },
    Action.SKIP: {
        40096: "客户 ID 无效",
        40097: "原成员尚未离职",
        40099: "接替成员的客户数已满",
        40100: "客户正在转接中",
        40128: "90 天内转接次数已达上限",
        40129: "客户正在被转接",
        40130: "原成员与接替成员相同",
        40131: "原成员不是该客户的跟进人",
        84061: "该客户与成员没有好友关系",
        84084: "成员不是该客户的跟进人",
        90500: "群主尚未离职",
        90501: "不是客户群",
        90502: "群已解散",
        90507: "新群主没有客户联系权限",
        90508: "新群主不能接受转让",
        90509: "群正在转让中",
        90511: "群转让次数已达上限",
        43004: "成员没有关联微信",
        610014: "unionid 无效",
    },
    Action.RESYNC: {
        40066: "部门不存在",
        40068: "标签不存在",
        46004: "成员不存在",
        60003: "部门不存在",
        60123: "部门 ID 无效",
        81013: "接收人全部无效",
    },
    Action.FIX: {
        40058: "参数不合法",
        40063: "参数为空",
        40071: "标签名称重复",
        41035: "缺少联系我配置 ID",
        41036: "联系我配置 ID 无效",
        41037: "缺少联系我类型",
        41038: "联系我类型无效",
        41039: "缺少联系我场景",
        41040: "联系我场景无效",
        41042: "联系我样式无效",
        41043: "联系我参数无效",
        41044: "联系我参数无效",
        41064: "附件数量超过 9 个",
        41065: "附件类型不支持",
        81017: "一次请求的成员过多",
    },
    Action.QUOTA: {
        40126: "企业标签数量已达上限",
        41041: "一个联系我最多 100 名成员",
        41045: "联系我数量已达上限",
        41091: "一个加群方式最多 5 个群",
        41094: "提醒次数已达上限",
        41095: "获客链接数量已达上限",
    },
    Action.FINAL: {
        41048: "没有可发送的客户",
        41049: "缺少欢迎语凭证",
        41050: "欢迎语凭证无效或已超过 20 秒",
        41051: "已经开始聊天或欢迎语已发送",
        41053: "客户尚未同意会话存档",
        41063: "群发正在进行",
    },
    Action.LOGIN: {40029: "登录凭证无效", 42003: "登录凭证过期", 42022: "登录凭证已使用"},
    Action.AUTHORISE: {
        40078: "授权码无效",
        40082: "第三方应用凭证无效",
        40084: "永久授权码无效",
        40085: "suite_ticket 无效",
        42007: "预授权码过期",
        42009: "第三方应用凭证过期",
    },
    Action.LICENCE: {701008: "缺少接口许可", 701099: "接口许可不足", 701170: "缺少增值接口许可"},
}

MEANINGS: dict[int, Meaning] = {
    code: Meaning(action, text) for action, codes in _TABLE.items() for code, text in codes.items()
}
UNKNOWN_MEANING = Meaning(Action.UNKNOWN, "企业微信返回了未知错误")

TOKEN_DEAD = frozenset({40014, 42001})
# Repeating these gets the calling address banned for an hour (document 90313, 45009): remembered, not asked again.
CREDENTIALS_WRONG = frozenset({40001, 40013, 40091})
RATE_LIMITED = 45009
SYSTEM_BUSY = -1

_HINT = re.compile(r"hint: \[([^\]]{0,200})\]")


def meaning_of(code: int) -> Meaning:
    """What `code` means; UNKNOWN for a code that is not in the table."""
    return MEANINGS.get(code, UNKNOWN_MEANING)


def hint_in(errmsg: str) -> str:
    """The support hint in an errmsg, or an empty text. It is kept for support and never decides anything."""
    found = _HINT.search(errmsg)
    return found.group(1) if found else ""


class WecomError(Exception):
    """A WeCom call that failed. `api`: the path below /cgi-bin/, `action`: what to do, `text`: a Chinese sentence."""

    # Whether WeCom was asked at all: an error without a call is not retried by the client itself.
    asked = True

    def __init__(self, code: int, *, api: str, errmsg: str = "", action: Action | None = None, text: str = "") -> None:
        """`code`: WeCom's errcode, or -1 when there was no answer to read."""
        meaning = meaning_of(code)
        self.code = code
        self.api = api
        self.hint = hint_in(errmsg)
        self.action = action or meaning.action
        self.text = text or meaning.text
        super().__init__(f"{api}: {code} ({self.action})")

    def __reduce__(
        self,
    ) -> tuple[Callable[..., WecomError], tuple[type[WecomError], tuple[str, ...], dict[str, object]]]:
        return _revived, (type(self), self.args, self.__dict__)


def _revived(kind: type[WecomError], args: tuple[str, ...], state: dict[str, object]) -> WecomError:
    """The error as it was, in another process (a worker's pool hands errors over)."""
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class Unreachable(WecomError):
    """No readable answer: time-out, connection lost, status 5xx, not JSON. WeCom may or may not have acted."""

    def __init__(self, api: str, reason: str) -> None:
        """`reason` is for the log; it holds no secret."""
        super().__init__(SYSTEM_BUSY, api=api, action=Action.RETRY, text="企业微信暂时无法访问")
        self.reason = reason


class CircuitOpen(WecomError):
    """Not called: this corp's calls of this API are stopped after 45009 for `seconds` more."""

    asked = False

    def __init__(self, api: str, seconds: float) -> None:
        """`seconds` until the API may be called again."""
        super().__init__(RATE_LIMITED, api=api)
        self.seconds = seconds


class LaneBusy(WecomError):
    """Not called: no place in the API's lane became free in time."""

    asked = False

    def __init__(self, api: str) -> None:
        """`api` whose lane was full."""
        super().__init__(SYSTEM_BUSY, api=api, action=Action.RETRY, text="同类请求过多，稍后自动重试")


class StoreUnavailable(WecomError):
    """Not called: the shared store of tokens and lanes can't be reached, or another process holds it too long."""

    asked = False

    def __init__(self, api: str) -> None:
        """`api` that was to be called."""
        super().__init__(SYSTEM_BUSY, api=api, action=Action.RETRY, text="系统缓存暂时无法访问")
