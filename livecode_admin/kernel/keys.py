"""The only builder of Redis keys, cache keys and file paths: each carries its tenant (design.md §3.6)."""

from __future__ import annotations

from pathlib import PurePosixPath


def _part(part: str | int) -> str:
    text = str(part)
    if not text or any(char in text for char in ":/\\ \n") or text.startswith("."):
        raise ValueError(f"not a key part: {text!r}")
    return text


def tenant_key(tenant_id: int, *parts: str | int) -> str:
    """A Redis or cache key of one tenant: ``t:<id>:<part>:…``."""
    return ":".join(["t", str(int(tenant_id)), *map(_part, parts)])


def platform_key(*parts: str | int) -> str:
    """A Redis or cache key that belongs to no tenant: ``p:<part>:…``."""
    return ":".join(["p", *map(_part, parts)])


def tenant_path(tenant_id: int, *parts: str | int) -> PurePosixPath:
    """A file's path below the media root, inside the tenant's own folder."""
    return PurePosixPath("tenants", str(int(tenant_id)), *map(_part, parts))
