"""guardian needs a Permission row for each capability that a bundle for one folder or one code opens there."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

MODELS = ("codefolder", "livecode")
CODENAMES = (
    "codes_view",
    "codes_edit",
    "codes_renew",
    "codes_pause",
    "codes_retire",
    "codes_download",
    "routing_roster",
    "routing_caps",
    "routing_rules",
    "routing_plan",
    "routing_live",
    "welcome_choose",
    "welcome_write",
    "analytics_view",
    "analytics_traffic",
    "analytics_growth",
    "analytics_quality",
    "analytics_tags",
)


def add(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Add the rows that are missing; the content types may not be there yet, Django makes them after all migrations."""
    alias = schema_editor.connection.alias
    types = apps.get_model("contenttypes", "ContentType").objects.using(alias)
    rows = apps.get_model("auth", "Permission").objects.using(alias)
    for model in MODELS:
        content_type, _ = types.get_or_create(app_label="codes", model=model)
        for codename in CODENAMES:
            rows.get_or_create(content_type_id=content_type.pk, codename=codename, defaults={"name": codename})


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Remove the rows, and with them the grants."""
    rows = apps.get_model("auth", "Permission").objects.using(schema_editor.connection.alias)
    rows.filter(content_type__app_label="codes", content_type__model__in=MODELS, codename__in=CODENAMES).delete()


class Migration(migrations.Migration):
    """One row per capability and kind of object, with ``_`` for ``.``."""

    dependencies = (
        ("codes", "0004_native_qr"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    )
    operations = (migrations.RunPython(add, remove),)
