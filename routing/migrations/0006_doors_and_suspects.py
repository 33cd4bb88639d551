"""What tells who looks full and which doors must be rewritten; platform jobs may read links and native ways."""

from __future__ import annotations

import django.contrib.postgres.indexes
from django.db import migrations, models

OPS = """
CREATE POLICY routing_acquisitionlink_ops ON routing_acquisitionlink FOR SELECT TO livecode_ops USING (true);
CREATE POLICY routing_nativeway_ops ON routing_nativeway FOR SELECT TO livecode_ops USING (true);
"""
OPS_UNDO = """
DROP POLICY routing_acquisitionlink_ops ON routing_acquisitionlink;
DROP POLICY routing_nativeway_ops ON routing_nativeway;
"""


class Migration(migrations.Migration):
    """The newest add of a staff's day, two indexes, two policies."""

    dependencies = (("routing", "0005_batch_functions_for_all_rules"),)
    operations = (
        migrations.AddField("staffday", "last_add_at", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "contactway",
            models.Index(
                fields=["tenant", "seat"], condition=models.Q(skip_verify=False), name="routing_contactway_verify"
            ),
        ),
        migrations.AddIndex(
            "slot",
            django.contrib.postgres.indexes.BrinIndex(
                fields=["tenant", "taken_at"], pages_per_range=32, autosummarize=True, name="routing_slot_recent"
            ),
        ),
        migrations.RunSQL([OPS], [OPS_UNDO]),
    )
