"""What people type on the pages that are made of several apps."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms

from codes.rules import default_end
from livecode_admin.kernel import clock

DATE_FORMAT = "%Y-%m-%d"


class NewCodeForm(forms.Form):
    """The one page of creating a code; roster, backups and tags are pickers beside it."""

    purpose = forms.ChoiceField(
        label="用途类型",
        choices=[("campaign", "短期活动"), ("service", "长期服务")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择短期活动或长期服务"},
    )
    purpose_text = forms.CharField(
        label="用途",
        max_length=30,
        error_messages={"required": "请填写用途，例如 地铁广告"},
        help_text="例如 冬季招生、售后服务",
    )
    channel_name = forms.CharField(
        label="渠道",
        max_length=30,
        error_messages={"required": "请填写渠道，例如 地铁广告"},
        help_text="新渠道会自动建立",
        widget=forms.TextInput(attrs={"list": "channel-names"}),
    )
    name = forms.CharField(
        label="名称",
        max_length=30,
        error_messages={"required": "请填写名称", "max_length": "名称最多 30 个字"},
        help_text="按 日期-用途缩写-渠道 建议，可修改",
        widget=forms.TextInput(attrs={"data-count": "chars", "data-max": "30"}),
    )
    kind = forms.ChoiceField(label="类型", choices=[("several", "多人"), ("single", "单人")], widget=forms.RadioSelect)
    delivery = forms.ChoiceField(
        label="到达方式",
        choices=[("hosted", "托管"), ("link", "获客链接"), ("native", "原生")],
        required=False,
        widget=forms.RadioSelect,
    )
    validity = forms.ChoiceField(
        label="有效期",
        choices=[("months", "3 个月"), ("date", "指定日期"), ("permanent", "永久有效")],
        widget=forms.RadioSelect,
    )
    ends_on = forms.DateField(
        label="截止日期",
        required=False,
        error_messages={"invalid": "日期格式应为 2026-11-22"},
        widget=forms.DateInput(attrs={"type": "date"}, format=DATE_FORMAT),
    )
    folder = forms.TypedChoiceField(label="分类", required=False, coerce=int, empty_value=None)
    owner = forms.TypedChoiceField(label="负责人", required=False, coerce=int, empty_value=None)
    department = forms.TypedChoiceField(label="所属部门", required=False, coerce=int, empty_value=None)
    landing_text = forms.CharField(
        label="页面提示语",
        required=False,
        max_length=60,
        help_text="显示在二维码下方，例如 添加后为您安排体验课",
        widget=forms.TextInput(attrs={"data-preview": "landing-preview"}),
    )
    template = forms.TypedChoiceField(label="欢迎语", required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, choices: dict[str, list[tuple[int, str]]], zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        empty = {"folder": "未分类", "owner": "我自己", "department": "我的部门", "template": "不发送欢迎语"}
        for name, word in empty.items():
            field = self.fields[name]
            assert isinstance(field, forms.TypedChoiceField)
            field.choices = [("", word), *choices[name]]

    def clean(self) -> dict[str, Any]:
        """The end of validity as a moment: the last second of the chosen day in the tenant's zone."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("validity") == "date" and cleaned.get("ends_on") is None and "ends_on" not in self.errors:
            self.add_error("ends_on", "请选择截止日期")
        if cleaned.get("delivery") == "native":
            # Its QR opens WeCom itself: there is no page of ours that would show the line (product.md §1.2).
            cleaned["landing_text"] = ""
        return cleaned

    def clean_delivery(self) -> str:
        """托管, when nothing else was chosen (product.md §1.2)."""
        return self.cleaned_data["delivery"] or "hosted"

    def expires_at(self, now: datetime) -> datetime | None:
        """When the code ends, None for 永久有效; three months from today by default (product.md §1.4)."""
        match self.cleaned_data["validity"]:
            case "permanent":
                return None
            case "date":
                return clock.day_end(self.cleaned_data["ends_on"], self.zone)
        return default_end(now=now, zone=self.zone)


class ConnectionForm(forms.Form):
    """The WeCom connection (product.md §8). Stored secrets are never shown: empty keeps what is there."""

    corp_id = forms.CharField(label="企业 ID", max_length=64, error_messages={"required": "请填写企业 ID"})
    agent_id = forms.RegexField(
        r"^[0-9]{1,18}$",
        label="应用 AgentId",
        error_messages={"required": "请填写应用 AgentId", "invalid": "AgentId 只有数字，例如 1000002"},
    )
    secret = forms.CharField(label="应用 Secret", required=False, widget=forms.PasswordInput)
    callback_token = forms.RegexField(
        r"^[A-Za-z0-9]{1,32}$",
        label="回调 Token",
        required=False,
        error_messages={"invalid": "Token 是 1 至 32 个英文字母和数字"},
        widget=forms.PasswordInput,
    )
    aes_key = forms.RegexField(
        r"^[A-Za-z0-9]{43}$",
        label="回调 EncodingAESKey",
        required=False,
        error_messages={"invalid": "EncodingAESKey 是 43 个英文字母和数字"},
        widget=forms.PasswordInput,
    )

    def __init__(self, *args: Any, connected: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("secret", "callback_token", "aes_key"):
            self.fields[name].required = not connected
            self.fields[name].help_text = "已保存，留空则不变" if connected else ""
            self.fields[name].error_messages["required"] = f"请填写{self.fields[name].label}"
