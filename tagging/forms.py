"""What people type about tags; the services check it again."""

from __future__ import annotations

from django import forms

from tagging.rules import NAME_LENGTH


class TagForm(forms.Form):
    """A new tag: its name, what it is below, and its tier."""

    name = forms.CharField(
        label="标签名称",
        max_length=NAME_LENGTH,
        error_messages={"required": "请填写标签名称", "max_length": f"最多 {NAME_LENGTH} 个字"},
    )
    parent_id = forms.TypedChoiceField(label="上级标签", coerce=int, empty_value=None, required=False)
    tier = forms.ChoiceField(label="级别", help_text="级别限定谁能看到和使用；子标签的级别不低于上级")

    def __init__(
        self, *args: object, parents: list[tuple[int, str]], tiers: list[tuple[str, str]], **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        parent, tier = self.fields["parent_id"], self.fields["tier"]
        assert isinstance(parent, forms.ChoiceField)
        assert isinstance(tier, forms.ChoiceField)
        parent.choices = [("", "无，作为一级标签"), *parents]
        parent.error_messages["invalid_choice"] = "上级标签不存在"
        tier.choices = tiers
        tier.error_messages["invalid_choice"] = "请选择级别"
