"""Tests that cannot fail are found: asserting managers that nobody enters, skips, unfinished work, blanket excuses."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.test_sizes import ROOT, is_test, sources

# Calls that assert only when they are entered with `with`.
MANAGERS = {
    "assertNumQueries",
    "assertRaises",
    "raises",
    "warns",
    "django_assert_num_queries",
    "django_assert_max_num_queries",
}
FORBIDDEN_MARKS = {"skip", "skipif", "xfail", "skip_if", "importorskip"}
# Put together here, so that this file does not find itself.
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")
BLANKET = re.compile(r"#\s*(type:\s*ignore(?!\[)|noqa(?!:\s*[A-Z]))")


def called(node: ast.expr) -> str:
    """The last name of a call: `pytest.raises(...)` → raises."""
    if not isinstance(node, ast.Call):
        return ""
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def bare_managers(tree: ast.AST) -> list[int]:
    """Lines where an asserting context manager is called and thrown away."""
    return [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Expr) and called(node.value) in MANAGERS]


def excuses(tree: ast.AST) -> list[int]:
    """Lines that skip a test or expect it to fail."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in FORBIDDEN_MARKS
        and isinstance(node.value, ast.Name | ast.Attribute)
        and (getattr(node.value, "id", "") == "pytest" or getattr(node.value, "attr", "") == "mark")
    ]


def asserts_nothing(tree: ast.AST) -> list[str]:
    """Tests whose body only passes or shows an ellipsis."""
    return [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith("test_")
        and all(
            isinstance(line, ast.Pass) or (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))
            for line in node.body
        )
    ]


def test_every_test_can_fail() -> None:
    faults = {}
    for path in filter(is_test, sources()):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if found := [*bare_managers(tree), *excuses(tree), *asserts_nothing(tree)]:
            faults[str(path.relative_to(ROOT))] = found
    assert faults == {}


def test_nothing_is_left_unfinished_and_no_excuse_is_blanket() -> None:
    faults = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sources()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if UNFINISHED.search(line) or BLANKET.search(line)
    ]
    assert faults == []


@pytest.mark.parametrize(
    "planted",
    [
        "self.assertNumQueries(99)",
        "pytest.raises(ValueError)",
        "def test_x():\n    pass",
        "pytest.mark.skip(reason='later')",
    ],
)
def test_the_judge_finds_what_is_planted(planted: str) -> None:
    tree = ast.parse(planted)
    assert [*bare_managers(tree), *excuses(tree), *asserts_nothing(tree)]


def test_the_judge_lets_a_real_check_pass() -> None:
    tree = ast.parse("with pytest.raises(ValueError):\n    int('x')")
    assert [*bare_managers(tree), *excuses(tree), *asserts_nothing(tree)] == []


def test_the_paths_are_those_of_this_repository() -> None:
    assert Path(__file__).resolve() in sources()
