"""Reads of reception: contacts, the ledger of greetings, the library, and what is due."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connections

from codes.selectors import code_cards, codes_visible
from people.selectors import customer_cards, staff_cards
from permissions.access import Access, Scope
from reception.models import CodeWelcome, Contact, WelcomeDelivery, WelcomeTemplate

_DUE_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One line of a list of customers."""

    id: int
    customer_name: str
    customer_avatar: str
    staff_name: str
    code_id: int | None
    code_name: str
    channel: str
    sub_channel: str
    state: str
    match: str
    match_label: str
    late: bool
    added_at: datetime | None


@dataclass(frozen=True, slots=True)
class WelcomeOfCode:
    """The greeting of a code: where it comes from, and its text with its variables."""

    template_id: int | None
    template_name: str
    own_text: str
    text: str


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One greeting in the ledger; ``took_ms`` from the callback to the call."""

    received_at: datetime
    staff_userid: str
    code_id: int | None
    state: str
    state_label: str
    took_ms: int | None
    errcode: int | None
    note: str


def contacts_of_code(access: Access, code_id: int, *, limit: int = 20) -> list[ContactRow]:
    """The newest customers of one code that the member may see."""
    scope = access.scope("customers.view")
    if scope is None:
        return []
    return _rows(Contact.objects.filter(code_id=code_id).order_by("-added_at", "-id")[:limit])


def customers_list(access: Access, *, match: str = "", name: str = "", limit: int = 100) -> list[ContactRow]:
    """The newest contacts in the member's scope, optionally of one kind of match or with ``name`` in their name.

    Raises:
        Denied: without ``customers.view``.
    """
    scope = access.require("customers.view")
    contacts = Contact.objects.exclude(added_at=None)
    if scope is Scope.DEPARTMENT:
        contacts = contacts.filter(staff__department_id__in=access.department_ids)
    elif scope is Scope.OWN:
        contacts = contacts.filter(staff__member_id=access.member_id)
    if match:
        contacts = contacts.filter(match=match)
    if name:
        contacts = contacts.filter(customer__name__icontains=name)
    return _rows(contacts.order_by("-added_at", "-id")[:limit])


def _rows(contacts: Iterable[Contact]) -> list[ContactRow]:
    found = list(contacts)
    customers = customer_cards([row.customer_id for row in found])
    staff = staff_cards([row.staff_id for row in found])
    codes = code_cards([row.code_id for row in found if row.code_id is not None])
    rows = []
    for row in found:
        code = codes.get(row.code_id) if row.code_id is not None else None
        rows.append(
            ContactRow(
                id=row.pk,
                customer_name=customers[row.customer_id].name,
                customer_avatar=customers[row.customer_id].avatar_url,
                staff_name=staff[row.staff_id].name,
                code_id=row.code_id,
                code_name=code.name if code else "",
                channel=code.channel_name if code else "",
                sub_channel=row.sub_channel,
                state=row.state,
                match=row.match,
                match_label=row.get_match_display(),
                late=row.late,
                added_at=row.added_at,
            )
        )
    return rows


def welcome_of_code(access: Access, code_id: int) -> WelcomeOfCode | None:
    """The greeting of a code the member may see, or None when it has none."""
    if not codes_visible(access).filter(pk=code_id).exists():
        return None
    row = CodeWelcome.objects.filter(code_id=code_id).select_related("template").first()
    if row is None or not (row.text or row.template):
        return None
    template = row.template
    return WelcomeOfCode(
        template_id=row.template_id,
        template_name=template.name if template else "",
        own_text=row.text,
        text=row.text or (template.text if template else ""),
    )


def templates(access: Access) -> list[WelcomeTemplate]:
    """The library, by folder and name, for whoever chooses or writes greetings.

    Raises:
        Denied: without ``welcome.choose`` and ``welcome.library``.
    """
    if not access.can("welcome.library"):
        access.require("welcome.choose")
    return list(WelcomeTemplate.objects.order_by("folder", "name"))


def template_for(access: Access, template_id: int) -> WelcomeTemplate | None:
    """One template of the library, or None when there is none of that id.

    Raises:
        Denied: without ``welcome.library``.
    """
    access.require("welcome.library")
    row: WelcomeTemplate | None = WelcomeTemplate.objects.filter(pk=template_id).first()
    return row


def ledger(access: Access, *, limit: int = 30) -> list[LedgerRow]:
    """The newest greetings with how they ended.

    Raises:
        Denied: without ``welcome.choose`` and ``welcome.library``.
    """
    if not access.can("welcome.library"):
        access.require("welcome.choose")
    return [
        LedgerRow(
            row.received_at,
            row.staff_userid,
            row.code_id,
            row.state,
            row.get_state_display(),
            row.took_ms,
            row.errcode,
            row.note,
        )
        for row in WelcomeDelivery.objects.order_by("-id")[:limit]
    ]


def tenants_with_due_welcomes(*, now: datetime) -> list[tuple[int, int]]:
    """(tenant, delivery) of pending greetings nobody holds: for the sweeper, as the platform's role."""
    with connections["ops"].cursor() as cursor:
        cursor.execute(
            "SELECT tenant_id, id FROM reception_welcomedelivery WHERE state = 'pending' "
            "AND (lease_until IS NULL OR lease_until < %s) AND received_at < %s - interval '1 second' "
            "ORDER BY deadline LIMIT %s",
            [now, now, _DUE_AT_ONCE],
        )
        return [(row[0], row[1]) for row in cursor.fetchall()]


def tenants_with_due_events(*, now: datetime) -> list[tuple[int, int]]:
    """(tenant, inbox row) of events that wait longer than their hint would take: for the sweeper."""
    with connections["ops"].cursor() as cursor:
        cursor.execute(
            "SELECT tenant_id, id FROM reception_inboxevent WHERE state = 'new' "
            "AND next_at < %s - interval '3 seconds' ORDER BY next_at LIMIT %s",
            [now, _DUE_AT_ONCE],
        )
        return [(row[0], row[1]) for row in cursor.fetchall()]
