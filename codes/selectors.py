"""Reading codes within what a member may see: scope own, department or all, and grants on folders and codes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404

from codes.addresses import base_on
from codes.models import Channel, CodeFolder, CodeParticipant
from codes.models import LiveCode as LiveCode  # for annotations elsewhere: the models themselves are private
from codes.naming import numbered_name, propose_name
from livecode_admin.kernel.clock import local_day
from permissions.access import Access, Denied, ObjectScope, Scope
from tenants.selectors import TenantFacts, tenant_facts

# Whoever holds one of these on a code works on it or watches it; ordinary staff see it and download it.
WORKING = (
    "codes.edit",
    "codes.renew",
    "codes.pause",
    "codes.retire",
    "routing.roster",
    "routing.caps",
    "routing.rules",
    "routing.plan",
    "routing.live",
    "analytics.traffic",
)


class NotFound(ObjectDoesNotExist, Http404):
    """No such code here, or none that this member may see: one answer for both (style: ``*_for`` functions)."""


@dataclass(frozen=True, slots=True)
class CodeCard:
    """What other parts of the house show or need of a code."""

    id: int
    name: str
    slug: str
    purpose: str
    kind: str
    delivery: str
    state: str
    expires_at: datetime | None
    channel_id: int | None
    channel_name: str
    owner_id: int | None
    department_id: int | None
    landing_text: str
    remark_suffix: str
    description: str


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """A channel for pickers and its page. ``cost``: yuan a month, as text, empty when unknown."""

    id: int
    name: str
    abbreviation: str
    cost: str
    codes: int = 0


@dataclass(frozen=True, slots=True)
class FolderRow:
    """A folder in tree order. ``depth``: 0 for a root; ``path``: 华东 / 上海."""

    id: int
    name: str
    parent_id: int | None
    depth: int
    path: str
    codes: int = 0


def codes_visible(access: Access, capability: str = "codes.view") -> QuerySet[LiveCode]:
    """The codes for which the member holds ``capability``; none when it isn't held at all.

    own: the member is the owner or has a seat; department: the code's department and below, and own; all: all.
    """
    scope = access.scope(capability)
    rows: QuerySet[LiveCode] = LiveCode.objects.all()
    if scope is Scope.ALL:
        return rows
    reach = Q(pk__in=[])
    if access.member_id is not None and scope is not None:
        seats = CodeParticipant.objects.filter(code=OuterRef("pk"), member=access.member_id)
        reach |= Q(owner=access.member_id) | Q(Exists(seats))
    if scope is Scope.DEPARTMENT:
        reach |= Q(department__in=access.department_ids)
    given = access.object_scopes.get(capability, ObjectScope())
    if given.codes:
        reach |= Q(pk__in=given.codes)
    if given.folders:
        reach |= Q(folder__in=folders_below(given.folders))
    return rows.filter(reach)


def codes_reached(access: Access, capability: str) -> QuerySet[LiveCode]:
    """The codes that the member sees and holds ``capability`` for: a list of these leads to nothing that is refused."""
    rows, seen = codes_visible(access, capability), access.scope("codes.view")
    nothing = ObjectScope()
    given = [access.object_scopes.get(one, nothing) for one in (capability, "codes.view")]
    if seen is Scope.ALL or (seen is access.scope(capability) and given[0] == given[1]):
        return rows
    return rows.filter(pk__in=codes_visible(access).values("pk"))


def codes_of_departments(department_ids: Iterable[int]) -> QuerySet[LiveCode]:
    """The codes of these departments, whoever asks: for counts on dashboards that are shared, never for a list."""
    rows: QuerySet[LiveCode] = LiveCode.objects.filter(department__in=list(department_ids))
    return rows


def code_for(access: Access, code_id: int, capability: str = "codes.view") -> LiveCode:
    """One code with folder, channel, owner and department loaded.

    Raises:
        NotFound: unknown, of another company, or outside of the member's scope.
    """
    try:
        return (
            codes_visible(access, capability).select_related("folder", "channel", "owner", "department").get(pk=code_id)
        )
    except LiveCode.DoesNotExist:
        raise NotFound(f"no code {code_id}") from None


def code_to_act_on(access: Access, code_id: int, capability: str) -> LiveCode:
    """The code, when the member holds ``capability`` for it: for pages that ask before an action.

    Raises:
        NotFound: not even visible.
        Denied: visible, but the capability doesn't reach it.
    """
    code = code_for(access, code_id)
    if not codes_visible(access, capability).filter(pk=code_id).exists():
        raise Denied(capability)
    return code


def held_on(access: Access, code_id: int, capabilities: Iterable[str]) -> frozenset[str]:
    """Which of the capabilities reach this code, by scope or by a grant on it or its folder; one query."""
    entered = [capability for capability in capabilities if access.may_enter(capability)]
    reach = {
        capability.replace(".", "_"): Exists(codes_visible(access, capability).filter(pk=OuterRef("pk")))
        for capability in entered
    }
    row: dict[str, bool] = LiveCode.objects.filter(pk=code_id).values(**reach).first() or {}
    return frozenset(capability for capability in entered if row.get(capability.replace(".", "_")))


def only_own_codes(access: Access) -> bool:
    """Whether the member's list is 「我的活码」: scope *own*, and no folder or code was given besides (§5.4)."""
    return access.scope("codes.view") is Scope.OWN and "codes.view" not in access.object_scopes


