"""Forms of permissions."""

from __future__ import annotations

from typing import Any

from django import forms

from permissions.services.second_factor import Checked


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


class CodeForm(forms.Form):
    """A code of the authenticator, or a recovery code."""

    code = forms.CharField(label="验证码", max_length=20, error_messages={"required": "请输入验证码"})

    def refuse(self, checked: Checked) -> None:
        """Say beside the field why the code was not taken."""
        wait = f"，请 {checked.wait} 秒后再试" if checked.wait else "，请输入身份验证器上当前的 6 位数字"
        self.add_error("code", f"验证码不正确{wait}")


class PasswordForm(forms.Form):
    """The old password and the new one."""

    old = forms.CharField(label="当前密码", max_length=256, strip=False, error_messages={"required": "请输入当前密码"})
    new = forms.CharField(label="新密码", max_length=256, strip=False, error_messages={"required": "请输入新密码"})

    def __init__(self, *args: Any, has_password: bool, **kwargs: Any) -> None:
        """Without a password (people who come by WeCom alone) there is no old one to show."""
        super().__init__(*args, **kwargs)
        if not has_password:
            del self.fields["old"]
