"""A host leads to one company."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0002_create_resolver_functions")]

    operations = [
        migrations.AddConstraint(
            model_name="tenant",
            constraint=models.UniqueConstraint(
                condition=models.Q(("entry_host", ""), _negated=True),
                fields=("entry_host",),
                name="tenants_tenant_entry_host",
            ),
        ),
        migrations.AddConstraint(
            model_name="tenant",
            constraint=models.UniqueConstraint(
                condition=models.Q(("landing_host", ""), _negated=True),
                fields=("landing_host",),
                name="tenants_tenant_landing_host",
            ),
        ),
    ]
