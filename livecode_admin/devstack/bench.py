"""`./run bench NAME` and `./run faults`: hand over to what lives in `benchmarks/` and `tests/faults/`."""

import subprocess
import sys

from livecode_admin.devstack.place import ROOT
from livecode_admin.devstack.problems import DevstackProblem


def bench(arguments: list[str]) -> int:
    """Run `benchmarks/<name>.py` with the remaining arguments; raises DevstackProblem for an unknown name."""
    names = sorted(path.stem for path in (ROOT / "benchmarks").glob("*.py") if not path.stem.startswith("_"))
    if not arguments or arguments[0] not in names:
        raise DevstackProblem(f"usage: ./run bench NAME [--json FILE]; names: {', '.join(names) or 'none yet'}")
    command = [sys.executable, "-m", f"benchmarks.{arguments[0]}", *arguments[1:]]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def faults(arguments: list[str]) -> int:
    """Run the fault runs; raises DevstackProblem while there are none."""
    folder = ROOT / "tests" / "faults"
    if not folder.exists():
        raise DevstackProblem("There are no fault runs yet (tests/faults).")
    return subprocess.run([sys.executable, "-m", "pytest", str(folder), *arguments], cwd=ROOT, check=False).returncode
