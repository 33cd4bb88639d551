"""What is asked of a dry run: a time, a load, so many scans of one kind of visitor (product.md §2.9)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from django.http import QueryDict

from livecode_admin.kernel.web.parameters import whole_number
from routing.rules.checks import SUB_CHANNEL
from routing.rules.regions import short_name
from routing.selectors.tryout import SCANS_MAX, Question

LOADS = (
    ("", "今日实际负载"),
    ("0", "空闲，今日都未接待"),
    ("50", "已用上限的 50%"),
    ("90", "已用上限的 90%"),
    ("100", "全部满额"),
)
VISITORS = (("", "新访客"), ("returning", "回访访客"))


@dataclass(slots=True)
class QuestionForm:
    """What was typed, with the errors by field; ``question`` None while something is wrong."""

    at: str
    scans: str = "20"
    load: str = ""
    sub: str = ""
    visitor: str = ""
    region: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    question: Question | None = None
    loads: tuple[tuple[str, str], ...] = LOADS
    visitors: tuple[tuple[str, str], ...] = VISITORS


def question_form(now: datetime, zone: str) -> QuestionForm:
    """An empty form for this moment."""
    return QuestionForm(at=now.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M"))


def read_question(data: QueryDict, now: datetime, zone: str) -> QuestionForm:
    """Read the inputs ``try_at``, ``try_scans``, ``try_load``, ``try_sub``, ``try_visitor``, ``try_region``."""
    form = question_form(now, zone)
    form.at = data.get("try_at", form.at).strip()
    form.scans = data.get("try_scans", form.scans).strip()
    form.load = data.get("try_load", "").strip()
    form.sub, form.visitor = data.get("try_sub", "").strip(), data.get("try_visitor", "").strip()
    form.region = data.get("try_region", "").strip()[:20]
    try:
        at = datetime.fromisoformat(form.at).replace(tzinfo=ZoneInfo(zone))
        at.timestamp()
    except (ValueError, OverflowError):
        form.errors["at"], at = "请选择时间", now
    scans = whole_number(form.scans)
    if scans is None or not 1 <= scans <= SCANS_MAX:
        form.errors["scans"] = f"请填写 1 到 {SCANS_MAX} 之间的整数"
    if form.load not in dict(LOADS):
        form.errors["load"] = "请选择列出的一项"
    if form.sub and not SUB_CHANNEL.fullmatch(form.sub):
        form.errors["sub"] = "点位应为字母、数字、- 或 _"
    if not form.errors and scans is not None:
        form.question = Question(
            at=at,
            scans=scans,
            load=int(form.load) if form.load else None,
            sub_channel=form.sub,
            returning=form.visitor == "returning",
            region=short_name(form.region),
        )
    return form
