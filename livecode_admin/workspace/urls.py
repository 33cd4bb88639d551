"""URLs of jobs and notices."""

from django.urls import path

from livecode_admin.workspace import views

app_name = "workspace"
urlpatterns = [
    path("t/<slug:tenant_slug>/notices/", views.notices, name="notices"),
    path("t/<slug:tenant_slug>/jobs/<int:job_id>/", views.job, name="job"),
]
