"""Two at once: rights that are taken away or grown while somebody hands them out (product.md §5.6)."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, connections

from livecode_admin.kernel import clock
from permissions.access import Access, Denied, Scope, Tier
from permissions.models import BundleAssignment, Member, RoleBundle
from permissions.rules import Give, Plan
from permissions.services import BundleRefused, LastOwner, bundle_assign, bundle_revoke, bundles_give
from permissions.services.custom_bundles import BundlePlan, custom_bundle_create, custom_bundle_save
from permissions.services.invitations import Plan as Invited
from permissions.services.invitations import invitation_create
from tenants.context import tenant_context
from tests.factories import TenantFixture, access_of


def id_of(access: Access) -> int:
    assert access.member_id is not None
    return access.member_id


def meanwhile(tenant: TenantFixture, change: Callable[[], object], act: Callable[[], object]) -> Future[object]:
    """Begin ``act`` in a connection of its own while ``change`` is made and not yet committed; what became of it."""

    def run() -> object:
        try:
            with tenant_context(tenant.id):
                return act()
        finally:
            connections.close_all()

    pool = ThreadPoolExecutor(1)
    with tenant_context(tenant.id):
        change()
        future = pool.submit(run)
        wait_for_a_waiter(future)
    pool.shutdown()
    return future


def wait_for_a_waiter(future: Future[object]) -> None:
    """Until somebody waits for a lock that this connection holds, or the other one is done without waiting."""
    for _ in range(1500):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))")
            if cursor.fetchone()[0] or future.done():
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits, and nobody is done")


@pytest.mark.parametrize("hand_out", ["give", "take", "many", "invite"])
def test_who_loses_the_right_meanwhile_hands_out_nothing(tenant: TenantFixture, hand_out: str) -> None:
    now, giver, member = clock.now(), tenant.member("system_config"), tenant.member("intern")
    acts: dict[str, Callable[[], object]] = {
        "give": lambda: bundle_assign(access=giver, member_id=id_of(member), bundle_key="data_analyst", now=now),
        "take": lambda: bundle_revoke(access=giver, member_id=id_of(member), bundle_key="intern", now=now),
        "many": lambda: bundles_give(
            access=giver, member_ids=[id_of(member)], plan=Plan((Give("data_analyst"),)), now=now
        ),
        "invite": lambda: invitation_create(access=giver, plan=Invited("新人", None, ("intern",)), days=1, now=now),
    }

    def lose() -> None:
        bundle_revoke(access=tenant.owner, member_id=id_of(giver), bundle_key="system_config", now=now)

    with pytest.raises(Denied):
        meanwhile(tenant, lose, acts[hand_out]).result()
    with tenant_context(tenant.id):
        held = BundleAssignment.objects.filter(member_id=id_of(member)).values_list("bundle__key", flat=True)
        assert list(held) == ["intern"]


def test_a_bundle_that_grows_meanwhile_is_given_by_nobody_who_lacks_what_it_holds_now(tenant: TenantFixture) -> None:
    now, giver, member = clock.now(), tenant.member("system_config"), tenant.member("intern")
    small = BundlePlan("看分类", frozenset({"codes.view"}), Scope.OWN, Tier.BASIC)
    grown = BundlePlan("看分类", frozenset({"codes.view", "customers.export"}), Scope.OWN, Tier.BASIC)
    with tenant_context(tenant.id):
        bundle_id = custom_bundle_create(access=tenant.owner, plan=small, now=now)
        key = RoleBundle.objects.values_list("key", flat=True).get(pk=bundle_id)

    def grow() -> None:
        custom_bundle_save(access=tenant.owner, bundle_id=bundle_id, version=1, plan=grown, now=now)

    with pytest.raises(BundleRefused):
        meanwhile(
            tenant, grow, lambda: bundle_assign(access=giver, member_id=id_of(member), bundle_key=key, now=now)
        ).result()
    assert not tenant.member("intern").can("customers.export")


def test_two_who_give_the_same_at_once_give_it_once(tenant: TenantFixture) -> None:
    now, member = clock.now(), tenant.member("intern")
    second = access_of(tenant, tenant.add_member(["owner"]), now)

    def give() -> int:
        return bundle_assign(access=tenant.owner, member_id=id_of(member), bundle_key="data_analyst", now=now)

    future = meanwhile(
        tenant, give, lambda: bundle_assign(access=second, member_id=id_of(member), bundle_key="data_analyst", now=now)
    )
    with tenant_context(tenant.id):
        (row,) = BundleAssignment.objects.filter(member_id=id_of(member), bundle__key="data_analyst")
    assert row.pk == future.result()
    assert row.given_by_id == second.member_id


def test_two_who_give_each_other_something_at_once_both_do(tenant: TenantFixture) -> None:
    now, start = clock.now(), Barrier(2)
    pair = [access_of(tenant, tenant.add_member(["system_config"], name=name), now) for name in ("甲", "乙")]

    def give(one: Access, other: Access) -> int:
        try:
            with tenant_context(tenant.id):
                start.wait(10)
                return bundle_assign(access=one, member_id=id_of(other), bundle_key="data_analyst", now=now)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert all(pool.map(give, pair, reversed(pair)))


def test_the_last_two_owners_are_not_both_removed_at_once(tenant: TenantFixture) -> None:
    """The system asks for both: there are no rights of its own to lose, so that the owners' lock alone decides."""
    now, system = clock.now(), Access.system(tenant_id=tenant.id, tenant_slug=tenant.slug, reason="test")
    first, second = tenant.owner, access_of(tenant, tenant.add_member(["owner"], name="第二位"), now)

    def remove(owner: Access) -> bool:
        return bundle_revoke(access=system, member_id=id_of(owner), bundle_key="owner", now=now)

    with pytest.raises(LastOwner):
        meanwhile(tenant, lambda: remove(first), lambda: remove(second)).result()
    with tenant_context(tenant.id):
        assert Member.objects.filter(is_owner=True, is_active=True).get().pk == id_of(second)
