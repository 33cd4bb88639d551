"""The batch's functions for all of product.md §2: queues, turns owed, friends, fallback codes, links, the calendar.

All are SECURITY INVOKER: row level security holds inside. They are VOLATILE plpgsql, so that each statement after the
lock sees what the last holder of the lock committed.
"""

from __future__ import annotations

from importlib import import_module

from django.db import migrations

before = import_module("routing.migrations.0003_create_batch_functions")

# Slots whose time has passed go back, with their counts and their turns, under the lock of the caller.
EXPIRE = """
CREATE OR REPLACE FUNCTION routing_expire(p_tenant bigint, p_now timestamptz, p_limit integer) RETURNS integer
LANGUAGE plpgsql AS $livecode$
DECLARE
    due bigint[];
BEGIN
    SELECT array_agg(id) INTO due FROM (
        SELECT id FROM routing_slot WHERE tenant_id = p_tenant AND state = 'waiting' AND held_until <= p_now
         ORDER BY held_until LIMIT p_limit) s;
    RETURN CASE WHEN due IS NULL THEN 0 ELSE routing_give_back(p_tenant, p_now, due) END;
END $livecode$;
"""

GIVE_BACK = """
CREATE FUNCTION routing_give_back(p_tenant bigint, p_now timestamptz, p_slots bigint[]) RETURNS integer
LANGUAGE plpgsql AS $livecode$
DECLARE
    given_back integer;
BEGIN
    WITH due AS (
        UPDATE routing_slot SET state = 'returned', settled_at = p_now
         WHERE tenant_id = p_tenant AND id = ANY(p_slots) AND state = 'waiting'
        RETURNING staff_id, seat_id, day
    ), of_staff AS (
        UPDATE routing_staffday d SET assigned = d.assigned - g.n
          FROM (SELECT staff_id, day, count(*)::integer AS n FROM due GROUP BY staff_id, day) g
         WHERE d.tenant_id = p_tenant AND d.staff_id = g.staff_id AND d.day = g.day
    ), of_seats AS (
        UPDATE routing_seatday d SET assigned = d.assigned - g.n, owed = d.owed + g.n
          FROM (SELECT seat_id, day, count(*)::integer AS n FROM due GROUP BY seat_id, day) g
         WHERE d.tenant_id = p_tenant AND d.seat_id = g.seat_id AND d.day = g.day
    )
    SELECT count(*) INTO given_back FROM due;
    RETURN given_back;
END $livecode$;
"""

