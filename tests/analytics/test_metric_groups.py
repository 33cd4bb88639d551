"""A bundle names the metric groups that it shows: the others are in no page, part of a page, file or answer, and each
figure counts what its own capability reaches (product.md §5.3). Over all addresses there are, so over those to come.
"""

from __future__ import annotations

import pytest

from analytics.selectors import GROWTH, QUALITY, TRAFFIC
from livecode_admin.kernel import clock
from permissions.rules import Scope
from tests.analytics.stage import (
    DAY,
    EVERYWHERE,
    PEOPLE,
    TAGS,
    VISITS,
    Measured,
    day_numbers,
    measured,
    numbers,
    people_numbers,
)
from tests.factories import access_of, make_tenant

GROUPS = (TRAFFIC, GROWTH, QUALITY, PEOPLE, TAGS)
LOW = {"10.0", "50.0"}  # whom the roster's note is about, and the median
LIVE = {str(number) for number in (*VISITS.values(), sum(VISITS.values()))}


@pytest.fixture(scope="module")
def company() -> Measured:
    return measured(make_tenant())


def figures() -> dict[str, list[tuple[tuple[str, ...], set[str]]]]:
    """Where each figure is shown to who holds all groups, and which groups it takes."""
    day, everything = day_numbers("华东"), day_numbers(*EVERYWHERE)
    people = people_numbers()
    code = "codes/{}/"
    return {
        "": [((group,), found) for group, found in everything.items()],
        "codes/": [
            ((TRAFFIC,), {f"{DAY['华东'][0]:,}"}), ((GROWTH,), day[GROWTH]), ((QUALITY,), day[QUALITY]),
        ],
        f"{code}figures/": [((group,), found) for group, found in day.items()],
        f"{code}chart/": [((TRAFFIC,), {f"{DAY['华东'][0]:,}"}), ((GROWTH,), day[GROWTH])],
        code: [((PEOPLE, TRAFFIC), people[PEOPLE, TRAFFIC]), ((PEOPLE, QUALITY), people[PEOPLE, QUALITY] - LOW)],
        f"{code}trouble/": [((PEOPLE, QUALITY), LOW)],
        "live/": [((TRAFFIC,), LIVE - {"211", "173"})],
        "live/now/": [((TRAFFIC,), LIVE - {"211", "173"})],
    }  # fmt: skip


def test_who_holds_all_groups_finds_every_figure_where_it_belongs(company: Measured) -> None:
    told = {path: numbers(page) for path, page in company.pages(company.member())}
    for path, shown in figures().items():
        for groups, expected in shown:
            missing = expected - told[path.format(company.codes["华东"].code_id)]
            assert not missing, f"{path or '工作台'} lacks {missing} of {groups}"


@pytest.mark.parametrize("group", GROUPS)
def test_who_lacks_a_group_finds_none_of_its_figures_anywhere(company: Measured, group: str) -> None:
    hidden = {number for shown in figures().values() for groups, found in shown if group in groups for number in found}
    for names in (("华东",), ("华西",), ("本人",), ("华西", "本人")):
        hidden |= day_numbers(*names).get(group, set())
    if group == TRAFFIC:
        hidden |= LIVE
    opened = 0
    for path, page in company.pages(company.member(without=group)):
        found = hidden & numbers(page)
        assert not found, f"{path or '工作台'} shows {found} without {group}"
        opened += 1
    assert opened > 40


def test_scope_department_counts_the_department_alone(company: Measured) -> None:
    pages = {path: numbers(page) for path, page in company.pages(company.member(scope=Scope.DEPARTMENT))}
    for number in set().union(*day_numbers("华东").values()):
        assert number in pages[""]
    beyond = [day_numbers(*names) for names in (("华西",), ("本人",), ("华西", "本人"), EVERYWHERE)]
    for path, told in pages.items():
        for found in beyond:
            assert not told & set().union(*found.values()), path


def test_scope_own_counts_one_s_own_codes_alone(company: Measured) -> None:
    pages = {path: numbers(page) for path, page in company.pages(company.member(scope=Scope.OWN), "本人")}
    for number in set().union(*day_numbers("本人").values()):
        assert number in pages[""]
    beyond = [day_numbers(*names) for names in (("华东",), ("华西",), ("华东", "本人"), ("华西", "本人"), EVERYWHERE)]
    for path, told in pages.items():
        for found in beyond:
            assert not told & set().union(*found.values()), path


@pytest.mark.parametrize("bundle", ["campaign_ops", "data_analyst", "reception_lead", "receptionist", "intern"])
def test_no_built_in_bundle_shows_another_department_s_figures(company: Measured, bundle: str) -> None:
    user_id = company.tenant.add_member([bundle], department_id=company.departments["华东"])
    beyond = [day_numbers(*names) for names in (("华西",), ("本人",), ("华西", "本人"), EVERYWHERE)]
    for path, page in company.pages(access_of(company.tenant, user_id, clock.now())):
        for found in beyond:
            assert not numbers(page) & set().union(*found.values()), path
