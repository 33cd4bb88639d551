"""The rule editor: nothing is saved before it is published, and it is published after a look at what changes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST

from codes.selectors import LiveCode, code_for, held_on
from livecode_admin.kernel import clock
from livecode_admin.kernel.web.page import Crumb, Fact, PickerItem
from people.selectors import staff_for_picker, staff_item
from permissions.access import Access, Denied
from permissions.capabilities import capability_for
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url
from routing.forms.conditions import Receivers
from routing.forms.rules import STRATEGY_HELP, RuleEditor, editor_of, read_editor, rules_sent
from routing.forms.tryout import question_form, read_question
from routing.rules.regions import regions_known
from routing.rules.ruleset import FIELDS, Rules, offered, rules_to_json
from routing.rules.rulewords import rule_changes
from routing.selectors.compiled import rules_of
from routing.selectors.rules import (
    code_ids_named,
    default_words,
    fallback_choices,
    fallback_names,
    receivers_of,
    rule_facts,
    rule_names,
)
from routing.selectors.tryout import try_out
from routing.selectors.versions import current_version, often_text, rule_publishes
from routing.services.rules import RuleRefused, rule_set, rules_changed, rules_preview
from routing.views.both_versions import RULE_ACTIONS, BothVersions, both_versions, chosen

ARRANGE = ("up-", "down-", "remove-", "add")
CARRIED = ("csrfmiddlewaretoken", "act")
NO_TRYING = "原生活码由企业微信在名单内分配，不能试算"
WORDS = {
    "overflow": "溢出与峰值",
    "limits": "上限与峰值人数在接待名单、接待上限中设置",
    "switch": "满额后依次由下一位、备用客服、值班人接待；关闭后满额直接转值班人或兜底页",
    "duty": "值班人与兜底",
    "last": "备用客服也不能接待时",
    "verify": "发布后会改写本码的每个联系我二维码与获客链接",
}
# A native code has no queues and no fallback page; closed, it is the duty person's (product.md §1.2).
NATIVE = {
    "overflow": "溢出",
    "limits": "上限在接待名单、接待上限中设置",
    "switch": "满额的人移出二维码，都满额后由备用客服、值班人接待；关闭后都满额直接转值班人",
    "duty": "值班人",
    "last": "备用客服也不能接待时，以及过期、暂停、归档后",
    "verify": "发布后改写企业微信中的设置，印出的二维码不变",
}


@dataclass(frozen=True, slots=True)
class Desk:
    """One code under the editor: its stored rules, and which fields this member may change on it."""

    access: Access
    code: LiveCode
    rules: Rules
    held: frozenset[str]
    shown: frozenset[str]
    receivers: Receivers

    @property
    def whole(self) -> bool:
        """Whether the member changes rules here, not only the code's own fallback (field_capabilities.csv)."""
        return "overflow" in self.shown

    @property
    def stamp(self) -> str:
        """What the rules were when the page was opened, so that two people editing them are told."""
        return hashlib.sha256(repr(rules_to_json(self.rules)).encode()).hexdigest()[:16]

    def read(self, data: QueryDict) -> RuleEditor:
        """The editor with what was sent. Raises Denied for a field that this member's page doesn't have."""
        needed = [capability_for(*FIELDS[name]) or "" for name in rules_sent(data)]
        if missing := [one for one in dict.fromkeys(needed) if one not in self.held]:
            raise Denied(*missing, what="rule")
        code_ids = code_ids_named(self.access, data.get("fallback_code", ""))
        return read_editor(data, self.rules, self.receivers, self.shown, code_ids=code_ids)

    def blank(self) -> RuleEditor:
        """The editor with the stored rules."""
        other = self.rules.fallback_code_id
        code = fallback_names([other]).get(other, "") if other is not None else ""
        return editor_of(self.rules, self.receivers, self.shown, code=code)


def _desk(request: ConsoleRequest, code_id: int) -> Desk:
    code = code_for(request.access, code_id)
    held = held_on(request.access, code_id, {capability_for(*field) or "" for field in FIELDS.values()} - {""})
    shown = frozenset(name for name in offered(code.delivery) if capability_for(*FIELDS[name]) in held)
    if not shown:
        raise Denied("routing.rules")
    staff, groups = receivers_of(code_id) if "conditions" in shown else ([], [])
    return Desk(request.access, code, rules_of(code_id), held, shown, Receivers(staff, groups))


@requires("codes.view")
@require_http_methods(["GET", "POST"])
def rules(request: ConsoleRequest, code_id: int) -> HttpResponse:
    """The editor; a POST moves conditions, shows what would change (``act`` review) or publishes it (publish)."""
    desk = _desk(request, code_id)
    if request.method == "GET":
        return _editor(request, desk, desk.blank())
    editor, act = desk.read(request.POST), request.POST.get("act", "review")
    if act.startswith(ARRANGE):
        if request.htmx:
            context = {"editor": editor, "code": desk.code, "regions_known": regions_known()}
            return TemplateResponse(request, "routing/_rule_conditions.html", context)
        return _editor(request, desk, editor)
    if act == "edit":
        return _editor(request, desk, editor)
    both = None if chosen(request.POST, desk.stamp) else _both(desk, editor, request.tenant.time_zone)
    if both is not None:
        editor.errors["stamp"] = both.told("规则")
    try:
        if not editor.bad:
            return _publish(request, desk, editor) if act == "publish" else _review(request, desk, editor)
        # What can't be read is told together with what can be read and can't be kept.
        rules_preview(access=desk.access, code_id=code_id, now=clock.now(), changes=editor.changes)
    except RuleRefused as refused:
        editor.refuse(refused.where)
    return _editor(request, desk, editor, status=422, both=both)


