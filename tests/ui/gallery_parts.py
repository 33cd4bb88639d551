"""The gallery's page of the remaining parts: forms, picker, roster, jobs, states."""

from __future__ import annotations

from typing import Any

from django import forms

from livecode_admin.kernel.web import parts
from livecode_admin.kernel.web.page import Action, PickerItem, Step
from tests.ui.gallery_data import frame

DANGER = Action("注销客户", "trash", "/x/", tone="danger")


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="名称", max_length=30, help_text="日期-用途缩写-渠道，可以改",
                           widget=forms.TextInput(attrs={"data-count": "chars", "data-max": "30"}))  # fmt: skip
    purpose = forms.ChoiceField(label="用途", choices=[("c", "短期活动"), ("s", "长期服务")], widget=forms.RadioSelect)
    channel = forms.ChoiceField(label="渠道", choices=[("1", "地铁广告"), ("2", "直播间")])
    greeting = forms.CharField(label="欢迎语", widget=forms.Textarea(
        attrs={"rows": 3, "data-count": "bytes", "data-max": "4000"}))  # fmt: skip
    cap = forms.IntegerField(label="每日接待上限", min_value=1, initial=100)
    overflow = forms.BooleanField(label="溢出自动切换", required=False, help_text="满额后由下一位接，全满转备用")


def parts_page() -> dict[str, Any]:
    """Context of gallery.html."""
    form = SampleForm({"name": "", "purpose": "c", "channel": "1", "greeting": "您好，我是课程顾问", "cap": "0"})
    staff = [("林晓彤", "lxt linxiaotong"), ("陈思远", "csy chensiyuan"), ("周雨桐", "zyt zhouyutong")]
    items = [PickerItem(str(i), n, "课程顾问一组", f"{n} {py}", i == 0) for i, (n, py) in enumerate(staff)]
    items.append(PickerItem("9", "何嘉怡", "课程顾问二组", "何嘉怡 hjy", False, "未开客户联系"))
    job = {"id": 1, "title": "打包下载 126 个活码", "state": "running", "done": 52, "total": 126, "percent": 41}
    return frame("") | {
        "form": form,
        "connect": Action("去连接", "plug", "/wecom/"),
        "first": Action("新建活码", "plus", "/c/new/", tone="primary"),
        "stepper": [Step("连接企业微信", "/1/", done=True), Step("同步客服", "/2/", done=True),
                    Step("第一个活码", current=True), Step("打印")],
        "people": [{"id": i, "name": n, "group": "课程顾问一组"} for i, (n, _) in enumerate(staff)],
        "picker": items,
        "job": job,
        "job_done": job | {"id": 2, "state": "done", "done": 126},
        "funnel_steps": [("扫码", 2968), ("分配", 2841), ("申请", None), ("通过", 2017), ("7 日留存", 1822)],
        "states": list(parts.STATES),
        "buttons": [Action("普通", "edit", "/x/"), Action("主要", "plus", "/x/", tone="primary"),
                    Action("建议", "calendar-plus", "/x/", "post", tone="soft"), DANGER],
        "messages": [],
    }  # fmt: skip
