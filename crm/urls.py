"""URLs of CRM sync."""

from django.urls import path

from crm import views

app_name = "crm"
urlpatterns = [
    path("t/<slug:tenant_slug>/crm/", views.endpoint, name="endpoint"),
    path("t/<slug:tenant_slug>/crm/save/", views.endpoint_save, name="endpoint-save"),
    path("t/<slug:tenant_slug>/crm/test/", views.endpoint_test, name="endpoint-test"),
    path("t/<slug:tenant_slug>/crm/replay/", views.replay, name="replay"),
]
