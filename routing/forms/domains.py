"""The form of a company's hosts; what a host may be is the service's to say."""

from __future__ import annotations

from django import forms


class DomainForm(forms.Form):
    """Both hosts as they are typed; empty means none."""

    entry_host = forms.CharField(
        label="入口域名",
        max_length=200,
        required=False,
        help_text="印在二维码里的域名，只做跳转。印刷后请一直保留，更换后已印的物料会失效",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "placeholder": "scan.example.com"}),
    )
    landing_host = forms.CharField(
        label="落地域名",
        max_length=200,
        required=False,
        help_text="显示客服二维码的域名，可随时更换，已印的物料不受影响。留空时由入口域名直接显示",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "placeholder": "hi.example.com"}),
    )
