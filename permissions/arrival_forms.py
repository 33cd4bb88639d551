"""What people type to invite somebody, to accept an invitation, and to upload a list."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError

from permissions.models import User
from permissions.rules import Scope
from permissions.selectors.giving import Offer
from permissions.services.invitations import DAYS
from permissions.services.member_import import MOST_ROWS
from permissions.wording import needs_department

_DAYS = [(days, f"{days} 天") for days in DAYS]
_DEFAULT_DAYS = 3


class InviteForm(forms.Form):
    """Who is invited, into which department, with which bundles, and how long the link is good."""

    display_name = forms.CharField(
        label="姓名",
        max_length=40,
        error_messages={"required": "请填写姓名", "max_length": "最多 40 个字"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    department_id = forms.TypedChoiceField(
        label="部门",
        coerce=int,
        empty_value=None,
        required=False,
        error_messages={"invalid_choice": "请选择列表中的部门"},
    )
    bundles = forms.MultipleChoiceField(
        label="角色权限包",
        error_messages={"required": "请至少选择一个角色权限包", "invalid_choice": "请选择列表中的角色权限包"},
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.TypedChoiceField(
        label="链接有效期",
        coerce=int,
        choices=_DAYS,
        initial=_DEFAULT_DAYS,
        error_messages={"required": "请选择有效期", "invalid_choice": "请选择有效期"},
        widget=forms.RadioSelect,
    )

    def __init__(
        self, *args: Any, departments: list[tuple[int, str]], bundles: Sequence[Offer], free: bool, **kwargs: Any
    ) -> None:
        """``free``: the inviter may leave the department open, for bundles that don't go by one."""
        super().__init__(*args, **kwargs)
        self.by_department = {one.key: one.name for one in bundles if one.scope is Scope.DEPARTMENT}
        department, chosen = self.fields["department_id"], self.fields["bundles"]
        assert isinstance(department, forms.ChoiceField)
        assert isinstance(chosen, forms.ChoiceField)
        department.choices = [("", "未分部门" if free else "选择部门"), *departments]
        department.required = not free
        department.error_messages["required"] = "请选择部门"
        chosen.choices = [(one.key, one.name) for one in bundles]

    def clean(self) -> dict[str, Any]:
        """A bundle for one's department gives next to nothing to who is in none."""
        data = super().clean() or self.cleaned_data
        missing = [self.by_department[key] for key in data.get("bundles", ()) if key in self.by_department]
        if missing and data.get("department_id") is None and "department_id" not in self.errors:
            self.add_error("department_id", needs_department(missing))
        return data


class JoinForm(forms.Form):
    """User name and password of somebody new."""

    username = forms.CharField(
        label="用户名",
        max_length=60,
        validators=[UnicodeUsernameValidator(message="用户名只能包含文字、数字和 @ . + - _")],
        error_messages={"required": "请设置用户名", "max_length": "最多 60 个字符"},
        help_text="用于登录，例如姓名拼音",
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autofocus": True, "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = forms.CharField(
        label="密码",
        max_length=256,
        strip=False,
        error_messages={"required": "请设置密码"},
        help_text="至少 12 个字符，不能是常见密码",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="再次输入密码",
        max_length=256,
        strip=False,
        error_messages={"required": "请再次输入密码"},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        """The password is good enough for this name, and both are the same."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        password, again = data.get("password"), data.get("again")
        if password:
            try:
                validate_password(password, User(username=data.get("username") or ""))
            except ValidationError as error:
                self.add_error("password", error)
        if password and again and password != again:
            self.add_error("again", "两次输入的密码不一致")
        return data


class UploadForm(forms.Form):
    """A list of members as a file."""

    file = forms.FileField(
        label="成员名单",
        error_messages={"required": "请选择文件", "empty": "文件是空的"},
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,text/csv"}),
    )


class ImportForm(forms.Form):
    """The rows of a list as the preview sends them back, and how long the links are good."""

    rows = forms.CharField(widget=forms.HiddenInput)
    days = forms.TypedChoiceField(
        label="链接有效期",
        coerce=int,
        choices=_DAYS,
        initial=_DEFAULT_DAYS,
        error_messages={"required": "请选择有效期", "invalid_choice": "请选择有效期"},
        widget=forms.RadioSelect,
    )

    def clean_rows(self) -> list[tuple[int, tuple[str, str, str, str]]]:
        """The rows with their numbers. Anything else than what the preview made is refused."""
        try:
            told = json.loads(self.cleaned_data["rows"])
            rows = [(int(number), (str(a), str(b), str(c), str(d))) for number, (a, b, c, d) in told]
        except (ValueError, TypeError, RecursionError) as error:
            raise ValidationError("请重新上传文件") from error
        if not 0 < len(rows) <= MOST_ROWS:
            raise ValidationError("请重新上传文件")
        return rows
