"""Floors and rooms hold, nothing stands outside of them, and the contracts do fail when one is broken."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = Path(sys.executable).parent / "lint-imports"
LINTER = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
CONTRACTS = {contract["id"]: contract for contract in LINTER["contracts"]}

# (contract, module that gets one line more, the line)
PLANTED = [
    ("floors", "livecode_admin/kernel/ids.py", "import tenants.context"),
    ("floors", "codes/rules.py", "from routing.rules import engine"),
    ("floors", "tagging/apps.py", "import routing.rules.engine"),
    ("floors", "livecode_admin/wsgi.py", "import livecode_admin.devstack.place"),
    ("rooms", "codes/models.py", "from codes import selectors"),
    ("rooms", "reception/selectors.py", "import reception.tasks"),
    ("hot-path", "routing/rules/engine.py", "from django.db import connection"),
    ("plain-python", "codes/rules.py", "import django"),
    ("one-http-door", "people/apps.py", "import httpx"),
    ("one-guardian-door", "codes/apps.py", "import guardian.shortcuts"),
    ("simulator-apart", "wecom_simulator/clock.py", "import wecom.errors"),
    ("models-codes", "routing/apps.py", "import codes.models"),
    ("models-tenants", "codes/selectors.py", "from tenants.models import Tenant"),
]


def lint(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([str(LINT), "--no-cache", *words], cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy")
    for package in LINTER["root_packages"]:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_all_contracts_hold() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("contract", "module", "line"), PLANTED, ids=[f"{c}: {line}" for c, _, line in PLANTED])
def test_a_planted_import_breaks_its_contract(copy: Path, contract: str, module: str, line: str) -> None:
    path = copy / module
    whole = path.read_text(encoding="utf-8")
    path.write_text(f"{whole}\n{line}\n", encoding="utf-8")
    try:
        done = lint(copy, "--contract", contract)
    finally:
        path.write_text(whole, encoding="utf-8")
    assert done.returncode == 1, done.stdout
    assert f"{CONTRACTS[contract]['name']} BROKEN" in done.stdout


def test_no_module_stands_outside_of_the_floors() -> None:
    listed = {
        word.strip("() ") for layer in CONTRACTS["floors"]["layers"] for word in layer.replace("|", ":").split(":")
    }
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    below = {f"livecode_admin.{path.stem}" for path in (ROOT / "livecode_admin").glob("*.py")}
    below |= {f"livecode_admin.{path.parent.name}" for path in (ROOT / "livecode_admin").glob("*/__init__.py")}
    expected = (packages - {"livecode_admin"}) | (below - {"livecode_admin.__init__"})
    assert listed == expected
    assert set(LINTER["root_packages"]) == packages


def test_every_app_has_rooms_and_private_models() -> None:
    apps = {
        str(path.parent.relative_to(ROOT)).replace("/", ".")
        for path in ROOT.glob("**/apps.py")
        if ".venv" not in path.parts
    }
    apps -= {"livecode_admin.kernel", "livecode_admin.devstack"}  # the ground, and what is not the product
    assert set(CONTRACTS["rooms"]["containers"]) == apps
    with_models = {app for app in apps if (ROOT / app.replace(".", "/") / "models.py").exists()}
    protected = {
        module.removesuffix(".models")
        for contract in CONTRACTS.values()
        for module in contract.get("protected_modules", [])
    }
    assert with_models <= protected


def test_there_is_no_attic() -> None:
    attic = {"utils", "helpers", "common", "misc"}
    found = [
        str(path.relative_to(ROOT))
        for package in LINTER["root_packages"]
        for path in (ROOT / package).rglob("*.py")
        if path.stem in attic or path.parent.name in attic
    ]
    assert found == []
