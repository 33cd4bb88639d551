"""A receipt for each audit entry: the table; what writes them comes next."""

import django.db.models.deletion
from django.db import migrations, models

import tenants.constraints


class Migration(migrations.Migration):
    """The table alone: its policies and triggers are made at the end of the migration."""

    dependencies = [
        ("permissions", "0006_second_factor_and_sign_ins"),
        ("tenants", "0003_unique_hosts"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditReceipt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.BigIntegerField()),
                ("nonce", models.CharField(max_length=16)),
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
                    models.UniqueConstraint(fields=("tenant", "id"), name="permissions_auditreceipt_tenant_id"),
                    tenants.constraints.TenantIsolation(
                        column="tenant_id", name="permissions_auditreceipt_isolation", ops=False
                    ),
                    models.UniqueConstraint(fields=("tenant", "number"), name="permissions_auditreceipt_number"),
                    tenants.constraints.AppendOnly(name="permissions_auditreceipt_history"),
                ],
            },
        ),
    ]
