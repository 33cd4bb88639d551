"""Paths of tagging."""

from django.urls import path

from tagging import views

app_name = "tagging"
urlpatterns = [
    path("t/<slug:tenant_slug>/tags/", views.tags, name="tags"),
    path("t/<slug:tenant_slug>/tags/<int:tag_id>/state/", views.tag_state, name="tag-state"),
]