def only_looks(access: Access, code_id: int) -> bool:
    """Whether the member has this code as one of their own, to see and download it and nothing else (§5.4)."""
    return access.scope("codes.view") is Scope.OWN and not held_on(access, code_id, WORKING)


def code_to_work_on(access: Access, code_id: int) -> LiveCode:
    """The code for pages beyond 「我的活码」: ordinary staff see and download their own (§5.4).

    Raises:
        NotFound: not even visible.
        Denied: one of the member's own, and none of ``WORKING`` reaches it.
    """
    code = code_for(access, code_id)
    if only_looks(access, code_id):
        raise Denied("codes.edit")
    return code


def code_cards(ids: Iterable[int]) -> dict[int, CodeCard]:
    """The cards of codes by id, for tasks and other apps; not cut by scope, so never show more than was asked for."""
    rows = LiveCode.objects.filter(pk__in=set(ids)).select_related("channel")
    return {row.pk: _card(row) for row in rows}


def channels(access: Access) -> list[ChannelRow]:
    """All channels by name, each with how many codes hang there that the member may see."""
    if not access.may_enter("codes.view"):
        return []
    counts = _counted(access, "channel")
    return [
        ChannelRow(row.pk, row.name, row.abbreviation, "" if row.cost is None else f"{row.cost:f}", counts[row.pk])
        for row in Channel.objects.order_by("name")
    ]


def folders(access: Access) -> list[FolderRow]:
    """All folders in tree order: each before its children, siblings by name; with their visible codes."""
    if not access.may_enter("codes.view"):
        return []
    counts = _counted(access, "folder")
    children: dict[int | None, list[CodeFolder]] = {}
    for folder in CodeFolder.objects.order_by("name"):
        children.setdefault(folder.parent_id, []).append(folder)
    rows: list[FolderRow] = []

    def walk(parent_id: int | None, depth: int, above: str) -> None:
        for folder in children.get(parent_id, []):
            path = f"{above} / {folder.name}" if above else folder.name
            rows.append(FolderRow(folder.pk, folder.name, folder.parent_id, depth, path, counts[folder.pk]))
            walk(folder.pk, depth + 1, path)

    walk(None, 0, "")
    return rows


def channel_names() -> list[str]:
    """The names of all channels, for tasks."""
    return list(Channel.objects.order_by("id").values_list("name", flat=True))


def _counted(access: Access, field: str) -> Counter[int]:
    """Visible codes that aren't retired, by ``field``; one query."""
    found = codes_visible(access).exclude(state=LiveCode.State.RETIRED).values_list(field).annotate(n=Count("pk"))
    return Counter({pk: n for pk, n in found.order_by() if pk is not None})


def folders_below(ids: Iterable[int]) -> set[int]:
    """The folders and all folders inside them."""
    found = set(ids)
    parents = dict(CodeFolder.objects.values_list("id", "parent"))
    grew = True
    while grew:
        more = {pk for pk, parent in parents.items() if parent in found} - found
        grew = bool(more)
        found |= more
    return found


def name_proposal(*, now: datetime, zone: str, purpose_text: str, channel: str) -> str:
    """The proposed name for a new code; numbered when a code has that name already (names are unique)."""
    name = propose_name(day=local_day(now, zone), purpose_text=purpose_text, channel=channel)
    taken = set(LiveCode.objects.filter(name__startswith=name[:20]).values_list("name", flat=True))
    number, free = 1, name
    while free in taken:
        number += 1
        free = numbered_name(name, number)
    return free


def time_zone() -> str:
    """The time zone that the current company's days and ends of validity go by."""
    return tenant_facts().time_zone


def entry_url(tenant: TenantFacts, slug: str, sub_channel: str | None = None) -> str:
    """The printed URL of a code: on the tenant's entry host if it has one, else on the edge of this installation.

    ``sub_channel``: the ``?p=`` key of a place; letters, digits, ``-`` and ``_``.
    """
    suffix = f"?p={sub_channel}" if sub_channel else ""
    return f"{base_on(settings.ENTRY_URL, tenant.entry_host)}/c/{slug}{suffix}"


def printed_text(tenant: TenantFacts, code: LiveCode) -> str:
    """What the printed QR of a code says: our URL, or WeCom's own address for a native code; empty until it is made."""
    if code.delivery == LiveCode.Delivery.NATIVE:
        return code.native_qr
    return entry_url(tenant, code.slug)


def _card(row: LiveCode) -> CodeCard:
    return CodeCard(
        id=row.pk,
        name=row.name,
        slug=row.slug,
        purpose=row.purpose,
        kind=row.kind,
        delivery=row.delivery,
        state=row.state,
        expires_at=row.expires_at,
        channel_id=row.channel_id,
        channel_name=row.channel.name if row.channel else "",
        owner_id=row.owner_id,
        department_id=row.department_id,
        landing_text=row.landing_text,
        remark_suffix=row.remark_suffix,
        description=row.description,
    )
