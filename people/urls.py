"""Paths of people."""

from django.urls import path

from people import views

app_name = "people"
urlpatterns = [
    path("t/<slug:tenant_slug>/staff/", views.staff, name="staff"),
    path("t/<slug:tenant_slug>/staff/sync/", views.staff_sync, name="staff-sync"),
]
