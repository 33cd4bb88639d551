"""Django application of `analytics`."""

from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """Floor 8: rollups and figures."""

    name = "analytics"
    default_auto_field = "django.db.models.BigAutoField"
