"""Making, changing and restoring custom bundles; who gains and loses what is shown before it is saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from livecode_admin.kernel import clock
from livecode_admin.kernel.web.parameters import whole_number
from permissions.access import Access, Denied
from permissions.capabilities import CAPABILITIES, LABELS
from permissions.confirming import confirmed_to_write
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url
from permissions.rules import Scope, Tier
from permissions.selectors.bundles import BundleCard, bundle_card, bundle_effects, bundle_versions
from permissions.services.custom_bundles import (
    NAME_LENGTH,
    BundleMoved,
    BundlePlan,
    BundleUnfit,
    custom_bundle_create,
    custom_bundle_restore,
    custom_bundle_save,
)
from permissions.services.handing_out import BundleRefused
from permissions.views.bundles import areas, card_or_404, crumbs
from permissions.wording import SCOPE_WORDS, TIER_WORDS, grouped

MOVED = "刚刚有人保存了第 {} 版：下面是与它的比较，请核对后再保存一次"


@dataclass(frozen=True)
class Line:
    """One line of a comparison in words."""

    label: str
    before: str
    after: str


@requires("bundles.manage")
@confirmed_to_write
@require_http_methods(["GET", "POST"])
def bundle_new(request: ConsoleRequest) -> HttpResponse:
    """Make a custom bundle, empty or from what another one holds (``from``)."""
    access = request.access
    if request.method == "GET":
        return _editor(request, None, _copied(request))
    plan = plan_of(request.POST)
    try:
        bundle_id = custom_bundle_create(access=access, plan=plan, now=clock.now())
    except BundleUnfit as unfit:
        return _editor(request, None, plan, problem=unfit)
    except BundleRefused as refused:
        return _editor(request, None, plan, problem=_reach(access, plan, refused))
    messages.success(request, f"已新建「{plan.name.strip()}」")
    return redirect(tenant_url(access, "permissions:bundle", bundle_id))


@requires("bundles.manage")
@confirmed_to_write
@require_http_methods(["GET", "POST"])
def bundle_edit(request: ConsoleRequest, bundle_id: int) -> HttpResponse:
    """Change a custom bundle: what members gain and lose stands before the save (``confirm``)."""
    access = request.access
    card = card_or_404(request, bundle_id, custom=True)
    _only_changeable(card)
    present = BundlePlan(card.name, card.capabilities, card.scope, card.tier)
    if request.method == "GET":
        return _editor(request, card, present)
    plan = plan_of(request.POST, keep=frozenset(name for name in card.capabilities if not access.can(name)))
    version = whole_number(request.POST.get("version")) or 0
    effects = bundle_effects(
        access, bundle_id, capabilities=plan.capabilities, scope=plan.scope, tier=plan.tier, now=clock.now()
    )
    if "back" in request.POST:
        return _editor(request, card, plan)
    if effects and request.POST.get("confirm") != "1" and plan.capabilities and plan.name.strip():
        return _review(request, card, plan, effects=effects, version=version)
    try:
        changed = custom_bundle_save(access=access, bundle_id=bundle_id, version=version, plan=plan, now=clock.now())
    except BundleUnfit as unfit:
        return _editor(request, card, plan, problem=unfit)
    except BundleMoved as moved:
        problem = MOVED.format(moved.version)
        return _review(request, card, plan, effects=effects, version=moved.version, problem=problem)
    except BundleRefused as refused:
        return _editor(request, card, plan, problem=_reach(access, plan, refused))
    messages.success(request, f"已保存「{plan.name.strip()}」，下一次操作即生效" if changed else "没有改动")
    return redirect(tenant_url(access, "permissions:bundle", bundle_id))


@requires("bundles.manage")
@confirmed_to_write
@require_http_methods(["GET", "POST"])
def bundle_restore(request: ConsoleRequest, bundle_id: int, to: int) -> HttpResponse:
    """What going back to a version changes, for the bundle and for those who hold it (GET), and doing it (POST)."""
    access = request.access
    card = card_or_404(request, bundle_id, custom=True)
    _only_changeable(card)
    old = next((row for row in bundle_versions(access, bundle_id, before=to + 1) if row.version == to), None)
    if old is None or old.off:
        raise Http404
    plan = BundlePlan(old.name, old.capabilities & frozenset(CAPABILITIES), old.scope, old.tier)
    problem, version = "", card.version
    if request.method == "POST":
        seen = whole_number(request.POST.get("version")) or 0
        try:
            custom_bundle_restore(access=access, bundle_id=bundle_id, version=seen, to=to, now=clock.now())
        except BundleUnfit as unfit:
            problem = unfit.text
        except BundleMoved as moved:
            problem, version = MOVED.format(moved.version), moved.version
        except BundleRefused as refused:
            problem = _reach(access, plan, refused).text
        else:
            messages.success(request, f"已恢复第 {to} 版")
            return redirect(tenant_url(access, "permissions:bundle", bundle_id))
    effects = bundle_effects(
        access, bundle_id, capabilities=plan.capabilities, scope=plan.scope, tier=plan.tier, now=clock.now()
    )
    return _review(request, card, plan, effects=effects, version=version, problem=problem, to=to)


def plan_of(data: QueryDict, keep: frozenset[str] = frozenset()) -> BundlePlan:
    """What a form says; names that no capability has and unknown scopes fall back to nothing and the narrowest.

    ``keep``: what stays in because the editor was not offered to take it out.
    """
    chosen = frozenset(data.getlist("capabilities")) & frozenset(CAPABILITIES)
    scope, tier = data.get("scope", ""), data.get("tier", "")
    return BundlePlan(
        name=data.get("name", ""),
        capabilities=chosen | keep,
        scope=Scope(scope) if scope in set(Scope) else Scope.OWN,
        tier=Tier(tier) if tier in set(Tier) else Tier.BASIC,
    )


def comparison(card: BundleCard, plan: BundlePlan) -> list[Line]:
    """What the plan changes of the bundle, in words."""
    lines = [
        Line("名称", card.name, " ".join(plan.name.split())),
        Line("数据范围", SCOPE_WORDS[card.scope], SCOPE_WORDS[plan.scope]),
        Line("标签级别", TIER_WORDS[card.tier], TIER_WORDS[plan.tier]),
    ]
    for title, names in grouped(card.capabilities ^ plan.capabilities).items():
        removed = "、".join(LABELS[name] for name in names if name in card.capabilities)
        added = "、".join(LABELS[name] for name in names if name in plan.capabilities)
        lines.append(Line(title, f"去掉 {removed}" if removed else "—", f"加上 {added}" if added else "—"))
    return [line for line in lines if line.before != line.after]


def _copied(request: ConsoleRequest) -> BundlePlan:
    """What the bundle to copy from holds, without what the maker may not put in."""
    empty = BundlePlan("", frozenset(), Scope.DEPARTMENT, Tier.STANDARD)
    source_id = whole_number(request.GET.get("from"))
    if source_id is None:
        return empty
    source = bundle_card(request.access, source_id, now=clock.now())
    if source is None:
        raise Http404
    name = f"{source.name}（副本）"[:NAME_LENGTH]
    return BundlePlan(name, frozenset(filter(request.access.can, source.capabilities)), source.scope, source.tier)


def _only_changeable(card: BundleCard) -> None:
    if card.own:
        raise Denied("bundles.manage", what="自己的角色权限包")
    if card.lacks:
        raise Denied(*sorted(card.lacks), what=card.name)


def _reach(access: Access, plan: BundlePlan, refused: BundleRefused) -> BundleUnfit:
    """Why the plan is more than the editor holds. Raises it again where that is no matter of scope or tier."""
    if not all(access.can(name) for name in refused.missing) or refused.what != " ".join(plan.name.split()):
        raise refused
    names = "、".join(LABELS[name] for name in refused.missing)
    return BundleUnfit("scope", f"您自己的「{names}」没有这么大的数据范围或标签级别，请缩小后再保存")


def _editor(
    request: ConsoleRequest, card: BundleCard | None, plan: BundlePlan, *, problem: BundleUnfit | None = None
) -> HttpResponse:
    access = request.access
    chosen = f"{len(plan.capabilities)} / {len(CAPABILITIES)} 项"
    context: dict[str, Any] = {
        "card": card,
        "plan": plan,
        "title": f"编辑「{card.name}」" if card else "新建角色权限包",
        "areas": areas(plan.capabilities, editor=access),
        "chosen": chosen,
        "scopes": [(scope.value, SCOPE_WORDS[scope], scope is plan.scope) for scope in Scope],
        "tiers": [(tier.value, TIER_WORDS[tier], tier is plan.tier) for tier in Tier],
        "problem": problem,
        "most": NAME_LENGTH,
        "cancel_url": tenant_url(access, "permissions:bundle", card.id) if card else tenant_url(access, LIST),
        "crumbs": crumbs(access, card),
    }
    return TemplateResponse(request, "permissions/bundle_edit.html", context, status=422 if problem else 200)


LIST = "permissions:bundles"


def _review(
    request: ConsoleRequest,
    card: BundleCard,
    plan: BundlePlan,
    *,
    effects: Any,
    version: int,
    problem: str = "",
    to: int | None = None,
) -> HttpResponse:
    access = request.access
    context: dict[str, Any] = {
        "card": card,
        "plan": plan,
        "lines": comparison(card, plan),
        "effects": effects,
        "affected": sum(len(group.names) for group in effects),
        "version": version,
        "problem": problem,
        "to": to,
        "title": f"恢复第 {to} 版" if to else "核对后保存",
        "crumbs": crumbs(access, card),
    }
    return TemplateResponse(request, "permissions/bundle_review.html", context, status=422 if problem else 200)
