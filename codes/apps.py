"""Django application of `codes`."""

from django.apps import AppConfig


class CodesConfig(AppConfig):
    """Floor 5: what is printed: live codes, folders, channels."""

    name = "codes"
    default_auto_field = "django.db.models.BigAutoField"
