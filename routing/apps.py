"""Django application of `routing`."""

from django.apps import AppConfig


class RoutingConfig(AppConfig):
    """Floor 6: who receives: rosters, rules, engine, scans, contact ways."""

    name = "routing"
    default_auto_field = "django.db.models.BigAutoField"
