"""Percentiles, the machine, and how results are written."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that ``share`` (0 to 1) of all values don't pass; raises ValueError without values."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * len(ordered) * 1000) // 1000) - 1))]


def summary(values: Sequence[float]) -> dict[str, float]:
    """p50, p90, p99 and the worst."""
    shares = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "worst": 1.0}
    return {name: round(percentile(values, share), 1) for name, share in shares.items()}


def machine() -> dict[str, Any]:
    """What the figures were measured on; no names of machines."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30
    return {
        "cores": os.cpu_count(),
        "memory_gb": memory,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 1),
    }


def write(result: dict[str, Any], path: str | None) -> None:
    """Print the result, and keep it in a file when one is named."""
    sys.stdout.write(_text(result))
    if path:
        keep(result, path)


def keep(result: dict[str, Any], path: str) -> None:
    """Write the result, or what there is of it so far."""
    Path(path).write_text(_text(result), encoding="utf-8")


def _text(result: dict[str, Any]) -> str:
    return json.dumps(result, ensure_ascii=False, indent=1) + "\n"
