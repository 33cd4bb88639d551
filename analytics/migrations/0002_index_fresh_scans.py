from django.db import migrations


class Migration(migrations.Migration):
    """Rollups ask for a tenant's scans after an id: an index for that, on each month's partition."""

    dependencies = (
        ("analytics", "0001_initial"),
        ("routing", "0002_create_scan_partitions"),
        ("reception", "0001_initial"),
    )
    operations = (
        migrations.RunSQL(
            "CREATE INDEX routing_scan_fresh ON routing_scan (tenant_id, id)", "DROP INDEX routing_scan_fresh"
        ),
        migrations.RunSQL(
            "CREATE INDEX reception_contactevent_fresh ON reception_contactevent (tenant_id, id)",
            "DROP INDEX reception_contactevent_fresh",
        ),
    )
