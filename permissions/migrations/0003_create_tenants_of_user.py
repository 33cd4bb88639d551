"""How somebody who has signed in finds their companies before one is chosen."""

from django.db import migrations

from tenants.migrations_sql import definer_function

FACTS = (
    "id bigint, slug text, name text, time_zone text, brand_color text, tagline text, telephone text, "
    "entry_host text, landing_host text, corp_id text"
)
COLUMNS = [part.split()[0] for part in FACTS.split(", ")]
SELECTED = ", ".join(f"t.{column}" for column in COLUMNS)


class Migration(migrations.Migration):
    """User id → the companies in which the person is an active member."""

    dependencies = [
        ("permissions", "0002_add_capability_permissions"),
        ("tenants", "0002_create_resolver_functions"),
    ]

    operations = [
        definer_function(
            name="livecode_tenants_of_user",
            arguments="wanted bigint",
            returns=f"TABLE ({FACTS})",
            body=(
                f"SELECT {SELECTED} FROM permissions_member m JOIN tenants_tenant t ON t.id = m.tenant_id "
                "WHERE m.user_id = wanted AND m.is_active"
            ),
            reads={"tenants_tenant": COLUMNS, "permissions_member": ["tenant_id", "user_id", "is_active"]},
        ),
    ]
