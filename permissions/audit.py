"""The audit log: services write one entry per change, in the transaction of the change.

A change that failed leaves no entry, and an entry that failed leaves no change. The chain of seals is made later
(`permissions.services.sealing`), so that no lock is taken on the business path.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.conf import settings
from django.utils.crypto import salted_hmac

from permissions.access import Access, Denied
from permissions.audit_words import check_fields, page_text
from permissions.models import AuditEntry

SALT = "permissions.audit"
DENIED = "access.denied"
_SIGNED = ("tenant_id", "member_id", "actor", "origin", "action", "object_type", "object_id", "object_label", "nonce")


def record(
    *,
    access: Access,
    action: str,
    object_type: str,
    object_id: int,
    object_label: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    now: datetime,
) -> None:
    """Write one entry in the current transaction and tenant.

    ``action``: ``<object>.<verb in the past>``, e.g. ``code.created``. ``before`` and ``after`` hold the fields that
    changed, as values that JSON knows (dates and decimals become text). Customers appear by our id alone: no name, no
    external id in any argument (design.md §4). Long labels are cut.
    Raises UnknownWord for a field without a word in the log where ``AUDIT_NEEDS_WORDS`` says so (the suite).
    """
    if settings.AUDIT_NEEDS_WORDS:
        check_fields({*before, *after})
    entry = AuditEntry(
        tenant_id=access.tenant_id,
        at=now,
        member_id=access.member_id,
        actor=access.reason[:80],
        origin=access.origin[:80],
        action=action,
        object_type=object_type,
        object_id=object_id,
        object_label=_plain(object_label)[:120],
        before=_plain(before),
        after=_plain(after),
        nonce=secrets.token_hex(8),
    )
    entry.signature = signature_of(entry, settings.SECRET_KEY)
    entry.save(force_insert=True)


def denial_record(*, access: Access, denied: Denied, method: str, path: str, now: datetime) -> None:
    """Write that somebody tried what they may not do: in a transaction of its own, after the refused one is undone."""
    record(
        access=access,
        action=DENIED,
        object_type="page",
        object_id=0,
        object_label=page_text(method, path),
        before={},
        after={"missing": denied.missing, **({"what": denied.what} if denied.what else {})},
        now=now,
    )


def content_of(entry: AuditEntry) -> bytes:
    """What is signed and sealed of an entry: everything but its number, in one canonical form."""
    content: dict[str, Any] = {name: getattr(entry, name) for name in _SIGNED}
    content |= {"at": entry.at.astimezone(UTC).isoformat(timespec="microseconds")}
    content |= {"before": entry.before, "after": entry.after}
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def signature_of(entry: AuditEntry, secret: str | bytes) -> str:
    """The HMAC that shows that the application wrote the entry: 64 hexadecimal digits."""
    return salted_hmac(SALT, content_of(entry), secret=secret, algorithm="sha256").hexdigest()


def is_signed(entry: AuditEntry) -> bool:
    """Whether the signature is ours, by the present secret or one kept after a rotation (SECRET_KEY_FALLBACKS)."""
    return any(hmac.compare_digest(entry.signature, signature_of(entry, secret)) for secret in _secrets())


def chain_hashes(entry: AuditEntry, seq: int, previous: str) -> list[str]:
    """The hash of an entry's place in the chain (number, row, content and the hash before), by each of our secrets.

    The first is the one to write. It is keyed: who can write to the database can still not make a link.
    """
    head = f"{previous}|{seq}|{entry.pk}|{entry.signature}|".encode()
    text = head + content_of(entry)
    return [salted_hmac(f"{SALT}.chain", text, secret=key, algorithm="sha256").hexdigest() for key in _secrets()]


def _secrets() -> list[str | bytes]:
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def _plain(value: Any) -> Any:
    """``value`` as JSON that PostgreSQL gives back unchanged: floats, dates and everything else as text."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {_plain(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, bytes):
        items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return [_plain(item) for item in items]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
