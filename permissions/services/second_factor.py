"""The second factor: an authenticator app (RFC 6238), and recovery codes for when it is lost.

Credentials are the person's own (design.md §4): nobody else's hand sets or removes them, and there is no audit entry in
any company. Times are real ones, not the product's clock: authenticators know no other.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac
from django_otp.oath import TOTP

from livecode_admin.kernel import sealing
from permissions.models import RecoveryCode, TotpDevice, User

ISSUER = "活码控制台"
KEY_BYTES = 20
RECOVERY_CODES = 10
# A code of the step before or after is taken too: clocks differ.
TOLERANCE = 1
FREE_TRIES = 5
LONGEST_WAIT = 3600
# No 0, 1, I, O: these are read off paper.
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


class AlreadySetUp(ValueError):
    """The person has a second factor; it is removed before another is set up."""


@dataclass(frozen=True)
class Setup:
    """What the authenticator needs: the key in base32, and the same as the address that its QR code holds."""

    secret: str
    url: str


@dataclass(frozen=True)
class Checked:
    """Whether a code was right. ``wait``: seconds until the next one is looked at; then this one was not."""

    ok: bool
    wait: int = 0


def wait_after(failures: int) -> int:
    """Seconds to wait after so many wrong codes in a row: none up to four, then a minute, doubled each time."""
    return 0 if failures < FREE_TRIES else min(60 << min(failures - FREE_TRIES, 10), LONGEST_WAIT)


@transaction.atomic
def totp_begin(*, user_id: int, now: datetime, secret: str = "") -> Setup:
    """Start setting up; the same key again until it is confirmed, so that a reload changes no QR code.

    ``secret`` (base32) is for accounts of the demo. Raises AlreadySetUp.
    """
    user = User.objects.select_for_update().get(pk=user_id)
    device = TotpDevice.objects.filter(user=user).first()
    if device is None:
        text = secret or base64.b32encode(secrets.token_bytes(KEY_BYTES)).decode()
        device = TotpDevice.objects.create(user=user, key=sealing.seal(text, context=_context(user_id)), made_at=now)
    elif device.confirmed_at is not None:
        raise AlreadySetUp(f"user {user_id}")
    text = sealing.unseal(device.key, context=_context(user_id))
    label = f"{quote(ISSUER)}:{quote(user.username)}"
    return Setup(text, f"otpauth://totp/{label}?secret={text}&issuer={quote(ISSUER)}&algorithm=SHA1&digits=6&period=30")


@transaction.atomic
def totp_confirm(*, user_id: int, code: str, now: datetime) -> Checked:
    """Switch the second factor on with a first code. Raises LookupError when none is being set up."""
    device = TotpDevice.objects.select_for_update().filter(user_id=user_id, confirmed_at=None).first()
    if device is None:
        raise LookupError(f"user {user_id} is setting up no second factor")
    checked = _checked(device, code, now, recovery=False)
    if checked.ok:
        device.confirmed_at = now
        device.save(update_fields=["confirmed_at"])
    return checked


@transaction.atomic
def second_factor_check(*, user_id: int, code: str, now: datetime) -> Checked:
    """Look at a code of the app or a recovery code: each works once; wrong ones bring a growing wait.

    Two requests with the same code wait for each other, so that one of them fails.
    """
    device = TotpDevice.objects.select_for_update().filter(user_id=user_id, confirmed_at__isnull=False).first()
    return Checked(ok=False) if device is None else _checked(device, code, now, recovery=True)


@transaction.atomic
def totp_remove(*, user_id: int) -> None:
    """Take the second factor away, with its recovery codes. Who needs one is led to set it up again."""
    RecoveryCode.objects.filter(user_id=user_id).delete()
    TotpDevice.objects.filter(user_id=user_id).delete()


@transaction.atomic
def recovery_codes_make(*, user_id: int) -> list[str]:
    """Ten new recovery codes in place of all older ones. They can be shown this once: only hashes are kept."""
    User.objects.select_for_update().get(pk=user_id)
    RecoveryCode.objects.filter(user_id=user_id).delete()
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user_id=user_id, hash=_hash(user_id, code)) for code in codes)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def _checked(device: TotpDevice, code: str, now: datetime, *, recovery: bool) -> Checked:
    if device.failed_at is not None:
        left = wait_after(device.failures) - (now - device.failed_at).total_seconds()
        if left > 0:
            return Checked(ok=False, wait=int(left) + 1)
    plain = "".join(code.split()).replace("-", "").upper()
    if _takes(device, plain, now) or (recovery and _recovers(device.user_id, plain, now)):
        device.failures, device.failed_at = 0, None
        device.save(update_fields=["failures", "failed_at", "last_step"])
        return Checked(ok=True)
    device.failures, device.failed_at = device.failures + 1, now
    device.save(update_fields=["failures", "failed_at"])
    return Checked(ok=False, wait=wait_after(device.failures))


def _takes(device: TotpDevice, code: str, now: datetime) -> bool:
    if len(code) != 6 or not (code.isascii() and code.isdigit()):
        return False
    totp = TOTP(base64.b32decode(sealing.unseal(device.key, context=_context(device.user_id))))
    totp.time = now.timestamp()
    taken: bool = totp.verify(int(code), tolerance=TOLERANCE, min_t=device.last_step + 1)
    if taken:
        device.last_step = totp.t()
    return taken


def _recovers(user_id: int, code: str, now: datetime) -> bool:
    unused = RecoveryCode.objects.filter(user_id=user_id, hash__in=_hashes(user_id, code), used_at=None)
    return bool(unused.update(used_at=now))


def _context(user_id: int) -> str:
    return f"user {user_id}|permissions.totpdevice.key"


def _hash(user_id: int, code: str, secret: str | bytes | None = None) -> str:
    return salted_hmac(f"permissions.recovery.{user_id}", code, secret=secret, algorithm="sha256").hexdigest()


def _hashes(user_id: int, code: str) -> list[str]:
    """By the present secret and those kept after a rotation."""
    return [_hash(user_id, code, secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
