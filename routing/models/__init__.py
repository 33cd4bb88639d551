"""The tables of routing."""

from routing.models.domains import DomainHealth, VerificationFile
from routing.models.facts import (
    CodeTurn,
    OrphanScan,
    Scan,
    SeatDay,
    Slot,
    StaffDay,
    StaffSuspect,
    VisitorFriend,
)
from routing.models.rosters import (
    CodeRoute,
    RosterFollow,
    RosterSource,
    RoutingRule,
    Seat,
    Snapshot,
    StaffLimit,
)
from routing.models.settings import CalendarDay, ReceptionDefault
from routing.models.ways import AcquisitionLink, ContactWay, NativeWay, WayImage

__all__ = [
    "AcquisitionLink",
    "CalendarDay",
    "CodeRoute",
    "CodeTurn",
    "ContactWay",
    "DomainHealth",
    "NativeWay",
    "OrphanScan",
    "ReceptionDefault",
    "RosterFollow",
    "RosterSource",
    "RoutingRule",
    "Scan",
    "Seat",
    "SeatDay",
    "Slot",
    "Snapshot",
    "StaffDay",
    "StaffLimit",
    "StaffSuspect",
    "VerificationFile",
    "VisitorFriend",
    "WayImage",
]
