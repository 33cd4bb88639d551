"""Django application of `tagging`."""

from django.apps import AppConfig


class TaggingConfig(AppConfig):
    """Floor 6: the tag tree, tags of codes and of customers."""

    name = "tagging"
    default_auto_field = "django.db.models.BigAutoField"
