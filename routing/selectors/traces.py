"""Why a scan ended where it did, in words (「为什么分给了她」, product.md §2.8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from codes.selectors import code_for
from people.selectors import staff_cards
from permissions.access import Access
from routing.models import Scan, Seat
from routing.words import OUTCOME_LABELS, PASSED_LABELS, REASON_LABELS


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A seat that was passed over, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class ScanTrace:
    """「为什么分给了她」: one scan, told in words."""

    scan_id: UUID
    scanned_at: datetime
    outcome: str
    reason: str
    staff_name: str
    version: int | None
    sub_channel: str
    degraded: bool
    passed: tuple[PassedOver, ...]


def scan_trace(access: Access, code_id: int, scan_id: UUID) -> ScanTrace | None:
    """Why this scan ended where it did; None for an unknown scan. Raises NotFound for the code."""
    code_for(access, code_id)
    scan = Scan.objects.filter(code_id=code_id, scan_id=scan_id).first()
    return None if scan is None else _traces([scan])[0]


def recent_scans(access: Access, code_id: int, limit: int = 20) -> list[ScanTrace]:
    """The last scans of a code with their reasons. Raises NotFound."""
    code_for(access, code_id)
    return _traces(list(Scan.objects.filter(code_id=code_id).order_by("-scan_day", "-id")[:limit]))


def _traces(scans: Sequence[Scan]) -> list[ScanTrace]:
    seat_ids = {seat_id for scan in scans for seat_id, _ in scan.trace or ()}
    staff_of = dict(Seat.objects.filter(pk__in=seat_ids).values_list("id", "staff_id"))
    cards = staff_cards([*staff_of.values(), *(scan.staff_id for scan in scans if scan.staff_id)])
    return [
        ScanTrace(
            scan_id=scan.scan_id,
            scanned_at=scan.scanned_at,
            outcome=OUTCOME_LABELS.get(scan.outcome, scan.outcome),
            reason=REASON_LABELS.get(scan.reason, scan.reason),
            staff_name=cards[scan.staff_id].name if scan.staff_id in cards else "",
            version=scan.version,
            sub_channel=scan.sub_channel,
            degraded=scan.degraded,
            passed=tuple(
                PassedOver(cards[staff_of[seat_id]].name, PASSED_LABELS.get(reason, reason))
                for seat_id, reason in scan.trace or ()
                if seat_id in staff_of
            ),
        )
        for scan in scans
    ]
