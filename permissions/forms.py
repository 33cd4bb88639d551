"""Forms of permissions."""

from __future__ import annotations

from django import forms


class SignInForm(forms.Form):
    """Name and password; which of the two is wrong is never said."""

    username = forms.CharField(
        label="用户名",
        max_length=60,
        error_messages={"required": "请输入用户名"},
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True, "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label="密码",
        max_length=256,
        strip=False,
        error_messages={"required": "请输入密码"},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
