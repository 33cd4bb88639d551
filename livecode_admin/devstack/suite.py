"""`./run test`: lint, types, contracts, migrations, then the tests; every check runs, the faults are summed up."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from livecode_admin.devstack import chromium
from livecode_admin.devstack.place import ROOT

BIN = Path(sys.executable).parent
# A worker for each processor; the tests of a file stay together, for what they start together.
WHOLE_SUITE = ["-q", "--durations=10", "-n", "auto", "--dist", "loadfile"]


@dataclass(frozen=True)
class Check:
    """One command and the name under which it is reported."""

    name: str
    command: list[str]


def static_checks() -> list[Check]:
    """The checks that need no server, in the order of their speed."""
    manage = [sys.executable, "-W", "ignore", "manage.py"]
    return [
        Check("lint", [str(BIN / "ruff"), "check", "."]),
        Check("format", [str(BIN / "ruff"), "format", "--check", "."]),
        Check("contracts", [str(BIN / "lint-imports")]),
        Check("templates", [str(BIN / "djlint"), "templates", "--lint", "--quiet"]),
        Check("migrations", [*manage, "makemigrations", "--check", "--dry-run"]),
        Check("types", [str(BIN / "mypy"), "."]),
    ]


def run(arguments: list[str]) -> int:
    """Run everything, or with arguments only pytest; returns the exit code."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "livecode_admin.settings.test"}
    failed: list[str] = []
    if not arguments:
        failed = [check.name for check in static_checks() if not _passes(check, environment)]
    words, browser = pytest_words(arguments, environment)
    if not _passes(Check("tests", words), environment):
        failed.append("tests")
    if not browser:
        _say("The browser tests did NOT run: no Chromium or Chrome here (set CHROMIUM to one).")
        if os.environ.get("CI") == "true":
            failed.append("browser tests")
    _say(f"FAILED: {', '.join(failed)}" if failed else "All checks passed.")
    return 1 if failed else 0


def pytest_words(arguments: list[str], environment: dict[str, str]) -> tuple[list[str], bool]:
    """Return the pytest command and whether a browser was found; the browser's path goes into the environment."""
    browser = chromium.find() or chromium.install()
    words = [sys.executable, "-m", "pytest", *(arguments or WHOLE_SUITE)]
    if browser is None:
        return [*words, "-m", "not browser"], False
    environment["CHROMIUM"] = browser
    return words, True


def _passes(check: Check, environment: dict[str, str]) -> bool:
    started = time.monotonic()
    _say(f"── {check.name}")
    code = subprocess.run(check.command, cwd=ROOT, env=environment, check=False).returncode
    _say(f"── {check.name}: {'ok' if code == 0 else 'FAILED'} ({time.monotonic() - started:.0f} s)")
    return code == 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
