"""Django application of `permissions`."""

from django.apps import AppConfig


class PermissionsConfig(AppConfig):
    """Floor 2: members, departments, role bundles, access, audit."""

    name = "permissions"
    default_auto_field = "django.db.models.BigAutoField"
