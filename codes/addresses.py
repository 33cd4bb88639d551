"""Where a company's codes are served: its own hosts, or the installation's. Pure; the edge and the console agree by it.

A company's host is served like the installation's own: with its scheme and its port (``LIVECODE_ENTRY_URL``), which in
production is https.
"""

from __future__ import annotations

from urllib.parse import urlsplit


def base_on(installation: str, host: str) -> str:
    """The base URL of ``host``, or the installation's own where there is none: ``https://hm.example.com``."""
    if not host:
        return installation.rstrip("/")
    parts = urlsplit(installation)
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "")


def host_of(header: str) -> str:
    """The host that a ``Host`` header names: lower case, without port and without the root's dot."""
    return header.strip().lower().partition(":")[0].rstrip(".")
