"""Django application of `livecode_admin.console`."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """Floor 9: pages made of several apps: home, code list, create, code page."""

    name = "livecode_admin.console"
    default_auto_field = "django.db.models.BigAutoField"
