"""Signing in and out, choosing a company, members and the audit log."""

from django.urls import path

from permissions.views import (
    account,
    audit,
    bundle_editor,
    bundles,
    default_bundles,
    giving,
    invitations,
    joining,
    member_import,
    members,
    sharing,
    sign_in,
    view_as,
)

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
    path("t/<slug:tenant_slug>/sharing/", sharing.sharing, name="sharing"),
    path("t/<slug:tenant_slug>/sharing/<int:share_id>/end/", sharing.sharing_end, name="sharing-end"),
    path("t/<slug:tenant_slug>/members/", members.members, name="members"),
    path("t/<slug:tenant_slug>/members/giving/", giving.giving, name="giving"),
    path("t/<slug:tenant_slug>/members/<int:member_id>/", members.member, name="member"),
    path("t/<slug:tenant_slug>/members/<int:member_id>/edit/", members.member_edit, name="member-edit"),
    path("t/<slug:tenant_slug>/members/<int:member_id>/switch/", members.member_switch, name="member-switch"),
    path("t/<slug:tenant_slug>/members/invitations/", invitations.invitations, name="invitations"),
    path("t/<slug:tenant_slug>/members/invitations/new/", invitations.invitation_new, name="invitation-new"),
    path(
        "t/<slug:tenant_slug>/members/invitations/<int:invitation_id>/again/",
        invitations.invitation_again,
        name="invitation-again",
    ),
    path(
        "t/<slug:tenant_slug>/members/invitations/<int:invitation_id>/off/",
        invitations.invitation_off,
        name="invitation-off",
    ),
    path("t/<slug:tenant_slug>/members/import/", member_import.upload, name="import"),
    path("t/<slug:tenant_slug>/members/import/carry-out/", member_import.carry_out, name="import-carry-out"),
    path("t/<slug:tenant_slug>/members/defaults/", default_bundles.default_bundles, name="default-bundles"),
    path("t/<slug:tenant_slug>/join/<str:token>/", joining.join, name="join"),
    path("t/<slug:tenant_slug>/audit/", audit.audit_list, name="audit"),
    path("t/<slug:tenant_slug>/audit/export/", audit.audit_file, name="audit-export"),
    path("t/<slug:tenant_slug>/bundles/", bundles.bundles, name="bundles"),
    path("t/<slug:tenant_slug>/bundles/new/", bundle_editor.bundle_new, name="bundle-new"),
    path("t/<slug:tenant_slug>/bundles/<int:bundle_id>/", bundles.bundle, name="bundle"),
    path("t/<slug:tenant_slug>/bundles/<int:bundle_id>/edit/", bundle_editor.bundle_edit, name="bundle-edit"),
    path("t/<slug:tenant_slug>/bundles/<int:bundle_id>/off/", bundles.bundle_off, name="bundle-off"),
    path(
        "t/<slug:tenant_slug>/bundles/<int:bundle_id>/versions/<int:to>/",
        bundle_editor.bundle_restore,
        name="bundle-restore",
    ),
    path("t/<slug:tenant_slug>/members/<int:member_id>/view-as/", view_as.view_as, name="view-as"),
    path("t/<slug:tenant_slug>/view-as/end/", view_as.view_as_end, name="view-as-end"),
]
