"""The demo's past is what the product does: pending times pass, links name scans, today's workers don't meddle."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from livecode_admin.devstack.demo_data.cast import COMPANIES
from livecode_admin.devstack.demo_data.history import LATE_AFTER, History
from livecode_admin.devstack.demo_data.playing import SWEEP, Door
from livecode_admin.kernel import clock
from reception.models import ContactEvent
from routing.edge.store import Pool
from routing.models import NativeWay, Scan, Slot
from routing.services.slots import slots_expire
from tenants.context import tenant_context
from tests.company import Company

pytestmark = [pytest.mark.processes, pytest.mark.usefixtures("offset_file")]
AGO = timedelta(days=10)
PENDING = timedelta(minutes=30)


class BesideWorkers(History):
    """The workers of today sweep just before each customer of the past adds somebody."""

    def _adds(self, moment: datetime, doors: list[Door]) -> None:
        with tenant_context(self.tenant_id):
            slots_expire(now=self.real_now)
        super()._adds(moment, doors)


@pytest.fixture
def offset_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, company: Company) -> Iterator[Path]:
    """The clock of this process alone, and the simulator where the player looks for it."""
    path = tmp_path / "clock"
    monkeypatch.setenv("LIVECODE_SIMULATOR_URL", company.sim.url)
    monkeypatch.setenv(clock.OFFSET_FILE_ENV, str(path))
    yield path
    path.unlink(missing_ok=True)


def story(company: Company, code_ids: list[int]) -> History:
    """The past of these codes, not played yet."""
    cast = replace(COMPANIES[0], slug="the-same-story", corp_id=company.corp_id)
    codes = [{"id": code_id, "weight": 1, "state": "live"} for code_id in dict.fromkeys(code_ids)]
    pool = Pool(os.environ["DATABASE_URL"], size=1)
    return BesideWorkers(cast, {"id": company.tenant.id, "codes": codes}, pool, Path(os.environ[clock.OFFSET_FILE_ENV]))


def play(company: Company, code_ids: list[int]) -> datetime:
    """One hour of ten days ago; when it was."""
    history = story(company, code_ids)
    moment = history.real_now - AGO
    history._hour(moment, code_ids)
    history.pool.close()
    return moment


def slots(company: Company) -> list[Slot]:
    with tenant_context(company.tenant.id):
        return list(Slot.objects.order_by("id"))


@pytest.mark.parametrize("delivery", ["hosted", "link"])
def test_slots_end_as_friends_or_when_their_pending_time_is_over(company: Company, delivery: str) -> None:
    code_id = company.code(roster=("LinXiaoTong", "ChenSiYuan"), delivery=delivery)
    moment = play(company, [code_id] * 24)
    found = slots(company)
    assert {slot.state for slot in found} == {"friend", "returned"}
    for slot in found:
        assert slot.settled_at is not None
        if slot.late:
            assert slot.settled_at - moment > LATE_AFTER
        elif slot.state == "friend":
            assert slot.settled_at - moment < PENDING
        else:
            assert PENDING < slot.settled_at - slot.taken_at < PENDING + 2 * SWEEP
    assert sum(slot.late for slot in found) < len(found) / 4
    assert all((slot.fetched_at is not None) is (delivery == "hosted") for slot in found)


def test_adds_through_links_name_exactly_their_scans_and_were_asked_for(company: Company) -> None:
    code_id = company.code(delivery="link")
    play(company, [code_id] * 12)
    with tenant_context(company.tenant.id):
        adds = list(ContactEvent.objects.filter(change="added").values_list("match", "code_id", "scan_id"))
        friends = dict(Slot.objects.filter(state="friend").values_list("scan_id", "requested_at"))
    assert {(match, code) for match, code, _ in adds} == {("exact", code_id)}
    assert {scan_id for _, _, scan_id in adds} == set(friends)
    assert None not in friends.values()


def test_customers_of_a_native_code_are_given_by_wecom_and_told_by_their_adds_alone(company: Company) -> None:
    native, hosted = company.code(roster=("LinXiaoTong", "ChenSiYuan"), delivery="native"), company.code()
    moment = play(company, [native] * 24 + [hosted])
    people = {company.staff["LinXiaoTong"], company.staff["ChenSiYuan"]}
    with tenant_context(company.tenant.id):
        adds = ContactEvent.objects.filter(change="added", code_id=native)
        assert {(add.match, add.scan_id, add.late) for add in adds} == {("exact", None, False)}
        assert {add.staff_id for add in adds} == people
        assert 8 < len(adds) < 24
        assert all(timedelta() < add.occurred_at - moment < PENDING for add in adds)
        assert set(Scan.objects.values_list("code_id", flat=True)) == {hosted}
        assert not Slot.objects.filter(code_id=native).exists()


def test_a_native_code_is_chosen_once_wecom_has_made_its_way(company: Company) -> None:
    company.fault("externalcontact/add_contact_way", value=84074, times=1)
    code_id = company.code(delivery="native")
    history = story(company, [code_id])
    assert history._chosen(3, 0) == []
    with tenant_context(company.tenant.id):
        NativeWay.objects.update(next_at=None)
    company.push_native()
    assert history._chosen(3, 0) == [code_id] * 3
    history.pool.close()
