"""Who can receive, and why not (product.md §2.14)."""

from datetime import UTC, datetime, timedelta

import pytest

from people.models import Staff
from people.rules import REASON_LABELS, Reason, Status, reason, status_of_wecom

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def why(
    status: Status = Status.ACTIVE,
    *,
    follows: bool = True,
    in_scope: bool = True,
    refusal: Reason = Reason.NONE,
    refused_ago: timedelta | None = None,
) -> Reason:
    refused_at = None if refused_ago is None else NOW - refused_ago
    return reason(status=status, follows=follows, in_scope=in_scope, refusal=refusal, refused_at=refused_at, now=NOW)


def test_an_active_follow_user_in_scope_receives() -> None:
    assert why() is Reason.NONE


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status.INACTIVE, Reason.NOT_ACTIVATED),
        (Status.DISABLED, Reason.DISABLED),
        (Status.LEFT, Reason.LEFT),
    ],
)
def test_the_accounts_status_comes_first(status: Status, expected: Reason) -> None:
    assert why(status, follows=False, in_scope=False) is expected


def test_scope_comes_before_contact_rights() -> None:
    assert why(in_scope=False, follows=False) is Reason.OUT_OF_SCOPE
    assert why(follows=False) is Reason.NO_FOLLOW


def test_a_refusal_by_wecom_is_believed_for_a_day() -> None:
    assert why(refusal=Reason.UNVERIFIED, refused_ago=timedelta(hours=23)) is Reason.UNVERIFIED
    assert why(refusal=Reason.UNVERIFIED, refused_ago=timedelta(hours=24)) is Reason.NONE
    assert why(refusal=Reason.NO_FOLLOW, refused_ago=timedelta(hours=1)) is Reason.NONE


@pytest.mark.parametrize(
    ("number", "status"),
    [(1, Status.ACTIVE), (2, Status.DISABLED), (4, Status.INACTIVE), (5, Status.LEFT), (99, Status.INACTIVE)],
)
def test_wecoms_numbers(number: int, status: Status) -> None:
    assert status_of_wecom(number) is status


def test_the_table_knows_the_same_words() -> None:
    assert set(Staff.Status.values) == set(Status)
    assert set(Staff.CannotReason.values) == set(Reason)
    shown = {key: label for key, label in Staff.CannotReason.choices if key}
    assert shown == {key: label for key, label in REASON_LABELS.items() if key}
