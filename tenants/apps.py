"""Django application of `tenants`."""

from django.apps import AppConfig
from django.conf import settings
from django.core import checks as django_checks
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.signals import connection_created


class TenantsConfig(AppConfig):
    """Floor 1: companies, the tenant context and the two isolation walls."""

    name = "tenants"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Refuse to start without wall 1, and to serve with a role that passes by wall 2."""
        from tenants import checks

        if getattr(settings, "TENANT_LOUD_WALL", True) is not True:
            raise ImproperlyConfigured("TENANT_LOUD_WALL is off: only the isolation tests take a wall down")
        django_checks.register(checks.check_roles, django_checks.Tags.database)
        connection_created.connect(checks.refuse_mighty_role, dispatch_uid="tenants.refuse_mighty_role")
