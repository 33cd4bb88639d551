"""What is asked of the batch and what it answers: a scan, or the picture of a slot. Plain data."""

from __future__ import annotations

from dataclasses import dataclass

from codes.rules import Status
from routing.edge.visitors import Kind
from routing.rules.engine import Outcome
from routing.rules.world import Face, Look


@dataclass(slots=True)  # one for each scan: frozen ones cost five times as much to make
class ScanAsk:
    """A scan that waits. ``visitor`` None: a client that is no visitor. ``known``: it came with our cookie.

    ``swap``: the visitor asked for somebody else (换一位); ``swap_of``: only while the slot of this scan is theirs, so
    that asking once more (a reload) changes nothing; empty: whichever is. ``refused``: the seats of those whom they
    asked to change so far. ``test``: 测试扫码, which leaves no trace.
    ``address``: the client's IP, for conditions by region; it is stored nowhere.
    """

    scan_id: str
    code_id: int
    kind: Kind
    visitor: str | None
    sub_channel: str
    known: bool
    address: str = ""
    swap: bool = False
    test: bool = False
    swap_of: str = ""
    refused: tuple[int, ...] = ()


@dataclass(slots=True)  # one for each scan: frozen ones cost five times as much to make
class FetchAsk:
    """The QR of a slot is asked for, by the visitor of that cookie or by somebody without one.

    ``code_id`` and ``seat_id``: whose it is, for the time without PostgreSQL.
    """

    scan_id: str
    visitor: str | None
    code_id: int = 0
    seat_id: int = 0


@dataclass(slots=True)  # one for each scan: frozen ones cost five times as much to make
class ScanAnswer:
    """What the page needs. ``picture`` is the scan whose slot's QR is shown, ``way_id`` a contact way where no slot was
    taken; without either there is no person to show. ``link``: the acquisition link to go to instead of a page.
    ``swap``: 换一位 may be offered. ``native``: a live native code, whose own picture is shown.
    """

    look: Look
    outcome: Outcome
    reason: str
    face: Face | None = None
    picture: str | None = None
    way_id: int | None = None
    link: str = ""
    seat_id: int | None = None
    landing_text: str = ""
    status: Status = Status.LIVE
    blind: bool = False
    swap: bool = False
    native: bool = False


Ask = ScanAsk | FetchAsk
