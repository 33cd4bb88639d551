"""Django application of `livecode_admin.devstack`: only for its commands, in development."""

from django.apps import AppConfig


class DevstackConfig(AppConfig):
    """Floor 10: the demo's data and the runner of its processes."""

    name = "livecode_admin.devstack"
