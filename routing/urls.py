"""Console pages of routing."""

from __future__ import annotations

from django.urls import path

from routing.views import domains, roster, scans, trial

app_name = "routing"
urlpatterns = [
    path("t/<slug:tenant_slug>/staff/caps/", roster.caps, name="caps"),
    path("t/<slug:tenant_slug>/codes/<int:code_id>/roster/", roster.roster, name="roster"),
    path("t/<slug:tenant_slug>/codes/<int:code_id>/test/", trial.trial, name="trial"),
    path("t/<slug:tenant_slug>/codes/<int:code_id>/scans/", scans.scans, name="scans"),
    path("t/<slug:tenant_slug>/codes/<int:code_id>/scans/<uuid:scan_id>/", scans.why, name="why"),
    path("t/<slug:tenant_slug>/settings/domains/", domains.domains, name="domains"),
    path("t/<slug:tenant_slug>/settings/domains/check/", domains.check, name="domain-check"),
    path("t/<slug:tenant_slug>/settings/domains/files/", domains.file_add, name="domain-file-add"),
    path(
        "t/<slug:tenant_slug>/settings/domains/files/<int:file_id>/remove/",
        domains.file_remove,
        name="domain-file-remove",
    ),
]
