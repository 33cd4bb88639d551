"""The audit log speaks Chinese: whatever the services record has its word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from permissions.actions import ACTION_GROUPS, action_label, verb_label

ROOT = Path(__file__).resolve().parents[2]
APPS = ("codes", "crm", "livecode_admin", "permissions", "people", "reception", "routing", "tagging", "tenants")
NAMED = re.compile(r"(?:action=|\): |_note\(access, |_write\(access, member, )([^\n]+)")
ACTION = re.compile(r'"([a-z_]+\.[a-z_]+)"')
NOTED = re.compile(r'note\(access, code, "([a-z_]+)"|_move\(access, code, \S+, "([a-z_]+)"')


def recorded() -> set[str]:
    """The actions that the sources of the apps name."""
    found = {"access.denied", "tag.created", "tag.enabled", "tag.disabled"}
    for app in APPS:
        for path in (ROOT / app).rglob("services/*.py"):
            text = path.read_text()
            found |= {name for line in NAMED.findall(text) for name in ACTION.findall(line)}
            found |= {f"code.{name}" for match in NOTED.findall(text) for name in match if name}
    return found


def test_the_sources_name_actions() -> None:
    assert {"code.paused", "code.created", "code.roster_changed", "staff.cap_changed", "crm.replayed"} <= recorded()


@pytest.mark.parametrize("action", sorted(recorded()))
def test_each_recorded_action_has_words_and_a_filter(action: str) -> None:
    assert action.partition(".")[0] in ACTION_GROUPS
    assert not verb_label(action).isascii()
    assert action_label(action).endswith(verb_label(action))


def test_no_two_filters_read_the_same() -> None:
    assert len(set(ACTION_GROUPS.values())) == len(ACTION_GROUPS)
