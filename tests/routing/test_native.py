"""原生: the printed way's roster is kept right in WeCom, pushed only on a difference, never empty (product.md §1.2)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import zxingcpp
from django.test import Client
from PIL import Image

from codes.services import code_pause, code_resume, code_retire
from livecode_admin.kernel import clock
from reception.models import Contact
from routing.models import NativeWay, RoutingRule, StaffDay, StaffLimit
from routing.selectors import roster_rows, ways_progress
from routing.services.native import native_claim, native_look, native_pushed, tenants_with_native_due
from routing.services.roster import SeatInput, roster_set, staff_cap_set
from routing.tasks.native import look_at_native_of, push_native
from tenants.context import tenant_context
from tests.company import Company, make_company
from tests.factories import client_for
from wecom_simulator.testing import RunningSimulator

LIN, CHEN, ZHOU, WU = "LinXiaoTong", "ChenSiYuan", "ZhouYuTong", "WuZiHan"


@pytest.fixture
def company(simulator: RunningSimulator, console_url: str) -> Company:
    """A company whose callbacks arrive."""
    company = make_company(simulator)
    company.listen(console_url)
    return company


def native(company: Company, *roster: str, **changes: Any) -> int:
    """A live native code."""
    return company.code(roster=roster or (LIN, CHEN), delivery="native", **changes)


def users(company: Company) -> list[str]:
    """Whom WeCom chooses among."""
    (way,) = company.records("ways")
    return sorted(way["user"])


def row(company: Company) -> NativeWay:
    with tenant_context(company.tenant.id):
        found: NativeWay = NativeWay.objects.get()
        return found


def duty(company: Company, code_id: int, userid: str) -> None:
    """Name the code's duty person."""
    from routing.services.rules import rule_set

    with tenant_context(company.tenant.id):
        rule_set(access=company.tenant.owner, code_id=code_id, duty_staff_id=company.staff[userid], now=clock.now())
    company.push_native()


def cap(company: Company, userid: str, daily_cap: int) -> None:
    with tenant_context(company.tenant.id):
        staff_cap_set(access=company.tenant.owner, staff_id=company.staff[userid], daily_cap=daily_cap, now=clock.now())


def updates(company: Company) -> int:
    """How often this corp was asked to change a way."""
    calls = company.sim.get("/sim/calls", corp=company.corp_id)["calls"]
    return int(calls.get("/cgi-bin/externalcontact/update_contact_way", 0))


def add(company: Company) -> None:
    """A customer scans the printed QR and adds whom WeCom gives them."""
    company.sim.post(f"/sim/customers/{company.customer()}/add", {"text": row(company).qr_content})


def test_a_native_code_has_one_way_for_all_and_goes_live_with_it(company: Company) -> None:
    code_id = native(company)
    (way,) = company.records("ways")
    assert (way["type"], way["scene"], sorted(way["user"]), way["skip_verify"]) == (2, 2, [CHEN, LIN], True)
    assert way["state"] == row(company).state
    with tenant_context(company.tenant.id):
        assert ways_progress(code_id) == (1, 1, 0)
        assert {seat.state for seat in roster_rows(company.tenant.owner, code_id)} == {"receiving"}
    assert updates(company) == 0


def test_what_is_printed_is_wecoms_own_qr(company: Company) -> None:
    code_id = native(company)
    client: Client = client_for(company.tenant.owner)
    page = client.get(f"/t/{company.tenant.slug}/codes/{code_id}/").content.decode()
    assert "由企业微信在名单内分配，每日上限可能略有超出" in page
    assert row(company).qr_content.split("://")[1] in page
    answer = client.get(f"/t/{company.tenant.slug}/codes/{code_id}/qr.png")
    assert answer.status_code == 200
    import io

    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(answer.getvalue())))
    assert found.text == row(company).qr_content
    assert "/u/" in found.text


def test_nothing_is_pushed_while_nothing_differs(company: Company) -> None:
    native(company)
    for _ in range(3):
        company.push_native()
    assert updates(company) == 0


