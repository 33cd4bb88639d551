"""How far rosters have followed the moves of people; platform jobs may compare it."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import tenants.constraints


class Migration(migrations.Migration):
    """One table and one policy."""

    dependencies = (
        ("routing", "0016_ops_reads_verifying"),
        ("people", "0002_groups_follow_departments"),
        ("tenants", "0003_unique_hosts"),
    )
    operations = (
        migrations.CreateModel(
            name="RosterFollow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("moves", models.BigIntegerField()),
                (
                    "tenant",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "id"), name="routing_rosterfollow_tenant_id"),
                    tenants.constraints.TenantIsolation(
                        column="tenant_id", name="routing_rosterfollow_isolation", ops=False
                    ),
                    models.UniqueConstraint(fields=("tenant",), name="routing_rosterfollow_one"),
                ],
            },
        ),
        migrations.RunSQL(
            "CREATE POLICY routing_rosterfollow_ops ON routing_rosterfollow FOR SELECT TO livecode_ops USING (true)",
            "DROP POLICY routing_rosterfollow_ops ON routing_rosterfollow",
        ),
    )
