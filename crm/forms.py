"""What people type about CRM sync."""

from __future__ import annotations

from typing import Any

from django import forms


class EndpointForm(forms.Form):
    """Where events go, and the one switch (product.md §7.1)."""

    url = forms.URLField(
        label="接收地址",
        max_length=500,
        assume_scheme="https",
        error_messages={"required": "请填写接收地址", "invalid": "请填写完整的网址，以 https:// 开头"},
    )
    enabled = forms.BooleanField(label="实时同步至 CRM 系统", required=False)


class ReplayForm(forms.Form):
    """The period whose events are sent again."""

    since = forms.DateField(
        label="从",
        error_messages={"required": "请选择开始日期", "invalid": "日期格式应为 2026-11-22"},
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label="到",
        error_messages={"required": "请选择结束日期", "invalid": "日期格式应为 2026-11-22"},
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def clean(self) -> dict[str, Any]:
        """A period that ends before it begins is told, not taken as empty."""
        cleaned: dict[str, Any] = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", "结束日期不能早于开始日期")
        return cleaned
