"""The function by which the scan edge finds a code's company before any tenant is known."""

from django.db import migrations

from tenants.migrations_sql import definer_function


class Migration(migrations.Migration):
    dependencies = [("codes", "0001_initial")]

    operations = [
        definer_function(
            name="resolve_slug",
            arguments="wanted text",
            returns="TABLE (tenant_id bigint, code_id bigint)",
            body="SELECT c.tenant_id, c.id FROM codes_livecode AS c WHERE c.slug = wanted",
            reads={"codes_livecode": ["tenant_id", "id", "slug"]},
        )
    ]
