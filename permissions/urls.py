"""Signing in and out, choosing a company, members and the audit log."""

from django.urls import path

from permissions.views import audit, members, sign_in

app_name = "permissions"

urlpatterns = [
    path("", sign_in.enter, name="enter"),
    path("login/", sign_in.sign_in, name="login"),
    path("logout/", sign_in.sign_out, name="logout"),
    path("t/<slug:tenant_slug>/members/", members.members, name="members"),
    path("t/<slug:tenant_slug>/audit/", audit.audit_list, name="audit"),
]
