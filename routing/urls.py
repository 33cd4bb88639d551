"""Console pages of routing."""

from __future__ import annotations

from django.urls import path

from routing import views

app_name = "routing"
urlpatterns = [
    path("t/<slug:tenant_slug>/codes/<int:code_id>/roster/", views.roster, name="roster"),
    path("t/<slug:tenant_slug>/codes/<int:code_id>/scans/", views.scans, name="scans"),
    path("t/<slug:tenant_slug>/codes/<int:code_id>/scans/<uuid:scan_id>/", views.why, name="why"),
]