def test_an_add_is_exact_for_the_code_and_counts_to_the_caps_of_whom_wecom_chose(company: Company) -> None:
    code_id = native(company, LIN)
    add(company)
    company.work_through()
    with tenant_context(company.tenant.id):
        contact = Contact.objects.get()
        assert (contact.code_id, contact.match, contact.staff_id) == (code_id, "exact", company.staff[LIN])
        assert list(StaffDay.objects.values_list("staff_id", "assigned", "added", "late")) == [
            (company.staff[LIN], 1, 1, 0)
        ]


def test_who_reaches_the_cap_leaves_the_roster_and_is_back_after_midnight(company: Company) -> None:
    native(company)
    for userid in (LIN, CHEN):
        cap(company, userid, 1)
    add(company)
    company.work_through()
    company.push_native()
    (way,) = company.records("ways")
    (left,) = way["user"]
    with tenant_context(company.tenant.id):
        served = StaffDay.objects.get(assigned=1).staff_id
    assert company.staff[left] != served
    tomorrow = clock.day_start(clock.local_day(clock.now(), "Asia/Shanghai") + timedelta(days=1), "Asia/Shanghai")
    company.push_native(after=tomorrow - clock.now() + timedelta(seconds=1))
    assert users(company) == [CHEN, LIN]
    assert updates(company) == 2


def test_an_add_has_the_code_looked_at_at_once(company: Company) -> None:
    native(company, LIN)
    with tenant_context(company.tenant.id):
        NativeWay.objects.update(next_look_at=clock.now() + timedelta(minutes=5))
    add(company)
    company.work_through()
    look_at_native_of(tenant_id=company.tenant.id, staff_id=company.staff[CHEN])
    assert company.tenant.id not in tenants_with_native_due(clock.now()), "somebody else's add"
    look_at_native_of(tenant_id=company.tenant.id, staff_id=company.staff[LIN])
    assert company.tenant.id in tenants_with_native_due(clock.now())


def test_rung_by_rung_to_the_backup_and_the_duty_person(company: Company) -> None:
    code_id = native(company, LIN, backups=[company.staff[CHEN], company.staff[ZHOU]])
    cap(company, LIN, 0)
    company.push_native()
    assert users(company) == [CHEN]
    cap(company, CHEN, 0)
    company.push_native()
    assert users(company) == [ZHOU]
    cap(company, ZHOU, 0)
    company.push_native()
    assert users(company) == [ZHOU], "never empty: without a duty person the last ones stay"
    duty(company, code_id, WU)
    assert users(company) == [WU]


def test_a_leave_is_felt_and_so_is_its_end(company: Company) -> None:
    native(company)
    with tenant_context(company.tenant.id):
        StaffLimit.objects.update_or_create(
            staff_id=company.staff[LIN], defaults={"paused_until": clock.now() + timedelta(hours=2)}
        )
    company.push_native()
    assert users(company) == [CHEN]
    company.push_native(after=timedelta(hours=3))
    assert users(company) == [CHEN, LIN]


def test_a_change_of_the_roster_is_pushed(company: Company) -> None:
    code_id = native(company)
    with tenant_context(company.tenant.id):
        seats = [SeatInput(company.staff[ZHOU]), SeatInput(company.staff[CHEN])]
        roster_set(access=company.tenant.owner, code_id=code_id, seats=seats, now=clock.now())
    assert company.tenant.id in tenants_with_native_due(clock.now())
    company.push_native()
    assert users(company) == [CHEN, ZHOU]


def test_paused_and_retired_codes_lead_to_the_duty_person_and_the_way_is_never_deleted(company: Company) -> None:
    code_id = native(company)
    duty(company, code_id, WU)
    assert users(company) == [CHEN, LIN]
    for change, expected in ((code_pause, [WU]), (code_resume, [CHEN, LIN]), (code_retire, [WU])):
        with tenant_context(company.tenant.id):
            change(access=company.tenant.owner, code_id=code_id, now=clock.now())
        company.push_native()
        assert users(company) == expected


def test_an_expired_code_leads_to_the_duty_person(company: Company) -> None:
    code_id = native(company, expires_at=clock.now() + timedelta(days=1))
    duty(company, code_id, WU)
    company.push_native(after=timedelta(days=2))
    assert users(company) == [WU]


