"""What belongs to the person and to no company: the second factor, recovery codes, and where one is signed in.

Times here are real ones, as those of sessions are (permissions.sessions), not the product's clock.
"""

from __future__ import annotations

from django.db import models

from permissions.models.people import User


class TotpDevice(models.Model):
    """A person's authenticator app (RFC 6238). ``key`` is sealed; a device counts once ``confirmed_at`` is set.

    ``last_step``: the newest time step whose code was taken, so that none works twice. ``failures``: wrong codes since
    the last right one, the newest at ``failed_at``.
    """

    user = models.OneToOneField(User, models.PROTECT, related_name="totp")
    key = models.TextField()
    made_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=-1)
    failures = models.PositiveIntegerField(default=0)
    failed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"second factor of user {self.user_id}"


class RecoveryCode(models.Model):
    """A code for somebody without their authenticator: works once; only its hash is kept."""

    user = models.ForeignKey(User, models.PROTECT, related_name="recovery_codes")
    hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "hash"], name="permissions_recoverycode_once")]

    def __str__(self) -> str:
        return f"recovery code {self.pk}"


class SignIn(models.Model):
    """One session of a person, from signing in to its end. ``ip`` is shortened; the session's key is kept as a hash."""

    METHODS = [("password", "密码"), ("wecom", "企业微信扫码")]

    user = models.ForeignKey(User, models.PROTECT, related_name="sign_ins")
    session_hash = models.CharField(max_length=64, unique=True)
    method = models.CharField(max_length=10, choices=METHODS)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ip = models.CharField(max_length=45, blank=True, default="")
    browser = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["user", "-started_at"], name="permissions_signin_list")]

    def __str__(self) -> str:
        return f"{self.user_id} since {self.started_at}"
