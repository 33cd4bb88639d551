"""Receipts are written with each entry by a trigger: what vanishes before it is sealed is missed, too."""

from django.db import migrations

# Entries that are there already get theirs. The owner sees no rows while row level security is forced on the table,
# and a table whose new rows still wait for their foreign keys' check can't be altered.
FILL = """
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE permissions_auditentry NO FORCE ROW LEVEL SECURITY;
ALTER TABLE permissions_auditreceipt NO FORCE ROW LEVEL SECURITY;
INSERT INTO permissions_auditreceipt (tenant_id, number, nonce)
    SELECT tenant_id, id, nonce FROM permissions_auditentry ORDER BY id;
ALTER TABLE permissions_auditentry FORCE ROW LEVEL SECURITY;
ALTER TABLE permissions_auditreceipt FORCE ROW LEVEL SECURITY;
SET CONSTRAINTS ALL DEFERRED;
"""
TRIGGER = """
CREATE FUNCTION permissions_audit_receipt() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO permissions_auditreceipt (tenant_id, number, nonce) VALUES (NEW.tenant_id, NEW.id, NEW.nonce);
    RETURN NULL;
END $$;
CREATE TRIGGER permissions_auditentry_receipt AFTER INSERT ON permissions_auditentry
    FOR EACH ROW EXECUTE FUNCTION permissions_audit_receipt();
"""
UNDO = """
DROP TRIGGER permissions_auditentry_receipt ON permissions_auditentry;
DROP FUNCTION permissions_audit_receipt();
"""


class Migration(migrations.Migration):
    """The trigger, then the receipts of the entries that are there already."""

    dependencies = [("permissions", "0007_auditreceipt")]

    operations = [
        migrations.RunSQL(TRIGGER, UNDO),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
