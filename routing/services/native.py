"""Native codes: what WeCom should hold is worked out, and pushed only when it differs (product.md §1.2).

``wanted`` is the result of routing/rules/native.py, ``wanted_version`` grows with each change of it; a push carries the
version it was made for. Whoever finishes a push after a newer one was noted lets the newest be pushed again, so that a
stale push never has the last word. The way is made once, printed, and never deleted.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, connections, transaction
from django.db.models import F, Q

from codes.rules import Status
from codes.selectors import code_cards
from codes.services import native_qr_set
from livecode_admin.kernel.ids import new_state
from people.selectors import staff_ids_of, staff_userids
from routing.models import NativeWay, RoutingRule, Seat
from routing.rules.hours import hours_from_json, next_edge
from routing.rules.native import roster_for
from routing.rules.snapshot import Snapshot
from routing.rules.verifying import skip_verify_at
from routing.rules.world import World
from routing.services.changing import tenant_lock
from routing.services.doors import claim, failure_note, next_try
from tenants.context import require_tenant_id
from tenants.tasks import enqueue_on_commit

CLAIM = timedelta(minutes=3)
# Caps, pauses and the states of codes change without telling this: each code is looked at again after so long.
LOOK_AGAIN = timedelta(seconds=20)
AT_ONCE = 100
_log = logging.getLogger("livecode.routing")


@dataclass(frozen=True, slots=True)
class NativePush:
    """One claimed push. Without ``config_id`` the way is still to be made; ``is_live``: its printed QR is there."""

    way_id: int
    code_id: int
    version: int
    users: tuple[str, ...]
    skip_verify: bool
    state: str
    remark: str
    config_id: str
    qr_url: str
    is_live: bool


@transaction.atomic
def native_order(*, code_ids: Iterable[int], now: datetime) -> None:
    """Order the way of each native code that has none, and look at all of them at once."""
    wanted = set(code_ids)
    for code_id in wanted - set(NativeWay.objects.filter(code__in=wanted).values_list("code_id", flat=True)):
        NativeWay.objects.create(code_id=code_id, state=new_state(), created_at=now, next_look_at=now)
    native_touch(code_ids=wanted, now=now)


@transaction.atomic
def native_touch(*, code_ids: Iterable[int] = (), staff_ids: Iterable[int] = (), now: datetime) -> int:
    """Something changed for these codes, or for these people on whatever code: look at their native codes at once.

    Returns how many there are; without a native code this is one cheap statement.
    """
    theirs = Seat.objects.filter(staff__in=set(staff_ids), removed_at=None).values("code")
    due = NativeWay.objects.filter(Q(code__in=set(code_ids)) | Q(code__in=theirs)).update(next_look_at=now)
    if due:
        enqueue_on_commit("routing.tasks.native.look_at_native", tenant_id=require_tenant_id())
    return int(due)


@transaction.atomic
def doors_follow(*, code_id: int, now: datetime) -> None:
    """A new version of a code is current: its native way, and 免验证 on its ways and links, follow at once."""
    native_touch(code_ids=[code_id], now=now)
    enqueue_on_commit("routing.tasks.verify.rewrite_doors", tenant_id=require_tenant_id())


@transaction.atomic
def native_look(*, now: datetime) -> list[int]:
    """Work out again what WeCom should hold of the native codes that are due; returns the ways to be pushed."""
    tenant_lock()  # first of all locks, as everywhere; rows in other hands are skipped, so scans never wait for them
    rows = list(
        NativeWay.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(next_look_at__lte=now)
        .order_by("next_look_at")[:AT_ONCE]
    )
    if not rows:
        return []
    world = _world([row.code_id for row in rows], now)
    rules = {rule.code_id: rule for rule in RoutingRule.objects.filter(code__in=[row.code_id for row in rows])}
    for row in rows:
        facts = world.codes.get(row.code_id)
        row.next_look_at = now + LOOK_AGAIN
        if facts is not None and facts.snapshot is not None:
            rule = rules.get(row.code_id) or RoutingRule()
            # A draft becomes live with its way, so the way is made for what the code will be.
            is_open = facts.state == "draft" or facts.status(now.timestamp()) is Status.LIVE
            wanted = _wanted(world, facts.snapshot, rule, row, now, is_open=is_open)
            if wanted != row.wanted:
                row.wanted, row.wanted_version = wanted, row.wanted_version + 1
                row.next_at, row.attempts = None, 0  # what failed was another roster: this one doesn't wait for it
            row.next_look_at = _next_look(world, facts.snapshot, rule, now)
        row.save(update_fields=["wanted", "wanted_version", "next_look_at", "next_at", "attempts"])
    return [row.pk for row in rows if row.wanted_version != row.pushed_version and (row.next_at or now) <= now]


def _world(code_ids: Sequence[int], now: datetime) -> World:
    """The codes as the next batch of scans would see them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT routing_batch_load(%s, %s, %s::bigint[], %s::integer[], '{}'::text[], '{}'::uuid[])",
            [require_tenant_id(), now, list(code_ids), [-1] * len(code_ids)],
        )
        loaded: dict[str, Any] = json.loads(cursor.fetchone()[0])
    world = World()
    world.absorb(loaded)
    return world


