"""`./run faults`: its names, and one clear line for a name that is none."""

import pytest

from livecode_admin.devstack.faults import command
from livecode_admin.devstack.faults.trouble import FAULTS
from livecode_admin.devstack.problems import DevstackProblem


def test_every_fault_can_be_named() -> None:
    assert tuple(FAULTS) == command.NAMES


def test_an_unknown_fault_is_one_line_with_the_names() -> None:
    with pytest.raises(DevstackProblem, match="edge-killed, postgres-stopped"):
        command.faults(["flood"])
