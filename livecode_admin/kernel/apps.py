"""Django application of `livecode_admin.kernel`."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """Floor 0: clock, ids, sealed secrets, the one outgoing-HTTP door; knows no app."""

    name = "livecode_admin.kernel"
    default_auto_field = "django.db.models.BigAutoField"
