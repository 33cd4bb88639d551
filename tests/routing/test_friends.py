"""Friends: a cookie is tied by an exact match alone, and only while the friendship lasts (product.md §2.2, §2.6)."""

from __future__ import annotations

import pytest

from livecode_admin.kernel import clock
from reception.models import Contact
from routing.models import ContactWay, ReceptionDefault, Slot, StaffDay, VisitorFriend
from tenants.context import tenant_context
from tests.company import Company, make_company
from tests.routing.conftest import Edges, new_cookie
from wecom_simulator.testing import RunningSimulator

pytestmark = pytest.mark.processes


@pytest.fixture
def company(simulator: RunningSimulator, console_url: str) -> Company:
    """A company whose callbacks arrive."""
    company = make_company(simulator)
    company.listen(console_url)
    return company


def arrive(company: Company, edges: Edges, code_id: int, cookie: str, person: str) -> None:
    """Scan, and add by the way that was leased."""
    edges.scan(company.slug(code_id), cookie=cookie)
    with tenant_context(company.tenant.id):
        slot = Slot.objects.latest("id")
        way = ContactWay.objects.select_related("seat__staff").get(pk=slot.way_id)
    company.add(state=way.state, userid=way.seat.staff.wecom_userid, person=person)
    company.work_through()


def ties(company: Company) -> list[int]:
    with tenant_context(company.tenant.id):
        return list(VisitorFriend.objects.values_list("staff_id", flat=True))


def served(company: Company) -> int:
    """The colleague of the newest scan."""
    from routing.models import Scan

    with tenant_context(company.tenant.id):
        newest = Scan.objects.filter(tenant_id=company.tenant.id).latest("id")
        assert newest.staff_id is not None
        return int(newest.staff_id)


def test_a_friend_is_led_to_their_friend_on_another_code_until_they_part(company: Company, edges: Edges) -> None:
    first, cookie, person = company.code(roster=("LinXiaoTong",)), new_cookie(), company.customer()
    second = company.code(roster=("ChenSiYuan", "LinXiaoTong"))
    arrive(company, edges, first, cookie, person)
    assert ties(company) == [company.staff["LinXiaoTong"]]
    edges.scan(company.slug(second), cookie=cookie)
    assert served(company) == company.staff["LinXiaoTong"]
    company.sim.post(f"/sim/customers/{person}/delete", {"corp_id": company.corp_id, "userid": "LinXiaoTong"})
    company.work_through()
    assert ties(company) == []
    edges.scan(company.slug(second), cookie=cookie)
    assert served(company) == company.staff["ChenSiYuan"]


def test_an_estimate_ties_no_cookie(company: Company, edges: Edges) -> None:
    code_id = company.code()
    for _ in range(4):
        edges.scan(company.slug(code_id), cookie=new_cookie())
    with tenant_context(company.tenant.id):
        way = ContactWay.objects.get(pk=Slot.objects.latest("id").way_id)
    company.add(state=way.state)
    company.work_through()
    with tenant_context(company.tenant.id):
        assert Contact.objects.get().match == "oldest"
    assert ties(company) == []


@pytest.mark.parametrize(("counts", "expected"), [(False, (0, 0, 0)), (True, (0, 1, 1))])
def test_friends_from_outside_count_where_the_company_wants_that(
    company: Company, edges: Edges, counts: bool, expected: tuple[int, int, int]
) -> None:
    code_id = company.code()
    with tenant_context(company.tenant.id):
        ReceptionDefault.objects.create(outside_count=counts)
        from routing.services.roster import staff_cap_set

        staff_cap_set(access=company.tenant.owner, staff_id=company.staff["LinXiaoTong"], daily_cap=1, now=clock.now())
    company.add(state="")
    company.work_through()
    with tenant_context(company.tenant.id):
        assert StaffDay.objects.values_list("assigned", "added", "late").get() == expected
    answer = edges.scan(company.slug(code_id))
    assert ("长按识别" in answer.text) is not counts
