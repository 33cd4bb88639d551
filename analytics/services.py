"""The writer of rollups."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from analytics.models import Watermark
from analytics.rollup_sql import COUNT_CONTACTS, COUNT_SCANS
from tenants.context import require_tenant_id
from tenants.selectors import tenant_facts

FACTS_AT_ONCE = 20_000
_COUNTS = {Watermark.Source.SCANS: COUNT_SCANS, Watermark.Source.CONTACTS: COUNT_CONTACTS}


@transaction.atomic
def figures_roll_up(*, source: Watermark.Source, now: datetime) -> int:
    """Count the facts after the watermark, at most 20,000, and move it; how many were counted is returned.

    Two runs at once take turns at the watermark's row; each fact is counted exactly once.
    """
    Watermark.objects.get_or_create(source=source, defaults={"moved_at": now})
    mark = Watermark.objects.select_for_update().get(source=source)
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNTS[source],
            {
                "tenant": require_tenant_id(),
                "after": mark.last_id,
                "limit": FACTS_AT_ONCE,
                "zone": tenant_facts().time_zone,
            },
        )
        last_id, counted = cursor.fetchone()
    mark.last_id = last_id if last_id is not None else mark.last_id
    if counted < FACTS_AT_ONCE:
        mark.moved_at = now  # caught up; before that the figures don't reach until now
    mark.save(update_fields=["last_id", "moved_at"])
    return int(counted)
