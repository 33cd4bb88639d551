"""Giving and taking role bundles: choose, see what each member gains and loses, confirm (product.md §5.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST

from livecode_admin.kernel import clock
from livecode_admin.kernel.clock import day_start, local_day
from livecode_admin.kernel.web.parameters import whole_number, whole_numbers
from permissions.confirming import recently_confirmed
from permissions.guards import ConsoleRequest, requires
from permissions.rules import Difference, Give, Place, Plan, Rights, Scope, Target, Tier
from permissions.selectors.giving import Held, MemberPreview, bundle_offers, held_by, members_preview, refusals
from permissions.selectors.members import member_ids
from permissions.services import LastOwner, bundles_give
from permissions.views.members import filters_from
from permissions.wording import SCOPE_WORDS, TIER_WORDS, Line, change_lines, lines_of

AT_ONCE = 200
TARGETS = {Target.TENANT.value: "全企业", Target.FOLDER.value: "一个分类", Target.CODE.value: "一个活码"}


@dataclass
class Asked:
    """What the dialog was filled with, and what is wrong with it, by field."""

    plan: Plan
    scope: str = ""
    tier: str = ""
    until: str = ""
    target: str = Target.TENANT.value
    target_id: int | None = None
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PreviewGroup:
    """Members whom the plan changes in the same way."""

    names: tuple[str, ...]
    gained: dict[str, list[Line]]
    lost: dict[str, list[Line]]
    widened: dict[str, list[Line]]
    narrowed: dict[str, list[Line]]


@requires("members.manage")
@recently_confirmed
@require_POST
def giving(request: ConsoleRequest) -> HttpResponse:
    """The dialog; its preview with ``step=preview``; with ``step=confirm`` it is done and told, row by row."""
    access, now = request.access, clock.now()
    chosen, reach = _selected(request), access.require("members.manage")
    ids, beyond = chosen[:AT_ONCE], max(0, len(chosen) - AT_ONCE)
    step = request.POST.get("step", "")
    asked = _asked(request.POST if step else request.GET, request.tenant.time_zone, now)
    context = {"ids": ids, "beyond": beyond, "asked": asked}
    if step == "confirm" and not asked.errors:
        try:
            done, left = bundles_give(access=access, member_ids=ids, plan=asked.plan, now=now)
        except LastOwner:
            asked.errors["take"] = "企业至少要保留一位超级管理员"
        except LookupError:
            asked.errors["target"] = "分类、活码或权限包已不存在，请刷新后重试"
        else:
            return _told(request, done, left)
    context |= _preview(request, ids, asked.plan, now)
    if step == "preview":
        return TemplateResponse(request, "permissions/_giving_preview.html", context)
    context |= {
        "offers": bundle_offers(access),
        "scopes": SCOPE_WORDS.items(),
        "reach": [(scope, text) for scope, text in SCOPE_WORDS.items() if scope.width <= reach.width],
        "tiers": TIER_WORDS.items(),
        "targets": TARGETS.items() if reach is Scope.ALL else (),
        "takeable": _takeable(held_by(ids, now=now), asked.plan.take),
        "chosen": {give.key for give in asked.plan.give},
        "earliest": local_day(now, request.tenant.time_zone).isoformat(),
    }
    return TemplateResponse(request, "permissions/_giving.html", context, status=422 if asked.errors else 200)


def _selected(request: ConsoleRequest) -> list[int]:
    """The members of the selection, or of the whole filter result when all of it was chosen."""
    if request.POST.get("all") == "1":
        return member_ids(request.access, filters_from(QueryDict(request.POST.get("query", ""))), now=clock.now())
    return list(dict.fromkeys(whole_numbers([*request.POST.getlist("ids"), *request.GET.getlist("ids")])))


def _asked(data: QueryDict, zone: str, now: datetime) -> Asked:
    """What was filled in. An end is the last day on which the bundle counts."""
    asked = Asked(Plan(take=tuple(place for text in data.getlist("take") if (place := _place(text)))))
    asked.scope, asked.tier, asked.until = data.get("scope", ""), data.get("tier", ""), data.get("until", "")
    asked.target, asked.target_id = data.get("target") or Target.TENANT.value, whole_number(data.get("target_id"))
    keys = list(dict.fromkeys(data.getlist("give")))
    until = _end(asked, zone, now)
    target = Target(asked.target) if asked.target in set(Target) else Target.TENANT
    if keys and target is not Target.TENANT and asked.target_id is None:
        asked.errors["target"] = "请选择一个分类" if target is Target.FOLDER else "请选择一个活码"
        keys = []
    scope = Scope(asked.scope) if asked.scope in set(Scope) else None
    tier = Tier(asked.tier) if asked.tier in set(Tier) else None
    target_id = None if target is Target.TENANT else asked.target_id
    give = tuple(Give(key, target, target_id, until, scope, tier) for key in keys)
    asked.plan = Plan(give, asked.plan.take)
    if not give and not asked.plan.take and data.get("step") == "confirm" and not asked.errors:
        asked.errors["give"] = "请选择要授予或收回的权限包"
    return asked


def _end(asked: Asked, zone: str, now: datetime) -> datetime | None:
    if not asked.until:
        return None
    try:
        day = date.fromisoformat(asked.until)
        end = day_start(day + timedelta(days=1), zone)
    except (ValueError, OverflowError):
        asked.errors["until"] = "请按 2026-12-31 的格式填写日期"
        return None
    if end <= now:
        asked.errors["until"] = "结束日期应不早于今天"
        return None
    return end


def _place(text: str) -> Place | None:
    """``key|target|id`` as a form sends what is to be taken."""
    key, _, rest = text.partition("|")
    target, _, number = rest.partition("|")
    if target not in set(Target):
        return None
    return key, Target(target), whole_number(number)


def _takeable(held: dict[int, list[Held]], taken: Sequence[Place]) -> list[tuple[str, str, int, bool]]:
    """What some of the members hold: (value of the box, words, how many hold it, whether it is ticked)."""
    counts: dict[Place, int] = {}
    words: dict[Place, str] = {}
    for rows in held.values():
        for row in rows:
            counts[row.place] = counts.get(row.place, 0) + 1
            words[row.place] = row.name if row.target is Target.TENANT else f"{row.name}（{row.target_name}）"
    return [
        ("|".join((key, target, str(target_id or ""))), words[key, target, target_id], count, place in taken)
        for place, count in counts.items()
        for key, target, target_id in [place]
    ]


def _preview(request: ConsoleRequest, ids: Sequence[int], plan: Plan, now: datetime) -> dict[str, object]:
    """Who gains and loses what, members with the same change together; of a bundle one may not give nothing is told."""
    if refused := refusals(request.access, plan):
        return {"groups": [], "left": [], "members": [], "refused": "；".join(refused)}
    rows = members_preview(request.access, ids, plan, now=now)
    groups: dict[tuple[object, ...], list[MemberPreview]] = {}
    for row in rows:
        if not row.refused:
            groups.setdefault(_change(row), []).append(row)
    return {
        "members": rows,
        "left": [row for row in rows if row.refused],
        "homeless": [row.name for row in rows if row.no_department],
        "groups": [_group(same) for same in groups.values()],
        "ends": min((give.until - timedelta(seconds=1) for give in plan.give if give.until), default=None),
        "nothing": not plan.give and not plan.take,
    }


def _change(row: MemberPreview) -> tuple[object, ...]:
    """What two members must share to stand together: the same change, from and to the same."""
    changed = row.difference.widened | row.difference.narrowed
    return (
        row.difference,
        tuple((name, _reach(row.before, name), _reach(row.after, name)) for name in sorted(changed)),
    )


def _reach(rights: Rights, name: str) -> tuple[object, ...]:
    return rights.scopes.get(name), rights.tiers.get(name), rights.objects.get(name)


def _group(same: Sequence[MemberPreview]) -> PreviewGroup:
    row = same[0]
    change: Difference = row.difference
    return PreviewGroup(
        names=tuple(one.name for one in same),
        gained=lines_of(row.after, change.gained),
        lost=lines_of(row.before, change.lost),
        widened=change_lines(row.before, row.after, change.widened),
        narrowed=change_lines(row.before, row.after, change.narrowed - change.widened),
    )


def _told(request: ConsoleRequest, done: Sequence[MemberPreview], left: Sequence[MemberPreview]) -> HttpResponse:
    """One member: the page again, with a word. Several: what became of each."""
    if len(done) == 1 and not left:
        messages.success(request, f"已更新「{done[0].name}」的角色权限包，下一次操作起生效")
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    context = {"done": done, "left": left, "results": True}
    return TemplateResponse(request, "permissions/_giving_done.html", context)