@requires("routing.rules")
@require_POST
def rules_try(request: ConsoleRequest, code_id: int) -> HttpResponse:
    """试算: what the form's present rules would do; nothing is saved."""
    desk, now = _desk(request, code_id), clock.now()
    editor = desk.read(request.POST)
    question = read_question(request.POST, now, request.tenant.time_zone)
    context: dict[str, object] = {"question": question, "problems": list(question.errors.values())}
    if desk.code.delivery == "native":
        context["problems"] = [NO_TRYING]
    elif not editor.bad and question.question is not None:
        try:
            _, after = rules_preview(access=desk.access, code_id=code_id, now=now, changes=editor.changes)
            context["result"] = try_out(desk.code, question.question, now=now, rules=after)
        except RuleRefused as refused:
            editor.refuse(refused.where)
    if editor.bad:
        context["problems"] = [problem.text for problem in editor.problems]
    return TemplateResponse(request, "routing/_tryout.html", context)


def _both(desk: Desk, editor: RuleEditor, zone: str) -> BothVersions:
    """What somebody else saved beside what stands in the form, as far as it can be read."""
    try:
        mine = rules_changed(desk.rules, editor.changes)
    except RuleRefused:
        mine = desk.rules
    changes = rule_changes(desk.rules, mine, rule_names(desk.rules, mine))
    return both_versions(desk.access, desk.code.pk, RULE_ACTIONS, changes=changes, over=desk.stamp, zone=zone)


def _review(request: ConsoleRequest, desk: Desk, editor: RuleEditor) -> HttpResponse:
    now = clock.now()
    before, after = rules_preview(access=desk.access, code_id=desk.code.pk, now=now, changes=editor.changes)
    changes = rule_changes(before, after, rule_names(before, after))
    if not changes:
        messages.info(request, "规则没有改动")
        return HttpResponseRedirect(tenant_url(desk.access, "routing:rules", desk.code.pk))
    published = current_version(desk.code.pk)
    context = {
        "code": desk.code,
        "changes": changes,
        "published": published,
        "often": often_text(rule_publishes(desk.code.pk, now), publishing=True) if published else "",
        "sent": [(name, value) for name, values in request.POST.lists() for value in values if name not in CARRIED],
        "crumbs": _crumbs(desk),
    }
    return TemplateResponse(request, "routing/rules_review.html", context)


def _publish(request: ConsoleRequest, desk: Desk, editor: RuleEditor) -> HttpResponse:
    code_id = desk.code.pk
    changed = rule_set(access=desk.access, code_id=code_id, now=clock.now(), **editor.changes)
    published = current_version(code_id)
    if not changed:
        messages.info(request, "规则没有改动")
    elif published is None:
        messages.success(request, "规则已保存，活码发布后生效")
    else:
        messages.success(request, f"规则已发布为第 {published[0]} 版，下一次扫码起生效")
    return HttpResponseRedirect(tenant_url(desk.access, "console:code", code_id))


def _editor(
    request: ConsoleRequest, desk: Desk, editor: RuleEditor, *, status: int = 200, both: BothVersions | None = None
) -> HttpResponse:
    now, zone = clock.now(), request.tenant.time_zone
    default, facts = default_words(), rule_facts(desk.access, desk.code.pk)
    context = {
        "code": desk.code,
        "editor": editor,
        "shown": desk.shown,
        "whole": desk.whole,
        "title": "分流规则" if desk.whole else "兜底",
        "locked_facts": [] if desk.whole else _locked_facts(facts),
        "offered": offered(desk.code.delivery),
        # The page keeps what it was opened with until the other's version is given up or chosen over.
        "stamp": desk.stamp if chosen(request.POST, desk.stamp) else request.POST.get("stamp", desk.stamp),
        "both": both,
        "words": NATIVE if desk.code.delivery == "native" else WORDS,
        "strategies": STRATEGY_HELP,
        "duty_items": _duty_items(desk, editor, default.duty) if "duty_staff_id" in desk.shown else [],
        "default": default,
        "facts": {fact.label: fact.text for fact in facts},
        "fallback_names": fallback_choices(desk.access, desk.code.pk) if "fallback" in desk.shown else [],
        "regions_known": regions_known(),
        "question": question_form(now, zone),
        "published": current_version(desk.code.pk),
        "often": often_text(rule_publishes(desk.code.pk, now), publishing=True),
        "crumbs": _crumbs(desk),
    }
    return TemplateResponse(request, "routing/rules.html", context, status=status)


def _locked_facts(facts: list[Fact]) -> list[Fact]:
    """The rules in words for those who change the fallback alone; what stands in the form isn't said twice."""
    return [fact for fact in facts if fact.label not in ("兜底", "值班人")]


def _duty_items(desk: Desk, editor: RuleEditor, default: str) -> list[PickerItem]:
    """The company's duty person first, then everybody who hasn't left."""
    chosen = str(editor.fields["duty"].value() or "")
    label = f"按企业设置（{default}）" if default else "按企业设置（未设置）"
    first = PickerItem("", label, search=label, chosen=not chosen)
    cards = staff_for_picker(desk.access)
    return [first, *(staff_item(card, chosen=str(card.id) == chosen) for card in cards)]


def _crumbs(desk: Desk) -> list[Crumb]:
    return [
        Crumb("活码", tenant_url(desk.access, "console:codes")),
        Crumb(desk.code.name, tenant_url(desk.access, "console:code", desk.code.pk)),
    ]
