"""What the services of routing share: the code within the member's scope, the tenant's lock, the audit entry."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from django.db import connection

from codes.selectors import code_for, codes_visible
from permissions import audit
from permissions.access import Access, Denied
from tenants.context import require_tenant_id


class Code(Protocol):
    """What routing reads of a code (its model is private to ``codes``)."""

    @property
    def pk(self) -> int:
        """Our id."""
        ...

    @property
    def name(self) -> str:
        """As people call it."""
        ...

    @property
    def state(self) -> str:
        """draft, live, paused or retired."""
        ...

    @property
    def kind(self) -> str:
        """single, several or group."""
        ...


class RoutingRefused(Exception):
    """A change that can't be made. ``messages``: plain Chinese sentences; ``fields``: those beside a staff's row."""

    def __init__(self, *messages: str, fields: Mapping[int, str] | None = None) -> None:
        super().__init__("；".join(messages))
        self.messages = list(messages)
        self.fields = dict(fields or {})


def code_to_change(access: Access, code_id: int, capability: str) -> Code:
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


def note(
    access: Access,
    code: Code,
    verb: str,
    *,
    before: Mapping[str, object],
    after: Mapping[str, object],
    now: datetime,
) -> None:
    """One audit entry about a code's routing; it stands in the code's own 变更记录."""
    audit.record(
        access=access,
        action=f"code.{verb}",
        object_type="code",
        object_id=code.pk,
        object_label=code.name,
        before=before,
        after=after,
        now=now,
    )
