"""Decisions about a code's life: status, validity, renewal, warnings. Pure; time is passed in (product.md §1.4, §4)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from livecode_admin.kernel.clock import add_months, day_end, local_day

DEFAULT_MONTHS = 3
MAX_MONTHS = 36
EXPIRY_WARNING_DAYS = 3


class Status(StrEnum):
    """What a code is at a moment, for people and for scans."""

    DRAFT = "draft"
    LIVE = "live"
    PAUSED = "paused"
    EXPIRED = "expired"
    RETIRED = "retired"


STATUS_LABELS = {
    Status.DRAFT: "草稿",
    Status.LIVE: "启用",
    Status.PAUSED: "已暂停",
    Status.EXPIRED: "已过期",
    Status.RETIRED: "已归档",
}

# What people may do to a code, by what it is now. A retired code stays so: its slug is never given away.
ACTIONS: dict[str, frozenset[Status]] = {
    "mark_live": frozenset({Status.DRAFT}),
    "pause": frozenset({Status.LIVE}),
    "resume": frozenset({Status.PAUSED}),
    "renew": frozenset({Status.DRAFT, Status.LIVE, Status.PAUSED, Status.EXPIRED}),
    "retire": frozenset({Status.DRAFT, Status.LIVE, Status.PAUSED, Status.EXPIRED}),
}
ACTION_LABELS = {"mark_live": "发布", "pause": "暂停", "resume": "恢复", "renew": "续期", "retire": "归档"}


class Refused(Exception):
    """A change that the rules don't allow; ``message`` is for people, ``field`` is where a form shows it."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


def effective_status(*, state: str, expires_at: datetime | None, now: datetime) -> Status:
    """What the code is at ``now``: a live or paused code is expired once its last second is over."""
    status = Status(state)
    if status in (Status.LIVE, Status.PAUSED) and expires_at is not None and now > expires_at:
        return Status.EXPIRED
    return status


def check_action(action: str, status: Status) -> None:
    """Nothing, when ``action`` may be done to a code of this status.

    Raises:
        Refused: it may not; says what the code is.
    """
    if status not in ACTIONS[action]:
        raise Refused(f"{STATUS_LABELS[status]}的活码不能{ACTION_LABELS[action]}")


def allowed_actions(status: Status) -> frozenset[str]:
    """The actions that make sense for a code of this status."""
    return frozenset(action for action, statuses in ACTIONS.items() if status in statuses)


def default_end(*, now: datetime, zone: str, months: int = DEFAULT_MONTHS) -> datetime:
    """The end of a new code: three calendar months from today, to the end of that day in the tenant's zone."""
    return day_end(add_months(local_day(now, zone), months), zone)


def renewed_end(*, old_end: datetime | None, now: datetime, zone: str, months: int) -> datetime:
    """``months`` calendar months (1 to 36) from the later of today and the old end, to the end of that day (§4.2).

    Raises:
        Refused: the code is permanent, or ``months`` is out of range.
    """
    if not 1 <= months <= MAX_MONTHS:
        raise Refused(f"续期需在 1 至 {MAX_MONTHS} 个月之间", field="months")
    if old_end is None:
        raise Refused("该活码永久有效，无需续期", field="months")
    start = max(local_day(now, zone), local_day(old_end, zone))
    return day_end(add_months(start, months), zone)


def check_end(*, expires_at: datetime | None, now: datetime) -> None:
    """Nothing, when a code may be given this end.

    Raises:
        Refused: it lies in the past.
    """
    if expires_at is not None and expires_at <= now:
        raise Refused("有效期必须晚于现在", field="expires_at")


def validity_warnings(*, purpose: str, kind: str, expires_at: datetime | None) -> list[str]:
    """What to point out before saving; nothing here refuses (product.md §1.4)."""
    warnings = []
    if purpose == "service" and expires_at is not None:
        warnings.append("长期服务活码设了截止日期，到期后客户将无法添加客服；若需长期使用请选择永久有效")
    if purpose == "campaign" and expires_at is None:
        warnings.append("短期活动活码设为永久有效，活动结束后请记得归档")
    if kind == "group" and expires_at is None:
        warnings.append("拉群活码永久有效时，群满后需要有新群承接，请开启自动建群")
    return warnings


def bulk_renewal_warnings(purposes: Iterable[str]) -> list[str]:
    """What to point out before codes are renewed together."""
    if set(purposes) >= {"campaign", "service"}:
        return ["所选活码同时包含短期活动和长期服务，请确认它们需要相同的续期时长"]
    return []
