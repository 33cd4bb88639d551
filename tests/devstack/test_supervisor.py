"""The supervisor restarts what died, and leaves nothing behind."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from livecode_admin.devstack.output import Output
from livecode_admin.devstack.supervisor import Program, Supervisor

PATIENCE = 15.0
# A master whose worker lives on when the master is killed, as granian's does.
MASTER = """
import subprocess, sys, time
worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open(sys.argv[1], "a").write(f"{worker.pid}\\n")
time.sleep(600)
"""


def python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-u", "-c", code, *arguments]


@pytest.fixture
def seen() -> list[dict[str, int]]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, seen: list[dict[str, int]]) -> Supervisor:
    return Supervisor(Output(tmp_path, colour=False), seen.append)


def until(supervisor: Supervisor, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            pytest.fail("it did not happen")
        supervisor.tick()
        time.sleep(0.02)


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_a_killed_process_comes_back_and_its_pid_is_told(supervisor: Supervisor, seen: list[dict[str, int]]) -> None:
    program = supervisor.launch(Program("sleeper", python("import time; time.sleep(600)")))
    first = seen[-1]["sleeper"]
    os.kill(first, signal.SIGKILL)
    until(supervisor, lambda: program.running and seen[-1].get("sleeper", first) != first)
    supervisor.stop()
    assert seen[-1] == {}


def test_workers_of_a_killed_master_are_not_left_on_its_port(supervisor: Supervisor, tmp_path: Path) -> None:
    notes = tmp_path / "workers"
    program = supervisor.launch(Program("master", python(MASTER, str(notes))))
    until(supervisor, lambda: notes.exists() and len(notes.read_text().split()) == 1)
    assert program.child is not None
    os.kill(program.child.pid, signal.SIGKILL)
    until(supervisor, lambda: len(notes.read_text().split()) == 2)
    first, second = map(int, notes.read_text().split())
    until(supervisor, lambda: gone(first))
    supervisor.stop()
    until(supervisor, lambda: gone(second))


def test_waits_grow_while_a_process_keeps_dying(supervisor: Supervisor, capsys: pytest.CaptureFixture[str]) -> None:
    program = supervisor.launch(Program("broken", python("raise SystemExit(3)")))
    until(supervisor, lambda: program.failures >= 3)
    supervisor.stop()
    said = capsys.readouterr().out
    assert "broken died (exit 3)" in said
    assert [f"again in {wait} s" in said for wait in ("0.5", "1", "2")] == [True] * 3


def test_a_program_that_runs_once_is_done_after_success_only(supervisor: Supervisor, tmp_path: Path) -> None:
    notes = tmp_path / "tries"
    code = "import sys; f = open(sys.argv[1], 'a+'); f.write('x'); f.seek(0); sys.exit(0 if len(f.read()) > 1 else 1)"
    program = supervisor.launch(Program("once", python(code, str(notes)), once=True))
    until(supervisor, lambda: program.done)
    assert notes.read_text() == "xx"
    supervisor.tick()
    assert not program.running


def test_what_does_not_listen_is_killed(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("livecode_admin.devstack.supervisor.STOP_SECONDS", 0.2)
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf'); time.sleep(600)"
    program = supervisor.launch(Program("deaf", python(code)))
    until(supervisor, lambda: "deaf          │ deaf" in capsys.readouterr().out)
    supervisor.stop()
    assert program.child is not None
    assert program.child.returncode == -signal.SIGKILL


def test_servers_are_stopped_after_what_uses_them(supervisor: Supervisor, tmp_path: Path) -> None:
    notes = tmp_path / "order"
    code = (
        "import signal, sys, time\n"
        "def stop(*_):\n"
        "    time.sleep(float(sys.argv[3])); open(sys.argv[1], 'a').write(sys.argv[2]); sys.exit()\n"
        "signal.signal(signal.SIGTERM, stop)\n"
        "open(sys.argv[1] + sys.argv[2], 'w').close()\n"
        "time.sleep(600)"
    )
    for name, layer, wait in (("s", 0, "0"), ("w", 2, "0.3")):
        supervisor.launch(Program(name, python(code, str(notes), name, wait), layer=layer))
    until(supervisor, lambda: all(Path(f"{notes}{name}").exists() for name in "sw"))
    supervisor.stop()
    assert notes.read_text() == "ws"
