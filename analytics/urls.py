"""URLs of figures."""

from django.urls import path

from analytics import views

app_name = "analytics"
urlpatterns = [
    path("t/<slug:tenant_slug>/codes/<int:code_id>/figures/", views.code_figures, name="code-figures"),
    path("t/<slug:tenant_slug>/codes/<int:code_id>/chart/", views.code_chart, name="code-chart"),
]
