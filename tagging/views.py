"""The tag page: the tree up to the member's tier, a new tag, switching tags off and on."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST

from livecode_admin.kernel import clock
from permissions.access import Access
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url
from tagging.forms import TagForm
from tagging.models import Tag
from tagging.rules import LEVELS, TagRefused, covers
from tagging.selectors import TagNode, tags_for_page
from tagging.services import tag_create, tag_switch


@requires("tags.manage")
@require_http_methods(["GET", "POST"])
def tags(request: ConsoleRequest) -> HttpResponse:
    """The tree, and a new tag."""
    nodes = tags_for_page(request.access)
    form = TagForm(request.POST or None, parents=_parents(nodes), tiers=_tiers(request.access))
    if request.method == "POST" and form.is_valid():
        try:
            tag_create(access=request.access, now=clock.now(), **form.cleaned_data)
        except TagRefused as refused:
            form.add_error(refused.field or None, refused.message)
        else:
            messages.success(request, f"已新建标签「{form.cleaned_data['name']}」")
            return HttpResponseRedirect(tenant_url(request.access, "tagging:tags"))
    context = {"nodes": nodes, "form": form}
    return TemplateResponse(request, "tagging/tags.html", context, status=422 if form.errors else 200)


@requires("tags.manage")
@require_POST
def tag_state(request: ConsoleRequest, tag_id: int) -> HttpResponse:
    """Switch a tag off, or on with ``active=1``."""
    active = request.POST.get("active") == "1"
    try:
        tag_switch(access=request.access, tag_id=tag_id, active=active, now=clock.now())
    except ObjectDoesNotExist:
        raise Http404 from None
    messages.success(request, "已启用标签" if active else "已停用标签，已有客户上的不受影响")
    return HttpResponseRedirect(tenant_url(request.access, "tagging:tags"))


def _parents(nodes: list[TagNode]) -> list[tuple[int, str]]:
    return [(node.id, node.path) for node in nodes if node.is_active and node.depth < LEVELS - 1]


def _tiers(access: Access) -> list[tuple[str, str]]:
    held = access.tier("tags.manage")
    return [(value, label) for value, label in Tag.Tier.choices if covers(held, value)]