LOAD = """
CREATE FUNCTION routing_batch_load(
    p_tenant bigint, p_now timestamptz, p_codes bigint[], p_versions integer[], p_visitors text[], p_fetches uuid[]
) RETURNS text LANGUAGE plpgsql AS $livecode$
DECLARE
    today date;
    all_codes bigint[] := p_codes;
    further bigint[];
    people bigint[];
    peaks integer[];
    company json;
    calendar json;
    codes json;
    seats json;
    staff json;
    waits json;
    visits json;
    visitors json;
    fetches json;
BEGIN
    PERFORM routing_lock(p_tenant);
    PERFORM routing_expire(p_tenant, p_now, 2000);
    SELECT (p_now AT TIME ZONE t.time_zone)::date,
           json_build_array(t.name, t.brand_color, t.tagline, t.telephone, t.entry_host, t.landing_host,
               coalesce(d.swap_allowed, false), d.links_exhausted_at IS NOT NULL, t.time_zone)
      INTO today, company
      FROM tenants_tenant t LEFT JOIN routing_receptiondefault d ON d.tenant_id = t.id WHERE t.id = p_tenant;
    SELECT json_object_agg(c.day, coalesce(c.works_as, 7)) INTO calendar FROM routing_calendarday c
     WHERE c.tenant_id = p_tenant AND c.day BETWEEN today - 1 AND today + 1;
    FOR hop IN 1..3 LOOP
        SELECT array_agg(DISTINCT r.fallback_code_id) INTO further FROM routing_coderoute r
         WHERE r.tenant_id = p_tenant AND r.code_id = ANY(all_codes) AND r.fallback_code_id IS NOT NULL
           AND NOT r.fallback_code_id = ANY(all_codes);
        EXIT WHEN further IS NULL;
        all_codes := all_codes || further;
    END LOOP;
    SELECT json_agg(json_build_array(
               c.id, c.state, extract(epoch FROM c.expires_at), c.first_scan_at IS NULL, c.landing_text,
               r.version, t.cursor, t.credits, s.data)),
           array_agg(DISTINCT r.peak_window) FILTER (WHERE r.peak_window IS NOT NULL)
      INTO codes, peaks
      FROM unnest(all_codes, p_versions) AS v(code_id, known)
      JOIN codes_livecode c ON c.tenant_id = p_tenant AND c.id = v.code_id
      LEFT JOIN routing_coderoute r ON r.tenant_id = p_tenant AND r.code_id = c.id
      LEFT JOIN routing_codeturn t ON t.tenant_id = p_tenant AND t.code_id = c.id
      LEFT JOIN routing_snapshot s ON s.tenant_id = p_tenant AND s.code_id = c.id AND s.version = r.version
                                  AND r.version IS DISTINCT FROM v.known;
    SELECT json_agg(json_build_array(
               seat.id, coalesce(d.assigned + d.late, 0), seat.live_ways, coalesce(d.owed, 0), seat.link_url,
               seat.face_way_id)),
           array_agg(DISTINCT seat.staff_id)
      INTO seats, people
      FROM routing_seat seat
      LEFT JOIN routing_seatday d ON d.tenant_id = p_tenant AND d.seat_id = seat.id AND d.day = today
     WHERE seat.tenant_id = p_tenant AND seat.code_id = ANY(all_codes) AND seat.removed_at IS NULL;
    SELECT json_agg(json_build_array(
               p.id, p.name, p.position, p.department_id, p.can_receive, coalesce(l.daily_cap, 100),
               extract(epoch FROM l.paused_until), coalesce(l.online, true), coalesce(d.assigned + d.late, 0),
               coalesce(l.peak_threshold, 50), x.id IS NOT NULL))
      INTO staff
      FROM people_staff p
      LEFT JOIN routing_stafflimit l ON l.tenant_id = p_tenant AND l.staff_id = p.id
      LEFT JOIN routing_staffday d ON d.tenant_id = p_tenant AND d.staff_id = p.id AND d.day = today
      LEFT JOIN routing_staffsuspect x ON x.tenant_id = p_tenant AND x.staff_id = p.id AND x.until > p_now
     WHERE p.tenant_id = p_tenant AND p.id = ANY(people);
    IF peaks IS NOT NULL THEN
        SELECT json_agg(json_build_array(s.staff_id, w.seconds, s.n)) INTO waits
          FROM unnest(peaks) AS w(seconds)
          CROSS JOIN LATERAL (
            SELECT q.staff_id, count(*) AS n FROM routing_slot q
             WHERE q.tenant_id = p_tenant AND q.state = 'waiting' AND q.staff_id = ANY(people)
               AND CASE WHEN q.link THEN q.requested_at IS NOT NULL
                        ELSE q.taken_at > p_now - make_interval(secs => w.seconds) END
             GROUP BY q.staff_id) s;
    END IF;
    IF cardinality(p_visitors) > 0 THEN
        SELECT json_agg(json_build_array(
                   s.code_id, v.visitor, s.id, s.scan_id, s.seat_id, s.state, extract(epoch FROM s.taken_at)))
          INTO visits
          FROM unnest(p_visitors) AS v(visitor)
          CROSS JOIN LATERAL (
            SELECT DISTINCT ON (x.code_id) * FROM routing_slot x
             WHERE x.tenant_id = p_tenant AND x.visitor = v.visitor AND x.code_id = ANY(all_codes)
             ORDER BY x.code_id, x.id DESC) s;
        SELECT json_agg(json_build_array(
                   v.visitor,
                   EXISTS (SELECT 1 FROM routing_slot x WHERE x.tenant_id = p_tenant AND x.visitor = v.visitor),
                   (SELECT json_agg(f.staff_id ORDER BY f.id DESC) FROM routing_visitorfriend f
                     WHERE f.tenant_id = p_tenant AND f.visitor = v.visitor)))
          INTO visitors FROM unnest(p_visitors) AS v(visitor);
    END IF;
    IF cardinality(p_fetches) > 0 THEN
        SELECT json_agg(json_build_array(
                   s.scan_id, coalesce(s.way_id, (
                       SELECT min(w.id) FROM routing_contactway w
                        WHERE w.tenant_id = p_tenant AND w.seat_id = s.seat_id AND w.status = 'live')),
                   s.visitor, s.state = 'waiting' AND s.fetched_at IS NULL))
          INTO fetches
          FROM unnest(p_fetches) AS f(scan_id)
          JOIN routing_slot s ON s.tenant_id = p_tenant AND s.scan_id = f.scan_id;
    END IF;
    RETURN json_build_object('day', today, 'tenant', company, 'calendar', calendar, 'codes', codes, 'seats', seats,
                             'staff', staff, 'windows', to_json(peaks), 'waits', waits, 'visits', visits,
                             'visitors', visitors, 'fetches', fetches)::text;
END $livecode$;
"""

