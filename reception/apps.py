"""Django application of `reception`."""

from django.apps import AppConfig


class ReceptionConfig(AppConfig):
    """Floor 7: customers arriving: callback inbox, contacts, welcomes."""

    name = "reception"
    default_auto_field = "django.db.models.BigAutoField"
