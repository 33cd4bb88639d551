"""What people type about greetings."""

from __future__ import annotations

import json

from django import forms

from wecom.limits import WELCOME_TEXT

EXAMPLES = {"客户昵称": "小满妈妈", "客服姓名": "林晓彤", "渠道": "地铁广告"}
# WeCom counts a greeting in bytes; the preview beside the form fills the variables with examples.
GREETING_ATTRS = {"rows": 6, "data-count": "bytes", "data-max": str(WELCOME_TEXT.maximum)}
PREVIEW_ATTRS = {"data-preview": "greeting-preview", "data-preview-vars": json.dumps(EXAMPLES, ensure_ascii=False)}


class TemplateForm(forms.Form):
    """A greeting of the library."""

    folder = forms.CharField(label="分类", max_length=40, error_messages={"required": "请填写分类"})
    name = forms.CharField(label="名称", max_length=40, error_messages={"required": "请填写名称"})
    text = forms.CharField(
        label="欢迎语",
        widget=forms.Textarea(attrs=GREETING_ATTRS | PREVIEW_ATTRS),
        error_messages={"required": "请填写欢迎语"},
        help_text="可用变量：【客户昵称】 【客服姓名】 【渠道】",
    )


class CodeWelcomeForm(forms.Form):
    """The greeting of one code: a template, or a text of its own for those who may write freely."""

    template = forms.TypedChoiceField(label="预设话术", required=False, coerce=int, empty_value=None)
    text = forms.CharField(label="自由编辑话术", required=False, widget=forms.Textarea(attrs=GREETING_ATTRS))

    def __init__(self, *args: object, choices: list[tuple[int, str]], free_text: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["template"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", "不发送欢迎语"), *choices]
        if not free_text:
            del self.fields["text"]
