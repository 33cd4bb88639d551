"""What people type about codes, folders and channels; the services check it again."""

from __future__ import annotations

from django import forms

from codes.rules import DEFAULT_MONTHS, MAX_MONTHS


class RenewForm(forms.Form):
    """For how many calendar months a code is renewed."""

    months = forms.IntegerField(
        label="延长",
        min_value=1,
        max_value=MAX_MONTHS,
        initial=DEFAULT_MONTHS,
        error_messages={
            "required": "请填写月数",
            "invalid": "请填写整数",
            "min_value": f"请填写 1 至 {MAX_MONTHS} 个月",
            "max_value": f"请填写 1 至 {MAX_MONTHS} 个月",
        },
    )


class FolderForm(forms.Form):
    """A folder's name and what it is in."""

    name = forms.CharField(
        label="分类名称", max_length=40, error_messages={"required": "请填写名称", "max_length": "最多 40 个字"}
    )
    parent_id = forms.TypedChoiceField(label="上级分类", coerce=int, empty_value=None, required=False)

    def __init__(self, *args: object, parents: list[tuple[int, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["parent_id"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", "无"), *parents]
        field.error_messages["invalid_choice"] = "上级分类不存在"


class FolderRenameForm(forms.Form):
    """A folder's other name."""

    name = forms.CharField(
        label="分类名称", max_length=40, error_messages={"required": "请填写名称", "max_length": "最多 40 个字"}
    )


class ChannelForm(forms.Form):
    """A channel's name and its monthly cost in yuan."""

    name = forms.CharField(
        label="渠道名称", max_length=30, error_messages={"required": "请填写名称", "max_length": "最多 30 个字"}
    )
    cost = forms.CharField(label="每月费用", max_length=20, required=False, help_text="用于计算单个添加成本，可不填")
