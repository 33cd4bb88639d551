"""Groups as rosters see them: a change of a group changes the rosters that hold it, in the same transaction.

What the contact sync changes is followed by a task that compares a count of moves (product.md §2.11).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connections, transaction

from people.selectors import staff_moves
from people.services import GroupRefused, group_delete, group_follow, group_members_set
from permissions.access import Access
from routing.models import CodeRoute, RosterFollow, RosterSource, Seat, Snapshot
from routing.rules import snapshot as frozen
from routing.rules.placing import Placement
from routing.selectors.compiled import snapshot_compile
from routing.selectors.groups import group_uses, live_codes, wanted_now
from routing.selectors.sources import codes_asking, codes_holding, source_receivers, standing
from routing.services.changing import publish_lock
from routing.services.publish import snapshot_store
from routing.services.roster import SEATS_MAX
from routing.services.seating import roster_write


@transaction.atomic
def group_people_save(*, access: Access, group_id: int, staff_ids: Sequence[int], now: datetime) -> list[int]:
    """The group holds exactly these people, and every roster and condition with it follows; the codes that changed.

    Raises as people.services.group_members_set.
    """
    group_members_set(access=access, group_id=group_id, staff_ids=staff_ids, now=now)
    return rosters_follow(access=access, code_ids=codes_holding([group_id]), now=now)


@transaction.atomic
def group_department_save(*, access: Access, group_id: int, department_id: int, now: datetime) -> list[int]:
    """The group follows a department from now on, and every roster and condition with it; the codes that changed.

    Raises as people.services.group_follow.
    """
    group_follow(access=access, group_id=group_id, department_id=department_id, now=now)
    return rosters_follow(access=access, code_ids=codes_holding([group_id]), now=now)


@transaction.atomic
def group_remove(*, access: Access, group_id: int, now: datetime) -> None:
    """Delete a group that no roster and no condition uses.

    Raises:
        GroupNotFound, Denied: without ``staff.manage``.
        GroupRefused: it is used; says by how many codes.
    """
    access.require_fields("staff", ["groups"])
    if used := group_uses([group_id])[group_id]:
        raise GroupRefused(f"有 {used} 个活码正在使用这个分组，请先在这些活码中移除")
    # What is left of it are places that it had once, and seats of retired codes.
    Seat.objects.filter(source__group=group_id).update(source=None)
    RosterSource.objects.filter(group=group_id).delete()
    group_delete(access=access, group_id=group_id, now=now)


@transaction.atomic
def rosters_follow(*, access: Access, code_ids: Iterable[int], now: datetime) -> list[int]:
    """Bring the rosters of these codes in step with their groups and departments; the codes that changed.

    No right on the codes is needed: who may change a group, or the contact sync, changes what rosters say already.
    A roster may become empty by it (backups, duty person and fallback are then next); beyond 200 seats nobody is added.
    """
    cards = live_codes(set(code_ids))
    asking = codes_asking()
    changed = []
    for code_id in sorted(cards):
        publish_lock(code_id)
        there = standing(code_id)
        wanted = wanted_now(there, source_receivers(there.sources))
        wanted = Placement(wanted.seats[:SEATS_MAX], wanted.sources)
        if roster_write(
            access=access, code_id=code_id, code_name=cards[code_id].name, wanted=wanted, before=there, now=now
        ) or (code_id in asking and _conditions_follow(access, code_id, now)):
            changed.append(code_id)
    return changed


@transaction.atomic
def moves_follow(*, access: Access, now: datetime) -> list[int]:
    """Follow what the contact sync and WeCom's events have changed since the last time; the codes that changed."""
    moves = staff_moves()
    row = RosterFollow.objects.select_for_update().first()
    if row is not None and row.moves == moves:
        return []
    changed = rosters_follow(access=access, code_ids=codes_holding(), now=now)
    RosterFollow.objects.update_or_create(defaults={"moves": moves})
    return changed


def tenants_to_follow() -> list[int]:
    """The tenants in which somebody moved since their rosters were looked at; read as ``livecode_ops``."""
    with connections["ops"].cursor() as cursor:
        cursor.execute(
            "SELECT s.tenant_id FROM people_contactsync s LEFT JOIN routing_rosterfollow f ON f.tenant_id = s.tenant_id"
            " WHERE s.moves <> coalesce(f.moves, 0)"
        )
        return [int(row[0]) for row in cursor.fetchall()]


def _conditions_follow(access: Access, code_id: int, now: datetime) -> bool:
    """A new version when a group of the rule's conditions means other seats now."""
    route = CodeRoute.objects.filter(code=code_id).first()
    if route is None:
        return False
    stored = Snapshot.objects.get(code=code_id, version=route.version)
    fresh = frozen.to_json(snapshot_compile(code_id, route.version))
    if fresh["conditions"] == stored.data["conditions"]:
        return False
    snapshot_store(access=access, code_id=code_id, reason="roster", now=now)
    return True
