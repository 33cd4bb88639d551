"""The batch's two round trips, ``routing_batch_load`` and ``routing_batch_write``, and the return of slots.

All are SECURITY INVOKER: row level security holds inside. They are VOLATILE plpgsql, so that each statement after the
lock sees what the last holder of the lock committed.
"""

from __future__ import annotations

from django.db import migrations

LOCK = """
CREATE FUNCTION routing_lock(p_tenant bigint) RETURNS void LANGUAGE plpgsql AS $livecode$
BEGIN
    PERFORM pg_advisory_xact_lock((7311::bigint << 40) + p_tenant);
END $livecode$;
"""

# Slots whose time has passed go back, with their counts, under the lock of the caller.
EXPIRE = """
CREATE FUNCTION routing_expire(p_tenant bigint, p_now timestamptz, p_limit integer) RETURNS integer
LANGUAGE plpgsql AS $livecode$
DECLARE
    given_back integer;
BEGIN
    PERFORM 1 FROM routing_slot WHERE tenant_id = p_tenant AND state = 'waiting' AND held_until <= p_now LIMIT 1;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    WITH due AS (
        UPDATE routing_slot SET state = 'returned', settled_at = p_now
         WHERE tenant_id = p_tenant AND id IN (
            SELECT id FROM routing_slot WHERE tenant_id = p_tenant AND state = 'waiting' AND held_until <= p_now
             ORDER BY held_until LIMIT p_limit)
        RETURNING staff_id, seat_id, day
    ), of_staff AS (
        UPDATE routing_staffday d SET assigned = d.assigned - g.n
          FROM (SELECT staff_id, day, count(*)::integer AS n FROM due GROUP BY staff_id, day) g
         WHERE d.tenant_id = p_tenant AND d.staff_id = g.staff_id AND d.day = g.day
    ), of_seats AS (
        UPDATE routing_seatday d SET assigned = d.assigned - g.n
          FROM (SELECT seat_id, day, count(*)::integer AS n FROM due GROUP BY seat_id, day) g
         WHERE d.tenant_id = p_tenant AND d.seat_id = g.seat_id AND d.day = g.day
    )
    SELECT count(*) INTO given_back FROM due;
    RETURN given_back;
END $livecode$;
"""

LOAD = """
CREATE FUNCTION routing_batch_load(
    p_tenant bigint, p_now timestamptz, p_codes bigint[], p_versions integer[],
    p_visit_codes bigint[], p_visitors text[], p_fetches uuid[]
) RETURNS text LANGUAGE plpgsql AS $livecode$
DECLARE
    today date;
    company json;
    codes json;
    seats json;
    staff json;
    visits json;
    fetches json;
BEGIN
    PERFORM routing_lock(p_tenant);
    PERFORM routing_expire(p_tenant, p_now, 2000);
    SELECT (p_now AT TIME ZONE t.time_zone)::date,
           json_build_array(t.name, t.brand_color, t.tagline, t.telephone, t.entry_host, t.time_zone)
      INTO today, company FROM tenants_tenant t WHERE t.id = p_tenant;
    SELECT json_agg(json_build_array(
               c.id, c.state, extract(epoch FROM c.expires_at), c.first_scan_at IS NULL, c.landing_text,
               r.version, t.cursor, t.credits, s.data))
      INTO codes
      FROM unnest(p_codes, p_versions) AS v(code_id, known)
      JOIN codes_livecode c ON c.tenant_id = p_tenant AND c.id = v.code_id
      LEFT JOIN routing_coderoute r ON r.tenant_id = p_tenant AND r.code_id = c.id
      LEFT JOIN routing_codeturn t ON t.tenant_id = p_tenant AND t.code_id = c.id
      LEFT JOIN routing_snapshot s ON s.tenant_id = p_tenant AND s.code_id = c.id AND s.version = r.version
                                  AND r.version IS DISTINCT FROM v.known;
    SELECT json_agg(json_build_array(seat.id, coalesce(d.assigned + d.late, 0), seat.live_ways))
      INTO seats
      FROM routing_seat seat
      LEFT JOIN routing_seatday d ON d.tenant_id = p_tenant AND d.seat_id = seat.id AND d.day = today
     WHERE seat.tenant_id = p_tenant AND seat.code_id = ANY(p_codes) AND seat.removed_at IS NULL;
    SELECT json_agg(json_build_array(
               p.id, p.name, p.position, p.department_id, p.can_receive, coalesce(l.daily_cap, 100),
               extract(epoch FROM l.paused_until), coalesce(l.online, true), coalesce(d.assigned + d.late, 0)))
      INTO staff
      FROM people_staff p
      LEFT JOIN routing_stafflimit l ON l.tenant_id = p_tenant AND l.staff_id = p.id
      LEFT JOIN routing_staffday d ON d.tenant_id = p_tenant AND d.staff_id = p.id AND d.day = today
     WHERE p.tenant_id = p_tenant AND p.id IN (
        SELECT seat.staff_id FROM routing_seat seat
         WHERE seat.tenant_id = p_tenant AND seat.code_id = ANY(p_codes) AND seat.removed_at IS NULL);
    SELECT json_agg(json_build_array(
               v.code_id, v.visitor, s.id, s.scan_id, s.seat_id, s.state, extract(epoch FROM s.taken_at)))
      INTO visits
      FROM unnest(p_visit_codes, p_visitors) AS v(code_id, visitor)
      CROSS JOIN LATERAL (
        SELECT * FROM routing_slot x
         WHERE x.tenant_id = p_tenant AND x.code_id = v.code_id AND x.visitor = v.visitor
         ORDER BY x.id DESC LIMIT 1) s;
    SELECT json_agg(json_build_array(
               s.scan_id, coalesce(s.way_id, (
                   SELECT min(w.id) FROM routing_contactway w
                    WHERE w.tenant_id = p_tenant AND w.seat_id = s.seat_id AND w.status = 'live')),
               s.visitor, s.state = 'waiting' AND s.fetched_at IS NULL))
      INTO fetches
      FROM unnest(p_fetches) AS f(scan_id)
      JOIN routing_slot s ON s.tenant_id = p_tenant AND s.scan_id = f.scan_id;
    RETURN json_build_object('day', today, 'tenant', company, 'codes', codes, 'seats', seats, 'staff', staff,
                             'visits', visits, 'fetches', fetches)::text;
END $livecode$;
"""

