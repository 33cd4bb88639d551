"""state.json: what runs where, for people, tests and scripts (design.md §9)."""

import json
from pathlib import Path
from typing import Any

from livecode_admin.devstack.place import Place, write_private


def read(place: Place) -> dict[str, Any] | None:
    """Return the last written state, or None when nothing was ever started here."""
    return load(place.state_file)


def load(path: Path) -> dict[str, Any] | None:
    """Return a JSON object from a file, or None when there is none or it is damaged."""
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return loaded if isinstance(loaded, dict) else None


def write(place: Place, *, environment: dict[str, str], pids: dict[str, int], ready: bool) -> None:
    """Write the state; the file holds passwords of the demo, so that only its owner reads it."""
    demo = load(place.demo_file) or {}
    broker = environment["BROKER_URL"]
    redis_url = broker.replace("redis+socket://", "unix://").replace("virtual_host=", "db=")
    state = {
        "ready": ready,
        "console_url": place.url("console"),
        "edge_url": place.url("edge"),
        "simulator_url": place.url("simulator"),
        "database_url": environment["DATABASE_URL"],
        "database_owner_url": environment["DATABASE_OWNER_URL"],
        "database_ops_url": environment["DATABASE_OPS_URL"],
        "redis_url": redis_url,
        "broker_url": broker,
        "cache_url": environment["CACHE_URL"],
        "clock_offset_file": environment["LIVECODE_CLOCK_OFFSET_FILE"],
        "pids": pids,
        "tenants": demo.get("tenants", []),
    }
    write_private(place.state_file, json.dumps(state, ensure_ascii=False, indent=1))
