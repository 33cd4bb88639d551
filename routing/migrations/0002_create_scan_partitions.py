"""The scan table: partitioned by month of ``scan_day``, made ahead, closed to change (product.md §5.2, design.md §5)."""

from __future__ import annotations

from django.db import migrations

TABLE = """
CREATE SEQUENCE routing_scan_id_seq;
CREATE TABLE routing_scan (
    id bigint NOT NULL DEFAULT nextval('routing_scan_id_seq'),
    tenant_id bigint NOT NULL,
    scan_day date NOT NULL,
    scan_id uuid NOT NULL,
    code_id bigint NOT NULL,
    scanned_at timestamptz NOT NULL,
    kind varchar(10) NOT NULL,
    outcome varchar(10) NOT NULL,
    reason varchar(16) NOT NULL,
    rung smallint,
    version integer,
    seat_id bigint,
    staff_id bigint,
    department_id bigint,
    visitor varchar(32),
    first_visit boolean NOT NULL DEFAULT false,
    sub_channel varchar(64) NOT NULL DEFAULT '',
    trace jsonb,
    degraded boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tenant_id, scan_day, id),
    UNIQUE (tenant_id, scan_day, scan_id)
) PARTITION BY RANGE (scan_day);
CREATE INDEX routing_scan_code ON routing_scan (tenant_id, code_id, scan_day, id);
ALTER TABLE routing_scan ENABLE ROW LEVEL SECURITY;
ALTER TABLE routing_scan FORCE ROW LEVEL SECURITY;
CREATE POLICY routing_scan_isolation ON routing_scan
    USING (tenant_id = nullif(current_setting('app.tenant', true), '')::bigint)
    WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::bigint);
REVOKE UPDATE, DELETE, TRUNCATE ON routing_scan FROM livecode_app, livecode_ops;
CREATE TRIGGER routing_scan_history BEFORE UPDATE OR DELETE ON routing_scan
    FOR EACH ROW EXECUTE FUNCTION livecode_refuse_history_change();
CREATE TRIGGER routing_scan_history_trunc BEFORE TRUNCATE ON routing_scan
    FOR EACH STATEMENT EXECUTE FUNCTION livecode_refuse_history_change();
"""

# Run by the owner alone: SECURITY INVOKER, and nobody else may create tables. Partitions are reached through their
# parent; row level security on each of them is the second lock on the same door.
ENSURE = """
CREATE FUNCTION routing_ensure_partitions(p_from date, p_until date) RETURNS integer
LANGUAGE plpgsql SET search_path = public, pg_temp AS $livecode$
DECLARE
    first date := date_trunc('month', p_from)::date;
    child text;
    made integer := 0;
BEGIN
    WHILE first <= p_until LOOP
        child := 'routing_scan_' || to_char(first, 'YYYYMM');
        IF to_regclass('public.' || child) IS NULL THEN
            EXECUTE format('CREATE TABLE %I PARTITION OF routing_scan FOR VALUES FROM (%L) TO (%L)',
                           child, first, (first + interval '1 month')::date);
            EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', child);
            EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', child);
            EXECUTE format('CREATE POLICY %I ON %I '
                'USING (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::bigint) '
                'WITH CHECK (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::bigint)',
                child || '_isolation', child);
            EXECUTE format('REVOKE ALL ON %I FROM livecode_app, livecode_ops', child);
            made := made + 1;
        END IF;
        first := (first + interval '1 month')::date;
    END LOOP;
    RETURN made;
END $livecode$;
REVOKE ALL ON FUNCTION routing_ensure_partitions(date, date) FROM PUBLIC;
SELECT routing_ensure_partitions((CURRENT_DATE - 120), (CURRENT_DATE + 400));
"""

# Hot rows stay on their page (HOT updates), and platform jobs may find which tenants have work.
HOT = """
ALTER TABLE routing_staffday SET (fillfactor = 60);
ALTER TABLE routing_seatday SET (fillfactor = 60);
ALTER TABLE routing_codeturn SET (fillfactor = 60);
CREATE INDEX routing_slot_short ON routing_slot (tenant_id) WHERE state = 'waiting' AND NOT leased;
CREATE POLICY routing_slot_ops ON routing_slot FOR SELECT TO livecode_ops USING (true);
CREATE POLICY routing_contactway_ops ON routing_contactway FOR SELECT TO livecode_ops USING (true);
"""

UNDO = """
DROP INDEX routing_slot_short;
DROP POLICY routing_slot_ops ON routing_slot;
DROP POLICY routing_contactway_ops ON routing_contactway;
DROP FUNCTION routing_ensure_partitions(date, date);
DROP TABLE routing_scan;
DROP SEQUENCE routing_scan_id_seq;
"""


class Migration(migrations.Migration):
    """Make the table, the function that adds partitions, and the first of them."""

    dependencies = (("routing", "0001_initial"), ("tenants", "0002_create_resolver_functions"))
    operations = (migrations.RunSQL([TABLE, ENSURE, HOT], [UNDO]),)
