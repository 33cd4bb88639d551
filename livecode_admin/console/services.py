"""Actions that several apps take together, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from codes.rules import STATUS_LABELS, Refused, allowed_actions, effective_status
from codes.selectors import NotFound, codes_visible
from codes.services import code_create, code_pause, code_renew, code_resume, code_retire
from permissions import audit
from permissions.access import Access, Denied
from permissions.capabilities import capability_for
from reception.services.library import code_welcome_set
from routing.services.doors import doors_wake
from routing.services.publish import code_publish
from routing.services.roster import SeatInput, roster_set
from tagging.services import channel_tag_ensure, code_tags_set
from tenants.selectors import wecom_credentials
from tenants.services import wecom_connect
from tenants.tasks import enqueue_on_commit

ACTIONS = {"renew": "批量延长期限", "pause": "暂停", "resume": "恢复", "retire": "归档"}
# The field of the table (field_capabilities.csv) that each action changes.
_FIELDS = {"renew": "expires_at", "pause": "state:paused", "resume": "state:paused", "retire": "state:retired"}
_NO_RIGHT = "没有权限"
_UNSEEN = "不存在，或不在您的数据范围内"


@dataclass(frozen=True, slots=True)
class NewCode:
    """Everything the one page of creating asks for. ``expires_at`` None is 永久有效."""

    name: str
    purpose: str
    purpose_text: str
    kind: str
    channel_name: str
    folder_id: int | None
    owner_id: int | None
    department_id: int | None
    expires_at: datetime | None
    landing_text: str
    roster: Sequence[int]
    backups: Sequence[int]
    tag_ids: Sequence[int]
    template_id: int | None
    delivery: str = "hosted"


@transaction.atomic
def code_launch(*, access: Access, new: NewCode, now: datetime) -> int:
    """Create a code with its roster, tags and greeting, and publish it; its id is returned.

    Nothing is kept when any part is refused. The code goes live with its first contact way.

    Raises:
        Denied: a right is missing for any part.
        Refused, RosterRefused, PublishRefused, TagRefused: a part is wrong; the message is for the person.
    """
    code_id = code_create(
        access=access,
        now=now,
        name=new.name,
        purpose=new.purpose,
        purpose_text=new.purpose_text,
        kind=new.kind,
        delivery=new.delivery,
        channel_name=new.channel_name,
        folder_id=new.folder_id,
        owner_id=new.owner_id,
        department_id=new.department_id,
        expires_at=new.expires_at,
        landing_text=new.landing_text,
    )
    seats = [SeatInput(staff_id=pk, is_backup=False, position=place) for place, pk in enumerate(new.roster)]
    seats += [SeatInput(staff_id=pk, is_backup=True, position=place) for place, pk in enumerate(new.backups)]
    roster_set(access=access, code_id=code_id, seats=seats, now=now)
    if new.channel_name:
        channel_tag_ensure(name=new.channel_name, now=now)
    if new.tag_ids:
        code_tags_set(access=access, code_id=code_id, tag_ids=list(new.tag_ids), now=now)
    if new.template_id is not None:
        code_welcome_set(access=access, code_id=code_id, template_id=new.template_id, text="", now=now)
    code_publish(access=access, code_id=code_id, now=now)
    return code_id


@transaction.atomic
def wecom_connection_set(*, access: Access, given: Mapping[str, str], now: datetime) -> None:
    """Keep the company's WeCom connection (the fields of its form; an empty secret stays) and sync its people.

    Raises:
        Denied: without ``wecom.manage``.
        IntegrityError: the corp belongs to another company.
    """
    access.require_fields("wecom_connection", given)
    known = wecom_credentials()
    wecom_connect(tenant_id=access.tenant_id, base_url=settings.WECOM_API_URL, now=now, **given)
    audit.record(
        access=access,
        action="wecom.connected",
        object_type="wecom_connection",
        object_id=access.tenant_id,
        object_label=given["corp_id"],
        before={} if known is None else {"corp_id": known.corp_id, "agent_id": known.agent_id},
        after={
            "corp_id": given["corp_id"],
            "agent_id": given["agent_id"],
            "secret": "已更新" if given["secret"] else "未变",
        },
        now=now,
    )
    doors_wake(now=now)
    enqueue_on_commit("people.tasks.sync_contacts", tenant_id=access.tenant_id)


@dataclass(frozen=True, slots=True)
class BatchRow:
    """What a batch does, or did, to one code; ``reason`` says why it can't."""

    code_id: int
    name: str
    done: bool
    reason: str


def batch_capability(action: str) -> str:
    """What it takes to do a batch action. Raises KeyError for an unknown one."""
    capability = capability_for("code", _FIELDS[action])
    assert capability is not None
    return capability


def batch_preview(*, access: Access, code_ids: Sequence[int], action: str, now: datetime) -> list[BatchRow]:
    """Which of the codes the action would change, and why not the others; nothing is written, two queries.

    Each id that was asked for has its row; one that the member doesn't see is named by its number alone.
    """
    codes = {code.pk: code for code in codes_visible(access).filter(pk__in=code_ids)}
    reach = codes_visible(access, batch_capability(action)).filter(pk__in=codes).values_list("pk", flat=True)
    held = set(reach)
    rows = []
    for pk in dict.fromkeys(code_ids):
        code = codes.get(pk)
        if code is None:
            rows.append(BatchRow(pk, f"编号 {pk}", False, _UNSEEN))
            continue
        status = effective_status(state=code.state, expires_at=code.expires_at, now=now)
        reason = "" if action in allowed_actions(status) else f"当前为「{STATUS_LABELS[status]}」"
        if action == "renew" and code.expires_at is None:
            reason = "永久有效，无需延长"
        if code.pk not in held:
            reason = _NO_RIGHT
        rows.append(BatchRow(code.pk, code.name, not reason, reason))
    return rows


def batch_apply(*, access: Access, code_ids: Sequence[int], action: str, months: int, now: datetime) -> list[BatchRow]:
    """Do one action to each code by itself; each result is told, what can't be done stays as it was."""
    rows = []
    for row in batch_preview(access=access, code_ids=code_ids, action=action, now=now):
        if not row.done:
            rows.append(row)
            continue
        try:
            _one(access, row.code_id, action, months, now)
        except Refused as refused:
            rows.append(BatchRow(row.code_id, row.name, False, refused.message))
        except (Denied, NotFound):
            rows.append(BatchRow(row.code_id, row.name, False, _NO_RIGHT))
        else:
            rows.append(row)
    return rows


def _one(access: Access, code_id: int, action: str, months: int, now: datetime) -> None:
    match action:
        case "renew":
            code_renew(access=access, code_id=code_id, months=months, now=now)
        case "pause":
            code_pause(access=access, code_id=code_id, now=now)
        case "resume":
            code_resume(access=access, code_id=code_id, now=now)
        case "retire":
            code_retire(access=access, code_id=code_id, now=now)
        case _:
            raise ValueError(f"unknown batch action {action!r}")
