"""The life of a code: live, paused, retired, renewed. Rows and slugs stay for ever (product.md §1.5)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from codes import rules
from codes.models import LiveCode
from codes.selectors import time_zone
from codes.services.changing import code_to_change, note, require_on_code
from permissions.access import Access, Denied
from permissions.capabilities import capability_for


@transaction.atomic
def code_mark_live(*, access: Access, code_id: int, now: datetime) -> bool:
    """A draft becomes live; routing calls it once a contact way is live. False when it was live already.

    Raises:
        NotFound, Denied: not visible; or ``codes.edit`` doesn't reach it.
        Refused: the code is paused, retired or past its end.
    """
    code = code_to_change(access, code_id, "codes.view")
    require_on_code(access, code_id, ["state:live"])
    if code.state == LiveCode.State.LIVE:
        return False
    rules.check_action("mark_live", rules.Status(code.state))
    rules.check_end(expires_at=code.expires_at, now=now)
    code.published_at = code.published_at or now
    _move(access, code, LiveCode.State.LIVE, "published", now, extra=["published_at"])
    return True


@transaction.atomic
def code_pause(*, access: Access, code_id: int, now: datetime) -> None:
    """The very next scan is led to the fallback. Raises NotFound, Denied; Refused when the code isn't live."""
    code = _checked(access, code_id, "pause", "state:paused", now)
    _move(access, code, LiveCode.State.PAUSED, "paused", now)


@transaction.atomic
def code_resume(*, access: Access, code_id: int, now: datetime) -> None:
    """A paused code receives again. Raises NotFound, Denied; Refused when it isn't paused or is past its end."""
    code = _checked(access, code_id, "resume", "state:paused", now)
    _move(access, code, LiveCode.State.LIVE, "resumed", now)


@transaction.atomic
def code_retire(*, access: Access, code_id: int, now: datetime) -> None:
    """归档: for good; scans go to the fallback, the slug is never given away. Raises NotFound, Denied, Refused."""
    code = _checked(access, code_id, "retire", "state:retired", now)
    _move(access, code, LiveCode.State.RETIRED, "retired", now)


@transaction.atomic
def code_renew(*, access: Access, code_id: int, months: int, now: datetime) -> datetime:
    """``months`` calendar months (1 to 36) from the later of today and the old end; returns the new end (§4.2).

    Raises NotFound, Denied; Refused for a permanent or retired code and for months out of range.
    """
    code = _checked(access, code_id, "renew", "expires_at", now)
    old = code.expires_at
    new = rules.renewed_end(old_end=old, now=now, zone=time_zone(), months=months)
    code.expires_at = new
    code.save(update_fields=["expires_at"])
    note(access, code, "renewed", before={"expires_at": old}, after={"expires_at": new, "months": months}, now=now)
    return new


@transaction.atomic
def native_qr_set(*, code_id: int, text: str) -> None:
    """What the printed QR of a native code says; routing calls it when WeCom has made the way."""
    LiveCode.objects.filter(pk=code_id).update(native_qr=text)


@transaction.atomic
def first_scan_note(*, code_id: int, scanned_at: datetime) -> bool:
    """The moment of a code's first real scan, kept once; the expiry warning counts from it (§4.2)."""
    rows = LiveCode.objects.filter(pk=code_id, first_scan_at__isnull=True)
    return bool(rows.update(first_scan_at=scanned_at))


def _checked(access: Access, code_id: int, action: str, field: str, now: datetime) -> LiveCode:
    """The code under lock, when the member may and its status allows the action."""
    capability = capability_for("code", field)
    if capability is not None and not access.may_enter(capability):
        raise Denied(capability, what="code")  # said before anything about the code is
    code = code_to_change(access, code_id, "codes.view")
    require_on_code(access, code_id, [field])
    status = rules.effective_status(state=code.state, expires_at=code.expires_at, now=now)
    rules.check_action(action, status)
    return code


def _move(
    access: Access, code: LiveCode, state: LiveCode.State, verb: str, now: datetime, *, extra: list[str] | None = None
) -> None:
    before = {"state": code.state}
    code.state = state
    code.save(update_fields=["state", *(extra or [])])
    note(access, code, verb, before=before, after={"state": code.state}, now=now)
