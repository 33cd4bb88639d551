"""A dashboard can be narrowed to each department that is seen, and to no other (product.md §5.3, §6.4)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from types import MappingProxyType

import pytest

from analytics.models import HourlyFigure
from analytics.selectors import GROWTH, QUALITY, TRAFFIC, Part, daily, part_of, seen_departments, today
from codes.models import LiveCode
from codes.services import code_create
from livecode_admin.kernel import clock
from permissions.access import Access, Scope
from permissions.selectors.sharing import shares_for
from permissions.services import bundle_assign, department_upsert
from permissions.services.sharing import shares_give
from tenants.context import tenant_context
from tests.console.stage import Viewer, told, viewer
from tests.factories import TenantFixture, access_of

ZONE = "Asia/Shanghai"
GROUPS = (TRAFFIC, GROWTH, QUALITY)
# Scans of each department's one code; a power of ten each, so that a sum tells what is in it.
SCANS = {"总部": 1, "华东": 10, "上海": 100, "华西": 1000}
ABOVE = {"总部": None, "华东": "总部", "上海": "华东", "华西": "总部"}


@dataclass
class Tree:
    """总部 with 华东 (and 上海 below it) and 华西, one code with figures in each."""

    tenant: TenantFixture
    ids: dict[str, int]

    def member(self, *bundles: str, of: str = "华东") -> Access:
        """A new member of that department with these bundles."""
        return access_of(self.tenant, self.tenant.add_member(bundles, department_id=self.ids[of]), clock.now())

    def share(self, source: str, groups: Iterable[str], *, to: str | None = None) -> None:
        """Open groups of a department to another one, or to the whole company."""
        with tenant_context(self.tenant.id):
            shares_give(
                access=self.tenant.owner,
                department_id=self.ids[source],
                groups=groups,
                with_department_id=self.ids[to] if to else None,
                until=None,
                now=clock.now(),
            )

    def seen(self, access: Access, chosen: str = "") -> tuple[int | None, int | None, float | None]:
        """Scans, adds and rate of the dashboard narrowed to a department; empty: of everything."""
        with tenant_context(self.tenant.id):
            shares = shares_for(access, now=clock.now())
            wanted = str(self.ids[chosen]) if chosen else ""
            part = part_of(seen_departments(access, shares), wanted, shares)
            day = clock.local_day(clock.now(), ZONE)
            found = today(access, day=day, part=part)
            assert daily(access, last_day=day, days=1, part=part)[0].figures == found
        return found.scans, found.added, found.acceptance

    def offered(self, access: Access) -> dict[str, tuple[int, str]]:
        """Depth and shared groups of the departments that the picker offers, by name."""
        with tenant_context(self.tenant.id):
            rows = seen_departments(access, shares_for(access, now=clock.now()))
        return {row.name: (row.depth, row.shared_text) for row in rows}


def tree_of(tenant: TenantFixture) -> Tree:
    now, owner, tree = clock.now(), tenant.owner, Tree(tenant, {"总部": tenant.department_id})
    with tenant_context(tenant.id):
        department_upsert(access=owner, name="总部", parent_id=None, wecom_id=1, now=now)
        for name, scans in SCANS.items():
            above = ABOVE[name]
            if above is not None:
                tree.ids[name] = department_upsert(access=owner, name=name, parent_id=tree.ids[above], now=now)
            code_id = code_create(access=owner, now=now, name=f"{name}的码", purpose="campaign", purpose_text="地推")
            LiveCode.objects.filter(pk=code_id).update(department=tree.ids[name], state="live")
            HourlyFigure.objects.create(
                day=clock.local_day(now, ZONE), hour=0, code_id=code_id, scans=scans, assigned=scans, added=scans // 2
            )
    return tree


@pytest.fixture
def tree(tenant: TenantFixture) -> Tree:
    return tree_of(tenant)


def browse(tree: Tree, access: Access) -> Viewer:
    return viewer(tree.tenant, access)


def strip(page: str) -> dict[str, str]:
    """The figures of the strip by their labels."""
    return dict(re.findall(r'<dl class="c-kpi"><dt>(\S+?) .*?<dd class="v">([^<]*)', page))


def test_a_department_counts_with_those_below_it(tree: Tree) -> None:
    director = tree.member("ops_director")
    assert tree.seen(director)[:2] == (1111, 555)
    assert tree.seen(director, "总部")[:2] == (1111, 555)
    assert tree.seen(director, "华东")[:2] == (110, 55)
    assert tree.seen(director, "上海")[:2] == (100, 50)
    assert tree.seen(director, "华西") == (1000, 500, 0.5)


def test_the_picker_offers_what_is_seen_in_the_tree_s_order(tree: Tree) -> None:
    assert list(tree.offered(tree.member("ops_director")).items()) == [
        ("总部", (0, "")),
        ("华东", (1, "")),
        ("上海", (2, "")),
        ("华西", (1, "")),
    ]
    assert tree.offered(tree.member("data_analyst")) == {"华东": (0, ""), "上海": (1, "")}
    assert tree.offered(tree.member("receptionist")) == {}


def test_a_department_that_is_not_offered_is_as_if_nothing_was_chosen(tree: Tree) -> None:
    analyst = tree.member("data_analyst")
    assert tree.seen(analyst, "华西") == tree.seen(analyst) == (110, 55, 0.5)
    browser = browse(tree, analyst)
    page = told(browser.get(f"?department={tree.ids['华西']}"))
    assert "华西" not in page
    assert "1,000" not in page
    for junk in ("x", "9" * 40, "-1", "%00"):
        browser.get(f"?department={junk}")


def test_what_another_department_opened_is_offered_and_marked_and_shows_those_groups_alone(tree: Tree) -> None:
    tree.share("华西", [TRAFFIC], to="华东")
    ops = tree.member("campaign_ops")
    assert tree.offered(ops) == {"华东": (0, ""), "上海": (1, ""), "华西": (0, "流量")}
    assert tree.seen(ops, "华西") == (1000, None, None)
    assert tree.seen(ops, "华东")[:2] == (110, 55)
    assert tree.seen(ops)[:2] == (1110, 55)
    browser = browse(tree, ops)
    page = browser.get(f"?department={tree.ids['华西']}")
    assert "华西（共享：流量）" in told(page)
    assert "1,000" in told(page)
    assert "通过率" not in page
    assert strip(page) == {"扫码": "1,000", "分配": "1,000", "溢出": "0", "兜底页": "0"}
    assert "上期添加" not in page
    assert "华西的码" not in page
    assert "活码不在您的权限范围内" in page


def test_own_figures_without_what_is_shared_are_one_choice_away(tree: Tree) -> None:
    tree.share("华西", [TRAFFIC])
    browser = browse(tree, tree.member("campaign_ops"))
    everything, own = browser.get(""), browser.get("?department=own")
    assert strip(everything)["扫码"] == "1,110"
    assert everything.count(">含共享<") == 4  # the figures of 流量
    assert "指标和趋势已含其他部门共享的数据：华西（流量）" in told(everything)
    assert strip(own)["扫码"] == "110"
    assert ">含共享<" not in own


def test_one_s_own_department_alone_needs_no_picker(tree: Tree) -> None:
    assert "filter-department" not in browse(tree, tree.member("data_analyst", of="上海")).get("")
    assert "filter-department" in browse(tree, tree.member("data_analyst")).get("")


def test_the_codes_of_the_page_are_those_of_the_chosen_department(tree: Tree) -> None:
    browser = browse(tree, tree.member("ops_director"))
    page = browser.get(f"?department={tree.ids['华东']}")
    assert "华东的码" in page
    assert "上海的码" in page
    assert "华西的码" not in page
    assert "总部的码" not in page


def test_a_group_held_for_own_codes_has_no_figure_of_a_whole_department(tree: Tree) -> None:
    director = tree.member("ops_director")
    narrow = replace(director, scopes=MappingProxyType({**director.scopes, GROWTH: Scope.OWN}))
    assert tree.seen(narrow, "华西") == (1000, None, 0.5)
    assert tree.seen(narrow)[:2] == (1111, 0)


def test_editing_one_department_and_seeing_all_are_kept_apart(tree: Tree) -> None:
    user_id = tree.tenant.add_member(["campaign_ops"], department_id=tree.ids["华东"])
    with tenant_context(tree.tenant.id):
        bundle_assign(
            access=tree.tenant.owner,
            member_id=access_of(tree.tenant, user_id, clock.now()).member_id or 0,
            bundle_key="data_analyst",
            scope=Scope.ALL,
            now=clock.now(),
        )
    both = access_of(tree.tenant, user_id, clock.now())
    assert tree.offered(both).keys() == SCANS.keys()
    assert tree.seen(both)[:2] == (1111, 555)
    assert tree.seen(both, "华西") == (1000, 500, 0.5)
    assert both.scope("codes.edit") is Scope.DEPARTMENT
    page = told(browse(tree, both).get("codes/"))
    assert "华西的码" in page
    assert "1,000" in page


def test_ten_times_as_many_departments_cost_the_same(tree: Tree) -> None:
    browser = browse(tree, tree.member("data_analyst"))
    tree.share("华西", [TRAFFIC])
    few, few_sharing = browser.queries(""), viewer(tree.tenant, tree.tenant.owner).queries("sharing/")
    with tenant_context(tree.tenant.id):
        made = [
            department_upsert(access=tree.tenant.owner, name=f"部门{n}", parent_id=tree.ids[up], now=clock.now())
            for n in range(20)
            for up in ("华东", "华西")
        ]
        for department_id in made:
            shares_give(
                access=tree.tenant.owner,
                department_id=department_id,
                groups=GROUPS,
                with_department_id=None,
                until=None,
                now=clock.now(),
            )
    tree.member("data_analyst", of="上海")
    assert browser.queries("") == few
    assert viewer(tree.tenant, tree.tenant.owner).queries("sharing/") == few_sharing


def test_a_part_without_a_department_is_everything(tree: Tree) -> None:
    assert Part().department_ids is None
    assert not Part().is_shared_alone
