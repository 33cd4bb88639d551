"""Staff: written by the contact sync, by callbacks, and by what WeCom answers about one person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F

from people.models import ContactSync, Staff
from people.pinyin_keys import pinyin_keys
from people.rules import REASON_OF_ERRCODE, Reason, Status
from permissions.services.newcomers import newcomers_gone


@transaction.atomic
def staff_upsert(
    *,
    wecom_userid: str,
    name: str,
    now: datetime,
    department_id: int | None = None,
    avatar_url: str = "",
    alias: str = "",
    position: str = "",
    status: str = Status.ACTIVE,
    cannot_reason: str = Reason.NONE,
    member_id: int | None = None,
) -> int:
    """The staff with this ``wecom_userid``, made or brought up to date; returns our id.

    ``cannot_reason``: a value of people/rules.py ``Reason``; empty means that the person can receive. The link to a
    member is kept unless another is given; ``left_at`` is set once and taken back when somebody returns.
    """
    keys = pinyin_keys(name)
    why, account = Reason(cannot_reason), Status(status)
    fresh = {
        "name": name[:60],
        "pinyin": keys.full[:200],
        "pinyin_initials": keys.initials[:60],
        "avatar_url": avatar_url[:400],
        "alias": alias[:60],
        "position": position[:120],
        "department_id": department_id,
        "status": account,
        "can_receive": why is Reason.NONE and account is Status.ACTIVE,
        "cannot_reason": why,
        "synced_at": now,
    }
    if member_id is not None:
        fresh["member_id"] = member_id
    row, made = Staff.objects.get_or_create(
        wecom_userid=wecom_userid, defaults={**fresh, "reason_since": now, "left_at": _left_at(None, account, now)}
    )
    staff_id: int = row.pk
    if made:
        staff_moved()
        return staff_id
    if any(getattr(row, key) != fresh[key] for key in ("department_id", "status", "can_receive")):
        staff_moved()
    if row.cannot_reason != why:
        fresh["reason_since"] = now
    fresh["left_at"] = _left_at(row.left_at, account, now)
    for key, value in fresh.items():
        setattr(row, key, value)
    row.save(update_fields=list(fresh))
    return staff_id


def staff_moved() -> None:
    """Note that somebody came, went, changed departments or can or can't receive: rosters with groups follow it."""
    if not ContactSync.objects.update(moves=F("moves") + 1):
        ContactSync.objects.bulk_create([ContactSync()], ignore_conflicts=True)
        ContactSync.objects.update(moves=F("moves") + 1)


def staff_left(*, wecom_userid: str, now: datetime) -> bool:
    """This person has left, as ``delete_user`` says; False when they were unknown or had left already."""
    return bool(staff_all_left(wecom_userids=[wecom_userid], now=now))


@transaction.atomic
def staff_all_left(*, wecom_userids: list[str], now: datetime) -> list[int]:
    """These people have left (product.md §1.6): the rows stay; returns the ids of those who were here until now."""
    rows = Staff.objects.filter(wecom_userid__in=wecom_userids).exclude(status=Staff.Status.LEFT)
    ids = list(rows.select_for_update().values_list("id", flat=True))
    Staff.objects.filter(pk__in=ids).update(
        status=Status.LEFT, can_receive=False, cannot_reason=Reason.LEFT, reason_since=now, left_at=now, synced_at=now
    )
    newcomers_gone(wecom_userids=wecom_userids, now=now)
    if ids:
        staff_moved()
    return ids


@transaction.atomic
def staff_link(*, member_ids: Mapping[str, int]) -> list[int]:
    """Note which members these staff are, by WeCom user id; our ids of the staff. Unknown user ids are left out."""
    rows = list(Staff.objects.select_for_update().filter(wecom_userid__in=member_ids).order_by("id"))
    for row in rows:
        row.member_id = member_ids[row.wecom_userid]
    Staff.objects.bulk_update(rows, ["member"], batch_size=500)
    return [row.pk for row in rows]


@transaction.atomic
def staff_unlink(*, member_id: int) -> list[int]:
    """Note that no staff is this member any more; our ids of those who were."""
    rows = Staff.objects.filter(member=member_id)
    ids = list(rows.select_for_update().values_list("id", flat=True))
    rows.update(member=None)
    return ids


@transaction.atomic
def staff_refused_by_wecom(*, staff_id: int, errcode: int, now: datetime) -> bool:
    """``add_contact_way`` refused this person: note why. False when the errcode says nothing about a person."""
    why = REASON_OF_ERRCODE.get(errcode)
    if why is None:
        return False
    rows = Staff.objects.filter(pk=staff_id, status=Staff.Status.ACTIVE)
    refused = bool(rows.update(can_receive=False, cannot_reason=why, reason_since=now))
    if refused:
        staff_moved()
    return refused


def _left_at(known: datetime | None, status: Status, now: datetime) -> datetime | None:
    return (known or now) if status is Status.LEFT else None
