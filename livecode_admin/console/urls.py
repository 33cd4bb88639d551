"""URLs of the pages that are made of several apps."""

from django.urls import path

from livecode_admin.console.views import (
    batch,
    code,
    codes,
    connection,
    create,
    home,
    member_parts,
    newcomers,
    search,
    wecom_login,
)

app_name = "console"
urlpatterns = [
    path("login/wecom/", wecom_login.company, name="wecom-company"),
    path("login/wecom/<slug:company>/", wecom_login.leave, name="wecom-login"),
    path("login/wecom/<slug:company>/back/", wecom_login.back, name="wecom-login-back"),
    path("t/<slug:tenant_slug>/", home.home, name="home"),
    path("t/<slug:tenant_slug>/search/", search.search, name="search"),
    path("t/<slug:tenant_slug>/codes/", codes.codes, name="codes"),
    path("t/<slug:tenant_slug>/codes/batch/", batch.batch, name="codes-batch"),
    path("t/<slug:tenant_slug>/codes/new/", create.create, name="code-new"),
    path("t/<slug:tenant_slug>/codes/new/name/", create.name, name="code-name"),
    path("t/<slug:tenant_slug>/codes/<int:code_id>/", code.code, name="code"),
    path("t/<slug:tenant_slug>/codes/<int:code_id>/state/", code.readiness, name="code-readiness"),
    path("t/<slug:tenant_slug>/members/giving/places/", member_parts.giving_places, name="giving-places"),
    path("t/<slug:tenant_slug>/members/<int:member_id>/staff/", member_parts.member_staff, name="member-staff"),
    path("t/<slug:tenant_slug>/members/newcomers/", newcomers.newcomers, name="newcomers"),
    path("t/<slug:tenant_slug>/members/newcomers/open/", newcomers.newcomers_open, name="newcomers-open"),
    path("t/<slug:tenant_slug>/members/newcomers/aside/", newcomers.newcomers_aside, name="newcomers-aside"),
    path("t/<slug:tenant_slug>/wecom/", connection.connection, name="wecom"),
    path("t/<slug:tenant_slug>/wecom/sync/", connection.sync, name="wecom-sync"),
]
