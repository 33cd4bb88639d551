"""Why a scan ended where it did, in words (「为什么分给了她」, product.md §2.8), and what became of its slot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from codes.selectors import code_cards, code_for, codes_visible
from people.selectors import StaffCard, staff_cards
from permissions.access import Access
from routing.models import Scan, Seat, Slot, Snapshot
from routing.rules.snapshot import HOLD_SECONDS
from routing.rules.traces import trace_read
from routing.rules.words import OUTCOME_LABELS, PASSED_LABELS, REASON_HINTS, REASON_LABELS, SLOT_LABELS

PAGE = 50


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A seat that was passed over, and why; ``place`` is its number in the roster, 备n for a backup."""

    name: str
    reason: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class SlotFate:
    """What became of a slot: a key of SLOT_LABELS, and when. Moments are None until they happen."""

    state: str
    taken_at: datetime
    fetched_at: datetime | None
    requested_at: datetime | None
    held_until: datetime
    settled_at: datetime | None
    scan_id: UUID

    @property
    def label(self) -> str:
        """The state in a word."""
        return SLOT_LABELS[self.state]

    @property
    def unseen(self) -> bool:
        """Whether the QR was never loaded, so that the slot is kept no longer than a link checker deserves."""
        return self.fetched_at is None and self.held_until <= self.taken_at + timedelta(seconds=HOLD_SECONDS)

    @property
    def minutes(self) -> int:
        """How long the slot was kept for, in whole minutes."""
        return round((self.held_until - self.taken_at).total_seconds() / 60)


@dataclass(frozen=True, slots=True)
class ScanTrace:
    """One scan in one line. ``slot``: the slot that it took; None when it took none."""

    scan_id: UUID
    code_id: int
    scanned_at: datetime
    outcome_key: str
    outcome: str
    reason_key: str
    reason: str
    staff_id: int | None
    staff_name: str
    version: int | None
    sub_channel: str
    degraded: bool
    passed: tuple[PassedOver, ...]
    slot: SlotFate | None
    place: tuple[date, int]


@dataclass(frozen=True, slots=True)
class ScanStory:
    """「为什么分给了她」 whole: the line, what the reason means, the condition by name, and the slot as it stands.

    ``condition``: the name of the one that held; empty when none did. ``conditions``: whether the version had any.
    ``through``: the code whose roster answered instead (兜底活码), named only to those who may see it. ``kept``: the
    earlier slot that a returning visitor goes on with; ``kept_code_id``: the code whose scan took it, which may be
    another one (that this one is the fallback of), None when the member may not see that.
    """

    trace: ScanTrace
    hint: str
    place: str
    condition: str
    conditions: bool
    through_id: int | None
    through_name: str
    kept: SlotFate | None
    kept_code_id: int | None
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class ScanFilters:
    """What the list's address asks for; None and empty mean: not filtered. ``slot``: a key of SLOT_LABELS.

    ``before``: the place (day, id) of the last row of the page before.
    """

    outcome: str = ""
    staff_id: int | None = None
    sub_channel: str = ""
    day: date | None = None
    slot: str = ""
    before: tuple[date, int] | None = None


@dataclass(frozen=True, slots=True)
class ScanPage:
    """One page of scans, newest first; ``more``: the place to go on from, None on the last page."""

    rows: list[ScanTrace]
    more: tuple[date, int] | None


def scan_story(access: Access, code_id: int, scan_id: UUID) -> ScanStory | None:
    """Why this scan ended where it did; None for an unknown scan. Raises NotFound for the code."""
    code_for(access, code_id)
    scan = Scan.objects.filter(code_id=code_id, scan_id=scan_id).first()
    if scan is None:
        return None
    (trace,) = traces_of([scan])
    seat = Seat.objects.filter(pk=scan.seat_id).first() if scan.seat_id else None
    ruled_by = seat.code_id if seat is not None else code_id
    version = Snapshot.objects.filter(code=ruled_by, version=scan.version).first() if scan.version else None
    conditions = version.data.get("conditions") or [] if version is not None else []
    named = {raw["key"]: raw.get("name", "") for raw in conditions}
    through = code_cards([ruled_by])[ruled_by] if ruled_by != code_id else None
    kept = _kept(scan, ruled_by) if trace.slot is None else None
    may_see = through is not None and codes_visible(access).filter(pk=through.id).exists()
    return ScanStory(
        trace=trace,
        hint=REASON_HINTS.get(scan.reason, ""),
        place=place_of(seat) if seat is not None else "",
        condition=named.get(scan.condition, "") or (f"第 {scan.condition} 条" if scan.condition else ""),
        conditions=bool(conditions),
        through_id=through.id if through is not None and may_see else None,
        through_name="" if through is None else through.name if may_see else "另一个活码",
        kept=kept,
        kept_code_id=_code_of(access, kept) if kept is not None else None,
        published_at=version.published_at if version is not None else None,
    )


