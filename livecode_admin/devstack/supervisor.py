"""One parent for all processes: starts them, restarts what died, stops everything, leaves nothing behind."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from livecode_admin.devstack.output import Output
from livecode_admin.devstack.place import ROOT

FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
STABLE_SECONDS = 30.0
STOP_SECONDS = 12.0
HOPELESS_FAILURES = 3
TICK_SECONDS = 0.2

Spawn = Callable[[int], "subprocess.Popen[bytes]"]


@dataclass
class Program:
    """One supervised process and how to start it."""

    name: str
    command: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    once: bool = False  # exit 0 means done; a failure is tried again like any other death
    spawn: Spawn | None = None  # for servers that start themselves in a special way
    stop_signal: signal.Signals = signal.SIGTERM
    gives_way: int = 0  # steps of nice: later things give way to pages, scans and greetings
    layer: int = 1  # stopped from the highest layer down: 0 = PostgreSQL and Redis
    child: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    failures: int = 0
    start_again_at: float = 0.0
    done: bool = False

    def start(self) -> "subprocess.Popen[bytes]":
        """Start the process in its own group, its output into a pipe."""
        if self.spawn is not None:
            self.child = self.spawn(subprocess.PIPE)
        else:
            self.child = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=self.environment,
                cwd=ROOT,
                start_new_session=True,
            )
            if self.gives_way:
                give_way(self.child.pid, self.gives_way)
        self.started_at = time.monotonic()
        return self.child

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self.child is not None and self.child.poll() is None

    def signal_group(self, number: int) -> None:
        """Signal the process and its children; workers may outlive their master and keep its port."""
        if self.child is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.child.pid, number)


class Supervisor:
    """Runs programs until told to stop."""

    def __init__(self, output: Output, on_change: Callable[[dict[str, int]], None]) -> None:
        """`on_change` is told the process ids whenever one changes."""
        self.output = output
        self.on_change = on_change
        self.programs: dict[str, Program] = {}
        self.stopping = False

    def request_stop(self, *_: object) -> None:
        """Ask the loop to end (signal handler); a second request kills what is not a database at once."""
        if self.stopping:
            for program in self.programs.values():
                if program.layer > 0:
                    program.signal_group(signal.SIGKILL)
        self.stopping = True

    def launch(self, program: Program) -> Program:
        """Start a program and keep it under supervision."""
        self.programs[program.name] = program
        (self.output.folder / f"{program.name}.log").unlink(missing_ok=True)
        self._start(program)
        return program

    def _start(self, program: Program) -> None:
        try:
            child = program.start()
        except OSError as error:
            self.output.line(program.name, f"does not start: {error}")
            self._plan_restart(program)
            return
        if child.stdout is not None:
            self.output.follow(program.name, child.stdout)
        self._changed()

    def _changed(self) -> None:
        self.on_change({name: p.child.pid for name, p in self.programs.items() if p.child is not None and p.running})

    def _plan_restart(self, program: Program) -> None:
        if program.started_at and time.monotonic() - program.started_at > STABLE_SECONDS:
            program.failures = 0
        wait = min(FIRST_WAIT * 2**program.failures, LONGEST_WAIT)
        program.failures += 1
        program.start_again_at = time.monotonic() + wait
        self.output.say(f"{program.name} is started again in {wait:g} s")

    def tick(self) -> None:
        """Reap what died, and start what is due."""
        for program in self.programs.values():
            if program.done or program.running:
                continue
            if program.start_again_at:
                if time.monotonic() >= program.start_again_at:
                    program.start_again_at = 0.0
                    self._start(program)
                continue
            code = program.child.returncode if program.child is not None else None
            program.signal_group(signal.SIGKILL)
            if program.once and code == 0:
                program.done = True
                self.output.say(f"{program.name} is done")
            else:
                self.output.say(f"{program.name} died ({_reason(code)})")
                self._plan_restart(program)
            self._changed()

    def wait(self, name: str, until: Callable[[], bool], seconds: float) -> bool:
        """Supervise until a condition holds, and return True.

        False: the time is over, a stop was asked, or the program that is waited for keeps dying.
        """
        deadline = time.monotonic() + seconds
        while not self.stopping and time.monotonic() < deadline:
            self.tick()
            if until():
                return True
            if self.programs[name].failures >= HOPELESS_FAILURES:
                return False
            time.sleep(TICK_SECONDS)
        return False

    def run(self) -> None:
        """Supervise until a stop is asked."""
        while not self.stopping:
            self.tick()
            time.sleep(TICK_SECONDS)

    def stop(self) -> None:
        """Stop everything, layer by layer, and reap it; what does not listen is killed."""
        self.stopping = True
        for layer in sorted({program.layer for program in self.programs.values()}, reverse=True):
            members = [program for program in self.programs.values() if program.layer == layer]
            for program in members:
                if program.running and program.child is not None:
                    program.child.send_signal(program.stop_signal)
            deadline = time.monotonic() + STOP_SECONDS
            while any(program.running for program in members) and time.monotonic() < deadline:
                time.sleep(0.05)
            for program in members:
                if program.running:
                    self.output.say(f"{program.name} did not stop in time and is killed")
                program.signal_group(signal.SIGKILL)
                if program.child is not None:
                    program.child.wait()
        self._changed()


def give_way(pid: int, steps: int) -> None:
    """Lower the priority of a new session. Where Linux shares by session, only the session's own figure counts."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PGRP, pid, steps)
    with suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(str(steps), encoding="ascii")


def _reason(code: int | None) -> str:
    """Say how a process ended."""
    if code is None:
        return "it did not start"
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit {code}"
