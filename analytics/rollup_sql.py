"""The SQL that counts facts: a set of rows in, upserted cells out (design.md §5, Facts).

Within a tenant the ids of a source commit in order, so "everything after the watermark, up to the greatest id seen"
counts each fact exactly once, in the transaction that moves the watermark.
"""

from __future__ import annotations

_CELLS = "tenant_id, day, hour, code_id, staff_id, sub_channel"
_ADD_UP = ", ".join(
    f"{column} = cell.{column} + excluded.{column}"
    for column in ("scans", "assigned", "revisits", "overflowed", "fallbacks", "machine", "added", "late", "lost")
)

# Only the constants above are put into the text; values are parameters.
COUNT_SCANS = f"""
WITH fresh AS (
    SELECT id, scan_day, scanned_at, code_id, staff_id, sub_channel, kind, outcome
    FROM routing_scan WHERE tenant_id = %(tenant)s AND id > %(after)s ORDER BY id LIMIT %(limit)s
), counted AS (
    INSERT INTO analytics_hourlyfigure AS cell
        ({_CELLS}, scans, assigned, revisits, overflowed, fallbacks, machine, added, late, lost)
    SELECT %(tenant)s, scan_day, extract(hour FROM scanned_at AT TIME ZONE %(zone)s)::int, code_id,
           coalesce(staff_id, 0), sub_channel,
           count(*) FILTER (WHERE kind IN ('visit', 'outside')),
           count(*) FILTER (WHERE kind = 'visit' AND outcome IN ('assigned', 'overflow', 'duty')),
           count(*) FILTER (WHERE kind = 'visit' AND outcome = 'returning'),
           count(*) FILTER (WHERE kind = 'visit' AND outcome IN ('overflow', 'duty')),
           count(*) FILTER (WHERE kind = 'visit' AND outcome = 'fallback'),
           count(*) FILTER (WHERE kind NOT IN ('visit', 'outside', 'native')),
           0, 0, 0
    FROM fresh GROUP BY 2, 3, 4, 5, 6
    ON CONFLICT ({_CELLS}) DO UPDATE SET {_ADD_UP}
)
SELECT max(id), count(*) FROM fresh
"""  # noqa: S608

COUNT_CONTACTS = f"""
WITH fresh AS (
    SELECT id, occurred_at, code_id, staff_id, sub_channel, change, first_time, late
    FROM reception_contactevent WHERE tenant_id = %(tenant)s AND id > %(after)s ORDER BY id LIMIT %(limit)s
), counted AS (
    INSERT INTO analytics_hourlyfigure AS cell
        ({_CELLS}, scans, assigned, revisits, overflowed, fallbacks, machine, added, late, lost)
    SELECT %(tenant)s, (occurred_at AT TIME ZONE %(zone)s)::date,
           extract(hour FROM occurred_at AT TIME ZONE %(zone)s)::int, coalesce(code_id, 0), staff_id, sub_channel,
           0, 0, 0, 0, 0, 0,
           count(*) FILTER (WHERE change = 'added' AND first_time),
           count(*) FILTER (WHERE change = 'added' AND first_time AND late),
           count(*) FILTER (WHERE change IN ('lost', 'removed'))
    FROM fresh GROUP BY 2, 3, 4, 5, 6
    ON CONFLICT ({_CELLS}) DO UPDATE SET {_ADD_UP}
)
SELECT max(id), count(*) FROM fresh
"""  # noqa: S608
