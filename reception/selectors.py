"""Reads of reception: contacts, the ledger of greetings, the library, and what is due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connections
from django.db.models import QuerySet

from codes.selectors import LiveCode, code_cards, codes_visible
from people.selectors import (
    customer_cards,
    staff_cards,
    staff_names,
    staff_of_departments,
    staff_of_member,
    staff_userids,
)
from permissions.access import Access, Denied, Scope
from reception.models import CodeWelcome, Contact, WelcomeDelivery
from reception.models import WelcomeTemplate as WelcomeTemplate  # for annotations elsewhere: the models are private

_DUE_AT_ONCE = 500
# The kinds of match as people choose them: 精确 is a lease or being the only one who waited (product.md §2.12).
MATCHES: Mapping[str, tuple[Contact.Match, ...]] = {
    "exact": (Contact.Match.EXACT, Contact.Match.SOLE),
    "estimated": (Contact.Match.OLDEST,),
    "none": (Contact.Match.NONE,),
}


# What stands for the code of a customer who came by one that the member may not see.
UNSEEN = "范围外的活码"


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One line of a list of customers. ``code_id`` is None and ``code_name`` UNSEEN for a code beyond the scope."""

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
    staff_name: str
    state: str
    state_label: str
    took_ms: int | None
    note: str


def contacts_of_code(access: Access, code_id: int, *, limit: int = 20) -> list[ContactRow] | None:
    """The newest customers of one code in the member's scope: seeing a code is not seeing its customers.

    Whoever sees the code's adds as figures but no customers gets them with masked names; others get None.
    """
    if access.can("customers.view"):
        contacts = _contacts_within(access)
    elif access.can("analytics.view") and codes_visible(access, "analytics.growth").filter(pk=code_id).exists():
        contacts = Contact.objects.all()
    else:
        return None
    return _rows(access, contacts.filter(code_id=code_id).order_by("-added_at", "-id")[:limit])


def customers_list(access: Access, *, match: str = "", name: str = "", limit: int = 100) -> list[ContactRow]:
    """The newest contacts in the member's scope, optionally of one kind of ``MATCHES`` or with ``name`` in their name.

    Raises:
        Denied: without ``customers.view``.
    """
    contacts = _contacts_within(access).exclude(added_at=None)
    if match:
        contacts = contacts.filter(match__in=MATCHES[match])
    if name:
        contacts = contacts.filter(customer__name__icontains=name)
    return _rows(access, contacts.order_by("-added_at", "-id")[:limit])


def _contacts_within(access: Access) -> QuerySet[Contact]:
    """The contacts that the member may see: of a customer, scope goes by the contact's staff (design.md §4)."""
    contacts: QuerySet[Contact] = Contact.objects.all()
    match access.require("customers.view"):
        case Scope.DEPARTMENT:
            return contacts.filter(staff__department_id__in=access.department_ids)
        case Scope.OWN:
            return contacts.filter(staff__in=staff_of_member(access.member_id))
    return contacts


def _rows(access: Access, contacts: Iterable[Contact]) -> list[ContactRow]:
    found = list(contacts)
    customers = customer_cards(access, [row.customer_id for row in found])
    staff = staff_cards([row.staff_id for row in found])
    code_ids = {row.code_id for row in found if row.code_id is not None}
    codes = code_cards(code_ids)
    visible = set(codes_visible(access).filter(pk__in=code_ids).values_list("pk", flat=True))
    rows = []
    for row in found:
        code = codes.get(row.code_id) if row.code_id is not None else None
        seen = row.code_id in visible
        rows.append(
            ContactRow(
                id=row.pk,
                customer_name=customers[row.customer_id].name,
                customer_avatar=customers[row.customer_id].avatar_url,
                staff_name=staff[row.staff_id].name,
                code_id=row.code_id if seen else None,
                code_name=code.name if code and seen else UNSEEN if code else "",
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
        Denied: without ``welcome.choose``, for a single code at least, and ``welcome.library``.
    """
    if not (access.can("welcome.library") or access.may_enter("welcome.choose")):
        raise Denied("welcome.choose")
    return list(WelcomeTemplate.objects.order_by("folder", "name"))


def welcome_settable(access: Access, code: LiveCode) -> bool:
    """Whether the member may set this code's greeting.

    Who holds ``welcome.choose`` only for their own seats greets at these (product.md §3.2); the code's own greeting
    is then the owner's.
    """
    if access.scope("welcome.choose") is Scope.OWN and code.owner_id != access.member_id:
        return access.can_on("welcome.choose", code_id=code.pk)
    return codes_visible(access, "welcome.choose").filter(pk=code.pk).exists()


def template_for(access: Access, template_id: int) -> WelcomeTemplate | None:
    """One template of the library, or None when there is none of that id.

    Raises:
        Denied: without ``welcome.library``.
    """
    access.require("welcome.library")
    row: WelcomeTemplate | None = WelcomeTemplate.objects.filter(pk=template_id).first()
    return row


def ledger(access: Access, *, limit: int = 30) -> list[LedgerRow]:
    """The newest greetings with how they ended, of the staff in the member's scope.

    Raises:
        Denied: without ``welcome.choose`` and ``welcome.library``.
    """
    scope = access.scope("welcome.library") or access.require("welcome.choose")
    rows = WelcomeDelivery.objects.order_by("-id")
    if scope is not Scope.ALL:
        own = scope is Scope.OWN
        within = staff_of_member(access.member_id) if own else staff_of_departments(access.department_ids)
        rows = rows.filter(staff_userid__in=staff_userids(within).values())
    found = list(rows[:limit])
    names = staff_names({row.staff_userid for row in found})
    return [
        LedgerRow(
            row.received_at,
            names.get(row.staff_userid, "不在通讯录中的成员"),
            row.state,
            row.get_state_display(),
            row.took_ms,
            row.note,
        )
        for row in found
    ]


def tenants_with_due_welcomes(*, now: datetime) -> list[tuple[int, int]]:
    """(tenant, delivery) of pending greetings nobody holds: for the sweeper, as the platform's role.

    Hints of a burst wait in the queue for a few seconds: doubling them would lengthen it, and 18 s leave time to wait.
    """
    with connections["ops"].cursor() as cursor:
        cursor.execute(
            "SELECT tenant_id, id FROM reception_welcomedelivery WHERE state = 'pending' "
            "AND (lease_until IS NULL OR lease_until < %s) AND received_at < %s - interval '4 seconds' "
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
