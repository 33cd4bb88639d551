"""What PostgreSQL holds of a round's companies, read when everything is over, as the application role sees it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg2

from livecode_admin.devstack.faults.ledger import Books, ScanRow, SlotRow
from livecode_admin.devstack.faults.rig import EDGES, Rig
from livecode_admin.devstack.faults.stage import Company

_SCANS = """
SELECT s.id, s.sub_channel, s.scan_id::text, s.outcome, s.staff_id, coalesce(p.name, ''), s.degraded
  FROM routing_scan s LEFT JOIN people_staff p ON p.id = s.staff_id ORDER BY s.id
"""
_SLOTS = "SELECT scan_id::text, staff_id, seat_id, day::text, state, late FROM routing_slot"
_STAFF = "SELECT staff_id, day::text, assigned FROM routing_staffday"
_SEATS = "SELECT seat_id, day::text, assigned FROM routing_seatday"


def read(rig: Rig, companies: Sequence[Company]) -> Books:
    """Everything that the checks compare with what the phones saw."""
    books = Books()
    link = psycopg2.connect(rig.environment["DATABASE_URL"])
    try:
        for company in companies:
            _read_company(link, company, books)
    finally:
        link.close()
    books.spooled = rig.spooled()
    refused = rig.spool / "refused.jsonl"
    books.refused = len(refused.read_bytes().splitlines()) if refused.exists() else 0
    books.blind = sum(int(str(rig.status(number).get("blind_tenants", 1))) for number in range(EDGES))
    return books


def _read_company(link: Any, company: Company, books: Books) -> None:
    with link, link.cursor() as cursor:
        cursor.execute("SELECT set_config('app.tenant', %s, true)", [str(company.id)])
        cursor.execute(_SCANS)
        books.scans += [ScanRow(row[0], row[1], company.id, *row[2:]) for row in cursor.fetchall()]
        cursor.execute(_SLOTS)
        books.slots += [SlotRow(row[0], company.id, *row[1:]) for row in cursor.fetchall()]
        for kind, sql in (("staff", _STAFF), ("seat", _SEATS)):
            cursor.execute(sql)
            books.counts |= {(kind, pk, day): assigned for pk, day, assigned in cursor.fetchall()}
    books.caps |= company.caps
