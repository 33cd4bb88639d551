"""One call of the client against the published samples of its endpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from wecom.client import Client


@dataclass(frozen=True)
class SampleCall:
    """`newer`: fields that older samples of the same request lack."""

    api: str
    make: Callable[[Client], Any]
    requests: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    holds: Callable[[Any], Any] | None = None
    expected: Any = None
    query: Mapping[str, str] = field(default_factory=dict)
    newer: Mapping[str, object] = field(default_factory=dict)

    def check(self, found: Any) -> None:
        assert (self.holds(found) if self.holds else found) == self.expected
