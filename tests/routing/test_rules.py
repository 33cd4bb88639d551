"""Rules of a code as a service: each field with its capability, refused as a whole, kept at each version."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from codes.selectors import NotFound
from codes.services import code_create
from livecode_admin.kernel import clock
from people.models import Staff
from permissions.access import Denied, ObjectScope
from permissions.capabilities import capability_for
from permissions.models import AuditEntry
from routing.models import RoutingRule, Seat, Snapshot
from routing.rules.ruleset import FIELDS, Rules, rules_from_json
from routing.selectors.compiled import rules_of
from routing.services.rules import RuleRefused, rule_set, rules_preview
from tenants.context import tenant_context
from tests.factories import TenantFixture
from tests.routing.rulestage import EVENING, changed, holding, refused, stored
from tests.routing.stage import StageCode, live_code


def other_value(name: str, code: StageCode, other: StageCode) -> dict[str, Any]:
    """A change of this field, with what it needs to be taken."""
    condition = {"key": 0, "name": "二号点位", "subs": ["m2"], "staff": [code.staff[0]]}
    values: dict[str, Any] = {
        "strategy": "weighted",
        "turns_count": "adds",
        "overflow": False,
        "peak_overflow": True,
        "peak_window_seconds": 600,
        "pending_seconds": 900,
        "sticky_seconds": 3600,
        "hours": EVENING,
        "conditions": [condition],
        "duty_staff_id": other.staff[0],
        "skip_verify": False,
        "verify_hours": EVENING,
    }
    if name in ("fallback", "fallback_code_id"):
        return {"fallback": "code", "fallback_code_id": other.code_id}
    return {name: values[name]}


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_each_field_needs_its_capability_and_only_that_and_its_version_keeps_it(
    tenant: TenantFixture, name: str
) -> None:
    code, other = live_code(tenant, roster=2), live_code(tenant, roster=1)
    needed = capability_for(*FIELDS[name]) or ""
    every = {"routing.rules", "routing.roster", "routing.caps", "codes.edit", "codes.renew", "tenant.settings"}
    changes = other_value(name, code, other)
    with tenant_context(tenant.id):
        before = Snapshot.objects.filter(code=code.code_id).count()
        without = holding(tenant.owner, *(every - {needed}))
        with pytest.raises(Denied) as denied:
            rule_set(access=without, code_id=code.code_id, now=clock.now(), **changes)
        assert denied.value.missing == (needed,)
        assert rules_of(code.code_id) == Rules()
        done = rule_set(access=holding(tenant.owner, needed), code_id=code.code_id, now=clock.now(), **changes)
        assert name in done
        versions = Snapshot.objects.filter(code=code.code_id).order_by("-version")
        assert versions.count() == before + 1
        assert rules_from_json(versions[0].rule) == rules_of(code.code_id) != Rules()
        assert versions[0].reason == "rules"


def test_one_field_that_may_not_be_changed_refuses_the_whole_save(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=1)
    member = tenant.member("system_config")  # has routing.rules, not codes.edit
    with tenant_context(tenant.id), pytest.raises(Denied) as denied:
        rule_set(access=member, code_id=code.code_id, now=clock.now(), overflow=False, fallback="page")
    assert denied.value.missing == ("codes.edit",)
    assert stored(code) == Rules()


def test_an_unknown_field_is_a_mistake_and_changes_nothing(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=1)
    with pytest.raises(TypeError, match="colour"):
        changed(code, overflow=False, colour="red")
    assert stored(code) == Rules()


def test_rules_given_for_one_code_reach_that_code_alone(tenant: TenantFixture) -> None:
    code, other = live_code(tenant, roster=1), live_code(tenant, roster=1)
    viewer = holding(tenant.owner)
    given = replace(viewer, object_scopes={"routing.rules": ObjectScope(codes=frozenset({code.code_id}))})
    with tenant_context(tenant.id):
        assert rule_set(access=given, code_id=code.code_id, now=clock.now(), overflow=False) == ["overflow"]
        with pytest.raises(Denied):
            rule_set(access=given, code_id=other.code_id, now=clock.now(), overflow=False)


def test_another_companys_code_is_not_there(tenant: TenantFixture, other_tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=1)
    with tenant_context(other_tenant.id), pytest.raises(NotFound):
        rule_set(access=other_tenant.owner, code_id=code.code_id, now=clock.now(), overflow=False)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"strategy": "random"}, "strategy"),
        ({"turns_count": "clicks"}, "turns_count"),
        ({"overflow": "yes"}, "overflow"),
        ({"pending_seconds": 59}, "pending_seconds"),
        ({"pending_seconds": 86_401}, "pending_seconds"),
        ({"pending_seconds": True}, "pending_seconds"),
        ({"sticky_seconds": -1}, "sticky_seconds"),
        ({"sticky_seconds": 30 * 86_400 + 1}, "sticky_seconds"),
        ({"peak_window_seconds": 3601}, "peak_window_seconds"),
        ({"hours": {}}, "hours"),
        ({"hours": {"0": [[540, 3000]]}}, "hours"),
        ({"hours": [1, 2]}, "hours"),
        ({"verify_hours": {"0": [["a", 3]]}}, "verify_hours"),
        ({"conditions": [7]}, "conditions"),
        ({"fallback": "moon"}, "fallback"),
        ({"fallback": "duty"}, "fallback"),
        ({"fallback": "code"}, "fallback_code_id"),
        ({"duty_staff_id": 999_999_999}, "duty_staff_id"),
    ],
)
def test_what_can_t_be_kept_is_refused_beside_its_field(
    tenant: TenantFixture, changes: dict[str, Any], field: str
) -> None:
    code = live_code(tenant, roster=1)
    assert set(refused(code, **changes)) == {field}
    assert stored(code) == Rules()


def test_a_duty_person_who_cannot_receive_is_refused_by_name(tenant: TenantFixture) -> None:
    code, other = live_code(tenant, roster=1), live_code(tenant, roster=1)
    with tenant_context(tenant.id):
        Staff.objects.filter(pk=other.staff[0]).update(can_receive=False, cannot_reason="no_follow")
    assert refused(code, duty_staff_id=other.staff[0])["duty_staff_id"].startswith("林晓彤无法接待：")


def test_the_history_names_people_and_values_not_numbers(tenant: TenantFixture) -> None:
    code, other = live_code(tenant, roster=2), live_code(tenant, roster=1)
    condition = {"key": 0, "name": "夜间", "hours": EVENING, "staff": [code.staff[1]]}
    changed(code, duty_staff_id=other.staff[0], overflow=False, conditions=[condition])
    with tenant_context(tenant.id):
        entry = AuditEntry.objects.get(action="code.rules_changed", object_id=code.code_id)
    assert entry.before == {"duty_staff_id": "按企业设置", "overflow": "开", "conditions": "无，使用整个名单"}
    assert entry.after == {
        "duty_staff_id": "林晓彤",
        "overflow": "关",
        "conditions": "夜间：周一 18:00–22:00 → 王一鸣",
    }


def test_a_draft_keeps_its_rules_without_a_version(tenant: TenantFixture) -> None:
    now = clock.now()
    with tenant_context(tenant.id):
        code_id = code_create(access=tenant.owner, now=now, name="草稿规则", purpose="service", purpose_text="售后")
        assert rule_set(access=tenant.owner, code_id=code_id, now=now, overflow=False) == ["overflow"]
        assert not Snapshot.objects.filter(code=code_id).exists()


def test_a_new_duty_person_gets_a_seat_with_contact_ways(tenant: TenantFixture) -> None:
    code, other = live_code(tenant, roster=1), live_code(tenant, roster=1)
    changed(code, duty_staff_id=other.staff[0])
    with tenant_context(tenant.id):
        seat = Seat.objects.get(code=code.code_id, rung=Seat.Rung.DUTY, removed_at=None)
        assert (seat.staff_id, seat.ways.count() > 0) == (other.staff[0], True)


def test_a_look_at_the_changes_checks_the_same_and_keeps_nothing(tenant: TenantFixture) -> None:
    code = live_code(tenant, roster=1)
    with tenant_context(tenant.id):
        before, after = rules_preview(
            access=code.access, code_id=code.code_id, now=clock.now(), changes={"overflow": False}
        )
        assert before.differing(after) == ["overflow"]
        with pytest.raises(RuleRefused):
            rules_preview(access=code.access, code_id=code.code_id, now=clock.now(), changes={"pending_seconds": 1})
        with pytest.raises(Denied):
            rules_preview(
                access=tenant.member("campaign_ops"),
                code_id=code.code_id,
                now=clock.now(),
                changes={"overflow": False},
            )
        assert not RoutingRule.objects.filter(code=code.code_id).exists()


def test_what_wecom_decides_itself_is_refused_for_native_codes(tenant: TenantFixture) -> None:
    now = clock.now()
    with tenant_context(tenant.id):
        code_id = code_create(
            access=tenant.owner, now=now, name="原生码", purpose="service", purpose_text="售后", delivery="native"
        )
        for changes in ({"strategy": "weighted"}, {"peak_overflow": True}, {"sticky_seconds": 0}, {"fallback": "page"}):
            with pytest.raises(RuleRefused, match="原生活码由企业微信分配"):
                rule_set(access=tenant.owner, code_id=code_id, now=now, **changes)
        applies: dict[str, Any] = {"overflow": False, "hours": EVENING, "skip_verify": False}
        assert rule_set(access=tenant.owner, code_id=code_id, now=now, **applies) == [*applies]