def recent_scans(access: Access, code_id: int, limit: int = 20) -> list[ScanTrace]:
    """The last scans of a code with their reasons. Raises NotFound."""
    code_for(access, code_id)
    return traces_of(list(Scan.objects.filter(code_id=code_id).order_by("-scan_day", "-id")[:limit]))


def scan_page(access: Access, code_id: int, filters: ScanFilters) -> ScanPage:
    """One page of a code's scans; goes on by place, so that a page costs the same wherever it is. Raises NotFound."""
    code_for(access, code_id)
    found = list(_filtered(code_id, filters).order_by("-scan_day", "-id")[: PAGE + 1])
    rows = found[:PAGE]
    return ScanPage(traces_of(rows), (rows[-1].scan_day, rows[-1].pk) if len(found) > PAGE else None)


def staff_of_code(access: Access, code_id: int) -> list[StaffCard]:
    """Everybody who has or had a seat in the code, by name, for a filter. Raises NotFound."""
    code_for(access, code_id)
    ids = Seat.objects.filter(code=code_id).values_list("staff_id", flat=True)
    return sorted(staff_cards(ids).values(), key=lambda card: card.pinyin)


def traces_of(scans: Sequence[Scan]) -> list[ScanTrace]:
    """These scans in words; the same three queries for 2 and 200. Whoever calls has checked the scope."""
    seat_ids = {seat_id for scan in scans for seat_id, _ in trace_read(scan.trace)}
    seats = {seat.pk: seat for seat in Seat.objects.filter(pk__in=seat_ids)}
    cards = staff_cards([*(s.staff_id for s in seats.values()), *(scan.staff_id for scan in scans if scan.staff_id)])
    slots = {slot.scan_id: slot for slot in Slot.objects.filter(scan_id__in=[scan.scan_id for scan in scans])}
    return [
        ScanTrace(
            scan_id=scan.scan_id,
            code_id=scan.code_id,
            scanned_at=scan.scanned_at,
            outcome_key=scan.outcome,
            outcome=OUTCOME_LABELS.get(scan.outcome, scan.outcome),
            reason_key=scan.reason,
            reason=REASON_LABELS.get(scan.reason, scan.reason),
            staff_id=scan.staff_id,
            staff_name=cards[scan.staff_id].name if scan.staff_id in cards else "",
            version=scan.version,
            sub_channel=scan.sub_channel,
            degraded=scan.degraded,
            passed=tuple(
                PassedOver(cards[seats[seat_id].staff_id].name, PASSED_LABELS.get(why, why), place_of(seats[seat_id]))
                for seat_id, why in trace_read(scan.trace)
                if seat_id in seats
            ),
            slot=_fate(slots[scan.scan_id]) if scan.scan_id in slots else None,
            place=(scan.scan_day, scan.pk),
        )
        for scan in scans
    ]


def place_of(seat: Seat) -> str:
    """The seat's number in the roster as it stands now."""
    if seat.rung == Seat.Rung.DUTY:
        return "值班"
    return f"备{seat.position}" if seat.is_backup else str(seat.position)


def _filtered(code_id: int, filters: ScanFilters) -> QuerySet[Scan]:
    exact = {
        "outcome": filters.outcome or None,
        "staff_id": filters.staff_id,
        "sub_channel": filters.sub_channel or None,
        "scan_day": filters.day,
    }
    rows: QuerySet[Scan] = Scan.objects.filter(
        code_id=code_id, **{field: value for field, value in exact.items() if value is not None}
    )
    if filters.slot in SLOT_LABELS:
        own = Slot.objects.filter(scan_id=OuterRef("scan_id"))
        late = filters.slot == "late"
        rows = rows.filter(Exists(own.filter(state="friend" if late else filters.slot, late=late)))
    if filters.before is not None:
        day, last = filters.before
        rows = rows.filter(Q(scan_day__lt=day) | Q(scan_day=day, id__lt=last))
    return rows


def _fate(slot: Slot) -> SlotFate:
    return SlotFate(
        state="late" if slot.late else str(slot.state),
        taken_at=slot.taken_at,
        fetched_at=slot.fetched_at,
        requested_at=slot.requested_at,
        held_until=slot.held_until,
        settled_at=slot.settled_at,
        scan_id=slot.scan_id,
    )


def _code_of(access: Access, slot: SlotFate) -> int | None:
    """The code of the scan that took a slot: a slot itself belongs to the code that answered."""
    days = [slot.taken_at.date() + timedelta(days=shift) for shift in (-1, 0, 1)]  # whatever the time zone
    taken = Scan.objects.filter(scan_day__in=days, scan_id=slot.scan_id).values("code_id")
    return codes_visible(access).filter(pk__in=taken).values_list("pk", flat=True).first()


def _kept(scan: Scan, code_id: int) -> SlotFate | None:
    """The slot of the visitor's earlier scan of the same code."""
    if not scan.visitor or scan.outcome != "returning":
        return None
    earlier = Slot.objects.filter(visitor=scan.visitor, code_id=code_id, taken_at__lte=scan.scanned_at)
    slot = earlier.order_by("-id").first()
    return None if slot is None else _fate(slot)
