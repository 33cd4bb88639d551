"""Rows of the gallery's list: a believable morning of one company, from gallery_rows.csv."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any


def _number(text: str) -> int | None:
    return int(text) if text else None


def _row(number: int, raw: dict[str, str]) -> dict[str, Any]:
    return {
        **raw,
        "id": number,
        "url": f"/codes/{number}/",
        "people": raw["people"].split(),
        "days": [None if day == "-" else int(day) for day in raw["days"].split()],
        "rate": float(raw["rate"]) if raw["rate"] else None,
        "until": date.fromisoformat(raw["until"]) if raw["until"] else None,
        "off": raw["state"] != "active",
        **{key: _number(raw[key]) for key in ("people_total", "used", "late", "cap", "scans", "added")},
    }


def rows() -> list[dict[str, Any]]:
    """The codes of the list, in its order."""
    with Path(__file__).with_name("gallery_rows.csv").open(encoding="utf-8", newline="") as file:
        return [_row(number, raw) for number, raw in enumerate(csv.DictReader(file), 1)]
