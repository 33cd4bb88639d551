"""Jobs know their task and when it began, and platform jobs find those whose hint or worker was lost."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Three columns, an index and a policy."""

    dependencies = (("workspace", "0001_initial"),)
    operations = (
        migrations.AddField("job", "task", models.CharField(blank=True, default="", max_length=80)),
        migrations.AddField("job", "user_id", models.BigIntegerField(null=True)),
        migrations.AddField("job", "begun_at", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "job",
            models.Index(fields=["tenant", "id"], name="workspace_job_running", condition=models.Q(state="running")),
        ),
        migrations.RunSQL(
            "CREATE POLICY workspace_job_ops ON workspace_job FOR SELECT TO livecode_ops USING (true)",
            "DROP POLICY workspace_job_ops ON workspace_job",
        ),
    )
