"""The roof's URLs: which app answers which path. Tenant pages live under `/t/<tenant-slug>/`."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from livecode_admin import readiness

APPS = (
    "permissions",
    "livecode_admin.workspace",
    "crm",
    "people",
    "codes",
    "tagging",
    "routing",
    "reception",
    "analytics",
    "livecode_admin.console",
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", readiness.healthz, name="healthz"),
    path("readyz", readiness.readyz, name="readyz"),
    *(path("", include(f"{app}.urls")) for app in APPS if find_spec(f"{app}.urls") is not None),
]
