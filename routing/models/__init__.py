"""The tables of routing."""

from routing.models.facts import CodeTurn, OrphanScan, Scan, SeatDay, Slot, StaffDay
from routing.models.rosters import CodeRoute, ReceptionDefault, RoutingRule, Seat, Snapshot, StaffLimit
from routing.models.ways import ContactWay, WayImage

__all__ = [
    "CodeRoute",
    "CodeTurn",
    "ContactWay",
    "OrphanScan",
    "ReceptionDefault",
    "RoutingRule",
    "Scan",
    "Seat",
    "SeatDay",
    "Slot",
    "Snapshot",
    "StaffDay",
    "StaffLimit",
    "WayImage",
]
