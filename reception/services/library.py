"""The welcome library, and which greeting a code has (product.md §3.1–3.2)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from codes.services import code_note, code_to_change, require_on_code
from permissions.access import Access, Denied
from permissions.audit import record
from reception.models import CodeWelcome, WelcomeTemplate
from reception.selectors import welcome_settable
from wecom.limits import WELCOME_TEXT

STARTERS = (
    ("教育", "课程顾问", "您好，【客户昵称】，我是课程顾问【客服姓名】。告诉我孩子的年级，我来安排体验课。"),
    ("教育", "试听预约", "【客户昵称】您好，感谢通过【渠道】关注我们。回复“试听”即可预约本周的体验课。"),
    ("售后", "订单问题", "您好，您的订单问题已收到，【客服姓名】会尽快为您处理。请把订单号发给我。"),
    ("通用", "简短问候", "您好，我是【客服姓名】，有任何问题直接在这里告诉我。"),
)


class WelcomeRefused(ValueError):
    """A greeting that can't be saved; the message is for the person, in Chinese."""


def text_check(text: str) -> str:
    """A greeting's text, trimmed.

    Raises:
        WelcomeRefused: empty, or over WeCom's 4,000 bytes (document 92137).
    """
    text = text.strip()
    if not text:
        raise WelcomeRefused("请填写欢迎语")
    if not WELCOME_TEXT.fits(text):
        raise WelcomeRefused(f"欢迎语最多 {WELCOME_TEXT.maximum} 字节，现在是 {WELCOME_TEXT.size(text)} 字节")
    return text


@transaction.atomic
def welcome_templates_install(*, now: datetime) -> None:
    """Give a new tenant its starter templates; those it has stay as they are."""
    rows = [WelcomeTemplate(folder=folder, name=name, text=text, updated_at=now) for folder, name, text in STARTERS]
    WelcomeTemplate.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def template_save(*, access: Access, template_id: int | None, folder: str, name: str, text: str, now: datetime) -> int:
    """Make or change a template of the library; its id is returned.

    Raises:
        Denied: without ``welcome.library``.
        WelcomeRefused: text empty or too long, or the name is taken in that folder.
    """
    access.require_fields("template", ["folder", "name", "text"])
    text = text_check(text)
    taken = WelcomeTemplate.objects.filter(folder=folder, name=name).exclude(pk=template_id).exists()
    if taken:
        raise WelcomeRefused("这个分类里已有同名模板")
    row = WelcomeTemplate.objects.select_for_update().get(pk=template_id) if template_id else WelcomeTemplate()
    before = {"folder": row.folder, "name": row.name, "text": row.text} if template_id else {}
    row.folder, row.name, row.text, row.updated_at = folder, name, text, now
    row.save()
    record(
        access=access,
        action="welcome_template.saved",
        object_type="welcome_template",
        object_id=row.pk,
        object_label=name,
        before=before,
        after={"folder": folder, "name": name, "text": text},
        now=now,
    )
    return row.pk


@transaction.atomic
def code_welcome_set(*, access: Access, code_id: int, template_id: int | None, text: str, now: datetime) -> None:
    """Give a code its greeting: a template, or a text of its own that takes precedence; neither takes it away.

    Each changed field is checked by the field table: choosing a template and writing free text are separate rights.

    Raises:
        NotFound: the code isn't visible.
        Denied: without ``welcome.choose`` for the template or ``welcome.write`` for the text, on this very code.
        WelcomeRefused: the text is too long.
    """
    code = code_to_change(access, code_id, "codes.view")
    row = CodeWelcome.objects.select_for_update(of=("self",)).filter(code_id=code.pk).first()
    before = {"welcome_template": row.template_id if row else None, "welcome_text": row.text if row else ""}
    after = {"welcome_template": template_id, "welcome_text": text_check(text) if text.strip() else ""}
    changed = {field for field in after if after[field] != before[field]}
    if not changed:
        return
    require_on_code(access, code.pk, sorted(changed))
    if not welcome_settable(access, code):
        raise Denied("welcome.choose", what="code")
    template = WelcomeTemplate.objects.get(pk=template_id) if template_id is not None else None
    names = (row.template.name if row and row.template else None, template.name if template else None)
    row = row or CodeWelcome(code_id=code.pk)
    row.template_id, row.text, row.updated_at = template_id, str(after["welcome_text"]), now
    row.save()
    told = [{**side, "welcome_template": name} for side, name in zip((before, after), names, strict=True)]
    code_note(access, code, "welcome_set", before=told[0], after=told[1], now=now)
