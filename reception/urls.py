"""URLs of reception: the callback of WeCom, the welcome library, customers."""

from django.urls import path

from reception import callbacks, views

app_name = "reception"
urlpatterns = [
    path("callback/<str:key>", callbacks.callback, name="callback"),
    path("t/<slug:tenant_slug>/welcomes/", views.welcomes, name="welcomes"),
    path("t/<slug:tenant_slug>/welcomes/new/", views.template_edit, name="template-new"),
    path("t/<slug:tenant_slug>/welcomes/<int:template_id>/", views.template_edit, name="template-edit"),
    path("t/<slug:tenant_slug>/codes/<int:code_id>/welcome/", views.code_welcome, name="code-welcome"),
    path("t/<slug:tenant_slug>/customers/", views.customers, name="customers"),
]
