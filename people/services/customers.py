"""Customers: the one place of their personal fields."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from people.models import Customer


@transaction.atomic
def customer_upsert(
    *,
    external_userid: str,
    name: str,
    avatar_url: str,
    gender: int,
    kind: int,
    now: datetime,
    unionid: str = "",
) -> int:
    """The customer with this ``external_userid``, made or brought up to date; returns our id.

    Safe when two callbacks of one person come at once. An empty text never overwrites a known one: WeCom leaves
    fields out where the app may not read them. ``gender`` 0–2 and ``kind`` 1–2 as WeCom's (document 92114).
    """
    known: dict[str, str] = {"name": name[:120], "avatar_url": avatar_url[:400], "unionid": unionid[:64]}
    fresh: dict[str, str | int] = {key: value for key, value in known.items() if value}
    if gender in Customer.Gender.values and gender:
        fresh["gender"] = gender
    if kind in Customer.Kind.values:
        fresh["kind"] = kind
    row, made = Customer.objects.get_or_create(
        external_userid=external_userid, defaults={**fresh, "first_seen_at": now}
    )
    changed = [key for key, value in fresh.items() if getattr(row, key) != value]
    if not made and changed:
        for key in changed:
            setattr(row, key, fresh[key])
        row.save(update_fields=changed)
    customer_id: int = row.pk
    return customer_id
