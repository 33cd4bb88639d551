"""guardian needs a Permission row for each capability on the tenant's row; a new capability brings a migration like this."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

CODENAMES = (
    "codes_view",
    "codes_create",
    "codes_edit",
    "codes_organize",
    "codes_renew",
    "codes_pause",
    "codes_retire",
    "codes_download",
    "routing_roster",
    "routing_caps",
    "routing_rules",
    "routing_plan",
    "routing_live",
    "routing_self",
    "staff_manage",
    "welcome_choose",
    "welcome_write",
    "welcome_library",
    "tags_apply",
    "tags_manage",
    "customers_view",
    "customers_reassign",
    "customers_export",
    "customers_erase",
    "analytics_view",
    "analytics_traffic",
    "analytics_growth",
    "analytics_quality",
    "analytics_tags",
    "analytics_people",
    "analytics_export",
    "analytics_share",
    "alerts_expiry",
    "alerts_reception",
    "alerts_system",
    "crm_view",
    "crm_manage",
    "api_tokens",
    "wecom_manage",
    "members_manage",
    "bundles_manage",
    "audit_view",
    "tenant_settings",
)


def add(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Add the rows that are missing; the content type may not be there yet, Django makes it after all migrations."""
    alias = schema_editor.connection.alias
    content_type, _ = (
        apps.get_model("contenttypes", "ContentType")
        .objects.using(alias)
        .get_or_create(app_label="tenants", model="tenant")
    )
    rows = apps.get_model("auth", "Permission").objects.using(alias)
    for codename in CODENAMES:
        rows.get_or_create(content_type_id=content_type.pk, codename=codename, defaults={"name": codename})


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Remove the rows, and with them the grants."""
    rows = apps.get_model("auth", "Permission").objects.using(schema_editor.connection.alias)
    rows.filter(content_type__app_label="tenants", content_type__model="tenant", codename__in=CODENAMES).delete()


class Migration(migrations.Migration):
    """One row per capability of role_bundles.csv, with ``_`` for ``.``."""

    dependencies = [
        ("permissions", "0001_initial"),
        ("tenants", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(add, remove)]
