"""「以此人视角查看」 begins and ends: both are in the audit log, with the owner as the one who did it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from permissions import audit
from permissions.access import Access, Denied
from permissions.models import Member

REASON_LENGTH = 80


class OwnersOnly(Denied):
    """Only an owner may look with another member's eyes; ``plain`` says so in Chinese."""

    plain = "只有企业的超级管理员可以以他人视角查看"

    def __init__(self) -> None:
        super().__init__("", what="以此人视角查看")
        self.missing = ()


class ViewingUnfit(ValueError):
    """The view can't begin; the text is plain Chinese, beside the field ``reason`` if that is what is wrong."""

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.field = field


@transaction.atomic
def viewing_start(*, access: Access, member_id: int, reason: str, now: datetime) -> tuple[int, str]:
    """Write down that an owner begins to look with a member's eyes, and why; the member's user id and name.

    Raises OwnersOnly, DoesNotExist for an unknown member, ViewingUnfit for oneself, for one who is switched off and
    without a reason of at most 80 characters.
    """
    if not access.is_owner or access.viewed_by is not None:
        raise OwnersOnly
    member = Member.objects.select_related("user").get(pk=member_id)
    reason = " ".join(reason.split())
    if member.pk == access.member_id:
        raise ViewingUnfit("这就是您自己的视角")
    if not (member.is_active and member.user.is_active):
        raise ViewingUnfit("这位成员已停用，没有可看的视角")
    if not reason:
        raise ViewingUnfit("请填写原因，它会记入审计日志", "reason")
    if len(reason) > REASON_LENGTH:
        raise ViewingUnfit(f"原因最多 {REASON_LENGTH} 个字", "reason")
    _record(access, "member.viewing_started", member.pk, member.display_name, reason, now)
    return member.user_id, member.display_name


@transaction.atomic
def viewing_end(*, access: Access, member_id: int, why: str, now: datetime) -> None:
    """Write down that it ended and why (in Chinese). ``access`` is the owner's own, or who they are by then."""
    name = Member.objects.values_list("display_name", flat=True).get(pk=member_id)
    _record(access, "member.viewing_ended", member_id, name, why, now)


def _record(access: Access, action: str, member_id: int, name: str, reason: str, now: datetime) -> None:
    audit.record(
        access=access,
        action=action,
        object_type="member",
        object_id=member_id,
        object_label=name,
        before={},
        after={"reason": reason},
        now=now,
    )
