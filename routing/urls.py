"""Console pages of routing."""

from __future__ import annotations

from django.urls import path

from routing.views import (
    caps,
    domains,
    dryrun,
    groups,
    live,
    presence,
    roster,
    rules,
    scans,
    settings,
    trial,
    trouble,
    versions,
)

app_name = "routing"
urlpatterns = [
    path("t/<slug:tenant_slug>/staff/caps/", caps.caps, name="caps"),
    path("t/<slug:tenant_slug>/staff/groups/", groups.groups, name="groups"),
    path("t/<slug:tenant_slug>/staff/groups/<int:group_id>/", groups.group, name="group"),
    path("t/<slug:tenant_slug>/staff/groups/<int:group_id>/delete/", groups.group_delete, name="group-delete"),
    path("t/<slug:tenant_slug>/codes/<int:code_id>/roster/", roster.roster, name="roster"),
    path("t/<slug:tenant_slug>/codes/<int:code_id>/test/", trial.trial, name="trial"),
    path("t/<slug:tenant_slug>/live/", live.live, name="live"),
    path("t/<slug:tenant_slug>/live/now/", live.live_part, name="live-part"),
    path("t/<slug:tenant_slug>/live/staff/<int:staff_id>/", live.live_staff, name="live-staff"),
    path("t/<slug:tenant_slug>/live/staff/<int:staff_id>/lift/", presence.lift, name="suspect-lift"),
    path("t/<slug:tenant_slug>/presence/", presence.presence, name="presence"),
    path("t/<slug:tenant_slug>/codes/<int:code_id>/rules/", rules.rules, name="rules"),
    path("t/<slug:tenant_slug>/codes/<int:code_id>/rules/try/", rules.rules_try, name="rules-try"),
    path("t/<slug:tenant_slug>/codes/<int:code_id>/dry-run/", dryrun.dryrun, name="dryrun"),
    path("t/<slug:tenant_slug>/codes/<int:code_id>/versions/", versions.versions, name="versions"),
    path("t/<slug:tenant_slug>/codes/<int:code_id>/versions/<int:version>/", versions.restore, name="version-restore"),
    path("t/<slug:tenant_slug>/codes/<int:code_id>/trouble/", trouble.trouble, name="trouble"),
    path("t/<slug:tenant_slug>/codes/<int:code_id>/scans/", scans.scans, name="scans"),
    path("t/<slug:tenant_slug>/codes/<int:code_id>/scans/recent/", scans.recent, name="recent-scans"),
    path("t/<slug:tenant_slug>/codes/<int:code_id>/scans/<uuid:scan_id>/", scans.why, name="why"),
    path("t/<slug:tenant_slug>/settings/reception/", settings.reception, name="settings"),
    path("t/<slug:tenant_slug>/settings/reception/calendar/", settings.calendar, name="calendar"),
    path("t/<slug:tenant_slug>/settings/domains/", domains.domains, name="domains"),
    path("t/<slug:tenant_slug>/settings/domains/check/", domains.check, name="domain-check"),
    path("t/<slug:tenant_slug>/settings/domains/files/", domains.file_add, name="domain-file-add"),
    path(
        "t/<slug:tenant_slug>/settings/domains/files/<int:file_id>/remove/",
        domains.file_remove,
        name="domain-file-remove",
    ),
]
