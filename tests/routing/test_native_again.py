"""原生, after a push that failed: the next try waits, a roster that changed meanwhile doesn't (product.md §1.2)."""

from __future__ import annotations

import pytest

from livecode_admin.kernel import clock
from routing.models import NativeWay
from routing.services.native import native_failed, native_look, native_touch
from routing.tasks.native import push_native
from tenants.context import tenant_context
from tests.company import Company, make_company
from tests.routing.test_native import CHEN, LIN, cap, native, row, users
from wecom_simulator.testing import RunningSimulator


@pytest.fixture
def company(simulator: RunningSimulator) -> Company:
    """A company with WeCom."""
    return make_company(simulator)


def test_a_changed_roster_does_not_wait_for_the_next_try_of_one_that_failed(company: Company) -> None:
    native(company)
    now = clock.now()
    with tenant_context(company.tenant.id):
        way_id = row_id()
        NativeWay.objects.update(attempts=10)
        native_failed(way_id=way_id, text="企业微信繁忙", errcode=-1, now=now)
    cap(company, LIN, 0)
    with tenant_context(company.tenant.id):
        native_touch(staff_ids=[company.staff[LIN]], now=now)
        assert native_look(now=now) == [way_id]
    push_native(tenant_id=company.tenant.id, way_id=row(company).pk)
    assert users(company) == [CHEN]


def row_id() -> int:
    """The only native way of the company."""
    return int(NativeWay.objects.values_list("pk", flat=True).get())