# One statement: scans, and for those that were not there yet (a replay may send one twice) slots, leases and counts.
WRITE = """
CREATE FUNCTION routing_batch_write(
    p_tenant bigint, p_now timestamptz, p_hold integer, p_scans json, p_turns json,
    p_first bigint[], p_renewed bigint[], p_returned bigint[], p_fetched uuid[]
) RETURNS integer LANGUAGE plpgsql AS $livecode$
DECLARE
    written integer;
BEGIN
    WITH given AS MATERIALIZED (
        SELECT * FROM json_to_recordset(p_scans) AS x(
            n integer, id uuid, code bigint, at double precision, day date, kind text, outcome text, reason text,
            rung smallint, version integer, condition integer, seat bigint, seat_code bigint, staff bigint,
            department bigint, visitor text, first boolean, sub text, trace jsonb, degraded boolean, slot boolean,
            made_up boolean, link boolean, pending integer, way bigint)
    ), written_scans AS (
        INSERT INTO routing_scan (tenant_id, scan_day, scan_id, code_id, scanned_at, kind, outcome, reason, rung,
               version, condition, seat_id, staff_id, department_id, visitor, first_visit, sub_channel, trace,
               degraded)
        SELECT p_tenant, day, id, code, to_timestamp(at), kind, outcome, reason, rung, version, condition, seat,
               staff, department, visitor, first, sub, trace, degraded FROM given ORDER BY n
        ON CONFLICT (tenant_id, scan_day, scan_id) DO NOTHING
        RETURNING scan_id
    ), fresh AS MATERIALIZED (
        SELECT g.*, row_number() OVER (PARTITION BY g.seat, g.link ORDER BY g.n) AS nth
          FROM given g JOIN written_scans w ON w.scan_id = g.id WHERE g.slot
    ), pool AS (
        SELECT w.seat_id, w.id AS way_id, busy.n = 0 AS free,
               row_number() OVER (PARTITION BY w.seat_id ORDER BY busy.n, last.id NULLS FIRST, w.id) AS nth,
               count(*) OVER (PARTITION BY w.seat_id) AS size
          FROM routing_contactway w
          CROSS JOIN LATERAL (
            SELECT count(*) AS n FROM routing_slot s
             WHERE s.tenant_id = p_tenant AND s.way_id = w.id AND s.state = 'waiting') busy
          LEFT JOIN LATERAL (
            SELECT s.id FROM routing_slot s WHERE s.tenant_id = p_tenant AND s.way_id = w.id
             ORDER BY s.id DESC LIMIT 1) last ON true
         WHERE w.tenant_id = p_tenant AND w.status = 'live'
           AND w.seat_id IN (SELECT seat FROM fresh WHERE NOT link)
    ), new_slots AS (
        INSERT INTO routing_slot (tenant_id, scan_id, code_id, seat_id, staff_id, way_id, leased, link, visitor,
               sub_channel, day, taken_at, held_until, pending_seconds, late, state)
        SELECT p_tenant, f.id, f.seat_code, f.seat, f.staff,
               CASE WHEN f.link THEN NULL ELSE coalesce(f.way, p.way_id) END,
               coalesce(f.way IS NULL AND p.free AND f.nth <= p.size AND NOT f.link, false), f.link,
               coalesce(f.visitor, ''), f.sub, f.day, to_timestamp(f.at),
               to_timestamp(f.at)
                   + make_interval(secs => CASE WHEN f.degraded OR f.link THEN f.pending ELSE p_hold END),
               f.pending, false, 'waiting'
          FROM fresh f LEFT JOIN pool p ON NOT f.link AND p.seat_id = f.seat AND p.nth = (f.nth - 1) % p.size + 1
         ORDER BY f.n
    ), of_staff AS (
        INSERT INTO routing_staffday AS d (tenant_id, staff_id, day, assigned, added, late)
        SELECT p_tenant, staff, day, count(*), 0, 0 FROM fresh GROUP BY staff, day
        ON CONFLICT (tenant_id, staff_id, day) DO UPDATE SET assigned = d.assigned + excluded.assigned
    ), of_seats AS (
        INSERT INTO routing_seatday AS d (tenant_id, seat_id, day, assigned, added, late, owed)
        SELECT p_tenant, seat, day, count(*), 0, 0, -(count(*) FILTER (WHERE made_up)) FROM fresh GROUP BY seat, day
        ON CONFLICT (tenant_id, seat_id, day) DO UPDATE SET assigned = d.assigned + excluded.assigned,
               owed = greatest(d.owed + excluded.owed, 0)
    ), turns AS (
        INSERT INTO routing_codeturn AS r (tenant_id, code_id, cursor, credits)
        SELECT p_tenant, t.code, t.cursor, t.credits
          FROM json_to_recordset(p_turns) AS t(code bigint, cursor integer, credits jsonb)
        ON CONFLICT (tenant_id, code_id) DO UPDATE SET cursor = excluded.cursor, credits = excluded.credits
    )
    SELECT count(*) INTO written FROM written_scans;
    IF cardinality(p_returned) > 0 THEN
        PERFORM routing_give_back(p_tenant, p_now, p_returned);
    END IF;
    IF cardinality(p_first) > 0 THEN
        UPDATE codes_livecode SET first_scan_at = p_now
         WHERE tenant_id = p_tenant AND id IN (
            SELECT id FROM codes_livecode WHERE tenant_id = p_tenant AND id = ANY(p_first) AND first_scan_at IS NULL
               FOR UPDATE SKIP LOCKED);  -- somebody edits the code: the next scan notes it
    END IF;
    IF cardinality(p_renewed) > 0 THEN
        UPDATE routing_slot SET held_until = greatest(held_until,
               p_now + make_interval(
                   secs => CASE WHEN fetched_at IS NULL AND NOT link THEN p_hold ELSE pending_seconds END))
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

DROP_BEFORE = """
DROP FUNCTION routing_batch_write(bigint, timestamptz, integer, json, json, bigint[], bigint[], uuid[]);
DROP FUNCTION routing_batch_load(bigint, timestamptz, bigint[], integer[], bigint[], text[], uuid[]);
"""
DROP = """
DROP FUNCTION routing_batch_write(bigint, timestamptz, integer, json, json, bigint[], bigint[], bigint[], uuid[]);
DROP FUNCTION routing_batch_load(bigint, timestamptz, bigint[], integer[], text[], uuid[]);
DROP FUNCTION routing_expire(bigint, timestamptz, integer);
DROP FUNCTION routing_give_back(bigint, timestamptz, bigint[]);
"""


class Migration(migrations.Migration):
    """Put the wider functions in place of the first ones."""

    dependencies = (("routing", "0004_rules_links_and_hours"),)
    operations = (
        migrations.RunSQL(
            [DROP_BEFORE, GIVE_BACK, EXPIRE, LOAD, WRITE], [DROP, before.EXPIRE, before.LOAD, before.WRITE]
        ),
    )
