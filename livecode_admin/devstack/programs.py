"""The processes of the product, as the demo runs them."""

import os
import sys
from pathlib import Path

from livecode_admin.devstack.place import ROOT, Place
from livecode_admin.devstack.supervisor import Program

CELERY_APP = "livecode_admin.celery:app"
# The broker is local: workers need no gossip about each other.
QUIET = ("--without-gossip", "--without-mingle", "--without-heartbeat")


def simulator(place: Place, environment: dict[str, str]) -> Program:
    """The other side of WeCom."""
    return _web("simulator", place.ports["simulator"], environment, "asgi", "wecom_simulator.asgi:app")


def pages(place: Place, environment: dict[str, str]) -> list[Program]:
    """Console and edge: what a person sees first."""
    edge_workers = os.environ.get("EDGE_PROCESSES") or "1"
    return [
        _web(
            "console",
            place.ports["console"],
            environment,
            "wsgi",
            "livecode_admin.wsgi:application",
            "--blocking-threads",
            "4",
        ),
        edge(place.ports["edge"], environment, workers=edge_workers),
    ]


def edge(port: int, environment: dict[str, str], *, name: str = "edge", workers: str = "1") -> Program:
    """What serves scans."""
    return _web(name, port, environment, "asgi", "livecode_admin.asgi:app", "--workers", workers)


def background(environment: dict[str, str]) -> list[Program]:
    """Workers and beat."""
    return [
        # A welcome has seconds to be sent: its own worker, whose threads only wait for WeCom.
        _worker("worker-welcome", environment, "welcome", "--pool", "threads", "--concurrency", "8"),
        # Calls to WeCom and to CRMs wait for others: threads of their own, so that nothing of ours waits behind them.
        _worker("worker-outgoing", environment, "wecom,crm", "--pool", "threads", "--concurrency", "6", gives_way=5),
        _worker("worker", environment, "default,analytics", "--concurrency", "2", gives_way=5),
        Program(
            "beat",
            [
                *(_tool("celery"), "--quiet", "-A", CELERY_APP, "beat", "--loglevel", "WARNING"),
                *("--schedule", environment["LIVECODE_BEAT_FILE"], "--pidfile="),
            ],
            environment,
            layer=2,
        ),
    ]


def prepare(environment: dict[str, str]) -> Program:
    """Migrates and seeds, then ends."""
    return Program(
        "prepare", [sys.executable, "-m", "livecode_admin.devstack.prepare"], environment, once=True, layer=2
    )


def history(environment: dict[str, str]) -> Program:
    """Plays the demo's past through the real services; ends by itself."""
    command = [sys.executable, str(ROOT / "manage.py"), "demo_history"]
    return Program("demo-history", command, environment, once=True, gives_way=10, layer=2)


def _web(name: str, port: int, environment: dict[str, str], interface: str, target: str, *more: str) -> Program:
    return Program(
        name,
        [
            *(_tool("granian"), "--interface", interface, "--host", "127.0.0.1", "--port", str(port)),
            # Whatever the environment says: customers are told that their network address is not kept.
            *("--no-ws", "--no-access-log", "--respawn-failed-workers", "--log-level", "warning", *more, target),
        ],
        environment,
        layer=2,
    )


def _worker(name: str, environment: dict[str, str], queues: str, *more: str, gives_way: int = 0) -> Program:
    command = [_tool("celery"), "--quiet", "-A", CELERY_APP, "worker", "--queues", queues]
    command += ["--hostname", f"{name}@%h"]
    words = [*command, "--loglevel", "INFO", *QUIET, *more]
    return Program(name, words, environment, gives_way=gives_way, layer=2)


def _tool(name: str) -> str:
    """The path of a program installed beside this Python."""
    return str(Path(sys.executable).parent / name)
