"""The roof's URLs: which app answers which path. Tenant pages live under `/t/<tenant-slug>/`."""

from django.urls import URLPattern, URLResolver, include, path

from livecode_admin import readiness

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", readiness.healthz, name="healthz"),
    path("readyz", readiness.readyz, name="readyz"),
    path("", include("permissions.urls")),
    path("", include("livecode_admin.workspace.urls")),
    path("", include("crm.urls")),
    path("", include("people.urls")),
    path("", include("codes.urls")),
    path("", include("tagging.urls")),
    path("", include("routing.urls")),
    path("", include("reception.urls")),
    path("", include("analytics.urls")),
    path("", include("livecode_admin.console.urls")),
]
