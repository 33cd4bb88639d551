"""`./run demo`: from nothing to a console that answers, then supervision until Ctrl-C."""

import os
import re
import signal
import sys
from functools import partial

from livecode_admin.devstack import checks, leftovers, programs, servers, state
from livecode_admin.devstack.answering import answers
from livecode_admin.devstack.output import Output
from livecode_admin.devstack.place import Place
from livecode_admin.devstack.problems import DevstackProblem
from livecode_admin.devstack.supervisor import Supervisor
from livecode_admin.devstack.welcome import greeting

START_SECONDS = 90.0
PREPARE_SECONDS = 180.0


def run(place: Place, *, colour: bool) -> int:
    """Run the demo in the foreground; returns the exit code. Raises DevstackProblem before anything is started."""
    place.make()
    lock = checks.take_lock(place)
    if count := leftovers.stop(place):
        sys.stdout.write(f"Stopped {count} processes that an interrupted demo had left.\n")
    checks.check_ports(place)
    checks.check_disk(place.data_dir)
    place.state_file.unlink(missing_ok=True)
    output = Output(place.log_dir, colour=colour)
    environment = place.base_environment()
    ready = False

    def changed(pids: dict[str, int]) -> None:
        if "DATABASE_URL" in environment:
            state.write(place, environment=environment, pids={**pids}, ready=ready)

    supervisor = Supervisor(output, changed)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, supervisor.request_stop)
    try:
        environment.update(servers.start(place, supervisor, output))
        _start_product(place, supervisor, output, environment)
        if not supervisor.stopping:
            ready = True
            changed(_pids(supervisor))
            output.plain(greeting(place))
            if os.environ.get("LIVECODE_DEMO_HISTORY") != "0":  # tests want no past, and the processors to themselves
                supervisor.launch(programs.history(environment))
            supervisor.run()
    finally:
        output.say("stopping")
        ready = False
        supervisor.stop()
        lock.close()
    output.say("stopped; the data stay in " + str(place.data_dir))
    return 0


def _start_product(place: Place, supervisor: Supervisor, output: Output, environment: dict[str, str]) -> None:
    """Start the simulator, prepare the database, start everything else, wait for the first answers."""
    supervisor.launch(programs.simulator(place, environment))
    output.say("migrating and seeding")
    prepare = supervisor.launch(programs.prepare(environment))
    supervisor.wait(prepare.name, lambda: prepare.done or prepare.failures > 0, PREPARE_SECONDS)
    if not prepare.done:
        lines = (place.log_dir / f"{prepare.name}.log").read_text(encoding="utf-8", errors="replace").splitlines()
        _give_up(supervisor, f"Preparing the database failed: {reason(lines)}")
        return
    # The pages first, so that they need not share the processors with starting workers.
    for program in programs.pages(place, environment):
        supervisor.launch(program)
    for name in ("console", "edge"):
        if not supervisor.wait(name, partial(answers, f"{place.url(name)}/healthz"), START_SECONDS):
            _give_up(supervisor, f"{name} does not answer at {place.url(name)}; see its lines above.")
            return
    for program in programs.background(environment):
        supervisor.launch(program)


def reason(lines: list[str]) -> str:
    """Return the line of a traceback that names the error; what follows it are details."""
    named = [line for line in lines if re.match(r"[A-Za-z_][\w.]*: ", line)]
    return (named or lines or ["no message"])[-1]


def _give_up(supervisor: Supervisor, message: str) -> None:
    """Raise the problem, unless the reason is that somebody pressed Ctrl-C."""
    if not supervisor.stopping:
        raise DevstackProblem(message)


def _pids(supervisor: Supervisor) -> dict[str, int]:
    """The process ids of what runs."""
    return {name: p.child.pid for name, p in supervisor.programs.items() if p.child is not None and p.running}
