"""The life of a code (product.md §1.4, §1.5, §4.2)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codes import rules
from codes.rules import Status

ZONE = "Asia/Shanghai"
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)  # 14:00 in Shanghai


def shanghai(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("state", "ends_in", "status"),
    [
        ("draft", -1, Status.DRAFT),
        ("draft", None, Status.DRAFT),
        ("live", None, Status.LIVE),
        ("live", 0, Status.LIVE),
        ("live", 1, Status.LIVE),
        ("live", -1, Status.EXPIRED),
        ("paused", 1, Status.PAUSED),
        ("paused", -1, Status.EXPIRED),
        ("retired", -1, Status.RETIRED),
        ("retired", None, Status.RETIRED),
    ],
)
def test_status_follows_from_state_and_end(state: str, ends_in: int | None, status: Status) -> None:
    ends = None if ends_in is None else NOW + timedelta(seconds=ends_in)
    assert rules.effective_status(state=state, expires_at=ends, now=NOW) is status


@pytest.mark.parametrize("action", list(rules.ACTIONS))
def test_nothing_can_be_done_to_a_retired_code(action: str) -> None:
    with pytest.raises(rules.Refused, match="已归档"):
        rules.check_action(action, Status.RETIRED)


def test_only_a_live_code_is_paused_and_only_a_paused_one_resumed() -> None:
    assert [s for s in Status if "pause" in rules.allowed_actions(s)] == [Status.LIVE]
    assert [s for s in Status if "resume" in rules.allowed_actions(s)] == [Status.PAUSED]


def test_an_expired_code_can_be_renewed_and_retired_and_nothing_else() -> None:
    assert rules.allowed_actions(Status.EXPIRED) == {"renew", "retire"}


def test_a_new_code_is_valid_for_three_calendar_months_to_the_end_of_the_day() -> None:
    assert rules.default_end(now=NOW, zone=ZONE) == shanghai(2027, 2, 22, 23, 59, 59)


def test_the_day_is_the_tenants_day() -> None:
    late = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)  # already the 23rd in Shanghai
    assert rules.default_end(now=late, zone=ZONE) == shanghai(2027, 2, 23, 23, 59, 59)


@pytest.mark.parametrize(
    ("old", "months", "new"),
    [
        (shanghai(2026, 11, 25, 23, 59, 59), 1, shanghai(2026, 12, 25, 23, 59, 59)),  # runs on: from the old end
        (shanghai(2026, 10, 1, 23, 59, 59), 3, shanghai(2027, 2, 22, 23, 59, 59)),  # expired: from today
        (shanghai(2026, 11, 30, 23, 59, 59), 3, shanghai(2027, 2, 28, 23, 59, 59)),  # shorter month
        (shanghai(2026, 12, 31, 23, 59, 59), 14, shanghai(2028, 2, 29, 23, 59, 59)),  # leap year
    ],
)
def test_renewal_counts_from_the_later_of_today_and_the_old_end(old: datetime, months: int, new: datetime) -> None:
    assert rules.renewed_end(old_end=old, now=NOW, zone=ZONE, months=months) == new


@pytest.mark.parametrize("months", [0, -1, 37])
def test_renewal_is_for_1_to_36_months(months: int) -> None:
    with pytest.raises(rules.Refused) as refused:
        rules.renewed_end(old_end=NOW, now=NOW, zone=ZONE, months=months)
    assert refused.value.field == "months"


def test_a_permanent_code_needs_no_renewal() -> None:
    with pytest.raises(rules.Refused, match="永久有效"):
        rules.renewed_end(old_end=None, now=NOW, zone=ZONE, months=3)


@given(days=st.integers(-800, 800), months=st.integers(1, 36))
def test_renewal_never_shortens_and_always_reaches_beyond_today(days: int, months: int) -> None:
    old = NOW + timedelta(days=days)
    new = rules.renewed_end(old_end=old, now=NOW, zone=ZONE, months=months)
    assert new > max(old, NOW)
    local = new.astimezone(ZoneInfo(ZONE))
    assert (local.hour, local.minute, local.second) == (23, 59, 59)


def test_an_end_in_the_past_is_refused() -> None:
    rules.check_end(expires_at=None, now=NOW)
    with pytest.raises(rules.Refused) as refused:
        rules.check_end(expires_at=NOW, now=NOW)
    assert refused.value.field == "expires_at"


def test_warnings_of_validity() -> None:
    def warnings(purpose: str, kind: str, ends: datetime | None) -> list[str]:
        return rules.validity_warnings(purpose=purpose, kind=kind, expires_at=ends)

    assert warnings("campaign", "several", NOW) == []
    assert warnings("service", "several", None) == []
    assert "长期服务" in warnings("service", "single", NOW)[0]
    assert "短期活动" in warnings("campaign", "several", None)[0]
    assert "拉群" in warnings("service", "group", None)[0]
    assert rules.bulk_renewal_warnings(["campaign", "campaign"]) == []
    assert len(rules.bulk_renewal_warnings(["campaign", "service"])) == 1
