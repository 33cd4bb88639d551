"""Forms written by hand in 活动运营's own browser: each rule and cap is refused, and nothing is saved (§5.4)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.factories import TenantFixture
from tests.permissions.browsing import browse, by_hand
from tests.permissions.test_fields import RULES, kept
from tests.permissions.test_fields import page as path_of
from tests.routing.stage import StageCode, live_code

pytestmark = pytest.mark.browser
Form = tuple[str, list[tuple[str, str]]]


def forms(code: StageCode, stamps: dict[str, str]) -> Iterator[Form]:
    """Every entry point by which a rule or a cap is changed, with each of its fields alone."""
    roster = [("stamp", stamps["roster/"]), *(("roster", str(pk)) for pk in code.staff)]
    rules = [("stamp", stamps["rules/"]), ("fallback", "page")]
    first, root = code.staff[0], f"/t/{code.tenant.slug}/"
    for name in ("cap_", "seat_cap_", "weight_", "hours_"):
        yield path_of(code, "roster/"), [*roster, (f"{name}{first}", "7")]
    for name, value in RULES.items():
        for act in ("publish", "review", "add", "edit"):
            yield path_of(code, "rules/"), [*rules, (name, value), ("act", act)]
        yield path_of(code, "rules/try/"), [*rules, (name, value)]
        yield f"{root}settings/reception/", [("stamp", ""), (name, value)]
    for parts in (["rules"], ["rules", "roster"]):
        yield path_of(code, "versions/1/"), [("part", part) for part in parts]
    for name in ("cap", "peak", "leave"):
        value = "2099-01-01" if name == "leave" else "7"
        yield f"{root}staff/caps/", [(f"{name}_{first}", value)]
        yield f"{root}staff/caps/", [("bulk", "1"), ("ids", str(first)), (f"all_{name}", value)]
    yield f"{root}settings/reception/calendar/", [("day", "2099-01-01"), ("kind", "holiday")]


def test_every_form_by_hand_is_refused_and_nothing_is_saved(tenant: TenantFixture, console_url: str) -> None:
    code = live_code(tenant, roster=3, cap=30)
    before = kept(code)
    answers: dict[tuple[str, str, bool], int] = {}

    def walk(page: Page) -> None:
        stamps = {}
        for tail in ("rules/", "roster/"):
            page.goto(f"{console_url}{path_of(code, tail)}")
            stamps[tail] = page.locator("[name=stamp]").first.get_attribute("value") or ""
        for url, fields in forms(code, stamps):
            for headers in ({}, {"HX-Request": "true"}):
                answers[url, str(fields), bool(headers)] = by_hand(page, url, fields, headers)

    browse(tenant.member("campaign_ops"), console_url, walk)
    assert {key: status for key, status in answers.items() if status != 403} == {}
    assert kept(code) == before
