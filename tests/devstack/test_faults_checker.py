"""Each check of a fault run finds what it is there for: a good ledger with one wrong entry, and the entry is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from livecode_admin.devstack.faults.ledger import (
    Books,
    Killed,
    Promise,
    ScanRow,
    Seen,
    SlotRow,
    check,
    passed_by,
)

TENANT, STAFF, SEAT, DAY, NAME = 7, 70, 700, "2026-11-22", "林晓彤"


class Ledger:
    """Ten scans of one person with a cap of ten, all of it right."""

    def __init__(self) -> None:
        ids = [f"scan-{number}" for number in range(10)]
        self.seen = [
            Seen(f"t-{n}", TENANT, n % 2, 1000.0 + n, 0.01, 200, "", NAME, scan_id, "ok", 1001.0 + n)
            for n, scan_id in enumerate(ids)
        ]
        self.books = Books(
            scans=[
                ScanRow(n, f"t-{n}", TENANT, scan_id, "assigned", STAFF, NAME, False) for n, scan_id in enumerate(ids)
            ],
            slots=[SlotRow(scan_id, TENANT, STAFF, SEAT, DAY, "waiting") for scan_id in ids],
            counts={("staff", STAFF, DAY): 10, ("seat", SEAT, DAY): 10},
            caps={STAFF: 10},
        )
        self.killed: list[Killed] = []
        self.promise = Promise(sees=frozenset({TENANT}), roomy=frozenset({TENANT}))

    def problems(self) -> dict[str, str]:
        """What the checks say, by kind."""
        return {one.kind: str(one) for one in check(self.seen, self.killed, self.books, self.promise)}

    def add(self, number: int, *, degraded: bool = False) -> None:
        """One scan more, with its slot and counts."""
        self.seen.append(replace(self.seen[0], token=f"t-{number}", scan_id=f"scan-{number}"))
        row = replace(
            self.books.scans[0], number=number, token=f"t-{number}", scan_id=f"scan-{number}", degraded=degraded
        )
        self.books.scans.append(row)
        self.books.slots.append(replace(self.books.slots[0], scan_id=f"scan-{number}"))
        for key in self.books.counts:
            self.books.counts[key] += 1


def a_lost_row(ledger: Ledger) -> None:
    del ledger.books.scans[3], ledger.books.slots[3]
    ledger.books.counts = dict.fromkeys(ledger.books.counts, 9)


def a_doubled_row(ledger: Ledger) -> None:
    ledger.books.scans.append(replace(ledger.books.scans[3], number=99, scan_id="another"))


def a_row_nobody_made(ledger: Ledger) -> None:
    ledger.books.scans.append(ScanRow(99, "stray", TENANT, "stray", "no_slot", None, "", False))


def a_failed_page(ledger: Ledger) -> None:
    ledger.seen[3] = replace(ledger.seen[3], status=503, person="", scan_id="")


def a_page_that_timed_out(ledger: Ledger) -> None:
    ledger.seen[3] = replace(ledger.seen[3], status=0, error="timeout", person="", scan_id="")


def another_person(ledger: Ledger) -> None:
    ledger.seen[3] = replace(ledger.seen[3], person="王一鸣")


def the_picture_of_another_scan(ledger: Ledger) -> None:
    ledger.seen[3] = replace(ledger.seen[3], scan_id="scan-4")


def a_fallback_page_with_room(ledger: Ledger) -> None:
    ledger.seen[3] = replace(ledger.seen[3], person="", scan_id="")


def a_missing_picture(ledger: Ledger) -> None:
    ledger.seen[3] = replace(ledger.seen[3], picture="404, 0 bytes")


def two_slots_of_a_scan(ledger: Ledger) -> None:
    ledger.books.slots.append(ledger.books.slots[3])


def a_scan_without_its_slot(ledger: Ledger) -> None:
    del ledger.books.slots[3]


def a_cap_that_is_passed(ledger: Ledger) -> None:
    ledger.add(10)


def a_wrong_counter(ledger: Ledger) -> None:
    ledger.books.counts["staff", STAFF, DAY] = 11


def a_counter_that_is_missing(ledger: Ledger) -> None:
    del ledger.books.counts["seat", SEAT, DAY]


def a_blind_answer(ledger: Ledger) -> None:
    ledger.books.scans[3] = replace(ledger.books.scans[3], degraded=True)


def scans_left_on_the_spool(ledger: Ledger) -> None:
    ledger.books.spooled = 2


def a_refused_scan(ledger: Ledger) -> None:
    ledger.books.refused = 1


@pytest.mark.parametrize(
    ("wrong", "kind", "named"),
    [
        (a_lost_row, "lost scan", "t-3"),
        (a_doubled_row, "doubled scan", "t-3"),
        (a_row_nobody_made, "scan nobody made", "stray"),
        (a_failed_page, "failed page", "503"),
        (a_page_that_timed_out, "failed page", "timeout"),
        (another_person, "wrong person", "王一鸣"),
        (the_picture_of_another_scan, "wrong person", "scan-4"),
        (a_fallback_page_with_room, "page without a person", "t-3"),
        (a_missing_picture, "missing picture", "404"),
        (two_slots_of_a_scan, "slots of a scan", "t-3"),
        (a_scan_without_its_slot, "slots of a scan", "t-3"),
        (a_cap_that_is_passed, "cap passed", "11 of 10"),
        (a_wrong_counter, "wrong counter", "staff 70"),
        (a_counter_that_is_missing, "wrong counter", "seat 700"),
        (a_blind_answer, "answered blind", "t-3"),
        (scans_left_on_the_spool, "not recovered", "2 scans"),
        (a_refused_scan, "not recovered", "refused"),
    ],
)
def test_one_wrong_entry_is_found_and_named(wrong: Callable[[Ledger], None], kind: str, named: str) -> None:
    ledger = Ledger()
    assert ledger.problems() == {}
    wrong(ledger)
    assert named in ledger.problems()[kind]


def test_what_was_given_out_blind_may_pass_a_cap_and_nothing_after_it() -> None:
    ledger = Ledger()
    ledger.promise = Promise()
    ledger.add(10, degraded=True)
    ledger.add(11, degraded=True)
    assert ledger.problems() == {}
    assert passed_by(ledger.books) == 2
    ledger.add(12)
    assert set(ledger.problems()) == {"cap passed"}


def test_a_killed_edge_excuses_its_broken_connections_and_nothing_else() -> None:
    ledger = Ledger()
    cut = replace(ledger.seen[3], token="t-cut", status=0, error="reset", person="", scan_id="", picture="")
    ledger.seen.append(cut)
    assert set(ledger.problems()) == {"failed page"}
    ledger.killed = [Killed(cut.edge, cut.sent_at - 1, cut.sent_at + 1)]
    assert ledger.problems() == {}
    for other in (
        replace(cut, edge=1 - cut.edge),
        replace(cut, sent_at=cut.sent_at + 2),
        replace(cut, error="timeout"),
        replace(cut, status=503, error=""),
    ):
        ledger.seen[-1] = other
        assert set(ledger.problems()) == {"failed page"}


def test_a_scan_whose_answer_was_lost_on_the_way_may_be_in_the_books() -> None:
    ledger = Ledger()
    ledger.seen[3] = replace(ledger.seen[3], status=0, error="reset", person="", scan_id="", picture="")
    ledger.killed = [Killed(ledger.seen[3].edge, 0, 5000)]
    assert ledger.problems() == {}
