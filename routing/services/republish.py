"""Codes published anew because the company's reception settings changed: a few at once, many one by one in a job."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connections, transaction
from django.db.models import Q, QuerySet

from codes.selectors import code_cards
from livecode_admin.workspace.services import job_advance, job_finish, notice_send
from permissions.access import Access, Scope
from permissions.selectors import members_holding
from routing.models import CodeRoute, ReceptionDefault, RoutingRule
from routing.services.changing import publish_lock
from routing.services.rules import rules_publish

# No code takes as long: the job's hint or its worker was lost.
TAKEN_UP_AFTER = timedelta(minutes=2)
# A code that can't be published anew is tried so often; of those given up, so many are named.
TRIES, NAMED = 3, 5
NO_RIGHT = "发起人已没有修改接待设置的权限，没有重新发布，活码仍按原设置接待；请由有权限的成员重新设置"
REPUBLISH = [f"republish_{name}" for name in ("job", "user", "what", "at", "after", "tries", "failed")]


@transaction.atomic
def codes_republish(*, access: Access, code_ids: list[int], now: datetime) -> int:
    """Publish each of these codes anew, for what the company's settings changed; how many is returned."""
    for code_id in code_ids:
        publish_lock(code_id)
        rules_publish(access=access, code_id=code_id, now=now, reason="defaults")
    return len(code_ids)


def codes_following(duty: bool, fallback: bool) -> list[int]:
    """The published codes that have no duty person, or no fallback, of their own."""
    return list(_following("both" if duty and fallback else "duty" if duty else "fallback"))


def _following(what: str) -> QuerySet[CodeRoute, int]:
    """The same by what has changed (duty, fallback or both), in order."""
    own_duty, own_fallback = Q(duty_staff__isnull=False), ~Q(fallback=RoutingRule.Fallback.DEFAULT)
    independent = {"duty": own_duty, "fallback": own_fallback, "both": own_duty & own_fallback}[what]
    apart: QuerySet[RoutingRule] = RoutingRule.objects.filter(independent)
    rows: QuerySet[CodeRoute] = CodeRoute.objects.exclude(code__in=apart.values("code"))
    return rows.order_by("code").values_list("code_id", flat=True)


@transaction.atomic
def republish_next(*, job_id: int, now: datetime) -> int | None:
    """The next code of the background job, its try counted; None when no code is left or the job is over or replaced.

    Commit before the code is published: a code that was tried three times is given up, whether it raised or took its
    worker with it.
    """
    row = _job_row(job_id)
    if row is None:
        return None
    code_id = _left(row).first()
    if code_id is not None and row.republish_tries >= TRIES:
        row.republish_failed = [*row.republish_failed, code_id]
        row.republish_after, row.republish_tries = code_id, 0
        code_id = _left(row).first()
    row.republish_tries += 1
    row.republish_at = now + TAKEN_UP_AFTER
    row.save(update_fields=["republish_failed", "republish_after", "republish_tries", "republish_at"])
    return code_id


@transaction.atomic
def republish_step(*, access: Access, job_id: int, code_id: int, now: datetime) -> None:
    """Publish one code for the background job, unless another worker has done it meanwhile: once for one change."""
    publish_lock(code_id)  # before the settings' row: who changes rules holds it and waits for who changes settings
    row = _job_row(job_id)
    if row is None or row.republish_after >= code_id:
        return
    codes_republish(access=access, code_ids=[code_id], now=now)
    row.republish_after, row.republish_tries = code_id, 0
    row.save(update_fields=["republish_after", "republish_tries"])
    done = _following(row.republish_what).filter(code__lte=code_id).count()
    job_advance(tenant_id=access.tenant_id, job_id=job_id, done=done)


@transaction.atomic
def republish_finish(*, job_id: int, now: datetime) -> None:
    """The background job is over; told once, however often its hint came. Codes that were given up are named."""
    row = _job_row(job_id)
    if row is None or _left(row).exists():
        return
    failed, total = list(row.republish_failed), _following(row.republish_what).count()
    row.republish_job = row.republish_user = row.republish_at = None
    row.republish_what, row.republish_failed, row.republish_after, row.republish_tries = "", [], 0, 0
    row.save(update_fields=REPUBLISH)
    cards = code_cards(failed[:NAMED]) if failed else {}
    names = "、".join(cards[pk].name for pk in failed[:NAMED] if pk in cards)
    error = f"{len(failed)} 个活码未能重新发布：{names}{'等' if len(failed) > NAMED else ''}" if failed else ""
    job_finish(job_id=job_id, result={"codes": total - len(failed)}, error=error, now=now)


@transaction.atomic
def republish_refuse(*, access: Access | None, job_id: int, now: datetime) -> bool:
    """End the job, and say why, when whoever began it may not change the settings any more; whether that was so.

    Those who may are told as well: the codes stand as they were published until somebody saves the settings anew.
    """
    row = _job_row(job_id)
    if row is None:
        return False
    needed = ["routing.rules", *(["tenant.settings"] if row.republish_what != "duty" else [])]
    if access is not None and all(access.scope(name) is Scope.ALL for name in needed):
        return False
    row.republish_job = row.republish_user = row.republish_at = None
    row.republish_what, row.republish_failed, row.republish_after, row.republish_tries = "", [], 0, 0
    row.save(update_fields=REPUBLISH)
    job_finish(job_id=job_id, result={"codes": 0}, error=NO_RIGHT, now=now)
    others = members_holding("routing.rules", now=now)
    notice_send(member_ids=others, kind="job", text=f"重新发布活码：{NO_RIGHT}", url="", now=now)
    return True


def _job_row(job_id: int) -> ReceptionDefault | None:
    row: ReceptionDefault | None = (
        ReceptionDefault.objects.select_for_update(of=("self",)).filter(republish_job=job_id).first()
    )
    return row


def _left(row: ReceptionDefault) -> QuerySet[CodeRoute, int]:
    """The codes that the job has still to publish."""
    return _following(row.republish_what).filter(code__gt=row.republish_after)


def republish_due(now: datetime) -> list[tuple[int, int, int]]:
    """(tenant, job, user) of background jobs whose hint or worker was lost; read as ``livecode_ops``."""
    with connections["ops"].cursor() as cursor:
        cursor.execute(
            "SELECT tenant_id, republish_job, republish_user FROM routing_receptiondefault"
            " WHERE republish_job IS NOT NULL AND republish_at <= %s",
            [now],
        )
        return [(int(tenant), int(job), int(user)) for tenant, job, user in cursor.fetchall()]
