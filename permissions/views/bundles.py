"""Role bundles: all of them, one of them with its versions, making and changing custom ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_POST

from livecode_admin.kernel import clock
from livecode_admin.kernel.web.page import Action, Crumb, Tab
from livecode_admin.kernel.web.parameters import whole_number
from permissions.access import Access, Denied
from permissions.capabilities import CAPABILITIES, LABELS
from permissions.capability_words import OPENS
from permissions.confirming import confirmed_to_write
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url
from permissions.selectors import audit_entries
from permissions.selectors.audit import audit_told
from permissions.selectors.bundles import BundleCard, bundle_card, bundle_versions, bundles_list
from permissions.services.custom_bundles import BundleUnfit, custom_bundle_switch_off
from permissions.wording import SCOPE_WORDS, TIER_WORDS, TIERED, grouped

SEES = ("members.manage", "bundles.manage")


@dataclass(frozen=True)
class MatrixRow:
    """One capability of the matrix. ``locked``: the editor does not hold it, so that it can't be put in or out."""

    name: str
    label: str
    opens: str
    chosen: bool = False
    locked: bool = False
    held_in: tuple[bool, ...] = ()


@dataclass(frozen=True)
class MatrixArea:
    """The capabilities under one heading."""

    title: str
    rows: tuple[MatrixRow, ...]

    @property
    def chosen(self) -> int:
        """How many are in the bundle."""
        return sum(row.chosen for row in self.rows)


@dataclass(frozen=True)
class Shown:
    """A bundle on the list: what it holds of each area, and what may be done with it."""

    card: BundleCard
    scope: str
    tier: str
    areas: tuple[str, ...]


def areas(chosen: frozenset[str], *, editor: Access | None = None, only: bool = False) -> list[MatrixArea]:
    """The matrix of one bundle; with ``editor`` what they do not hold is locked, ``only``: what is chosen alone."""
    rows = {
        name: MatrixRow(name, LABELS[name], OPENS[name], name in chosen, editor is not None and not editor.can(name))
        for name in CAPABILITIES
        if name in chosen or not only
    }
    return [MatrixArea(title, tuple(rows[name] for name in names)) for title, names in grouped(rows).items()]


@requires(*SEES)
@require_GET
def bundles(request: ConsoleRequest) -> HttpResponse:
    """All bundles with what they open and who holds them; ``view=matrix`` lays them side by side."""
    access = request.access
    cards = bundles_list(access, now=clock.now())
    side_by_side = request.GET.get("view") == "matrix"
    context: dict[str, Any] = {
        "tabs": [
            Tab("权限包", "?", len(cards), current=not side_by_side),
            Tab("对照表", "?view=matrix", current=side_by_side),
        ],
        "actions": [new_action(access)] if access.can("bundles.manage") else [],
    }
    if side_by_side:
        context["cards"] = [card for card in cards if not card.off]
        context["areas"] = _comparison(context["cards"])
        return TemplateResponse(request, "permissions/bundles_matrix.html", context)
    shown = [Shown(card, SCOPE_WORDS[card.scope], tier_text(card), tuple(grouped(card.capabilities))) for card in cards]
    context["builtin"] = [one for one in shown if one.card.builtin]
    context["custom"] = [one for one in shown if not one.card.builtin]
    context["may_make"] = access.can("bundles.manage")
    return TemplateResponse(request, "permissions/bundles.html", context)


@requires(*SEES)
@require_GET
def bundle(request: ConsoleRequest, bundle_id: int) -> HttpResponse:
    """What one bundle opens, who holds it, and for a custom one its versions."""
    access = request.access
    card = card_or_404(request, bundle_id)
    manages = access.can("bundles.manage")
    context = {
        "card": card,
        "scope": SCOPE_WORDS[card.scope],
        "tier": tier_text(card),
        "areas": areas(card.capabilities, only=True),
        "total": len(CAPABILITIES),
        "versions": [] if card.builtin else bundle_versions(access, bundle_id, before=_before(request)),
        "scopes": SCOPE_WORDS,
        "tiers": TIER_WORDS,
        "lacks": "、".join(LABELS[name] for name in CAPABILITIES if name in card.lacks),
        "manages": manages,
        "may_change": manages and card.changeable,
        "actions": _actions(access, card) if manages else [],
        "history": audit_told(audit_entries(access, "bundle", bundle_id, limit=20), request.tenant.time_zone),
        "crumbs": crumbs(access),
    }
    return TemplateResponse(request, "permissions/bundle.html", context)


@requires("bundles.manage")
@confirmed_to_write
@require_POST
def bundle_off(request: ConsoleRequest, bundle_id: int) -> HttpResponse:
    """Take a custom bundle that nobody holds out of use."""
    card = card_or_404(request, bundle_id, custom=True)
    try:
        custom_bundle_switch_off(access=request.access, bundle_id=bundle_id, now=clock.now())
    except BundleUnfit as unfit:
        messages.error(request, f"没有停用：{unfit.text}")
    else:
        messages.success(request, f"已停用「{card.name}」，可以从版本恢复")
    return redirect(tenant_url(request.access, "permissions:bundle", bundle_id))


def card_or_404(request: ConsoleRequest, bundle_id: int, *, custom: bool = False) -> BundleCard:
    """The bundle of the tenant. Raises Http404 for an unknown one, Denied when a built-in one is to be changed."""
    card = bundle_card(request.access, bundle_id, now=clock.now())
    if card is None:
        raise Http404
    if custom and card.builtin:
        raise Denied("bundles.manage", what="内置角色权限包")
    return card


def crumbs(access: Access, card: BundleCard | None = None) -> list[Crumb]:
    """The way back from a page below the list."""
    steps = [Crumb("角色权限包", tenant_url(access, "permissions:bundles"))]
    return [*steps, Crumb(card.name, tenant_url(access, "permissions:bundle", card.id))] if card else steps


def new_action(access: Access) -> Action:
    """The button that makes a custom bundle."""
    return Action("新建权限包", "plus", url=tenant_url(access, "permissions:bundle-new"), tone="primary")


def tier_text(card: BundleCard) -> str:
    """The tag tier in words; empty where nothing of the bundle looks at tags."""
    return TIER_WORDS[card.tier] if TIERED & card.capabilities else ""


def _actions(access: Access, card: BundleCard) -> list[Action]:
    found = []
    if not card.off:
        copy_url = f"{tenant_url(access, 'permissions:bundle-new')}?from={card.id}"
        found.append(Action("复制为自定义", "copy", url=copy_url))
    if card.changeable and not card.off:
        if not card.holders:
            found.append(Action("停用", "archive", dialog="bundle-off"))
        edit_url = tenant_url(access, "permissions:bundle-edit", card.id)
        found.append(Action("编辑", "edit", url=edit_url, tone="primary"))
    return found


def _comparison(cards: list[BundleCard]) -> list[MatrixArea]:
    rows = {
        name: MatrixRow(name, LABELS[name], OPENS[name], held_in=tuple(name in card.capabilities for card in cards))
        for name in CAPABILITIES
    }
    return [MatrixArea(title, tuple(rows[name] for name in names)) for title, names in grouped(rows).items()]


def _before(request: ConsoleRequest) -> int | None:
    return whole_number(request.GET.get("before"))
