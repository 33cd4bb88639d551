"""What deciding a batch brings: answers for the pages and rows for PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from routing.edge.asks import ScanAnswer
from routing.rules.engine import Decision
from routing.rules.world import CodeFacts, Visit


@dataclass(slots=True)
class Verdict:
    """All that one batch writes, and the answers in the order of the asks."""

    scans: list[dict[str, Any]] = field(default_factory=list)
    turns: list[dict[str, Any]] = field(default_factory=list)
    first: list[int] = field(default_factory=list)
    renewed: list[int] = field(default_factory=list)
    returned: list[int] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    answers: list[ScanAnswer | int | None] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.scans or self.fetched or self.renewed)


@dataclass(slots=True)  # one for each scan: frozen ones cost five times as much to make
class Routed:
    """A decision, the code whose seat it is (another one after a fallback), and the earlier visit that goes on."""

    decision: Decision
    facts: CodeFacts
    reason: str
    visit: Visit | None = None
    returned: Visit | None = None
