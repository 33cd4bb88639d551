"""Configuration of the simulator, read from the environment once at start."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Config:
    """Where the state lives, how the simulator is reached, and which hosts its phones may open."""

    state_dir: Path
    base_url: str
    console_hosts: frozenset[str]
    clock_file: Path | None
    retry_seconds: float

    @classmethod
    def from_env(cls) -> Config:
        """Read the SIMULATOR_* variables; every one has a default that suits a single machine."""
        clock_file = os.environ.get("LIVECODE_CLOCK_OFFSET_FILE", "")
        hosts = os.environ.get("SIMULATOR_CONSOLE_HOSTS", "127.0.0.1,localhost")
        return cls(
            state_dir=Path(os.environ.get("SIMULATOR_STATE_DIR", ".devstack/simulator")),
            base_url=os.environ.get("SIMULATOR_BASE_URL", "http://127.0.0.1:8002").rstrip("/"),
            console_hosts=frozenset(host.strip().lower() for host in hosts.split(",") if host.strip()),
            clock_file=Path(clock_file) if clock_file else None,
            retry_seconds=float(os.environ.get("SIMULATOR_RETRY_SECONDS", "1")),
        )
