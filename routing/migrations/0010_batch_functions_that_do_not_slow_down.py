"""The batch's functions again, with the same results, so that what they cost depends on the batch and not on the past.

* Who waits for a person is counted newest first and only as far as it matters: to the person's limit, and one further
  for each visitor of the batch, who might hand a slot back by asking for somebody else.
* Whether a contact way is free is one look into an index of waiting slots; among ways in use the one given out longest
  ago comes next. Both used to count all slots of a way.
* Slots are facts that hold ids as plain numbers: their key to the company would lock its row with every scan.
"""

from __future__ import annotations

from importlib import import_module

from django.db import migrations

before = import_module("routing.migrations.0005_batch_functions_for_all_rules")

INDEXES = """
CREATE INDEX routing_slot_queue ON routing_slot (tenant_id, staff_id, taken_at DESC)
    WHERE state = 'waiting' AND NOT link;
CREATE INDEX routing_slot_asked ON routing_slot (tenant_id, staff_id)
    WHERE state = 'waiting' AND link AND requested_at IS NOT NULL;
CREATE INDEX routing_slot_way_waiting ON routing_slot (tenant_id, way_id) WHERE state = 'waiting';
DO $livecode$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT conname FROM pg_constraint
                 WHERE conrelid = 'routing_slot'::regclass AND confrelid = 'tenants_tenant'::regclass LOOP
        EXECUTE format('ALTER TABLE routing_slot DROP CONSTRAINT %I', name);
    END LOOP;
    FOR name IN SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                 WHERE i.indrelid = 'routing_slot'::regclass AND i.indnatts = 1 AND i.indpred IS NULL
                   AND NOT i.indisprimary AND c.relname LIKE 'routing_slot_tenant_id_%' LOOP
        EXECUTE format('DROP INDEX %I', name);
    END LOOP;
END $livecode$;
"""
INDEXES_BACK = """
DROP INDEX routing_slot_queue, routing_slot_asked, routing_slot_way_waiting;
ALTER TABLE routing_slot ADD CONSTRAINT routing_slot_tenant_id_fk_tenants_tenant_id FOREIGN KEY (tenant_id)
    REFERENCES tenants_tenant (id) DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX routing_slot_tenant_id_of_django ON routing_slot (tenant_id);
"""

OLD_WAITS = before.LOAD[before.LOAD.index("        SELECT json_agg(json_build_array(s.staff_id, w.seconds, s.n))") :]
OLD_WAITS = OLD_WAITS[: OLD_WAITS.index("    END IF;")]
WAITS = """        SELECT json_agg(json_build_array(p.id, w.seconds, q.n + a.n)) INTO waits
          FROM unnest(peaks) AS w(seconds)
          CROSS JOIN unnest(people) AS p(id)
          LEFT JOIN routing_stafflimit l ON l.tenant_id = p_tenant AND l.staff_id = p.id
          CROSS JOIN LATERAL (
            SELECT count(*) AS n FROM (
                SELECT 1 FROM routing_slot s
                 WHERE s.tenant_id = p_tenant AND s.staff_id = p.id AND s.state = 'waiting' AND NOT s.link
                   AND s.taken_at > p_now - make_interval(secs => w.seconds)
                 ORDER BY s.taken_at DESC LIMIT coalesce(l.peak_threshold, 50) + cardinality(p_visitors)) newest) q
          CROSS JOIN LATERAL (
            SELECT count(*) AS n FROM routing_slot s
             WHERE s.tenant_id = p_tenant AND s.staff_id = p.id AND s.state = 'waiting' AND s.link
               AND s.requested_at IS NOT NULL) a
         WHERE q.n + a.n > 0;
"""
OLD_POOL = before.WRITE[before.WRITE.index("    ), pool AS (") : before.WRITE.index("    ), new_slots AS (")]
POOL = """    ), pool AS (
        SELECT of.seat, list.ways, list.free
          FROM (SELECT DISTINCT seat FROM fresh WHERE NOT link) of
          CROSS JOIN LATERAL (
            SELECT array_agg(w.id ORDER BY w.free DESC, w.last NULLS FIRST, w.id) AS ways,
                   count(*) FILTER (WHERE w.free) AS free
              FROM (
                SELECT y.id, last.id AS last, CASE WHEN last.state = 'waiting' THEN false ELSE NOT EXISTS (
                    SELECT 1 FROM routing_slot s
                     WHERE s.tenant_id = p_tenant AND s.way_id = y.id AND s.state = 'waiting') END AS free
                  FROM routing_contactway y
                  LEFT JOIN LATERAL (
                    SELECT s.id, s.state FROM routing_slot s WHERE s.tenant_id = p_tenant AND s.way_id = y.id
                     ORDER BY s.id DESC LIMIT 1) last ON true
                 WHERE y.tenant_id = p_tenant AND y.status = 'live' AND y.seat_id = of.seat) w) list
"""
OLD_SLOTS = before.WRITE[before.WRITE.index("               CASE WHEN f.link THEN NULL") :]
OLD_SLOTS = OLD_SLOTS[: OLD_SLOTS.index("               coalesce(f.visitor, '')")]
SLOTS = """               CASE WHEN f.link THEN NULL ELSE coalesce(f.way, p.ways[(f.nth - 1) % cardinality(p.ways) + 1]) END,
               coalesce(f.way IS NULL AND f.nth <= p.free AND NOT f.link, false), f.link,
"""
OLD_JOIN = "LEFT JOIN pool p ON NOT f.link AND p.seat_id = f.seat AND p.nth = (f.nth - 1) % p.size + 1"
JOIN = "LEFT JOIN pool p ON NOT f.link AND p.seat = f.seat"


def replaced(function: str, old: str, new: str) -> str:
    """The function with one part put in place of another, over the function that is there."""
    assert function.count(old) == 1
    return function.replace(old, new).replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


LOAD = replaced(before.LOAD, OLD_WAITS, WAITS)
WRITE = replaced(replaced(replaced(before.WRITE, OLD_POOL, POOL), OLD_SLOTS, SLOTS), OLD_JOIN, JOIN)


class Migration(migrations.Migration):
    """Indexes and functions."""

    dependencies = (("routing", "0009_domains"),)
    operations = (
        migrations.RunSQL(
            [INDEXES, LOAD, WRITE],
            [
                INDEXES_BACK,
                before.LOAD.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"),
                before.WRITE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"),
            ],
        ),
    )