def _wanted(
    world: World, snapshot: Snapshot, rule: RoutingRule, row: NativeWay, now: datetime, *, is_open: bool
) -> dict[str, Any]:
    at = world.local(now.timestamp())
    held = row.pushed.get("users") or row.wanted.get("users") or []
    ids = staff_ids_of(held)
    last = [ids[userid] for userid in held if userid in ids]
    roster = roster_for(snapshot, at, world.counters, is_open=is_open, last=last)
    userids = staff_userids(roster.staff)
    users = sorted(userids[staff_id] for staff_id in roster.staff) or held
    return {"users": users, "skip_verify": skip_verify_at(rule.skip_verify, hours_from_json(rule.verify_hours), at)}


def _next_look(world: World, snapshot: Snapshot, rule: RoutingRule, now: datetime) -> datetime:
    """After 20 s, or at the next edge of a window if that is earlier: a push is never late by a window."""
    windows = [snapshot.hours, hours_from_json(rule.verify_hours), *(seat.hours for seat in snapshot.seats())]
    edge = next_edge([one for one in windows if one is not None], now.timestamp(), world.zone, world.calendar, days=1)
    again = now + LOOK_AGAIN
    return again if edge is None else min(again, datetime.fromtimestamp(edge, UTC))


@transaction.atomic
def native_claim(*, way_id: int, now: datetime) -> NativePush | None:
    """Take one code's push for three minutes; None when there is nothing to push, or it is in other hands."""
    differs = ~Q(status=NativeWay.Status.LIVE) | ~Q(wanted_version=F("pushed_version"))
    due = (Q(next_at=None) | Q(next_at__lte=now)) & differs
    if not claim(NativeWay, way_id, due, until=now + CLAIM, now=now):
        return None
    row = NativeWay.objects.get(pk=way_id)
    if not row.wanted.get("users"):
        native_failed(way_id=way_id, text="没有可接待的客服，无法生成二维码", errcode=None, now=now)
        return None
    return NativePush(
        way_id=row.pk,
        code_id=row.code_id,
        version=row.wanted_version,
        users=tuple(row.wanted["users"]),
        skip_verify=row.wanted["skip_verify"],
        state=row.state,
        remark=code_cards([row.code_id])[row.code_id].name[:30],
        config_id=row.config_id,
        qr_url=row.qr_url,
        is_live=row.status == NativeWay.Status.LIVE,
    )


@transaction.atomic
def native_created(*, push: NativePush, config_id: str, qr_url: str) -> None:
    """WeCom has made the way with this roster: keep what can't be asked for again, before anything else happens."""
    NativeWay.objects.filter(pk=push.way_id).update(
        config_id=config_id, qr_url=qr_url, pushed=_held(push), pushed_version=push.version
    )


@transaction.atomic
def native_live(*, way_id: int, qr_content: str, png: bytes, now: datetime) -> int:
    """The printed QR is there. Returns the code's id."""
    row = NativeWay.objects.select_for_update(of=("self",)).get(pk=way_id)
    row.qr_content, row.png, row.status = qr_content, png, NativeWay.Status.LIVE
    row.error, row.errcode, row.next_at, row.claimed_until, row.attempts = "", None, None, None, 0
    row.pushed_at = now
    row.save()
    native_qr_set(code_id=row.code_id, text=qr_content)
    native_touch(code_ids=[row.code_id], now=now)
    code_id: int = row.code_id
    return code_id


@transaction.atomic
def native_pushed(*, push: NativePush, now: datetime) -> bool:
    """WeCom held this roster when it was read again. False when another push is due: a newer one is wanted, or was
    noted while this one was under way, and may have been overwritten by it.
    """
    row = NativeWay.objects.select_for_update(of=("self",)).get(pk=push.way_id)
    stale = row.pushed_version > push.version
    row.pushed, row.pushed_version = ({}, 0) if stale else (_held(push), push.version)
    row.pushed_at, row.claimed_until, row.attempts = now, None, 0
    row.error, row.errcode, row.next_at, row.drift = "", None, None, ""
    row.save()
    again = row.pushed_version != row.wanted_version
    if again:
        enqueue_on_commit("routing.tasks.native.push_native", tenant_id=require_tenant_id(), way_id=row.pk)
    return not again


def _held(push: NativePush) -> dict[str, Any]:
    return {"users": list(push.users), "skip_verify": push.skip_verify}


@transaction.atomic
def native_failed(*, way_id: int, text: str, errcode: int | None, now: datetime) -> None:
    """Keep the reason for people to read, and when to try again: 30 s, 1 min … 1 h. A live way stays live."""
    row = NativeWay.objects.select_for_update(of=("self",)).get(pk=way_id)
    if row.status != NativeWay.Status.LIVE:
        row.status = NativeWay.Status.FAILED
    failure_note(row, text, errcode)
    row.next_at = next_try(now, row.attempts)
    row.save(update_fields=["status", "error", "errcode", "claimed_until", "next_at"])
    _log.warning("native_failed", extra={"way": way_id, "errcode": errcode, "attempts": row.attempts})


def tenants_with_native_due(now: datetime) -> list[int]:
    """The tenants of which a native code is to be looked at; read as ``livecode_ops``."""
    with connections["ops"].cursor() as cursor:
        cursor.execute("SELECT DISTINCT tenant_id FROM routing_nativeway WHERE next_look_at <= %s", [now])
        return [int(row[0]) for row in cursor.fetchall()]
