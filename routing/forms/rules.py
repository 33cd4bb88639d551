"""The rule editor's form: simple fields, two grids of hours, and an ordered list of conditions.

Reading never saves: what was typed stays in the form through every step (adding a condition, moving one, trying out,
looking at the changes), with the errors beside it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django import forms
from django.http import QueryDict

from routing.forms.conditions import ConditionRow, Receivers, condition_rows, read_conditions
from routing.forms.hours import HoursGrid, hours_grid, read_hours
from routing.rules.hours import hours_to_json
from routing.rules.ruleset import RuleChanges, Rules, condition_to_json
from routing.rules.rulewords import FALLBACKS, STRATEGIES

STRATEGY_HELP = {
    "in_turn": "按名单序号依次接待，人人一样多",
    "weighted": "按权重比例平滑轮流，权重在接待名单中设置",
    "least_loaded": "今日已接待占上限比例最低的先接待",
}
NUMBER = {
    "invalid": "请填写数字",
    "required": "请填写数字",
    "max_digits": "数字过大",
    "max_decimal_places": "最多两位小数",
}
# Field of the form → (field of the rules, seconds in one of its units).
_SPANS = {
    "peak_window": ("peak_window_seconds", 60),
    "pending": ("pending_seconds", 60),
    "sticky": ("sticky_seconds", 3600),
}
_SAME = ("strategy", "turns_count", "overflow", "peak_overflow")
_FIELD_OF = {
    "peak_window": "peak_window_seconds",
    "pending": "pending_seconds",
    "sticky": "sticky_seconds",
    "duty": "duty_staff_id",
    "fallback_code": "fallback_code_id",
    "verify": "skip_verify",
}
# Inputs that aren't fields of the form → field of the rules.
_PARTS = {
    re.compile(r"hours(_\d+)?"): "hours",
    re.compile(r"verify_hours(_\d+)?"): "verify_hours",
    re.compile(r"conditions|c\d+_\w+"): "conditions",
}
# These aren't one input each: the summary leads to their panel.
PANELS = {"strategy": "strategy", "turns_count": "strategy", "duty": "duty", "fallback": "duty", "verify": "verify"}
VERIFY = [("skip", "免验证：客户扫码后直接成为好友"), ("ask", "需验证：由客服在企业微信中通过申请")]


def _number(label: str) -> forms.DecimalField:
    return forms.DecimalField(label=label, max_digits=7, decimal_places=2, error_messages=NUMBER, localize=False)


class RuleFields(forms.Form):
    """What is not hours and not conditions. ``shown``: only these fields of the rules are in the form."""

    strategy = forms.ChoiceField(label="分流方式", choices=list(STRATEGIES.items()), widget=forms.RadioSelect)
    turns_count = forms.ChoiceField(
        label="轮次计算",
        choices=[("assignments", "按分配计：扫码分到即算一次"), ("adds", "按添加计：加上好友才算一次，未添加的会补上")],
        widget=forms.RadioSelect,
    )
    overflow = forms.BooleanField(label="溢出自动切换", required=False)
    peak_overflow = forms.BooleanField(label="峰值溢出自动转接", required=False)
    peak_window = _number("峰值窗口")
    pending = _number("等待添加")
    sticky = _number("回访时间")
    duty = forms.IntegerField(label="值班人", required=False, error_messages={"invalid": "请从列表中选择"})
    fallback = forms.ChoiceField(
        label="兜底", choices=list(FALLBACKS.items()), required=False, widget=forms.RadioSelect
    )
    fallback_code = forms.CharField(label="兜底活码", max_length=60, required=False)
    verify = forms.ChoiceField(label="加好友", choices=VERIFY, widget=forms.RadioSelect)

    def __init__(self, data: QueryDict | None = None, *, rules: Rules, shown: Collection[str], code: str = "") -> None:
        initial: dict[str, object] = {name: getattr(rules, name) for name in _SAME}
        initial |= {name: f"{getattr(rules, of) / size:g}" for name, (of, size) in _SPANS.items()}
        initial |= {"duty": rules.duty_staff_id, "fallback": rules.fallback, "fallback_code": code}
        initial["verify"] = "skip" if rules.skip_verify else "ask"
        super().__init__(data, initial=initial)
        for name in list(self.fields):
            if _FIELD_OF.get(name, name) not in shown:
                del self.fields[name]
        for one in self.fields.values():
            one.error_messages.setdefault("required", "请选择一项")
            one.error_messages["invalid_choice"] = "请选择列出的一项"
        if "fallback_code" in self.fields:
            self.fields["fallback_code"].widget.attrs |= {"list": "fallback-codes", "placeholder": "活码名称或短码"}
        for name in _SPANS.keys() & self.fields.keys():
            self.fields[name].widget.attrs |= {"min": "0", "step": "any"}

    def changes(self, code_ids: Mapping[str, int]) -> RuleChanges:
        """What the fields that could be read say. ``code_ids``: the fallback code that was typed, if there is one."""
        sent = self.cleaned_data
        changes: RuleChanges = {}
        for name in _SAME:
            if name in sent:
                changes[name] = sent[name]  # type: ignore[literal-required]  # the names are checked by the tests
        for name, (of, size) in _SPANS.items():
            if isinstance(sent.get(name), Decimal):
                changes[of] = int(sent[name] * size)  # type: ignore[literal-required]  # as above
        if "duty" in sent:
            changes["duty_staff_id"] = sent["duty"]
        if "fallback" in sent:
            changes["fallback"] = sent["fallback"]
            changes["fallback_code_id"] = self._fallback_code(code_ids)
        if "verify" in sent:
            changes["skip_verify"] = sent["verify"] == "skip"
        return changes

    def _fallback_code(self, code_ids: Mapping[str, int]) -> int | None:
        typed = str(self.cleaned_data.get("fallback_code") or "").strip()
        if self.cleaned_data["fallback"] != "code" or not typed:
            return None
        if typed not in code_ids:
            self.add_error("fallback_code", "没有这个活码，请填写完整名称或短码")
        return code_ids.get(typed)


@dataclass(frozen=True, slots=True)
class Problem:
    """One line of the summary; ``at``: the id of what it is about, empty for the page as a whole."""

    text: str
    at: str = ""


@dataclass(slots=True)
class RuleEditor:
    """The editor as it stands. ``errors``: beside each field; ``changes``: what it would save."""

    fields: RuleFields
    hours: HoursGrid
    verify_hours: HoursGrid
    conditions: list[ConditionRow]
    changes: RuleChanges = field(default_factory=RuleChanges)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def problems(self) -> list[Problem]:
        """All errors for the summary, each with where it is."""
        found = [
            Problem(f"{one.label}：{one.errors[0]}", PANELS.get(one.name, one.auto_id))
            for one in self.fields
            if one.errors
        ]
        found += [Problem(f"接待时段：{text}", "hours") for text in self.hours.problems]
        found += [Problem(f"需验证时段：{text}", "verify") for text in self.verify_hours.problems]
        for row in self.conditions:
            texts = {text: part for part, text in reversed(row.errors.items())}
            found += [
                Problem(f"分流条件 {row.place}：{text}", row.id_of(part)) for text, part in reversed(texts.items())
            ]
        return found + [Problem(text, "both" if name == "stamp" else name) for name, text in self.errors.items()]

    @property
    def bad(self) -> bool:
        """Whether something has to be corrected before these rules can be tried or published."""
        return bool(self.problems)

    def refuse(self, where: Mapping[str, str]) -> None:
        """Put the refusals of the service beside their fields."""
        form_of = {of: name for name, of in _FIELD_OF.items()}
        for name, text in where.items():
            first, _, rest = name.partition(".")
            if first == "conditions" and rest:
                number, _, part = rest.partition(".")
                self._refuse_row([row for row in self.conditions if not row.blank][int(number)], part, text)
            elif (of := form_of.get(name, name)) in self.fields.fields:
                if not self.fields.has_error(of):
                    self.fields.add_error(of, text)
            else:
                self.errors[name] = text

    @staticmethod
    def _refuse_row(row: ConditionRow, part: str, text: str) -> None:
        """What couldn't be read was something: the row isn't told as well that it asks nothing."""
        if part in row.errors or (part == "asks" and row.errors):
            return
        row.errors[part] = text


def editor_of(rules: Rules, receivers: Receivers, shown: Collection[str], *, code: str = "") -> RuleEditor:
    """The editor with the stored rules; ``code``: the name of the present fallback code."""
    return RuleEditor(
        fields=RuleFields(rules=rules, shown=shown, code=code),
        hours=hours_grid("hours", rules.hours, label="接待时段", always_label="全天接待"),
        verify_hours=hours_grid("verify_hours", rules.verify_hours, label="需验证时段", always_label="不设置"),
        conditions=condition_rows(rules.conditions, receivers),
    )


def rules_sent(data: QueryDict) -> list[str]:
    """The fields of the rules that a form names, whatever the member's page has."""
    plain = {name: _SPANS[name][0] if name in _SPANS else _FIELD_OF.get(name, name) for name in RuleFields.base_fields}
    found = [field for name, field in plain.items() if name in data]
    return found + [field for name, field in _PARTS.items() if any(name.fullmatch(key) for key in data)]


def read_editor(
    data: QueryDict, rules: Rules, receivers: Receivers, shown: Collection[str], *, code_ids: Mapping[str, int]
) -> RuleEditor:
    """What was sent, read; everything stays as it was typed."""
    blank = editor_of(rules, receivers, shown)
    fields = RuleFields(data, rules=rules, shown=shown)
    fields.full_clean()
    hours, hours_sent = read_hours(data, blank.hours)
    verify, verify_sent = read_hours(data, blank.verify_hours)
    rows = read_conditions(data, rules.conditions, receivers)
    changes = fields.changes(code_ids)
    if "hours" in shown and not hours_sent.bad:
        changes["hours"] = hours_to_json(hours)
    if "verify_hours" in shown and not verify_sent.bad:
        changes["verify_hours"] = hours_to_json(verify)
    if "conditions" in shown and "conditions" in data:
        changes["conditions"] = [condition_to_json(row.rule) for row in rows if not row.blank]
    return RuleEditor(fields, hours_sent, verify_sent, rows, changes)
