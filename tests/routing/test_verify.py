"""免验证 and 需验证: rewritten on every way and link of the code, by an edit and at window edges (product.md §1.10)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from livecode_admin.kernel import clock
from routing.models import ContactWay, RoutingRule
from routing.rules.hours import Hours, hours_checked, local_time
from routing.rules.verifying import skip_verify_at
from routing.services.rules import rule_set
from routing.services.verify import doors_claim, tenants_with_verifying
from routing.tasks.verify import rewrite_doors
from tenants.context import tenant_context
from tests.company import Company

ALWAYS = {str(row): [[0, 1440]] for row in range(8)}


def office(start: int = 540, end: int = 1080) -> Hours:
    """Monday to Friday, from nine to six."""
    return hours_checked([*([((start, end),)] * 5), (), (), ()])


@pytest.mark.parametrize(
    ("skip", "hours", "moment", "expected"),
    [
        (True, None, "2026-11-24 10:00", True),
        (False, None, "2026-11-24 10:00", False),
        (True, office(), "2026-11-24 08:59", True),
        (True, office(), "2026-11-24 09:00", False),
        (True, office(), "2026-11-24 18:00", True),
        (True, office(), "2026-11-28 10:00", True),
        (True, office(1320, 360), "2026-11-25 05:59", False),
        (False, office(), "2026-11-28 10:00", False),
    ],
)
def test_need_for_verification_holds_by_the_switch_or_by_the_window(
    skip: bool, hours: Hours | None, moment: str, expected: bool
) -> None:
    local = datetime.fromisoformat(f"{moment}+08:00").astimezone(UTC)
    assert skip_verify_at(skip, hours, local_time(local.timestamp(), "Asia/Shanghai", {})) is expected


def switch(company: Company, code_id: int, **changes: Any) -> None:
    """Change the rule, then let the worker follow."""
    with tenant_context(company.tenant.id):
        rule_set(access=company.tenant.owner, code_id=code_id, now=clock.now(), **changes)
    follow(company)


def follow(company: Company) -> None:
    for _ in range(4):
        rewrite_doors(tenant_id=company.tenant.id)
    company.push_native()


def held(company: Company) -> dict[str, set[bool]]:
    """What WeCom has, by kind of door."""
    return {kind: {door["skip_verify"] for door in company.records(kind)} for kind in ("ways", "links")}


def test_the_switch_is_written_on_every_way_and_link_of_the_code_and_on_no_other(company: Company) -> None:
    code_id = company.code(roster=("LinXiaoTong", "ChenSiYuan"), delivery="link")
    other = company.code()
    switch(company, code_id, skip_verify=False)
    with tenant_context(company.tenant.id):
        of_code = dict(ContactWay.objects.values_list("config_id", "seat__code_id"))
    for way in company.records("ways"):
        assert way["skip_verify"] is (of_code[way["config_id"]] == other)
    assert held(company)["links"] == {False}
    switch(company, code_id, skip_verify=True)
    assert held(company) == {"ways": {True}, "links": {True}}


def test_the_switch_is_written_on_a_native_way(company: Company) -> None:
    code_id = company.code(delivery="native")
    switch(company, code_id, skip_verify=False)
    assert held(company)["ways"] == {False}
    switch(company, code_id, skip_verify=True)
    assert held(company)["ways"] == {True}


def test_a_window_turns_it_on_and_off_by_itself(company: Company) -> None:
    code_id = company.code()
    switch(company, code_id, verify_hours=ALWAYS)
    assert held(company)["ways"] == {False}
    assert company.tenant.id in tenants_with_verifying()
    with tenant_context(company.tenant.id):
        RoutingRule.objects.update(verify_hours={str(clock.now().weekday() + 9): []})  # never
    assert company.tenant.id in tenants_with_verifying()
    follow(company)
    assert held(company)["ways"] == {True}


def test_new_ways_are_made_as_the_rule_says(company: Company) -> None:
    from routing.models import Seat
    from routing.services.ways import _order

    code_id = company.code()
    switch(company, code_id, skip_verify=False)
    with tenant_context(company.tenant.id):
        _order(Seat.objects.get().pk, clock.now())
    company.provision()
    assert (len(company.records("ways")), held(company)["ways"]) == (4, {False})


def test_nothing_is_written_while_nothing_differs(company: Company) -> None:
    company.code()
    follow(company)
    calls = company.sim.get("/sim/calls", corp=company.corp_id)["calls"]
    assert "/cgi-bin/externalcontact/update_contact_way" not in calls


def test_a_refusal_is_kept_and_that_door_is_tried_again_while_the_others_go_on(company: Company) -> None:
    code_id = company.code()
    company.fault("externalcontact/update_contact_way", value=41044, times=1)
    switch(company, code_id, skip_verify=False)
    with tenant_context(company.tenant.id):
        (refused,) = ContactWay.objects.filter(skip_verify=True)
        assert (refused.errcode, refused.status) == (41044, "live")
        assert doors_claim(now=clock.now()) == []
        (again,) = doors_claim(now=clock.now() + timedelta(minutes=3))
        assert again.pk == refused.pk
        ContactWay.objects.update(claimed_until=None)
    follow(company)
    assert held(company)["ways"] == {False}


def test_a_time_out_stops_the_round_and_the_next_one_goes_on(company: Company) -> None:
    code_id = company.code()
    company.fault("externalcontact/update_contact_way", "http500", times=4)
    with tenant_context(company.tenant.id):
        rule_set(access=company.tenant.owner, code_id=code_id, now=clock.now(), skip_verify=False)
    rewrite_doors(tenant_id=company.tenant.id)
    assert held(company)["ways"] == {True}
    with tenant_context(company.tenant.id):
        assert ContactWay.objects.filter(claimed_until=None).count() == 2, "those not tried are free at once"
        ContactWay.objects.update(claimed_until=None)
    follow(company)
    assert held(company)["ways"] == {False}
