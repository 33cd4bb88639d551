"""The roster editor, and the caps of all colleagues."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from codes.selectors import code_for
from livecode_admin.kernel import clock
from livecode_admin.kernel.web.page import Crumb, PickerItem
from people.selectors import StaffCard, staff_for_picker, staff_item
from permissions.access import Access
from permissions.guards import ConsoleRequest, requires
from permissions.links import tenant_url
from routing.forms.roster import RosterForm, pause_day, read_caps, read_roster, roster_stamp
from routing.selectors import SeatRow, roster_rows, staff_caps, staff_loads
from routing.services.roster import LimitInput, RosterRefused, may_cap, roster_save, staff_limits_save

CHANGED_BY_OTHERS = "名单刚刚被其他人修改过：下面是您的版本，请核对后再保存一次"


@dataclass(frozen=True, slots=True)
class Person:
    """One name in the editor, with what stands beside it."""

    id: int
    name: str
    group: str
    note: str
    off: bool
    pause: str
    seat_cap: str
    cap: int
    may_cap: bool
    error: str


@requires("routing.roster")
@require_http_methods(["GET", "POST"])
def roster(request: ConsoleRequest, code_id: int) -> HttpResponse:
    """The roster editor: order, backups, pauses; caps for those who hold ``routing.caps``, as text for others."""
    access, zone = request.access, request.tenant.time_zone
    code = code_for(access, code_id)
    rows = roster_rows(access, code_id)
    form = RosterForm([row.staff_id for row in rows if not row.is_backup], [r.staff_id for r in rows if r.is_backup])
    problems: list[str] = []
    if request.method == "POST":
        form = read_roster(request.POST, rows, zone=zone, may_caps=access.can("routing.caps"))
        problems = form.problems
        if request.POST.get("stamp") != roster_stamp(rows):
            problems.insert(0, CHANGED_BY_OTHERS)
        if not problems:
            try:
                roster_save(access=access, code_id=code_id, seats=form.seats, caps=form.caps, now=clock.now())
            except RosterRefused as refused:
                form.errors, problems = refused.fields, refused.messages
            else:
                messages.success(request, "接待名单已保存，下一次扫码起生效")
                return HttpResponseRedirect(tenant_url(access, "console:code", code_id))
    people = {card.id: card for card in staff_for_picker(access)} | {row.staff_id: row.card for row in rows}
    context = {
        "code": code,
        "problems": problems,
        "stamp": roster_stamp(rows),
        "roster": _people(access, form, form.roster, people, rows, zone),
        "backups": _people(access, form, form.backups, people, rows, zone),
        "add_items": _addable(people, {*form.roster, *form.backups}),
        "crumbs": [
            Crumb("活码", tenant_url(access, "console:codes")),
            Crumb(code.name, tenant_url(access, "console:code", code_id)),
        ],
    }
    return TemplateResponse(request, "routing/roster.html", context, status=422 if problems else 200)


@requires("routing.caps")
@require_http_methods(["GET", "POST"])
def caps(request: ConsoleRequest) -> HttpResponse:
    """The daily caps of all colleagues beside today's load: fields for those in scope, text for the others."""
    access, now = request.access, clock.now()
    rows = [(row, may_cap(access, row.card)) for row in staff_loads(access, now=now)]
    wanted, errors = read_caps(request.POST, {row.card.id: row.cap for row, open_ in rows if open_})
    if request.method == "POST" and not errors:
        try:
            limits = {pk: LimitInput(daily_cap=cap) for pk, cap in wanted.items()}
            count = staff_limits_save(access=access, limits=limits, now=now)
        except RosterRefused as refused:
            errors = refused.fields
        else:
            messages.success(request, f"已保存 {count} 位客服的每日上限，下一次扫码起生效" if count else "没有改动")
            return HttpResponseRedirect(tenant_url(access, "routing:caps"))
    people = [(row, open_, wanted.get(row.card.id, row.cap), errors.get(row.card.id, "")) for row, open_ in rows]
    context = {"people": people, "errors": errors}
    return TemplateResponse(request, "routing/caps.html", context, status=422 if errors else 200)


def _people(
    access: Access, form: RosterForm, ids: list[int], cards: dict[int, StaffCard], rows: list[SeatRow], zone: str
) -> list[Person]:
    """The names in the order of the form; ids that are nobody's are left out."""
    known = {row.staff_id: row for row in rows}
    sent = {seat.staff_id: seat for seat in form.seats}
    caps = staff_caps(ids)
    people = []
    for staff_id in ids:
        card = cards.get(staff_id)
        if card is None:
            continue
        seat = sent.get(staff_id) or known.get(staff_id)
        people.append(
            Person(
                id=staff_id,
                name=card.name,
                group=card.department_name,
                note="" if card.receivable else card.reason,
                off=not card.receivable,
                pause=pause_day(seat.paused_until, zone) if seat else "",
                seat_cap="" if seat is None or seat.daily_cap is None else str(seat.daily_cap),
                cap=form.caps.get(staff_id, caps[staff_id]),
                may_cap=may_cap(access, card),
                error=form.errors.get(staff_id, ""),
            )
        )
    return people


def _addable(cards: dict[int, StaffCard], present: set[int]) -> list[PickerItem]:
    """Everybody else, receivable or not, with the reason (product.md §2.14)."""
    return [staff_item(card) for card in cards.values() if card.id not in present]
