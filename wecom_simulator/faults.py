"""Faults on demand: an errcode, a delay, a hang, garbage, a 500 or a cut connection, for chosen paths and corps."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass
from fnmatch import fnmatchcase

from wecom_simulator.errors import WecomError
from wecom_simulator.router import Response

KINDS = ("errcode", "delay", "hang", "garbage", "http500", "drop")
HANG_SECONDS = 600


@dataclass
class Fault:
    """One rule. `value` is the errcode, or the delay in ms; `times` 0 means for ever; `every_nth` 1 means each call."""

    id: int
    path: str
    kind: str
    corp: str = ""
    value: int = 0
    times: int = 0
    every_nth: int = 1
    seen: int = 0
    fired: int = 0

    def matches(self, corp_id: str, path: str) -> bool:
        """Whether this call is to suffer; counts the call."""
        if (self.corp and self.corp != corp_id) or not fnmatchcase(path, self.path):
            return False
        if self.times and self.fired >= self.times:
            return False
        self.seen += 1
        if self.seen % max(1, self.every_nth):
            return False
        self.fired += 1
        return True


class Faults:
    """The rules in force; the first that matches a call is the one that strikes."""

    def __init__(self) -> None:
        self.rules: list[Fault] = []
        self._ids = itertools.count(1)

    def add(self, *, path: str, kind: str, corp: str, value: int, times: int, every_nth: int) -> Fault:
        """A new rule, after those that are there."""
        rule = Fault(next(self._ids), path, kind, corp, value, times, every_nth)
        self.rules.append(rule)
        return rule

    def remove(self, rule_id: int | None) -> int:
        """Remove one rule, or all; how many are gone."""
        before = len(self.rules)
        self.rules = [rule for rule in self.rules if rule_id is not None and rule.id != rule_id]
        return before - len(self.rules)

    async def strike(self, corp_id: str, path: str) -> Response | None:
        """The faulty response for a call, if it is to have one; an errcode is raised as WecomError."""
        rule = next((rule for rule in self.rules if rule.matches(corp_id, path)), None)
        if rule is None:
            return None
        if rule.kind == "errcode":
            raise WecomError(rule.value)
        if rule.kind == "delay":
            await asyncio.sleep(rule.value / 1000)
            return None
        if rule.kind == "hang":
            await asyncio.sleep(rule.value / 1000 if rule.value else HANG_SECONDS)
            return Response(b"", 504)
        if rule.kind == "garbage":
            return Response("<html><body>网关繁忙</body></html>".encode(), 200, "text/html; charset=utf-8")
        if rule.kind == "drop":
            return Response(b'{"errcode":', 200, "application/json", declared_length=4096)
        return Response(b"Internal Server Error", 500)
