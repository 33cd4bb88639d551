"""Signing in and out, choosing a company, members and the audit log."""

from django.urls import path

from permissions import views

app_name = "permissions"

urlpatterns = [
    path("", views.enter, name="enter"),
    path("login/", views.sign_in, name="login"),
    path("logout/", views.sign_out, name="logout"),
    path("t/<slug:tenant_slug>/members/", views.members, name="members"),
    path("t/<slug:tenant_slug>/audit/", views.audit_list, name="audit"),
]
