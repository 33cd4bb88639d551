"""What the figures say: the goals with their ratios, and the tables of docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# (name, section, figure, of, to, at least (True) or at most, bound)
GOALS = (
    ("(d) to (e), the limit of the design", "rate", "rate", "d", "e", True, 0.5),
    ("(d) to (b), Redis", "rate", "rate", "d", "b", True, 0.5),
    ("(d) to (c), plain Django", "rate", "rate", "d", "c", True, 10.0),
    ("p99 of (d) to that of (b) at 500/s", "pace", "p99", "d", "b", False, 4.0),
    ("1,000,000 codes to 100", "codes", "rate", "1,000,000", "100 codes", True, 0.9),
    ("100 seats to 5", "seats", "rate", "100 seats", "5 seats", True, 0.6),
    ("50 million scans to none", "scans", "rate", "50,000,000", "empty", True, 0.9),
)
MEMORY_MB = 100.0
NAMES = {
    "a": "(a) bare ASGI",
    "b": "(b) Redis script, not durable, no rules",
    "c": "(c) plain Django, row lock",
    "d": "(d) ours, all rules, durable",
    "e": "(e) coalesced insert alone",
}


def judge(sections: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each goal of a measured section with its ratio and whether it is reached."""
    goals = []
    for name, section, figure, of, to, least, bound in GOALS:
        if section not in sections:
            continue
        ratio = round(sections[section][of][figure] / max(sections[section][to][figure], 0.01), 2)
        reached = ratio >= bound if least else ratio <= bound
        goals.append({"goal": name, "bound": f"{'≥' if least else '≤'} {bound}", "is": ratio, "reached": reached})
    if "memory" in sections:
        most = max((one["mb"] for one in sections["memory"].values()), default=0.0)
        bound_text = f"< {MEMORY_MB:.0f} MB"
        goals.append({"goal": "largest edge worker", "bound": bound_text, "is": most, "reached": most < MEMORY_MB})
    return goals


def markdown(result: Mapping[str, Any]) -> str:
    """The tables for docs/benchmarks.md: goals, then each section with ratios to its first row."""
    lines = ["| goal | bound | measured | |", "|---|---|---|---|"]
    lines += [f"| {one['goal']} | {one['bound']} | {one['is']} | {_word(one['reached'])} |" for one in result["goals"]]
    for name, rows in result["sections"].items():
        lines += ["", f"**{name}**", "", *_table(rows)]
    return "\n".join(lines)


def _word(reached: bool) -> str:
    return "yes" if reached else "**no**"


def _table(rows: Mapping[str, Any]) -> list[str]:
    if all("mb" in row for row in rows.values()):
        return ["| worker | MB |", "|---|---|", *(f"| {name} | {row['mb']} |" for name, row in rows.items())]
    lines = ["| | scans/s | to the first | p50 ms | p99 ms | load's share of its core |", "|---|---|---|---|---|---|"]
    first = next(iter(rows.values()))["rate"]
    for name, row in rows.items():
        ratio = round(row["rate"] / max(first, 0.01), 2)
        cells = [NAMES.get(name, name), f"{row['rate']:,.0f}", ratio, row["p50"], row["p99"], f"{row['load_cpu']:.0%}"]
        lines.append("| " + " | ".join(str(cell) for cell in cells) + " |")
    return lines
