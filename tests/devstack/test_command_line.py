"""What goes wrong at the start is said in one line (port taken, no disk, a second demo)."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from livecode_admin.devstack import checks
from livecode_admin.devstack.demo import reason
from livecode_admin.devstack.place import ROOT, Place
from livecode_admin.devstack.problems import DevstackProblem


def free_port() -> int:
    """A port whose next two are free as well, as far as one can know."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return min(int(probe.getsockname()[1]), 65000)


def devstack(*words: str, port: int) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "livecode_admin.devstack", *words],
        cwd=ROOT,
        env={**os.environ, "PORT": str(port)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_taken_port_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = devstack("demo", "--data", str(tmp_path / "d"), port=port)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"Port {port} (console) is taken" in done.stderr


def test_a_second_demo_in_the_same_place_is_one_line(tmp_path: Path) -> None:
    place = Place(tmp_path, free_port())
    place.make()
    with checks.take_lock(place):
        done = devstack("demo", "--data", str(tmp_path), port=place.port)
        background = devstack("demo", "--detach", "--data", str(tmp_path), port=place.port)
    for attempt in (done, background):
        assert attempt.returncode == 1
        assert attempt.stderr.count("\n") == 1
        assert f"process {os.getpid()}" in attempt.stderr


def test_a_full_disk_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage._replace(free=40 * 2**20))
    with pytest.raises(DevstackProblem, match="40 MB free, 500 MB needed"):
        checks.check_disk(tmp_path)


def test_without_a_demo_down_is_content_and_status_says_so(tmp_path: Path) -> None:
    assert devstack("down", "--data", str(tmp_path), port=free_port()).returncode == 0
    status = devstack("status", "--data", str(tmp_path), port=free_port())
    assert (status.returncode, status.stdout) == (3, f"No demo runs in {tmp_path}.\n")


def test_reset_deletes_only_what_a_demo_made(tmp_path: Path) -> None:
    mine = tmp_path / "photos"
    mine.mkdir()
    (mine / "cat.jpg").write_bytes(b"meow")
    refused = devstack("reset", "--data", str(mine), port=free_port())
    assert refused.returncode == 1
    assert (mine / "cat.jpg").exists()
    place = Place(tmp_path / "demo", free_port())
    place.make()
    checks.take_lock(place).close()
    assert devstack("reset", "--data", str(place.data_dir), port=place.port).returncode == 0
    assert not place.data_dir.exists()


def test_an_unusable_port_is_one_line(tmp_path: Path) -> None:
    done = devstack("demo", "--data", str(tmp_path), port=70000)
    assert (done.returncode, done.stderr) == (1, "PORT=70000 is no usable port.\n")


def test_secrets_of_a_place_are_made_once_and_private(tmp_path: Path) -> None:
    place = Place(tmp_path, 8000)
    first = place.secrets()
    assert place.secrets() == first
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_of_a_traceback_the_error_is_named_not_its_last_line() -> None:
    lines = [
        "Traceback (most recent call last):",
        '  File "x.py", line 1, in <module>',
        'django.db.utils.ProgrammingError: relation "x" does not exist',
        "LINE 1: SELECT * FROM x",
        "                      ^",
    ]
    assert reason(lines) == 'django.db.utils.ProgrammingError: relation "x" does not exist'
    assert reason(["stopped"]) == "stopped"
    assert reason([]) == "no message"
