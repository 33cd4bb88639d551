"""Who can receive customers, and why not (product.md §2.14): pure decisions."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum


class Status(StrEnum):
    """Of a WeCom account; the values that ``user/get`` gives as 1, 2, 4 and 5 (document 90196)."""

    ACTIVE = "active"
    DISABLED = "disabled"
    INACTIVE = "inactive"
    LEFT = "left"


class Reason(StrEnum):
    """Why somebody can't receive; empty when they can."""

    NONE = ""
    NO_FOLLOW = "no_follow"
    NOT_ACTIVATED = "not_activated"
    UNVERIFIED = "unverified"
    OUT_OF_SCOPE = "out_of_scope"
    DISABLED = "disabled"
    LEFT = "left"


REASON_LABELS = {
    Reason.NONE: "",
    Reason.NO_FOLLOW: "未开客户联系",
    Reason.NOT_ACTIVATED: "未激活",
    Reason.UNVERIFIED: "未实名",
    Reason.OUT_OF_SCOPE: "不在可见范围",
    Reason.DISABLED: "已禁用",
    Reason.LEFT: "已离职",
}

_STATUS_OF_WECOM = {1: Status.ACTIVE, 2: Status.DISABLED, 4: Status.INACTIVE, 5: Status.LEFT}
_REASON_OF_STATUS = {
    Status.DISABLED: Reason.DISABLED,
    Status.INACTIVE: Reason.NOT_ACTIVATED,
    Status.LEFT: Reason.LEFT,
}
# What add_contact_way answers about one member (wecom-contract.md, error table), and what that means here.
REASON_OF_ERRCODE = {
    40098: Reason.UNVERIFIED,
    41054: Reason.NOT_ACTIVATED,
    84074: Reason.NO_FOLLOW,
    60011: Reason.OUT_OF_SCOPE,
    50002: Reason.OUT_OF_SCOPE,
}
# A refusal by add_contact_way isn't shown by the lists of the sync, so it is believed for a day and then tried again.
BELIEVE_REFUSAL = timedelta(days=1)


def status_of_wecom(number: int) -> Status:
    """The account's status from WeCom's number; an unknown number counts as not activated, so nobody is led there."""
    return _STATUS_OF_WECOM.get(number, Status.INACTIVE)


def reason(
    *, status: Status, follows: bool, in_scope: bool, refusal: Reason, refused_at: datetime | None, now: datetime
) -> Reason:
    """Why the person can't receive, or NONE.

    ``follows``: in ``get_follow_user_list``; ``in_scope``: in a department list of this app; ``refusal``: what
    add_contact_way last said of them at ``refused_at``.
    """
    if status in _REASON_OF_STATUS:
        return _REASON_OF_STATUS[status]
    if not in_scope:
        return Reason.OUT_OF_SCOPE
    if not follows:
        return Reason.NO_FOLLOW
    if refusal is Reason.UNVERIFIED and refused_at is not None and now - refused_at < BELIEVE_REFUSAL:
        return refusal
    return Reason.NONE
