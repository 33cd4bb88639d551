"""Contact ways are made in WeCom after the publish, one by one, whatever happens on the way (design.md §5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from codes.selectors import code_cards
from codes.services import code_create
from livecode_admin.kernel import clock
from people.services import staff_upsert
from routing.models import ContactWay, WayImage
from routing.qrimages import QrUnreadable, qr_content, way_png
from routing.selectors import roster_rows, ways_progress
from routing.services.publish import code_publish
from routing.services.roster import SeatInput, roster_set
from routing.services.ways import tenants_short_of_ways, way_claim, ways_due, ways_grow
from routing.tasks import add_partitions, provision_way
from tenants.context import tenant_context
from tests.factories import TenantFixture
from tests.people.wecom_side import Corp, connected, corp, simulator
from tests.routing.conftest import Edges
from tests.routing.stage import live_code, rows_of

__all__ = ["connected", "corp", "simulator"]
pytestmark = pytest.mark.processes


@dataclass
class Published:
    """A published code with one person and three ordered ways."""

    tenant: TenantFixture
    code_id: int
    ways: list[int]

    def provision(self) -> None:
        """Run the task of each way once."""
        for way_id in self.ways:
            provision_way(tenant_id=self.tenant.id, way_id=way_id)

    def values(self, name: str) -> list[Any]:
        """One column of the ways, in order."""
        with tenant_context(self.tenant.id):
            return list(ContactWay.objects.filter(pk__in=self.ways).order_by("id").values_list(name, flat=True))

    def state(self) -> str:
        """The state of the code."""
        with tenant_context(self.tenant.id):
            return code_cards([self.code_id])[self.code_id].state


def publish(tenant: TenantFixture, userid: str = "linxt") -> Published:
    """Publish a code with one person."""
    now = clock.now()
    with tenant_context(tenant.id):
        staff_id = staff_upsert(wecom_userid=userid, name="林晓彤", now=now)
        code_id = code_create(access=tenant.owner, now=now, name="地铁广告", purpose="campaign", purpose_text="地推")
        roster_set(access=tenant.owner, code_id=code_id, seats=[SeatInput(staff_id)], now=now)
        code_publish(access=tenant.owner, code_id=code_id, now=now)
        ways = list(ContactWay.objects.order_by("id").values_list("id", flat=True))
    return Published(tenant, code_id, ways)


def test_each_way_is_single_opaque_and_ours_and_the_code_goes_live_with_the_first(
    connected: TenantFixture, corp: Corp
) -> None:
    code = publish(connected)
    assert code.state() == "draft"
    provision_way(tenant_id=connected.id, way_id=code.ways[0])
    assert code.state() == "live"
    code.provision()
    with tenant_context(connected.id):
        assert ways_progress(code.code_id) == (3, 3, 0)
    made = corp.records("ways")
    assert {(way["type"], way["scene"], tuple(way["user"])) for way in made} == {(1, 2, ("linxt",))}
    assert sorted(way["state"] for way in made) == sorted(code.values("state"))
    assert all(len(state) <= 30 for state in code.values("state"))
    assert len(made) == len({way["state"] for way in made}) == 3


def test_our_picture_says_what_wecoms_says(connected: TenantFixture, corp: Corp) -> None:
    code = publish(connected)
    code.provision()
    with tenant_context(connected.id):
        for image in WayImage.objects.select_related("way"):
            assert qr_content(bytes(image.png)) == image.way.qr_content
    assert len(set(code.values("qr_content"))) == 3


def test_a_refusal_is_kept_in_words_and_tried_again_later(connected: TenantFixture, corp: Corp) -> None:
    corp.fault("externalcontact/add_contact_way", value=84074, times=1)
    code = publish(connected)
    provision_way(tenant_id=connected.id, way_id=code.ways[0])
    assert (code.values("status")[0], code.values("errcode")[0]) == ("failed", 84074)
    assert code.values("error")[0]
    with tenant_context(connected.id):
        (row,) = roster_rows(connected.owner, code.code_id)
        assert (row.state, row.state_text) == ("failed", ContactWay.objects.get(pk=code.ways[0]).error)
    later = clock.now() + timedelta(hours=2)
    assert (connected.id, code.ways[0]) in ways_due(later, limit=1_000_000)
    code.provision()
    assert code.values("status") == ["live"] * 3


def test_a_worker_killed_after_wecom_answered_makes_no_second_way(connected: TenantFixture, corp: Corp) -> None:
    code = publish(connected)
    code.provision()
    rows_of(
        connected.id,
        "UPDATE routing_contactway SET status = 'pending', claimed_until = NULL WHERE id = %s",
        code.ways[0],
    )
    code.provision()
    assert len(corp.records("ways")) == 3
    assert code.values("status") == ["live"] * 3


def test_two_workers_never_make_the_same_way(connected: TenantFixture, corp: Corp) -> None:
    code, now = publish(connected), clock.now()
    with tenant_context(connected.id):
        assert way_claim(way_id=code.ways[0], now=now) is not None
        assert way_claim(way_id=code.ways[0], now=now) is None
        assert way_claim(way_id=code.ways[0], now=now + timedelta(seconds=61)) is not None


def test_without_a_connection_the_reason_says_so(tenant: TenantFixture) -> None:
    code = publish(tenant)
    code.provision()
    assert code.values("error") == ["尚未连接企业微信"] * 3
    assert code.state() == "draft"


def test_a_lost_hint_is_found_by_the_sweeper(tenant: TenantFixture) -> None:
    code = publish(tenant)
    assert not [way for way in ways_due(clock.now()) if way[0] == tenant.id]
    found = ways_due(clock.now() + timedelta(seconds=16), limit=10_000)
    assert [way_id for tenant_id, way_id in found if tenant_id == tenant.id] == code.ways


def test_a_pool_stays_two_ways_ahead_of_those_who_wait(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1)
    edges.scan(code.slug)
    assert tenant.id not in tenants_short_of_ways()
    edges.scan(code.slug)
    assert tenant.id in tenants_short_of_ways()
    with tenant_context(tenant.id):
        assert len(ways_grow(now=clock.now())) == 1
        assert ways_grow(now=clock.now()) == []
        assert ways_progress(code.code_id) == (3, 4, 0)
    for _ in range(4):
        edges.scan(code.slug)
    with tenant_context(tenant.id):
        assert len(ways_grow(now=clock.now())) == 4


def test_a_pool_ends_at_twenty(tenant: TenantFixture, edges: Edges) -> None:
    code = live_code(tenant, roster=1)
    for _ in range(25):
        edges.scan(code.slug)
    with tenant_context(tenant.id):
        assert len(ways_grow(now=clock.now())) == 17
    assert tenant.id not in tenants_short_of_ways()


def test_the_first_ways_of_a_new_code_come_before_the_growth_of_pools(tenant: TenantFixture, edges: Edges) -> None:
    busy = live_code(tenant, roster=1)
    for _ in range(3):
        edges.scan(busy.slug)
    publish(tenant)
    with tenant_context(tenant.id):
        grown = ways_grow(now=clock.now() - timedelta(seconds=30))
    due = [
        way for tenant_id, way in ways_due(clock.now() + timedelta(minutes=1), limit=10_000) if tenant_id == tenant.id
    ]
    assert due[-len(grown) :] == grown
    assert len(due) == 3 + len(grown)


def test_a_picture_that_is_no_qr_is_refused() -> None:
    with pytest.raises(QrUnreadable):
        qr_content(b"<html>")
    png = way_png("https://work.weixin.qq.com/ca/cawcde06a33907e60a")
    assert qr_content(png) == "https://work.weixin.qq.com/ca/cawcde06a33907e60a"


def test_partitions_are_made_ahead_by_the_owner_and_making_them_twice_is_harmless() -> None:
    add_partitions()
    add_partitions()
