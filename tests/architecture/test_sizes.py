"""Modules, functions and templates stay small enough to be read at once (design.md §2)."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULE_LINES, MODULE_STOP = 300, 400
FUNCTION_LINES, FUNCTION_STOP = 40, 60
TEMPLATE_LINES = 120
TEST_LINES = 300
# Of the modules and functions, this share may pass the aim; none may pass the stop.
SHARE = 0.02
NOT_OURS = {".venv", ".git", "node_modules", "vendor", ".devstack", "staticfiles", "build"}


def sources() -> list[Path]:
    """Every Python file of ours; migrations are data, generated and never read twice."""
    return [
        path
        for path in [*ROOT.rglob("*.py"), ROOT / "run"]
        if not NOT_OURS & set(path.relative_to(ROOT).parts)
        and not any(part.startswith(".venv") for part in path.relative_to(ROOT).parts)
        and path.parent.name != "migrations"
    ]


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{path.relative_to(ROOT)}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def test_modules_are_short() -> None:
    sizes = {str(path.relative_to(ROOT)): lines(path) for path in sources() if not is_test(path)}
    assert {name: size for name, size in sizes.items() if size > MODULE_STOP} == {}
    long = {name: size for name, size in sizes.items() if size > MODULE_LINES}
    assert len(long) <= SHARE * len(sizes), long


def test_functions_are_short() -> None:
    sizes = dict(pair for path in sources() for pair in functions(path))
    assert {name: size for name, size in sizes.items() if size > FUNCTION_STOP} == {}
    long = {name: size for name, size in sizes.items() if size > FUNCTION_LINES}
    assert len(long) <= SHARE * len(sizes), long


def test_templates_are_short() -> None:
    sizes = {str(path.relative_to(ROOT)): lines(path) for path in (ROOT / "templates").rglob("*.html")}
    assert {name: size for name, size in sizes.items() if size > TEMPLATE_LINES} == {}


def test_test_modules_are_short() -> None:
    sizes = {str(path.relative_to(ROOT)): lines(path) for path in sources() if is_test(path)}
    assert {name: size for name, size in sizes.items() if size > MODULE_STOP} == {}
    long = {name: size for name, size in sizes.items() if size > TEST_LINES}
    assert len(long) <= SHARE * len(sizes), long


def is_test(path: Path) -> bool:
    return path.relative_to(ROOT).parts[0] == "tests"
