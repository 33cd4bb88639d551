"""Fewer indexes under the batch, and a look before giving back what is due.

Single-column indexes on the company are dropped from the tables of the batch: each of them is also the first column of
another one, every insert paid for it, and the planner walked a company's whole table by it. Nobody asks for slots
without a lease any more.
"""

from __future__ import annotations

from importlib import import_module

from django.db import migrations

before = import_module("routing.migrations.0010_batch_functions_that_do_not_slow_down")

INDEXES = """
DROP INDEX IF EXISTS routing_slot_short;
DO $livecode$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                 WHERE i.indrelid IN ('routing_seat'::regclass, 'routing_seatday'::regclass,
                                      'routing_staffday'::regclass, 'routing_codeturn'::regclass,
                                      'routing_coderoute'::regclass, 'routing_snapshot'::regclass,
                                      'routing_contactway'::regclass, 'routing_stafflimit'::regclass)
                   AND i.indnatts = 1 AND i.indpred IS NULL AND NOT i.indisunique
                   AND pg_get_indexdef(i.indexrelid) LIKE '%(tenant_id)' LOOP
        EXECUTE format('DROP INDEX %I', name);
    END LOOP;
END $livecode$;
"""
INDEXES_BACK = """
CREATE INDEX routing_slot_short ON routing_slot (tenant_id) WHERE state = 'waiting' AND NOT leased;
"""
EXPIRE = "    PERFORM routing_expire(p_tenant, p_now, 2000);\n"
# In the order of the index: without it the planner expects to find one soon anywhere, and walks the table.
LOOK_FIRST = """    PERFORM 1 FROM routing_slot WHERE tenant_id = p_tenant AND state = 'waiting' AND held_until <= p_now
      ORDER BY held_until LIMIT 1;
    IF FOUND THEN
        PERFORM routing_expire(p_tenant, p_now, 2000);
    END IF;
"""
LOAD = before.replaced(before.LOAD, EXPIRE, LOOK_FIRST)


class Migration(migrations.Migration):
    """Indexes and the function that loads."""

    dependencies = (("routing", "0017_rosters_follow_groups"),)
    operations = (migrations.RunSQL([INDEXES, LOAD], [INDEXES_BACK, before.LOAD]),)
