"""Django application of `crm`."""

from django.apps import AppConfig


class CrmConfig(AppConfig):
    """Floor 3: CRM endpoints, the outbox and its delivery."""

    name = "crm"
    default_auto_field = "django.db.models.BigAutoField"
