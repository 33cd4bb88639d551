"""Acquisition links as routing uses them: one link per seat, the scan named in ``customer_channel``. Pure.

The value comes back as ``State`` in WeCom's events (documents 97297, 97299; at most 64 bytes), so that each add names
its scan exactly (product.md §1.2).
"""

from __future__ import annotations

from uuid import UUID

_PREFIX = "S"


def link_address(link: str, scan_id: str | None) -> str:
    """Where a scan is sent. Without a slot of its own (a friend who comes again) the link carries no scan."""
    if scan_id is None:
        return link
    return f"{link}{'&' if '?' in link else '?'}customer_channel={channel_of(scan_id)}"


def channel_of(scan_id: str) -> str:
    """The ``customer_channel`` of a scan: 33 characters."""
    return f"{_PREFIX}{scan_id.replace('-', '')}"


def scan_of(state: str) -> UUID | None:
    """The scan that an event's ``State`` names, or None when it isn't one of ours."""
    if len(state) != 33 or not state.startswith(_PREFIX):
        return None
    try:
        return UUID(hex=state[1:])
    except ValueError:
        return None
