"""Staff and customers are written once, whoever comes first (product.md §1.6, §8)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, connections
from django.test.utils import CaptureQueriesContext

from people.models import Customer, Staff
from people.selectors import (
    customer_cards,
    customer_external_id,
    customer_id_of,
    customer_name_of,
    staff_by_userid,
    staff_cards,
    staff_for_picker,
    staff_ids_of,
    staff_members,
    staff_of_member,
    staff_rows,
    staff_userids,
)
from people.services import customer_upsert, staff_left, staff_upsert
from permissions.services import department_upsert
from tenants.context import tenant_context
from tests.factories import TenantFixture, client_for

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def customer(tenant: TenantFixture, external: str = "wm1", name: str = "微风", gender: int = 2) -> int:
    with tenant_context(tenant.id):
        return customer_upsert(
            external_userid=external, name=name, avatar_url="", gender=gender, kind=1, now=NOW, unionid="oz1"
        )


def test_a_customer_is_brought_up_to_date_and_never_emptied(tenant: TenantFixture) -> None:
    first = customer(tenant)
    assert customer(tenant, name="微风细雨") == first
    assert customer(tenant, name="", gender=0) == first
    with tenant_context(tenant.id):
        row = Customer.objects.get()
        assert (row.name, row.gender, row.unionid, row.first_seen_at) == ("微风细雨", 2, "oz1", NOW)
        assert customer_id_of("wm1") == first
        assert customer_external_id(first) == "wm1"
        assert customer_name_of("wm1") == "微风细雨"
        assert customer_name_of("wm2") == ""
        assert customer_cards(tenant.owner, [first])[first].name == "微风细雨"


def test_two_callbacks_at_once_make_one_customer(tenant: TenantFixture) -> None:
    def arrive(_: int) -> int:
        try:
            return customer(tenant)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        ids = set(pool.map(arrive, range(8)))
    assert len(ids) == 1
    with tenant_context(tenant.id):
        assert Customer.objects.count() == 1


def test_the_same_person_is_another_customer_in_another_company(
    tenant: TenantFixture, other_tenant: TenantFixture
) -> None:
    assert customer(tenant) != customer(other_tenant)
    with tenant_context(other_tenant.id):
        assert Customer.objects.count() == 1


def test_staff_keep_their_member_and_leave_once(tenant: TenantFixture) -> None:
    member_id = tenant.member("receptionist").member_id
    with tenant_context(tenant.id):
        first = staff_upsert(wecom_userid="linxt", name="林晓彤", now=NOW, member_id=member_id)
        assert staff_upsert(wecom_userid="linxt", name="林晓", now=NOW) == first
        assert staff_members([first]) == {first: member_id}
        assert staff_of_member(member_id or 0) == [first]
        assert staff_userids([first]) == {first: "linxt"}
        assert staff_ids_of(["linxt", "nobody"]) == {"linxt": first}
        assert staff_cards([first])[first].initials == "lx"
        assert staff_left(wecom_userid="linxt", now=NOW)
        assert not staff_left(wecom_userid="linxt", now=NOW)
        assert not staff_left(wecom_userid="nobody", now=NOW)
        card = staff_by_userid("linxt")
        assert card is not None
        assert (card.receivable, card.reason) == (False, "已离职")
        assert staff_by_userid("nobody") is None
        assert staff_for_picker(tenant.owner) == []


def test_the_database_lets_nobody_receive_with_a_reason_against_it(tenant: TenantFixture) -> None:
    with tenant_context(tenant.id):
        staff_upsert(wecom_userid="linxt", name="林晓彤", now=NOW)
    with pytest.raises(IntegrityError), tenant_context(tenant.id):
        Staff.objects.update(cannot_reason="no_follow")


def test_the_page_is_cut_by_scope_and_finds_by_pinyin(tenant: TenantFixture) -> None:
    with tenant_context(tenant.id):
        sales = department_upsert(access=tenant.owner, name="销售部", parent_id=None, now=NOW)
        staff_upsert(wecom_userid="a", name="林晓彤", now=NOW, department_id=tenant.department_id)
        staff_upsert(wecom_userid="b", name="陈思远", now=NOW, department_id=sales, cannot_reason="no_follow")
    lead = tenant.member("reception_lead")
    with tenant_context(tenant.id):
        assert [row.card.name for row in staff_rows(lead)] == ["林晓彤"]
        assert [row.card.name for row in staff_rows(tenant.owner)] == ["陈思远", "林晓彤"]
        assert [row.card.name for row in staff_rows(tenant.owner, q="CSY")] == ["陈思远"]
        assert [row.card.name for row in staff_rows(tenant.owner, q="linxiao")] == ["林晓彤"]
        assert [row.card.name for row in staff_rows(tenant.owner, receivable="no")] == ["陈思远"]
        # A roster takes colleagues of any department; one's own come first.
        assert [card.name for card in staff_for_picker(lead)] == ["林晓彤", "陈思远"]


def test_two_rows_and_twenty_cost_the_same_queries(tenant: TenantFixture) -> None:
    counts, access = [], tenant.owner
    for wanted in (2, 18):
        with tenant_context(tenant.id):
            for number in range(wanted):
                staff_upsert(
                    wecom_userid=f"{wanted}-{number}", name="林晓彤", now=NOW, department_id=tenant.department_id
                )
        with tenant_context(tenant.id), CaptureQueriesContext(connection) as queries:
            rows, cards = staff_rows(access), staff_for_picker(access)
        counts.append((len(rows), len(cards), len(queries)))
    assert counts[0] == (2, 2, counts[1][2])
    assert counts[1] == (20, 20, 2)


def test_the_staff_page(tenant: TenantFixture) -> None:
    path = f"/t/{tenant.slug}/staff/"
    empty = client_for(tenant.owner).get(path)
    assert "还没有客服" in empty.content.decode()
    with tenant_context(tenant.id):
        staff_upsert(wecom_userid="a", name="林晓彤", now=NOW, department_id=tenant.department_id)
        staff_upsert(wecom_userid="b", name="陈思远", now=NOW, cannot_reason="no_follow")
    page = client_for(tenant.member("system_config")).get(path).content.decode()
    assert "林晓彤" in page
    assert "未开客户联系" in page
    assert "陈思远" not in client_for(tenant.owner).get(f"{path}?receivable=yes").content.decode()
    assert client_for(tenant.member("campaign_ops")).get(path).status_code == 403
    assert client_for(tenant.member("campaign_ops")).post(f"{path}sync/").status_code == 403
    assert client_for(tenant.owner).post(f"{path}sync/").status_code == 302
