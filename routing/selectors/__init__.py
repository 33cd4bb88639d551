"""Reading who receives."""

from routing.selectors.loads import StaffLoadRow, staff_leaves, staff_loads
from routing.selectors.rosters import (
    RosterSummary,
    SeatRow,
    WaysProgress,
    code_of_way_state,
    roster_rows,
    rosters_of,
    staff_caps,
    ways_progress,
)
from routing.selectors.rules import peak_on, rule_facts
from routing.selectors.sources import source_labels
from routing.selectors.traces import PassedOver, ScanStory, ScanTrace, recent_scans, scan_story
from routing.selectors.versions import changes_told, current_version
from routing.selectors.ways import (
    codes_with_ways,
    link_origins,
    links_exhausted_at,
    links_in_use,
    native_doors,
    native_notes,
    way_origins,
    ways_used,
)

__all__ = [
    "PassedOver",
    "RosterSummary",
    "ScanStory",
    "ScanTrace",
    "SeatRow",
    "StaffLoadRow",
    "WaysProgress",
    "changes_told",
    "code_of_way_state",
    "codes_with_ways",
    "current_version",
    "link_origins",
    "links_exhausted_at",
    "links_in_use",
    "native_doors",
    "native_notes",
    "peak_on",
    "recent_scans",
    "roster_rows",
    "rosters_of",
    "rule_facts",
    "scan_story",
    "source_labels",
    "staff_caps",
    "staff_leaves",
    "staff_loads",
    "way_origins",
    "ways_progress",
    "ways_used",
]
