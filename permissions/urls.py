"""Signing in and out, choosing a company, members and the audit log."""

from django.urls import path

from permissions.views import account, audit, members, sign_in

app_name = "permissions"

urlpatterns = [
    path("", sign_in.enter, name="enter"),
    path("login/", sign_in.sign_in, name="login"),
    path("login/verify/", sign_in.verify, name="verify"),
    path("logout/", sign_in.sign_out, name="logout"),
    path("confirm/", account.confirm_again, name="confirm"),
    path("account/", account.account, name="account"),
    path("account/password/", account.password, name="account-password"),
    path("account/second-factor/", account.second_factor_new, name="second-factor-new"),
    path("account/second-factor/remove/", account.second_factor_remove, name="second-factor-remove"),
    path("account/recovery-codes/", account.recovery_codes, name="recovery-codes"),
    path("account/sessions/", account.sessions_out, name="sessions-out"),
    path("t/<slug:tenant_slug>/members/", members.members, name="members"),
    path("t/<slug:tenant_slug>/audit/", audit.audit_list, name="audit"),
]