def test_the_code_is_looked_at_again_at_the_edge_of_a_window(company: Company) -> None:
    code_id = native(company)
    edge = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)  # Tuesday 17:30 in Shanghai
    with tenant_context(company.tenant.id):
        RoutingRule.objects.update_or_create(code_id=code_id, defaults={"verify_hours": {"1": [[540, 1050]]}})
        NativeWay.objects.update(next_look_at=edge - timedelta(hours=1))
        native_look(now=edge - timedelta(seconds=8))
        assert NativeWay.objects.get().next_look_at == edge
        assert NativeWay.objects.get().wanted["skip_verify"] is False
        native_look(now=edge)
        assert NativeWay.objects.get().wanted["skip_verify"] is True


def test_a_stale_push_never_has_the_last_word(company: Company) -> None:
    native(company)
    cap(company, LIN, 0)
    with tenant_context(company.tenant.id):
        (way_id,) = native_look(now=clock.now() + timedelta(minutes=1))
        stale = native_claim(way_id=way_id, now=clock.now())
        assert stale is not None
        NativeWay.objects.update(claimed_until=None)  # its time is over; the worker hangs
    cap(company, LIN, 100)
    cap(company, CHEN, 0)
    company.push_native(after=timedelta(minutes=2))
    assert users(company) == [LIN]
    company.sim.api(
        token_of(company), "/cgi-bin/externalcontact/update_contact_way",
        {"config_id": stale.config_id, "user": list(stale.users)},
    )  # fmt: skip
    with tenant_context(company.tenant.id):
        assert native_pushed(push=stale, now=clock.now()) is False
    push_native(tenant_id=company.tenant.id, way_id=way_id)
    assert users(company) == [LIN]
    assert row(company).pushed_version == row(company).wanted_version


def test_only_one_push_of_a_code_is_under_way(company: Company) -> None:
    native(company)
    cap(company, LIN, 0)
    with tenant_context(company.tenant.id):
        (way_id,) = native_look(now=clock.now() + timedelta(minutes=1))
        assert native_claim(way_id=way_id, now=clock.now()) is not None
        assert native_claim(way_id=way_id, now=clock.now()) is None


@pytest.mark.parametrize(("kind", "value", "errcode"), [("errcode", 41054, 41054), ("http500", 0, -1)])
def test_a_refused_or_lost_push_keeps_the_old_roster_and_is_tried_again(
    company: Company, kind: str, value: int, errcode: int
) -> None:
    native(company)
    company.fault("externalcontact/update_contact_way", kind, value=value, times=4)
    cap(company, LIN, 0)
    company.push_native()
    held = row(company)
    assert (users(company), held.status, held.errcode, bool(held.error)) == ([CHEN, LIN], "live", errcode, True)
    company.sim.delete("/sim/faults")
    company.push_native()
    assert users(company) == [CHEN, LIN], "not before its time"
    with tenant_context(company.tenant.id):
        NativeWay.objects.update(next_at=None)
    company.push_native()
    assert (users(company), row(company).error) == ([CHEN], "")


def test_a_way_that_could_not_be_made_is_made_later_and_the_code_waits_for_it(company: Company) -> None:
    company.fault("externalcontact/add_contact_way", value=84074, times=1)
    code_id = native(company)
    assert (row(company).status, row(company).errcode) == ("failed", 84074)
    with tenant_context(company.tenant.id):
        assert ways_progress(code_id) == (0, 1, 1)
        NativeWay.objects.update(next_at=None)
    client: Client = client_for(company.tenant.owner)
    assert client.get(f"/t/{company.tenant.slug}/codes/{code_id}/qr.png").status_code == 404
    company.push_native()
    assert (row(company).status, users(company)) == ("live", [CHEN, LIN])


def token_of(company: Company) -> str:
    from tenants.selectors import wecom_credentials

    with tenant_context(company.tenant.id):
        credentials = wecom_credentials()
    assert credentials is not None
    return company.sim.token(company.corp_id, credentials.secret)
