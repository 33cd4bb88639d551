"""Console pages of routing."""

from __future__ import annotations

from django.urls import path

from routing.views import roster, scans

app_name = "routing"
urlpatterns = [
    path("t/<slug:tenant_slug>/staff/caps/", roster.caps, name="caps"),
    path("t/<slug:tenant_slug>/codes/<int:code_id>/roster/", roster.roster, name="roster"),
    path("t/<slug:tenant_slug>/codes/<int:code_id>/scans/", scans.scans, name="scans"),
    path("t/<slug:tenant_slug>/codes/<int:code_id>/scans/<uuid:scan_id>/", scans.why, name="why"),
]
