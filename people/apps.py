"""Django application of `people`."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Floor 4: staff and customers, synced from WeCom."""

    name = "people"
    default_auto_field = "django.db.models.BigAutoField"
