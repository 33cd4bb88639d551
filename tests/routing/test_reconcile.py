"""Every night ways and links are compared with WeCom: remade, pushed again or reported, never deleted blindly."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from livecode_admin.kernel import clock
from livecode_admin.workspace.selectors import notices_latest
from routing.models import AcquisitionLink, ContactWay, NativeWay, Seat
from routing.selectors import ways_used
from routing.services.reconcile import ways_retire
from routing.services.roster import SeatInput, roster_set
from routing.tasks.reconcile import reconcile_doors
from tenants.context import tenant_context
from tenants.selectors import wecom_credentials
from tests.company import Company
from tests.factories import client_for

AGES_AGO = timedelta(days=40)


def at_wecom(company: Company, api: str, body: dict[str, Any]) -> Any:
    """Somebody else changes something in WeCom."""
    with tenant_context(company.tenant.id):
        credentials = wecom_credentials()
    assert credentials is not None
    answer = company.sim.api(
        company.sim.token(company.corp_id, credentials.secret), f"/cgi-bin/externalcontact/{api}", body
    )
    assert answer["errcode"] == 0, answer
    return answer


def aged(company: Company, by: timedelta = timedelta(hours=2)) -> None:
    """All doors were made earlier."""
    with tenant_context(company.tenant.id):
        for model in (ContactWay, NativeWay, AcquisitionLink):
            model.objects.update(created_at=clock.now() - by)


def night(company: Company) -> None:
    reconcile_doors(tenant_id=company.tenant.id)
    company.provision()


def ways(company: Company, **of: Any) -> list[ContactWay]:
    with tenant_context(company.tenant.id):
        return list(ContactWay.objects.filter(**of).order_by("id"))


def bell(company: Company) -> list[str]:
    with tenant_context(company.tenant.id):
        return [notice.text for notice in notices_latest(company.tenant.owner)]


def test_a_way_that_vanished_is_remade(company: Company) -> None:
    company.code()
    aged(company)
    gone = ways(company)[0]
    at_wecom(company, "del_contact_way", {"config_id": gone.config_id})
    night(company)
    assert [way.status for way in ways(company)] == ["retired", "live", "live", "live"]
    assert len(company.records("ways")) == 3
    with tenant_context(company.tenant.id):
        seat = Seat.objects.get()
        assert (seat.live_ways, seat.face_way_id == gone.pk) == (3, False)


def test_a_way_that_the_list_doesn_t_know_yet_is_left_alone(company: Company) -> None:
    company.code()
    at_wecom(company, "del_contact_way", {"config_id": ways(company)[0].config_id})
    night(company)
    assert [way.status for way in ways(company)] == ["live"] * 3


def test_ways_that_are_not_ours_stay_as_they_are(company: Company) -> None:
    company.code()
    aged(company)
    other = at_wecom(company, "add_contact_way", {"type": 1, "scene": 2, "user": ["ChenSiYuan"], "state": "other"})
    night(company)
    assert other["config_id"] in {way["config_id"] for way in company.records("ways")}
    assert len(company.records("ways")) == 4


def test_a_native_roster_that_was_changed_elsewhere_is_pushed_again_and_noted(company: Company) -> None:
    company.code(roster=("LinXiaoTong", "ChenSiYuan"), delivery="native")
    aged(company)
    (way,) = company.records("ways")
    at_wecom(company, "update_contact_way", {"config_id": way["config_id"], "user": ["WuZiHan"]})
    reconcile_doors(tenant_id=company.tenant.id)
    with tenant_context(company.tenant.id):
        assert "接待名单" in NativeWay.objects.get().drift
    company.push_native()
    (way,) = company.records("ways")
    assert sorted(way["user"]) == ["ChenSiYuan", "LinXiaoTong"]


def test_a_native_way_that_is_gone_is_told_because_its_print_is_dead(company: Company) -> None:
    company.code(delivery="native")
    aged(company)
    (way,) = company.records("ways")
    at_wecom(company, "del_contact_way", {"config_id": way["config_id"]})
    for _ in range(2):
        reconcile_doors(tenant_id=company.tenant.id)
    assert [text for text in bell(company) if "原生二维码在企业微信中已不存在" in text][1:] == []
    assert "原生二维码在企业微信中已不存在" in bell(company)[0]


def test_a_link_that_is_gone_is_made_again(company: Company) -> None:
    company.code(delivery="link")
    aged(company)
    (link,) = company.records("links")
    at_wecom(company, "customer_acquisition/delete_link", {"link_id": link["link_id"]})
    night(company)
    with tenant_context(company.tenant.id):
        assert list(AcquisitionLink.objects.order_by("id").values_list("status", flat=True)) == ["retired", "live"]


def test_what_nobody_uses_is_given_up_and_its_state_still_names_the_code(company: Company) -> None:
    code_id = company.code(roster=("LinXiaoTong", "ChenSiYuan"))
    with tenant_context(company.tenant.id):
        roster_set(
            access=company.tenant.owner,
            code_id=code_id,
            seats=[SeatInput(company.staff["LinXiaoTong"])],
            now=clock.now() - AGES_AGO,
        )
    aged(company, AGES_AGO)
    gone = ways(company, seat__staff_id=company.staff["ChenSiYuan"])
    reconcile_doors(tenant_id=company.tenant.id)
    assert len(company.records("ways")) == 3
    assert {(way.status, way.config_id) for way in ways(company, pk__in=[way.pk for way in gone])} == {("retired", "")}
    company.add(state=gone[0].state, userid="ChenSiYuan")
    with tenant_context(company.tenant.id):
        from routing.selectors import code_of_way_state

        assert code_of_way_state(gone[0].state) == code_id


def test_ways_beyond_the_first_three_go_when_nobody_was_shown_them_for_a_month(company: Company) -> None:
    from routing.services.ways import _order

    company.code()
    with tenant_context(company.tenant.id):
        for _ in range(2):
            _order(Seat.objects.get().pk, clock.now())
    company.provision()
    with tenant_context(company.tenant.id):
        assert ways_retire(now=clock.now()) == []
    aged(company, AGES_AGO)
    reconcile_doors(tenant_id=company.tenant.id)
    assert [way.status for way in ways(company)] == ["live"] * 3 + ["retired"] * 2


def test_a_deletion_that_fails_is_tried_the_next_night(company: Company) -> None:
    code_id = company.code(roster=("LinXiaoTong", "ChenSiYuan"))
    with tenant_context(company.tenant.id):
        seats = [SeatInput(company.staff["LinXiaoTong"])]
        roster_set(access=company.tenant.owner, code_id=code_id, seats=seats, now=clock.now() - AGES_AGO)
    aged(company, AGES_AGO)
    company.fault("externalcontact/del_contact_way", value=48002, times=1)
    reconcile_doors(tenant_id=company.tenant.id)
    assert len(company.records("ways")) == 6
    reconcile_doors(tenant_id=company.tenant.id)
    assert len(company.records("ways")) == 3


def test_the_ways_in_use_are_counted_against_wecoms_limit(company: Company) -> None:
    company.code()
    company.code(delivery="native")
    with tenant_context(company.tenant.id):
        assert ways_used() == (4, 500_000)
    page = client_for(company.tenant.owner).get(f"/t/{company.tenant.slug}/wecom/").content.decode()
    assert "已用 4 / 500,000" in page


@pytest.mark.parametrize("page", [2])
def test_all_pages_of_the_list_are_read(company: Company, monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    from routing.tasks import reconcile

    monkeypatch.setattr(reconcile, "PAGE", page)
    company.code(roster=("LinXiaoTong", "ChenSiYuan"))
    aged(company)
    night(company)
    assert [way.status for way in ways(company)] == ["live"] * 6
