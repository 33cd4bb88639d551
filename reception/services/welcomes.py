"""Greetings: sent once, within WeCom's 20 s, each with a ledger row that says how it ended (product.md §3.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from codes.selectors import code_cards
from livecode_admin.kernel.sealing import unseal
from people.selectors import customer_name_of, staff_by_userid
from reception.models import CodeWelcome, WelcomeDelivery
from reception.rules import BEING_SENT_BY_ANOTHER_APP, CHAT_BEGUN, CODE_EXPIRED, greeting, needs
from reception.services.inbox import welcome_context
from routing.selectors import code_of_way_state

LEASE = timedelta(seconds=8)


@dataclass(frozen=True, slots=True)
class Greeting:
    """One greeting leased to this worker. ``text`` still has its variables; ``nickname`` is empty when unknown."""

    delivery_id: int
    welcome_code: str
    external_userid: str
    text: str
    nickname: str
    staff_name: str
    channel: str
    received_at: datetime
    deadline: datetime

    @property
    def wants_nickname(self) -> bool:
        """Whether the name has to be asked for before the greeting can be sent."""
        return needs(self.text, "客户昵称") and not self.nickname

    def written(self, nickname: str) -> str:
        """The greeting as the customer reads it."""
        return greeting(self.text, nickname=nickname, staff_name=self.staff_name, channel=self.channel)


@transaction.atomic
def welcome_claim(*, delivery_id: int, now: datetime) -> Greeting | None:
    """Lease a pending greeting; None when it is settled, in other hands, too late, or the code has none."""
    row = (
        WelcomeDelivery.objects.select_for_update(skip_locked=True)
        .filter(pk=delivery_id, state=WelcomeDelivery.State.PENDING)
        .first()
    )
    if row is None or (row.lease_until is not None and row.lease_until > now):
        return None
    if now >= row.deadline:
        _settle(row, WelcomeDelivery.State.MISSED, now=now, note="到期前未能发送")
        return None
    row.code_id = code_of_way_state(row.way_state)
    text = welcome_text_of_code(row.code_id)
    if not text:
        _settle(row, WelcomeDelivery.State.NONE, now=now)
        return None
    row.attempts += 1
    row.lease_until = now + LEASE
    row.save(update_fields=["attempts", "lease_until", "code_id"])
    staff = staff_by_userid(row.staff_userid) if needs(text, "客服姓名") else None
    card = code_cards([row.code_id]).get(row.code_id) if row.code_id is not None and needs(text, "渠道") else None
    context = welcome_context(row.tenant_id)
    external = unseal(row.external_sealed, context=context)
    return Greeting(
        delivery_id=row.pk,
        welcome_code=unseal(row.welcome_code_sealed, context=context),
        external_userid=external,
        text=text,
        nickname=customer_name_of(external) if needs(text, "客户昵称") else "",
        staff_name=staff.name if staff else "",
        channel=card.channel_name if card else "",
        received_at=row.received_at,
        deadline=row.deadline,
    )


def welcome_text_of_code(code_id: int | None) -> str:
    """The greeting of a code: its own text, else its template's; empty when it has none."""
    if code_id is None:
        return ""
    row = CodeWelcome.objects.filter(code_id=code_id).select_related("template").first()
    if row is None:
        return ""
    text: str = row.text or (row.template.text if row.template else "")
    return text


@transaction.atomic
def welcome_called(*, delivery_id: int, called_at: datetime, errcode: int, note: str, now: datetime) -> str:
    """Note what WeCom answered to a greeting; the state it ended in, or ``pending`` when it may be tried again.

    Only "another app is sending" (41096) and failures without an answer are tried again, and only before the deadline.
    """
    row = WelcomeDelivery.objects.select_for_update().get(pk=delivery_id)
    row.called_at, row.errcode = called_at, errcode
    row.took_ms = max(0, int((called_at - row.received_at).total_seconds() * 1000))
    if errcode in (BEING_SENT_BY_ANOTHER_APP, -1) and now < row.deadline:
        row.lease_until = now + timedelta(seconds=1)
        row.note = note[:200]
        row.save(update_fields=["called_at", "errcode", "took_ms", "lease_until", "note"])
        return WelcomeDelivery.State.PENDING
    states = {
        0: WelcomeDelivery.State.SENT,
        CHAT_BEGUN: WelcomeDelivery.State.ALREADY,
        CODE_EXPIRED: WelcomeDelivery.State.MISSED,
    }
    return _settle(row, states.get(errcode, WelcomeDelivery.State.FAILED), now=now, note=note)


def _settle(row: WelcomeDelivery, state: WelcomeDelivery.State, *, now: datetime, note: str = "") -> str:
    """End a greeting; its code can't be used again, so it is forgotten."""
    row.state, row.note = state, note[:200]
    row.welcome_code_sealed = ""
    row.lease_until = None
    row.save()
    return state
