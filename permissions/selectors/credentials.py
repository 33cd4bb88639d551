"""Reading about a person's own credentials and sessions. Of no company; only for the person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from permissions.access import access_for
from permissions.models import RecoveryCode, SignIn, TotpDevice
from tenants.context import tenant_context
from tenants.selectors import tenants_of_user


@dataclass(frozen=True)
class SecondFactor:
    """Since when the person has a second factor (None: has none), and how many recovery codes are left."""

    since: datetime | None
    codes_left: int

    @property
    def is_set_up(self) -> bool:
        """Whether it is asked for at sign-in."""
        return self.since is not None


@dataclass(frozen=True)
class SessionRow:
    """One session that is alive; ``here``: it is the one that asks."""

    id: int
    method: str
    started_at: datetime
    seen_at: datetime
    ip: str
    browser: str
    here: bool


def has_second_factor(user_id: int) -> bool:
    """Whether the person has a second factor that works."""
    found: bool = TotpDevice.objects.filter(user_id=user_id, confirmed_at__isnull=False).exists()
    return found


def second_factor(user_id: int) -> SecondFactor:
    """What the account page says of the second factor."""
    since = TotpDevice.objects.filter(user_id=user_id).values_list("confirmed_at", flat=True).first()
    return SecondFactor(since, RecoveryCode.objects.filter(user_id=user_id, used_at=None).count() if since else 0)


def needs_second_factor(user_id: int, *, now: datetime, company_id: int | None = None) -> bool:
    """Whether the person is an owner or holds ``wecom.manage`` in one of their companies, or in this one of them.

    Outside of a tenant's context. ``now``: the product's clock, for bundles with an end.
    """
    for tenant in tenants_of_user(user_id):
        if company_id not in (None, tenant.id):
            continue
        with tenant_context(tenant.id):
            access = access_for(user_id, tenant, now)
        if access is not None and access.needs_second_factor:
            return True
    return False


def sessions_of(user_id: int, *, here: str, now: datetime) -> list[SessionRow]:
    """The person's sessions that are alive at ``now`` (real time), the newest first; ``here``: the hash of this one."""
    alive = SignIn.objects.filter(
        user_id=user_id,
        ended_at=None,
        seen_at__gt=now - timedelta(seconds=settings.SESSION_IDLE_SECONDS),
        started_at__gt=now - timedelta(seconds=settings.SESSION_ABSOLUTE_SECONDS),
    )
    return [
        SessionRow(
            id=row.pk,
            method=row.get_method_display(),
            started_at=row.started_at,
            seen_at=row.seen_at,
            ip=row.ip,
            browser=row.browser,
            here=row.session_hash == here,
        )
        for row in alive.order_by("-started_at", "-id")
    ]
