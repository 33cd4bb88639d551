"""Customers' names are for holders of ``customers.view`` in its scope; elsewhere they are masked (product.md §5)."""

from __future__ import annotations

import pytest

from livecode_admin.kernel import clock
from people.selectors import customer_cards
from people.services import customer_upsert
from reception.models import Contact
from reception.selectors import contacts_of_code
from tenants.context import tenant_context
from tests.factories import TenantFixture, client_for
from tests.permissions.stage import TwoDepartments, two_departments

NAME = "欧阳小满妈妈"


@pytest.fixture
def company(tenant: TenantFixture) -> TwoDepartments:
    """A customer of the colleague in 华东, come by that department's code."""
    made, now = two_departments(tenant), clock.now()
    with tenant_context(tenant.id):
        customer = customer_upsert(
            external_userid="wm1", name=NAME, avatar_url="https://img.test/1", gender=2, kind=1, now=now
        )
        Contact.objects.create(
            customer_id=customer,
            staff_id=made.staff["华东"],
            code_id=made.codes["华东"],
            state="friend",
            match="exact",
            added_at=now,
            updated_at=now,
        )
    return made


def test_an_analyst_sees_adds_of_their_codes_with_masked_names(company: TwoDepartments) -> None:
    html = client_for(company.member("data_analyst")).get(company.path("华东")).content.decode()
    assert NAME not in html
    assert "欧**" in html
    assert "只有持有「查看客户」权限的人能看到客户姓名" in html


@pytest.mark.parametrize("bundle", ["data_analyst", "system_config"])
def test_no_page_has_the_name_without_the_right(company: TwoDepartments, bundle: str) -> None:
    client, root = client_for(company.member(bundle)), f"/t/{company.tenant.slug}/"
    code = f"codes/{company.codes['华东']}/"
    for path in ("", "codes/", code, f"{code}scans/", f"{code}versions/", "live/", "welcomes/", "customers/", "crm/",
                 "audit/", "notices/", "search/?q=小满妈妈"):  # fmt: skip
        assert NAME not in client.get(root + path).content.decode(), path


def test_a_lead_sees_the_names_of_their_own_department_alone(company: TwoDepartments) -> None:
    ours, theirs = company.member("reception_lead"), company.member("reception_lead", of="华南")
    root = f"/t/{company.tenant.slug}/"
    assert NAME in client_for(ours).get(f"{root}customers/").content.decode()
    for path in ("customers/", "search/?q=小满妈妈"):
        assert NAME not in client_for(theirs).get(root + path).content.decode()
    with tenant_context(company.tenant.id):
        assert contacts_of_code(theirs, company.codes["华东"]) == []


def test_cards_are_masked_wherever_they_are_read(company: TwoDepartments) -> None:
    with tenant_context(company.tenant.id):
        ids = list(Contact.objects.values_list("customer_id", flat=True))
        (card,) = customer_cards(company.member("data_analyst"), ids).values()
        assert (card.name, card.avatar_url) == ("欧**", "")
        (card,) = customer_cards(company.tenant.owner, ids).values()
        assert card.name == NAME


def test_ordinary_staff_see_no_customers_of_others(company: TwoDepartments) -> None:
    for bundle in ("receptionist", "intern"):
        client, root = client_for(company.member(bundle)), f"/t/{company.tenant.slug}/"
        assert NAME not in client.get(f"{root}customers/").content.decode()
        assert NAME not in client.get(f"{root}search/?q=小满妈妈").content.decode()
