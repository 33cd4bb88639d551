"""A group may follow a department; who belongs where is counted, and platform jobs may read that count."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import tenants.constraints


class Migration(migrations.Migration):
    """Two columns and one policy."""

    dependencies = (("people", "0001_initial"), ("permissions", "0001_initial"))
    operations = (
        migrations.AddField("contactsync", "moves", models.BigIntegerField(default=0)),
        migrations.AddField(
            "staffgroup",
            "department",
            models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="permissions.department",
            ),
        ),
        migrations.AddConstraint(
            "staffgroup",
            tenants.constraints.SameTenant(field="department", name="people_staffgroup_department_tenant"),
        ),
        migrations.RunSQL(
            "CREATE POLICY people_contactsync_ops ON people_contactsync FOR SELECT TO livecode_ops USING (true)",
            "DROP POLICY people_contactsync_ops ON people_contactsync",
        ),
    )
