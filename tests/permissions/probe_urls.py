"""The product's URLs and a few small views that show what the guards do."""

from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import include, path

from livecode_admin.kernel import clock
from permissions.guards import ConsoleRequest, public, requires, requires_membership, signed_in
from permissions.services import department_upsert
from tenants.context import current_tenant_id


def write(request: ConsoleRequest, name: str) -> None:
    """Leave a department and an audit entry."""
    access = type(request.access).system(tenant_id=request.tenant.id, tenant_slug=request.tenant.slug, reason="probe")
    department_upsert(access=access, name=name, parent_id=None, now=clock.now())


@requires("codes.edit")
def edit(request: ConsoleRequest, name: str) -> HttpResponse:
    """Write, and answer from a template that reads tenant rows while it is rendered."""
    write(request, name)
    return TemplateResponse(request, "permissions/members.html", {"page": _LazyDepartments(), "filters": []})


class _LazyDepartments:
    """Reads the tenant only when the template asks: fails where no tenant is set any more."""

    @property
    def object_list(self) -> list[Any]:
        """Nothing to show, but the question is asked."""
        from permissions.models import Department

        assert Department.objects.exists()
        return []


@requires("codes.view")
def write_then_need_more(request: ConsoleRequest, name: str) -> HttpResponse:
    """Write first, find out too late that a capability misses."""
    write(request, name)
    request.access.require("routing.rules")
    return HttpResponse("done")


@requires("codes.view")
def write_then_break(request: ConsoleRequest, name: str) -> HttpResponse:
    """Write first, then fail."""
    write(request, name)
    raise RuntimeError("half way")


@requires("codes.view", transaction=False)
def in_steps(request: ConsoleRequest, name: str) -> HttpResponse:
    """One step in the tenant, and outside of it nothing is set."""
    assert current_tenant_id() is None
    with request.tenant_context():
        write(request, name)
    return HttpResponse(str(current_tenant_id()))


@requires("codes.view")
def stream(request: ConsoleRequest) -> StreamingHttpResponse:
    """What the console must not do."""
    return StreamingHttpResponse(iter([b"x"]))


@requires_membership
def mine(request: ConsoleRequest) -> HttpResponse:
    """For every member."""
    return HttpResponse(f"{request.access.member_id} {request.access.origin}")


@signed_in
def person(request: HttpRequest) -> HttpResponse:
    """For everybody who is signed in."""
    return HttpResponse("person")


@public
def world(request: HttpRequest) -> HttpResponse:
    """For the world."""
    return HttpResponse("world")


urlpatterns = [
    path("t/<slug:tenant_slug>/probe/edit/<name>/", edit),
    path("t/<slug:tenant_slug>/probe/more/<name>/", write_then_need_more),
    path("t/<slug:tenant_slug>/probe/break/<name>/", write_then_break),
    path("t/<slug:tenant_slug>/probe/steps/<name>/", in_steps),
    path("t/<slug:tenant_slug>/probe/stream/", stream),
    path("t/<slug:tenant_slug>/probe/mine/", mine),
    path("probe/person/", person),
    path("probe/world/", world),
    path("", include("livecode_admin.urls")),
]
