"""How a console URL, a host name and a WeCom callback find their tenant before one is known."""

from django.db import migrations

from tenants.migrations_sql import definer_function

FACTS = (
    "id bigint, slug text, name text, time_zone text, brand_color text, tagline text, telephone text, "
    "entry_host text, landing_host text, corp_id text"
)
COLUMNS = [part.split()[0] for part in FACTS.split(", ")]
SELECTED = ", ".join(f"t.{column}" for column in COLUMNS)


class Migration(migrations.Migration):
    """Three functions; the fourth, user → tenants, needs a table of `permissions` and is made there."""

    dependencies = [("tenants", "0001_initial")]

    operations = [
        definer_function(
            name="livecode_tenant_by_slug",
            arguments="wanted text",
            returns=f"TABLE ({FACTS})",
            body=f"SELECT {SELECTED} FROM tenants_tenant t WHERE t.slug = wanted",
            reads={"tenants_tenant": COLUMNS},
        ),
        definer_function(
            name="livecode_tenant_by_host",
            arguments="wanted text",
            returns=f"TABLE ({FACTS})",
            body=(
                f"SELECT {SELECTED} FROM tenants_tenant t "
                "WHERE wanted <> '' AND (t.entry_host = wanted OR t.landing_host = wanted) ORDER BY t.id LIMIT 1"
            ),
            reads={"tenants_tenant": COLUMNS},
        ),
        definer_function(
            name="livecode_tenant_by_callback_key",
            arguments="wanted text",
            returns="bigint",
            body="SELECT c.tenant_id FROM tenants_wecomconnection c WHERE c.callback_key = wanted",
            reads={"tenants_wecomconnection": ["tenant_id", "callback_key"]},
        ),
    ]