# One statement: scans, and for those that were not there yet (a replay may send one twice) slots, leases and counts.
WRITE = """
CREATE FUNCTION routing_batch_write(
    p_tenant bigint, p_now timestamptz, p_hold integer, p_scans json, p_turns json,
    p_first bigint[], p_renewed bigint[], p_fetched uuid[]
) RETURNS integer LANGUAGE plpgsql AS $livecode$
DECLARE
    written integer;
BEGIN
    WITH given AS MATERIALIZED (
        SELECT * FROM json_to_recordset(p_scans) AS x(
            n integer, id uuid, code bigint, at double precision, day date, kind text, outcome text, reason text,
            rung smallint, version integer, seat bigint, staff bigint, department bigint, visitor text,
            first boolean, sub text, trace jsonb, degraded boolean, slot boolean, pending integer,
            way bigint)
    ), written_scans AS (
        INSERT INTO routing_scan (tenant_id, scan_day, scan_id, code_id, scanned_at, kind, outcome, reason, rung,
               version, seat_id, staff_id, department_id, visitor, first_visit, sub_channel, trace, degraded)
        SELECT p_tenant, day, id, code, to_timestamp(at), kind, outcome, reason, rung,
               version, seat, staff, department, visitor, first, sub, trace, degraded FROM given ORDER BY n
        ON CONFLICT (tenant_id, scan_day, scan_id) DO NOTHING
        RETURNING scan_id
    ), fresh AS MATERIALIZED (
        SELECT g.*, row_number() OVER (PARTITION BY g.seat ORDER BY g.n) AS nth
          FROM given g JOIN written_scans w ON w.scan_id = g.id WHERE g.slot
    ), pool AS (
        SELECT w.seat_id, w.id AS way_id, busy.n = 0 AS free,
               row_number() OVER (PARTITION BY w.seat_id ORDER BY busy.n, last.id NULLS FIRST, w.id) AS nth,
               count(*) OVER (PARTITION BY w.seat_id) AS size
          FROM routing_contactway w
          CROSS JOIN LATERAL (
            SELECT count(*) AS n FROM routing_slot s
             WHERE s.tenant_id = p_tenant AND s.seat_id = w.seat_id AND s.way_id = w.id AND s.state = 'waiting') busy
          LEFT JOIN LATERAL (
            SELECT s.id FROM routing_slot s WHERE s.tenant_id = p_tenant AND s.way_id = w.id
             ORDER BY s.id DESC LIMIT 1) last ON true
         WHERE w.tenant_id = p_tenant AND w.status = 'live' AND w.seat_id IN (SELECT seat FROM fresh)
    ), new_slots AS (
        INSERT INTO routing_slot (tenant_id, scan_id, code_id, seat_id, staff_id, way_id, leased, visitor, sub_channel,
               day, taken_at, held_until, pending_seconds, late, state)
        SELECT p_tenant, f.id, f.code, f.seat, f.staff, coalesce(f.way, p.way_id),
               coalesce(f.way IS NULL AND p.free AND f.nth <= p.size, false),
               coalesce(f.visitor, ''), f.sub, f.day, to_timestamp(f.at),
               to_timestamp(f.at) + make_interval(secs => CASE WHEN f.degraded THEN f.pending ELSE p_hold END),
               f.pending, false, 'waiting'
          FROM fresh f LEFT JOIN pool p ON p.seat_id = f.seat AND p.nth = (f.nth - 1) % p.size + 1
         ORDER BY f.n
    ), of_staff AS (
        INSERT INTO routing_staffday AS d (tenant_id, staff_id, day, assigned, added, late)
        SELECT p_tenant, staff, day, count(*), 0, 0 FROM fresh GROUP BY staff, day
        ON CONFLICT (tenant_id, staff_id, day) DO UPDATE SET assigned = d.assigned + excluded.assigned
    ), of_seats AS (
        INSERT INTO routing_seatday AS d (tenant_id, seat_id, day, assigned, added, late)
        SELECT p_tenant, seat, day, count(*), 0, 0 FROM fresh GROUP BY seat, day
        ON CONFLICT (tenant_id, seat_id, day) DO UPDATE SET assigned = d.assigned + excluded.assigned
    ), turns AS (
        INSERT INTO routing_codeturn AS r (tenant_id, code_id, cursor, credits)
        SELECT p_tenant, t.code, t.cursor, t.credits
          FROM json_to_recordset(p_turns) AS t(code bigint, cursor integer, credits jsonb)
        ON CONFLICT (tenant_id, code_id) DO UPDATE SET cursor = excluded.cursor, credits = excluded.credits
    )
    SELECT count(*) INTO written FROM written_scans;
    IF cardinality(p_first) > 0 THEN
        UPDATE codes_livecode SET first_scan_at = p_now
         WHERE tenant_id = p_tenant AND id IN (
            SELECT id FROM codes_livecode WHERE tenant_id = p_tenant AND id = ANY(p_first) AND first_scan_at IS NULL
               FOR UPDATE SKIP LOCKED);  -- somebody edits the code: the next scan notes it
    END IF;
    IF cardinality(p_renewed) > 0 THEN
        UPDATE routing_slot SET held_until = greatest(held_until,
               p_now + make_interval(secs => CASE WHEN fetched_at IS NULL THEN p_hold ELSE pending_seconds END))
         WHERE tenant_id = p_tenant AND id = ANY(p_renewed) AND state = 'waiting';
    END IF;
    IF cardinality(p_fetched) > 0 THEN
        UPDATE routing_slot SET fetched_at = p_now,
               held_until = greatest(held_until, taken_at + make_interval(secs => pending_seconds))
         WHERE tenant_id = p_tenant AND scan_id = ANY(p_fetched) AND state = 'waiting' AND fetched_at IS NULL;
    END IF;
    RETURN written;
END $livecode$;
"""

UNDO = """
DROP FUNCTION routing_batch_write(
    bigint, timestamptz, integer, json, json, bigint[], bigint[], uuid[]);
DROP FUNCTION routing_batch_load(bigint, timestamptz, bigint[], integer[], bigint[], text[], uuid[]);
DROP FUNCTION routing_expire(bigint, timestamptz, integer);
DROP FUNCTION routing_lock(bigint);
"""


class Migration(migrations.Migration):
    """Make the functions."""

    dependencies = (
        ("routing", "0002_create_scan_partitions"),
        ("codes", "0002_create_resolve_slug"),
        ("people", "0001_initial"),
    )
    operations = (migrations.RunSQL([LOCK, EXPIRE, LOAD, WRITE], [UNDO]),)
