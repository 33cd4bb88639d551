"""Django application of `livecode_admin.workspace`."""

from django.apps import AppConfig


class WorkspaceConfig(AppConfig):
    """Floor 3: what every page needs: jobs, notices, saved views."""

    name = "livecode_admin.workspace"
    default_auto_field = "django.db.models.BigAutoField"
