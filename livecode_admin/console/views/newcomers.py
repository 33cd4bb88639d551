"""待开通: people of the company's WeCom who are no members yet; one click lets them in."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_POST

from livecode_admin.console.arrivals import newcomers_admit
from livecode_admin.kernel import clock
from livecode_admin.kernel.web.page import Action
from livecode_admin.kernel.web.parameters import whole_numbers
from permissions.confirming import confirmed_to_write
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url
from permissions.selectors.arrivals import NewcomerRow, newcomers_waiting
from permissions.selectors.giving import Offer, bundle_offers
from permissions.services.newcomers import MOST_AT_ONCE, OpenResult, newcomers_set_aside

PAGE = 50
BUNDLE = "bundle-"


@requires("members.manage")
@require_GET
def newcomers(request: ConsoleRequest) -> HttpResponse:
    """Who waits, each with the bundle that is proposed."""
    return _page(request, OpenResult())


@requires("members.manage")
@confirmed_to_write
@require_POST
def newcomers_open(request: ConsoleRequest) -> HttpResponse:
    """Let one in (``only``) or all that are ticked (``ids``), each with the bundle chosen in their row."""
    ids = _chosen(request)
    picks = {pk: request.POST.get(f"{BUNDLE}{pk}", "") for pk in ids}
    result = newcomers_admit(access=request.access, picks=picks, now=clock.now())
    if len(result.opened) == 1:
        one = result.opened[0]
        messages.success(request, f"已开通「{one.name}」，权限包：{one.bundle}，用企业微信扫码登录")
    elif result.opened:
        messages.success(request, f"已开通 {len(result.opened)} 人，用企业微信扫码登录")
    if result.left:
        return _page(request, result)
    if not result.opened:
        messages.info(request, "没有选择成员")
    return _back(request)


@requires("members.manage")
@require_POST
def newcomers_aside(request: ConsoleRequest) -> HttpResponse:
    """Set one or several aside: they become no members and wait no more."""
    count = newcomers_set_aside(access=request.access, newcomer_ids=_chosen(request), now=clock.now())
    messages.success(request, f"{count} 人不开通，已移出待开通")
    return _back(request)


def _chosen(request: ConsoleRequest) -> list[int]:
    return whole_numbers([request.POST["only"]] if "only" in request.POST else request.POST.getlist("ids"))[
        :MOST_AT_ONCE
    ]


def _back(request: ConsoleRequest) -> HttpResponseRedirect:
    return HttpResponseRedirect(tenant_url(request.access, "console:newcomers"))


def _page(request: ConsoleRequest, result: OpenResult) -> HttpResponse:
    rows = newcomers_waiting(request.access)
    wanted = request.GET.get("q", "").strip().lower()
    shown = [row for row in rows if wanted in f"{row.name} {row.department} {row.position} {row.wecom_userid}".lower()]
    page = Paginator(shown, PAGE).get_page(request.GET.get("page"))
    offers = bundle_offers(request.access)
    context = {
        "page": page,
        "people": [(row, _choices(row, offers), _refused(row, offers)) for row in page],
        "waiting": len(rows),
        "q": request.GET.get("q", "").strip(),
        "left": result.left,
        "opened": len(result.opened),
        "actions": [
            Action("邀请成员", "user-plus", hx_get=tenant_url(request.access, "permissions:invitation-new")),
        ],
    }
    return TemplateResponse(request, "console/newcomers.html", context, status=200)


def _choices(row: NewcomerRow, offers: list[Offer]) -> list[tuple[str, str, bool]]:
    """(key, name, chosen) of what the member may hand out."""
    return [(offer.key, offer.name, offer.key == row.bundle_key) for offer in offers if not offer.lacks]


def _refused(row: NewcomerRow, offers: list[Offer]) -> Offer | None:
    """The bundle that is proposed, when the member may not hand it out."""
    return next((offer for offer in offers if offer.lacks and offer.key == row.bundle_key), None)
