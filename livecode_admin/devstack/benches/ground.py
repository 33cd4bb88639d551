"""The running demo as a measurement sees it: its company, its simulator over HTTP, its rows."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import psycopg2

from livecode_admin.devstack.problems import DevstackProblem


class Ground:
    """The first company of the running demo."""

    def __init__(self) -> None:
        state = json.loads(Path(os.environ["LIVECODE_STATE_FILE"]).read_text(encoding="utf-8"))
        self.tenant: dict[str, Any] = state["tenants"][0]
        self.simulator = str(state["simulator_url"])
        self.database_url = str(state["database_url"])

    @property
    def tenant_id(self) -> int:
        """The company's id."""
        return int(self.tenant["id"])

    @property
    def corp_id(self) -> str:
        """Its corp in the simulator."""
        return str(self.tenant["corp_id"])

    def sim(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """Call the simulator: POST with a body, GET without. Plain urllib: the product's HTTP door is not measured."""
        data = json.dumps(body).encode() if body is not None else None
        request = Request(self.simulator + path, data, {"content-type": "application/json"})  # noqa: S310
        with urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.loads(answer.read())

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows as the application role sees them for the company."""
        link = psycopg2.connect(self.database_url)
        try:
            with link, link.cursor() as cursor:
                cursor.execute("SELECT set_config('app.tenant', %s, true)", [str(self.tenant_id)])
                cursor.execute(sql, values)
                return list(cursor.fetchall())
        finally:
            link.close()

    def until(self, holds: Callable[[], bool], seconds: float, what: str) -> None:
        """Wait for a condition; raises DevstackProblem when it doesn't come about in time."""
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                raise DevstackProblem(f"not within {seconds:.0f} s: {what}")
            time.sleep(0.5)
