"""The URL names that the frame looks for, so that the gallery shows all of it."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path


def nowhere(request: HttpRequest, tenant_slug: str = "") -> HttpResponse:
    return HttpResponse(tenant_slug)


def area(name: str, *pages: tuple[str, str]) -> URLResolver:
    routes: list[URLPattern] = [path(route, nowhere, name=page) for page, route in pages]
    return path("", include((routes, name), namespace=name))


urlpatterns = [
    area("console", ("home", "t/<slug:tenant_slug>/"), ("search", "t/<slug:tenant_slug>/search/")),
    area("analytics", ("warnings", "t/<slug:tenant_slug>/warnings/")),
    area("workspace", ("notices", "t/<slug:tenant_slug>/notices/")),
    area("permissions", ("account", "account/"), ("logout", "logout/")),
]
