"""The background job that publishes codes anew after a change of the company's reception settings."""

from __future__ import annotations

import pytest
from celery import current_app

from livecode_admin.kernel import clock
from livecode_admin.workspace.models import Job
from livecode_admin.workspace.selectors import notices_latest
from routing.models import RoutingRule
from routing.services import defaults
from routing.services.defaults import defaults_set
from routing.services.republish import TAKEN_UP_AFTER, republish_due, republish_next, republish_step
from tenants.context import tenant_context
from tests.factories import make_tenant
from tests.routing.stage import live_code
from tests.routing.test_defaults import last, last_in


def test_many_codes_are_published_anew_by_a_job_in_the_members_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(defaults, "AT_ONCE", 2)
    tenant = make_tenant()
    codes = [live_code(tenant, roster=1) for _ in range(3)]
    duty = codes[0].staff[0]
    with tenant_context(tenant.id):
        job_id = defaults_set(access=tenant.owner, duty_staff_id=duty, now=clock.now())
        assert [one.version for one in map(last_in, codes)] == [1, 1, 1]
    assert job_id is not None
    current_app.tasks["routing.tasks.republish_codes"](tenant_id=tenant.id, job_id=job_id, user_id=tenant.owner_user_id)
    assert [last(code).data["duty"][1] for code in codes] == [duty] * 3
    assert last(codes[0]).published_by_id == tenant.owner.member_id
    with tenant_context(tenant.id):
        assert Job.objects.get(pk=job_id).state == Job.State.DONE


def test_a_job_whose_hint_was_lost_is_taken_up_again_and_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(defaults, "AT_ONCE", 0)
    tenant = make_tenant()
    code = live_code(tenant, roster=1)
    lost = clock.now() - 2 * TAKEN_UP_AFTER
    with tenant_context(tenant.id):
        job_id = defaults_set(access=tenant.owner, duty_staff_id=code.staff[0], now=lost)
    assert job_id is not None
    (due,) = [one for one in republish_due(clock.now()) if one[0] == tenant.id]
    assert due == (tenant.id, job_id, tenant.owner_user_id)
    assert not [one for one in republish_due(lost) if one[0] == tenant.id]
    for _ in range(2):
        current_app.tasks["routing.tasks.republish_codes"](tenant_id=tenant.id, job_id=job_id, user_id=due[2])
    assert not [one for one in republish_due(clock.now()) if one[0] == tenant.id]
    assert last(code).data["duty"][1] == code.staff[0]
    with tenant_context(tenant.id):
        assert Job.objects.get(pk=job_id).state == Job.State.DONE
        assert len(notices_latest(tenant.owner)) == 1


def test_a_code_that_cannot_be_published_holds_up_no_other_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(defaults, "AT_ONCE", 0)
    tenant = make_tenant()
    codes = [live_code(tenant, roster=1, name=f"活码{place}") for place in range(3)]
    with tenant_context(tenant.id):
        job_id = defaults_set(access=tenant.owner, duty_staff_id=codes[0].staff[0], now=clock.now())
        # No condition that can be read: compiling this code raises each time.
        RoutingRule.objects.update_or_create(code_id=codes[1].code_id, defaults={"conditions": [{"key": "broken"}]})
    assert job_id is not None
    for _ in range(2):
        current_app.tasks["routing.tasks.republish_codes"](
            tenant_id=tenant.id, job_id=job_id, user_id=tenant.owner_user_id
        )
    assert [last(code).version for code in codes] == [2, 1, 2]
    assert not [one for one in republish_due(clock.now() + 2 * TAKEN_UP_AFTER) if one[0] == tenant.id]
    with tenant_context(tenant.id):
        job = Job.objects.get(pk=job_id)
        assert (job.state, job.error) == (Job.State.FAILED, "1 个活码未能重新发布：活码1")


def test_a_job_that_is_taken_up_again_goes_on_where_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(defaults, "AT_ONCE", 0)
    tenant = make_tenant()
    codes = [live_code(tenant, roster=1) for _ in range(2)]
    with tenant_context(tenant.id):
        job_id = defaults_set(access=tenant.owner, duty_staff_id=codes[0].staff[0], now=clock.now())
        assert job_id is not None
        first = republish_next(job_id=job_id, now=clock.now())
        assert first == codes[0].code_id
        for _ in range(2):
            republish_step(access=tenant.owner, job_id=job_id, code_id=first, now=clock.now())
    current_app.tasks["routing.tasks.republish_codes"](tenant_id=tenant.id, job_id=job_id, user_id=tenant.owner_user_id)
    assert [last(code).version for code in codes] == [2, 2]
    with tenant_context(tenant.id):
        assert Job.objects.get(pk=job_id).state == Job.State.DONE
