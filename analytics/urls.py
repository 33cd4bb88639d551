"""URLs of figures."""

from django.urls import path

from analytics import views

app_name = "analytics"
urlpatterns = [
    path("t/<slug:tenant_slug>/codes/<int:code_id>/figures/", views.code_panel, name="code-panel"),
]
