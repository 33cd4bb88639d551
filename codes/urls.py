"""Paths of codes: downloads, actions on one code, folders, channels. List and page of codes are the console's."""

from django.urls import path

from codes import filing, views

app_name = "codes"
CODE = "t/<slug:tenant_slug>/codes/<int:code_id>"
urlpatterns = [
    path(f"{CODE}/qr.png", views.qr_png, name="qr-png"),
    path(f"{CODE}/qr.svg", views.qr_svg, name="qr-svg"),
    path(f"{CODE}/pause/", views.pause, name="pause"),
    path(f"{CODE}/resume/", views.resume, name="resume"),
    path(f"{CODE}/retire/", views.retire, name="retire"),
    path(f"{CODE}/renew/", views.renew, name="renew"),
    path("t/<slug:tenant_slug>/folders/", filing.folders, name="folders"),
    path("t/<slug:tenant_slug>/folders/<int:folder_id>/", filing.folder, name="folder"),
    path("t/<slug:tenant_slug>/channels/", filing.channels, name="channels"),
    path("t/<slug:tenant_slug>/channels/<int:channel_id>/", filing.channel, name="channel"),
]
