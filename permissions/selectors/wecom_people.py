"""Who of a company somebody is that WeCom has named (signing in by scan). Inside the tenant's context."""

from __future__ import annotations

from dataclasses import dataclass

from permissions.models import Member, Newcomer, User


@dataclass(frozen=True)
class WecomPerson:
    """The account of a WeCom user id. ``user`` is None for nobody's; ``waiting``: stands under 待开通."""

    user: User | None
    waiting: bool = False


def person_of_wecom(userid: str) -> WecomPerson:
    """The active member with this WeCom user id. An empty id is nobody's."""
    if not userid:
        return WecomPerson(None)
    members = Member.objects.filter(wecom_userid=userid, is_active=True, user__is_active=True)
    member = members.select_related("user").first()
    if member is not None:
        return WecomPerson(member.user)
    return WecomPerson(None, Newcomer.objects.filter(wecom_userid=userid, settled_at=None).exists())
