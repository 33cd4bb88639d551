"""Django application of `tenants`."""

from django.apps import AppConfig


class TenantsConfig(AppConfig):
    """Floor 1: companies, the tenant context and the two isolation walls."""

    name = "tenants"
    default_auto_field = "django.db.models.BigAutoField"
