"""The function by which a scan edge learns which codes are live, to remember them for the time without PostgreSQL."""

from django.db import migrations

from tenants.migrations_sql import definer_function


class Migration(migrations.Migration):
    dependencies = [("codes", "0002_create_resolve_slug")]

    operations = [
        definer_function(
            name="livecode_live_slugs",
            arguments="most integer",
            returns="TABLE (slug text, tenant_id bigint, code_id bigint)",
            body=(
                "SELECT c.slug::text, c.tenant_id, c.id FROM codes_livecode AS c"
                " WHERE c.state = 'live' ORDER BY c.id DESC LIMIT most"
            ),
            reads={"codes_livecode": ["tenant_id", "id", "slug", "state"]},
        )
    ]
