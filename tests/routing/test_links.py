"""获客链接: one per seat, the scan in its token, the hosted page whenever WeCom's links fail (product.md §1.2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from livecode_admin.kernel import clock
from livecode_admin.kernel.ids import time_ordered_uuid
from livecode_admin.workspace.selectors import notices_latest
from reception.models import Contact
from routing.models import AcquisitionLink, ReceptionDefault, Seat, Slot, StaffDay, VisitorFriend
from routing.rules.links import channel_of
from routing.services.links import friend_requested, link_down, link_recovered, links_due
from routing.services.requests import requests_remind, tenants_with_requests
from routing.services.slots import SCAN_MAY_FOLLOW, ScanNotHereYet, slots_expire
from routing.tasks.links import probe_link, provision_link, watch_quota
from routing.tasks.requests import remind
from tenants.context import tenant_context
from tests.company import Company, make_company
from tests.routing.conftest import Edges, new_cookie
from wecom_simulator.testing import RunningSimulator

pytestmark = pytest.mark.processes
LINK_API = "externalcontact/customer_acquisition/"


@pytest.fixture
def company(simulator: RunningSimulator, console_url: str) -> Company:
    """A company whose callbacks arrive."""
    company = make_company(simulator)
    company.listen(console_url)
    return company


def scan(company: Company, edges: Edges, code_id: int, **more: Any) -> tuple[int, str]:
    """Scan once: the status, and where to (empty for a page)."""
    found = edges.scan(company.slug(code_id), **more)
    return found.status_code, found.headers.get("location", "")


def add(company: Company, text: str, person: str = "", **more: Any) -> None:
    """A customer opens a link and taps 添加."""
    company.sim.post(f"/sim/customers/{person or company.customer()}/add", {"text": text, **more})


def the_link(company: Company) -> AcquisitionLink:
    with tenant_context(company.tenant.id):
        row: AcquisitionLink = AcquisitionLink.objects.latest("id")
        return row


def rows(company: Company, model: Any, *names: str) -> list[Any]:
    with tenant_context(company.tenant.id):
        return list(model.objects.order_by("id").values_list(*names))


def test_each_seat_of_a_link_code_has_a_link_of_its_own_and_a_pool_behind_it(company: Company) -> None:
    company.code(roster=("LinXiaoTong", "ChenSiYuan"), delivery="link")
    made = company.records("links")
    assert sorted(link["range"]["user_list"] for link in made) == [["ChenSiYuan"], ["LinXiaoTong"]]
    assert all(len(link["link_name"]) <= 30 and link["skip_verify"] for link in made)
    urls = {link["url"] for link in made}
    assert {url for url, ways in rows(company, Seat, "link_url", "live_ways") if ways == 3} == urls


def test_a_scan_goes_to_the_link_and_its_add_names_exactly_that_scan(company: Company, edges: Edges) -> None:
    code_id, cookie = company.code(delivery="link"), new_cookie()
    status, first = scan(company, edges, code_id, query="?p=a")
    _, second = scan(company, edges, code_id, query="?p=b", cookie=cookie)
    assert status == 302
    scans = [(channel_of(str(scan_id)), scan_id) for (scan_id,) in rows(company, Slot, "scan_id")]
    assert [first, second] == [f"{the_link(company).url}?customer_channel={channel}" for channel, _ in scans]
    add(company, second)
    company.work_through(2)
    assert rows(company, Slot, "state") == [("waiting",), ("friend",)]
    with tenant_context(company.tenant.id):
        contact = Contact.objects.get()
        assert (contact.code_id, contact.match, contact.sub_channel) == (code_id, "exact", "b")
        (visitor,) = Slot.objects.filter(scan_id=scans[1][1]).values_list("visitor", flat=True)
        assert list(VisitorFriend.objects.values_list("visitor", "staff_id")) == [
            (visitor, company.staff["LinXiaoTong"])
        ]
        assert list(StaffDay.objects.values_list("assigned", "added", "late")) == [(2, 1, 0)]


def test_an_add_after_the_slot_was_given_back_is_late_and_still_exact(company: Company, edges: Edges) -> None:
    code_id = company.code(delivery="link")
    _, address = scan(company, edges, code_id)
    with tenant_context(company.tenant.id):
        slots_expire(now=clock.now() + timedelta(minutes=31))
    add(company, address)
    company.work_through(2)
    with tenant_context(company.tenant.id):
        contact = Contact.objects.get()
        assert (contact.match, contact.late, contact.code_id) == ("exact", True, code_id)
        assert list(StaffDay.objects.values_list("assigned", "added", "late")) == [(0, 1, 1)]


def test_a_friend_request_waits_and_keeps_the_slot(company: Company, edges: Edges) -> None:
    code_id = company.code(delivery="link")
    company.sim.post("/sim/corps", {"corp_id": company.corp_id, "half_event": "none"})
    _, address = scan(company, edges, code_id)
    token = company.sim.token(company.corp_id, secret_of(company))
    body = {"link_id": the_link(company).link_id, "skip_verify": False}
    company.sim.api(token, f"/cgi-bin/{LINK_API}update_link", body)
    before = rows(company, Slot, "held_until")[0][0]
    add(company, address)
    assert company.work_through() == ["已记录好友申请"]
    requested, held, state = rows(company, Slot, "requested_at", "held_until", "state")[0]
    assert (state, requested is not None, held >= before) == ("waiting", True, True)


def test_a_request_that_waits_reminds_the_receptionist_after_3_minutes_and_the_lead_after_10(
    company: Company, edges: Edges
) -> None:
    code_id = company.code(delivery="link")
    scan(company, edges, code_id)
    now = clock.now()
    with tenant_context(company.tenant.id):
        Slot.objects.update(requested_at=now - timedelta(minutes=2))
        assert requests_remind(now=now) == []
        Slot.objects.update(requested_at=now - timedelta(minutes=4))
    assert company.tenant.id in tenants_with_requests(now)
    for _ in range(2):
        remind(tenant_id=company.tenant.id)
    (message,) = company.records("messages")
    assert (message["touser"], message["body"]["content"]) == (
        ["LinXiaoTong"],
        "有 1 位客户的好友申请等待超过 3 分钟，请尽快通过",
    )
    with tenant_context(company.tenant.id):
        requests_remind(now=now + timedelta(minutes=7))
        requests_remind(now=now + timedelta(minutes=8))
        assert [notice.text for notice in notices_latest(company.tenant.owner)] == [
            "林晓彤有 1 位客户的好友申请等待超过 10 分钟，尚未通过"
        ]
    assert company.tenant.id not in tenants_with_requests(now + timedelta(minutes=9))


def test_a_request_is_reminded_of_after_its_slot_was_given_back_until_the_add(company: Company, edges: Edges) -> None:
    code_id = company.code(delivery="link")
    scan(company, edges, code_id)
    now = clock.now()
    with tenant_context(company.tenant.id):
        (scan_id,) = Slot.objects.values_list("scan_id", flat=True)
        slots_expire(now=now + timedelta(minutes=31))
        asked = now + timedelta(minutes=40)
        assert friend_requested(state=channel_of(str(scan_id)), occurred_at=asked, now=asked) == "已记录好友申请"
        assert requests_remind(now=asked + timedelta(minutes=2)) == []
        soon = requests_remind(now=asked + timedelta(minutes=3))
        assert [one.userids for one in soon] == [("LinXiaoTong",)]
        assert list(Slot.objects.values_list("state", flat=True)) == ["returned"]
    assert company.tenant.id in tenants_with_requests(asked + timedelta(minutes=10))
    with tenant_context(company.tenant.id):
        Slot.objects.update(state=Slot.State.FRIEND)
        assert requests_remind(now=asked + timedelta(minutes=10)) == []
    assert company.tenant.id not in tenants_with_requests(asked + timedelta(minutes=10))


def test_a_request_that_overtakes_its_scan_waits_for_it(company: Company) -> None:
    now = clock.now()
    state = channel_of(str(time_ordered_uuid(now)))
    with tenant_context(company.tenant.id):
        with pytest.raises(ScanNotHereYet):
            friend_requested(state=state, occurred_at=now, now=now + timedelta(seconds=1))
        late = now + SCAN_MAY_FOLLOW
        assert friend_requested(state=state, occurred_at=now, now=late) == "申请对应的扫码已结束"


def test_with_the_quota_used_up_scans_see_the_hosted_page_and_links_come_back_with_it(
    company: Company, edges: Edges
) -> None:
    code_id = company.code(delivery="link")
    company.sim.post("/sim/corps", {"corp_id": company.corp_id, "quota_balance": 1})
    _, address = scan(company, edges, code_id)
    add(company, address)
    assert "获客助手额度已用完，改用托管页面" in company.work_through(3)
    assert scan(company, edges, code_id) == (200, "")
    assert [way is not None for _, way in rows(company, Slot, "link", "way_id")] == [False, True]
    company.sim.post("/sim/corps", {"corp_id": company.corp_id, "quota_balance": 50})
    tell(company, "balance_increased")
    company.work_through()
    assert scan(company, edges, code_id)[0] == 302


def test_the_quota_itself_is_read_when_its_events_are_lost(company: Company, edges: Edges) -> None:
    code_id = company.code(delivery="link")
    company.sim.post("/sim/corps", {"corp_id": company.corp_id, "quota_balance": 0})
    watch_quota(tenant_id=company.tenant.id)
    assert scan(company, edges, code_id)[0] == 200
    company.sim.post("/sim/corps", {"corp_id": company.corp_id, "quota_balance": 7})
    watch_quota(tenant_id=company.tenant.id)
    assert rows(company, ReceptionDefault, "links_exhausted_at") == [(None,)]
    assert scan(company, edges, code_id)[0] == 302


def test_an_unavailable_link_is_passed_over_and_looked_at_again(company: Company, edges: Edges) -> None:
    code_id = company.code(delivery="link")
    row = the_link(company)
    tell(company, "link_unavailable", LinkId=row.link_id)
    assert company.work_through() == ["获客链接不可用，改用托管页面"]
    assert scan(company, edges, code_id) == (200, "")
    assert (company.tenant.id, row.pk, True) in links_due(clock.now() + timedelta(minutes=11), limit=10_000)
    probe_link(tenant_id=company.tenant.id, link=row.pk)
    assert the_link(company).status == "unavailable", "not before its time"
    with tenant_context(company.tenant.id):
        AcquisitionLink.objects.update(next_at=clock.now())
    probe_link(tenant_id=company.tenant.id, link=row.pk)
    assert (the_link(company).status, scan(company, edges, code_id)[0]) == ("live", 302)


def test_a_link_that_recovers_while_its_person_is_out_of_the_roster_serves_when_they_are_back(company: Company) -> None:
    company.code(delivery="link")
    link = the_link(company)
    with tenant_context(company.tenant.id):
        link_down(link_id=link.link_id, now=clock.now())
        Seat.objects.update(removed_at=clock.now())
        link_recovered(link=link.pk, now=clock.now())
        Seat.objects.update(removed_at=None)
    assert rows(company, Seat, "link_url") == [(link.url,)]


def test_a_link_that_was_deleted_in_wecom_is_made_again(company: Company, edges: Edges) -> None:
    code_id = company.code(delivery="link")
    old = the_link(company)
    tell(company, "delete_link", LinkId=old.link_id)
    company.work_through()
    assert scan(company, edges, code_id)[0] == 200
    company.provision()
    assert the_link(company).pk != old.pk
    assert scan(company, edges, code_id)[0] == 302


@pytest.mark.parametrize(("kind", "value", "errcode"), [("errcode", 48002, 48002), ("http500", 0, -1)])
def test_a_refused_or_lost_link_is_kept_in_words_and_scans_go_on_by_contact_way(
    company: Company, edges: Edges, kind: str, value: int, errcode: int
) -> None:
    company.fault(f"{LINK_API}create_link", kind, value=value, times=4)
    code_id = company.code(delivery="link")
    row = the_link(company)
    assert (row.status, row.errcode, bool(row.error)) == ("failed", errcode, True)
    assert scan(company, edges, code_id)[0] == 200
    company.sim.delete("/sim/faults")
    assert (company.tenant.id, row.pk, False) in links_due(clock.now() + timedelta(hours=1), limit=10_000)
    provision_link(tenant_id=company.tenant.id, link=row.pk)
    assert (the_link(company).status, scan(company, edges, code_id)[0]) == ("live", 302)


def test_events_of_links_that_are_not_ours_change_nothing(company: Company) -> None:
    company.code(delivery="link")
    for change in ("link_unavailable", "delete_link"):
        tell(company, change, LinkId="caSomebodyElses")
    tell(company, "friend_request", LinkId="caSomebodyElses", State="their-own-channel")
    company.work_through(3)
    assert the_link(company).status == "live"


def test_an_add_whose_scan_is_still_to_be_written_waits_for_it(company: Company, edges: Edges) -> None:
    from reception.models import InboxEvent
    from routing.services.slots import ScanNotHereYet

    company.code(delivery="link")
    company.sim.post(
        f"/sim/customers/{company.customer()}/add",
        {"corp_id": company.corp_id, "userid": "LinXiaoTong", "state": f"S{'0' * 32}"},
    )
    with pytest.raises(ScanNotHereYet):
        company.work_through()
    assert rows(company, InboxEvent, "state", "note") == [("new", "ScanNotHereYet")]


def tell(company: Company, change: str, **fields: str) -> None:
    """WeCom's callback about links."""
    company.sim.post(
        f"/sim/corps/{company.corp_id}/callback",
        {"event": "customer_acquisition", "change_type": change, "fields": fields},
    )


def secret_of(company: Company) -> str:
    from tenants.selectors import wecom_credentials

    with tenant_context(company.tenant.id):
        credentials = wecom_credentials()
    assert credentials is not None
    return credentials.secret
