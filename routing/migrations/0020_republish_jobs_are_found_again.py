"""The background job of the company's reception settings is kept, and platform jobs find it when its hint was lost."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Four columns and a policy."""

    dependencies = (("routing", "0019_request_reminders"),)
    operations = (
        migrations.AddField("receptiondefault", "republish_job", models.BigIntegerField(null=True)),
        migrations.AddField("receptiondefault", "republish_user", models.BigIntegerField(null=True)),
        migrations.AddField(
            "receptiondefault", "republish_what", models.CharField(blank=True, default="", max_length=8)
        ),
        migrations.AddField("receptiondefault", "republish_at", models.DateTimeField(null=True)),
        migrations.RunSQL(
            "CREATE POLICY routing_receptiondefault_ops ON routing_receptiondefault"
            " FOR SELECT TO livecode_ops USING (true)",
            "DROP POLICY routing_receptiondefault_ops ON routing_receptiondefault",
        ),
    )
