"""What the services of routing share: the code within the member's scope, the tenant's lock."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection

from codes.selectors import LiveCode, code_for, codes_visible
from permissions.access import Access, Denied
from tenants.context import require_tenant_id


class RoutingRefused(Exception):
    """A change that can't be made. ``messages``: plain Chinese sentences; ``fields``: those beside a staff's row."""

    def __init__(self, *messages: str, fields: Mapping[int, str] | None = None) -> None:
        super().__init__("；".join(messages))
        self.messages = list(messages)
        self.fields = dict(fields or {})


def code_to_change(access: Access, code_id: int, capability: str) -> LiveCode:
    """The code, when the member holds ``capability`` for it.

    Raises:
        NotFound: unknown, of another company, or not visible to the member.
        Denied: visible, but the capability isn't held for it.
    """
    code = code_for(access, code_id)
    if not codes_visible(access, capability).filter(pk=code_id).exists():
        raise Denied(capability)
    return code


def tenant_lock() -> None:
    """Wait for the batch of this tenant that is under way, and hold the next ones until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT routing_lock(%s)", [require_tenant_id()])


def publish_lock(code_id: int) -> None:
    """Let whoever publishes this code be alone until the transaction ends; scans never wait for it.

    Take it before reading what is to be changed.
    """
    _lock(f"routing.publish.{require_tenant_id()}.{code_id}")


def fallback_lock() -> None:
    """The same for fallbacks of the company, so that two changes at once can't close a circle."""
    _lock(f"routing.fallback.{require_tenant_id()}")


def pools_lock() -> None:
    """The same for the growth of the company's pools: two workers at once would each order what is missing."""
    _lock(f"routing.pools.{require_tenant_id()}")


def _lock(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
