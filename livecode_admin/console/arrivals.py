"""开通: a newcomer becomes a member, the staff of that person is linked, and the person takes part in their codes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from people.services import staff_link
from permissions.access import Access
from permissions.services.newcomers import OpenResult, newcomers_open
from routing.services.participants import participants_follow


@transaction.atomic
def newcomers_admit(*, access: Access, picks: Mapping[int, str], now: datetime) -> OpenResult:
    """Let newcomers in with their bundles (see ``newcomers_open``), each as the staff that they are. Raises as that."""
    result = newcomers_open(access=access, picks=picks, now=now)
    linked = staff_link(member_ids={one.wecom_userid: one.member_id for one in result.opened})
    if linked:
        participants_follow(staff_ids=linked)
    return result
