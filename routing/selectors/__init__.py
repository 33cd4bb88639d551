"""Reading who receives."""

from routing.selectors.rosters import (
    RosterSummary,
    SeatRow,
    WaysProgress,
    code_of_way_state,
    roster_rows,
    rosters_of,
    rule_facts,
    staff_caps,
    ways_progress,
)
from routing.selectors.traces import PassedOver, ScanTrace, recent_scans, scan_trace

__all__ = [
    "PassedOver",
    "RosterSummary",
    "ScanTrace",
    "SeatRow",
    "WaysProgress",
    "code_of_way_state",
    "recent_scans",
    "roster_rows",
    "rosters_of",
    "rule_facts",
    "scan_trace",
    "staff_caps",
    "ways_progress",
]
