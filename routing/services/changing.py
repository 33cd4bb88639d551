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
