"""One demo for all tests of this folder, and people at its console."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from livecode_admin.devstack import leftovers, state
from livecode_admin.devstack.place import Place
from tests.story.console import Console, sign_in
from tests.story.stack import Stack, free_ports


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The running demo."""
    if running := os.environ.get("STORY_DEMO"):
        known = state.read(Place(Path(running), 1)) or {}
        yield Stack(Path(running), int(known["console_url"].rpartition(":")[2]))
        return
    one = Stack(tmp_path_factory.mktemp("story"), free_ports())
    one.start()
    yield one
    one.stop()
    assert leftovers.find(one.place) == []


@pytest.fixture
def ops(stack: Stack) -> Iterator[Console]:
    """A campaign operator at the console; faults of the test are gone afterwards."""
    console = sign_in(stack, "campaign_ops")
    yield console
    console.http.close()
    stack.sim("DELETE", "/sim/faults")
