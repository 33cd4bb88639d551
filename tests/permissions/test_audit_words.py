"""The audit log shows no keys: each field, value and refusal has its word, and what has none is not written."""

from __future__ import annotations

import csv

import pytest

from permissions import audit
from permissions.audit_words import (
    FIELDS,
    OBJECTS,
    PAGES,
    VALUES,
    UnknownWord,
    field_label,
    page_text,
    value_text,
    what_text,
)
from permissions.capabilities import BUNDLES, CAPABILITIES, DATA
from permissions.diffs import NAMELESS, Words, lines_of
from permissions.metric_groups import METRIC_GROUPS
from permissions.rules import Scope, Tier
from tenants.context import tenant_context
from tests.factories import TenantFixture
from tests.isolation.pages import pages
from tests.permissions.test_audit import NOW

with (DATA / "field_capabilities.csv").open(encoding="utf-8") as table:
    REFUSED = [f"{row['object']}.{row['field']}" for row in csv.DictReader(table)]


def record(tenant: TenantFixture, **after: object) -> None:
    with tenant_context(tenant.id):
        audit.record(
            access=tenant.owner,
            action="code.updated",
            object_type="code",
            object_id=1,
            object_label="活码",
            before={},
            after=after,
            now=NOW,
        )


def test_a_field_without_a_word_is_not_written(tenant: TenantFixture) -> None:
    # In the suite: so that every service that is tested at all is held to it.
    with pytest.raises(UnknownWord, match="no word in the audit log for oddity"):
        record(tenant, oddity=1, name="x")
    record(tenant, **{"name": "x", "2027-01-01": "元旦"})


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_each_field_is_said_in_chinese(name: str) -> None:
    label = field_label(name)
    assert label in ("AgentId",) or not label.isascii()


@pytest.mark.parametrize("what", [*REFUSED, *OBJECTS])
def test_what_was_refused_is_said_in_chinese(what: str) -> None:
    text = what_text(what)
    assert not text.replace("CRM", "").replace(" ", "").isascii()
    assert "_" not in text
    assert "." not in text


@pytest.mark.parametrize(
    ("field", "keys"),
    [
        ("scope", [str(one) for one in Scope]),
        ("tier", [str(one) for one in Tier]),
        ("target", ["tenant", "folder", "code"]),
        ("bundles", list(BUNDLES)),
        ("missing", list(CAPABILITIES)),
        ("capabilities", list(CAPABILITIES)),
        ("group", list(METRIC_GROUPS)),
    ],
)
def test_each_key_that_is_a_value_has_its_word(field: str, keys: list[str]) -> None:
    assert [key for key in keys if value_text(key, field).isascii()] == []


def test_the_states_and_kinds_of_codes_have_the_words_of_the_model() -> None:
    from codes.models import LiveCode

    for field, choices in (
        ("state", LiveCode.State),
        ("kind", LiveCode.Kind),
        ("delivery", LiveCode.Delivery),
        ("purpose", LiveCode.Purpose),
    ):
        assert set(VALUES[field]) == set(choices.values)


def test_names_that_people_chose_are_never_taken_for_keys() -> None:
    # A code may be called "live", a group "own": what was chosen stands there.
    words = Words("Asia/Shanghai")
    assert [words.say("name", text) for text in ("live", "own", "codes.view")] == ["live", "own", "codes.view"]
    assert words.say("state", "live") == "启用"


def test_a_number_that_nothing_knows_any_more_is_said_to_be_so() -> None:
    assert Words("Asia/Shanghai").say("folder_id", 12) == NAMELESS
    assert Words("Asia/Shanghai", {"folder": {"12": "冬季"}}).say("folder_id", 12) == "冬季"


def test_a_refused_page_is_named_by_its_section() -> None:
    sections = {page.route.split("/")[2] for page in pages() if page.route.startswith("t/<slug:tenant_slug>/")}
    assert sections <= set(PAGES)
    assert page_text("GET", "/t/zhixing/members/3/edit/") == "打开 成员与权限（/members/3/edit/）"
    assert page_text("POST", "/t/zhixing/") == "提交 工作台（/）"


def test_what_came_where_nothing_was_is_just_said() -> None:
    (line,) = lines_of([("missing", None, ["codes.edit", "codes.view"])], Words("Asia/Shanghai"))
    assert line.text() == "缺少权限：编辑活码、查看活码"
