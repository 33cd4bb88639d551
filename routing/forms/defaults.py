"""The company's reception settings as a form."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.http import QueryDict

from routing.rules.rulewords import FALLBACKS
from routing.services.defaults import DefaultChanges

CHANGED_BY_OTHERS = "设置刚刚被其他人修改过：下面是您的版本，请核对后再保存一次"
_CHOICES = [(value, label) for value, label in FALLBACKS.items() if value]


class DefaultsForm(forms.Form):
    """Duty person, fallback, 换一位, friends from outside. ``may_fallback``: else the fallback is not in the form."""

    duty = forms.IntegerField(label="值班人", required=False, error_messages={"invalid": "请从列表中选择"})
    fallback = forms.ChoiceField(
        label="兜底",
        choices=_CHOICES,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择一项", "invalid_choice": "请选择列出的一项"},
    )
    fallback_code = forms.CharField(label="兜底活码", max_length=60, required=False)
    swap_allowed = forms.BooleanField(label="允许换一位", required=False)
    outside_count = forms.BooleanField(label="其他添加计入上限", required=False)

    def __init__(self, data: QueryDict | None = None, *, initial: Mapping[str, object], may_fallback: bool) -> None:
        super().__init__(data, initial=dict(initial))
        if not may_fallback:
            del self.fields["fallback"], self.fields["fallback_code"]
        else:
            self.fields["fallback_code"].widget.attrs |= {"list": "fallback-codes", "placeholder": "活码名称或短码"}

    def changes(self, code_ids: Mapping[str, int]) -> DefaultChanges:
        """What a valid form says. ``code_ids``: the fallback code that was typed, if there is one."""
        sent = self.cleaned_data
        changes: DefaultChanges = {
            "duty_staff_id": sent["duty"],
            "swap_allowed": sent["swap_allowed"],
            "outside_count": sent["outside_count"],
        }
        if "fallback" in sent:
            typed = sent["fallback_code"].strip()
            changes["fallback"] = sent["fallback"]
            changes["fallback_code_id"] = code_ids.get(typed) if sent["fallback"] == "code" else None
            if sent["fallback"] == "code" and typed and typed not in code_ids:
                self.add_error("fallback_code", "没有这个活码，请填写完整名称或短码")
        return changes

    def conflict(self, words: Mapping[str, str]) -> None:
        """Somebody else has saved in between: say so, and beside each field that differs what is stored (``words``)."""
        self.add_error(None, CHANGED_BY_OTHERS)
        for name in self.changed_data:
            self.add_error(name, f"已保存的是「{words[name]}」")

    def refuse(self, where: Mapping[str, str]) -> None:
        """Put the refusals of the service beside their fields."""
        form_of = {"duty_staff_id": "duty", "fallback_code_id": "fallback_code"}
        for name, text in where.items():
            field = form_of.get(name, name)
            self.add_error(field if field in self.fields else None, text)
