"""Ctrl-C of `./run bench` ends the measurement too, and what it started."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BENCH = """
import os, sys
from livecode_admin.devstack.bench import hand_over
sys.exit(hand_over([sys.executable, "-c", sys.argv[1], sys.argv[2]], dict(os.environ)))
"""
# It stops its server when it is asked to end, which takes a moment; one that is left alone would live on.
MEASUREMENT = """
import os, pathlib, subprocess, sys, time
folder = pathlib.Path(sys.argv[1])
server = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
(folder / "pids.part").write_text(f"{os.getpid()} {server.pid}")
(folder / "pids.part").rename(folder / "pids")
try:
    time.sleep(600)
finally:
    time.sleep(1)
    server.kill()
    (folder / "tidy").touch()
"""


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_measurement_that_is_broken_off_tidies_up_and_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    bench = subprocess.Popen([sys.executable, "-c", BENCH, MEASUREMENT, str(tmp_path)], cwd=ROOT)
    for _ in range(600):
        if (tmp_path / "pids").exists():
            break
        time.sleep(0.05)
    pids = [int(word) for word in (tmp_path / "pids").read_text(encoding="ascii").split()]
    os.kill(bench.pid, number)
    assert bench.wait(60) == 130
    assert (tmp_path / "tidy").exists()
    assert all(gone(pid) for pid in pids)


def test_a_measurement_that_ends_by_itself_says_how(tmp_path: Path) -> None:
    ends = "import sys; sys.exit(7)"
    assert subprocess.run([sys.executable, "-c", BENCH, ends, str(tmp_path)], cwd=ROOT, check=False).returncode == 7
