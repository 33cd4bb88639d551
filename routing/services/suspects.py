"""疑似已满或异常: many assignments and no add within an hour; the next rung serves, and people are told (§2.13)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connections, transaction
from django.db.models import Count, Exists, Max, OuterRef

from livecode_admin.kernel.clock import local_day
from livecode_admin.workspace.services import notice_send
from people.selectors import staff_cards
from permissions.selectors import members_holding
from routing.models import Slot, StaffDay, StaffSuspect
from routing.services.changing import tenant_lock
from tenants.selectors import tenant_facts

ASSIGNMENTS = 20
WITHIN = timedelta(hours=1)
# Somebody who has just been assigned may still be on the way: assignments count from this age on.
SETTLED_AFTER = timedelta(minutes=10)
LASTS = timedelta(minutes=60)


@transaction.atomic
def suspects_find(*, now: datetime) -> list[int]:
    """Mark everybody who got 20 customers within the hour and was added by none; returns those newly marked.

    Who stays so is marked for longer. An add takes the mark off at once (:func:`routing.services.slots.friend_added`);
    without one the person is tried again after an hour. Whoever was taken back (or tried again) is judged by what was
    assigned since then.
    """
    judged = StaffSuspect.objects.filter(staff=OuterRef("staff_id"), until__lte=now, until__gte=OuterRef("taken_at"))
    taken = (
        Slot.objects.filter(~Exists(judged), taken_at__gt=now - WITHIN, taken_at__lte=now - SETTLED_AFTER)
        .values("staff_id")
        .annotate(n=Count("id"))
        .filter(n__gte=ASSIGNMENTS)
    )
    assigned = {row["staff_id"]: row["n"] for row in taken}
    if not assigned:
        return []
    tenant_lock()  # an add that comes meanwhile takes the mark off; without the lock it would be set after that
    suspects = sorted(assigned.keys() - _added_since(list(assigned), now))
    known = {row.staff_id: row for row in StaffSuspect.objects.filter(staff__in=suspects)}
    fresh = []
    for staff_id in suspects:
        row = known.get(staff_id) or StaffSuspect(staff_id=staff_id, since=now)
        if row.pk is None or row.until <= now:
            row.since = now
            fresh.append(staff_id)
        row.until, row.assigned = now + LASTS, assigned[staff_id]
        row.save()
    if fresh:
        _tell(fresh, assigned, now)
    return fresh


def _added_since(staff_ids: list[int], now: datetime) -> set[int]:
    """Those who were added within the hour, by whatever way."""
    since = local_day(now - WITHIN, tenant_facts().time_zone)
    rows = StaffDay.objects.filter(staff__in=staff_ids, day__gte=since).values_list("staff_id")
    return {staff_id for staff_id, last in rows.annotate(last=Max("last_add_at")) if last and last > now - WITHIN}


def _tell(staff_ids: list[int], assigned: dict[int, int], now: datetime) -> None:
    """A line in the bell of whoever watches reception, within their scope."""
    slug = tenant_facts().slug
    for card in staff_cards(staff_ids).values():
        notice_send(
            member_ids=members_holding("alerts.reception", card.department_id, now=now),
            kind="suspect",
            text=f"{card.name}疑似已满或异常：近 1 小时分配 {assigned[card.id]} 人、0 人添加，已转由下一级接待",
            url=f"/t/{slug}/live/",
            now=now,
        )


def tenants_with_many_assignments(now: datetime) -> list[int]:
    """The tenants in which somebody got 20 customers within the hour; read as ``livecode_ops``."""
    with connections["ops"].cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT tenant_id FROM (SELECT tenant_id, staff_id FROM routing_slot"
            " WHERE taken_at > %s AND taken_at <= %s GROUP BY tenant_id, staff_id HAVING count(*) >= %s) busy",
            [now - WITHIN, now - SETTLED_AFTER, ASSIGNMENTS],
        )
        return [int(row[0]) for row in cursor.fetchall()]
