"""Runs the simulator for a test, as a process of its own on a free port."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

START_SECONDS = 20
ROOT = Path(__file__).resolve().parent.parent


@dataclass
class RunningSimulator:
    """A simulator process. `get` and `post` return the JSON answer; `client` is for all else."""

    url: str
    port: int
    client: httpx.Client
    process: subprocess.Popen[bytes]
    environment: dict[str, str]

    def post(self, path: str, body: dict[str, Any] | None = None, *, status: int = 200) -> Any:
        """POST JSON; fails when the HTTP status is not the one expected."""
        return self._checked(self.client.post(path, json=body or {}), status)

    def get(self, path: str, **query: str) -> Any:
        """GET JSON; fails unless the HTTP status is 200."""
        return self._checked(self.client.get(path, params=query or None), 200)

    def delete(self, path: str, *, status: int = 200) -> Any:
        """DELETE, with a JSON answer."""
        return self._checked(self.client.delete(path), status)

    def _checked(self, reply: httpx.Response, status: int) -> Any:
        if reply.status_code != status:
            raise AssertionError(f"{reply.request.method} {reply.url}: {reply.status_code} {reply.text[:500]}")
        return reply.json()

    def api(self, token: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """A WeCom API call under /cgi-bin/: GET without a body, POST with one."""
        query = f"{'&' if '?' in path else '?'}access_token={token}"
        reply = self.client.get(path + query) if body is None else self.client.post(path + query, json=body)
        return reply.json()

    def token(self, corp_id: str, secret: str) -> str:
        """A token for a corp."""
        reply = self.get("/cgi-bin/gettoken", corpid=corp_id, corpsecret=secret)
        return str(reply["access_token"])

    def kill(self) -> None:
        """kill -9, with its workers."""
        os.killpg(self.process.pid, 9)
        self.process.wait()

    def restart(self) -> None:
        """Start the process again on the same port and state."""
        self.process = _start(self.port, self.environment)
        _wait(self)


def free_port() -> int:
    """A port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start(port: int, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--workers", "1", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--log-level", "warning", "wecom_simulator.asgi:app"]
    return subprocess.Popen(command, env=environment, cwd=ROOT, start_new_session=True)


def _wait(running: RunningSimulator) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if running.process.poll() is not None:
            raise RuntimeError("the simulator has ended at start")
        try:
            if running.client.get("/healthz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise RuntimeError("the simulator did not start in time")


@contextmanager
def running_simulator(state_dir: Path, **env: str) -> Iterator[RunningSimulator]:
    """A simulator with its state in `state_dir`; `env` adds to or replaces its environment."""
    port = free_port()
    environment = {
        **os.environ,
        "SIMULATOR_STATE_DIR": str(state_dir),
        "SIMULATOR_BASE_URL": f"http://127.0.0.1:{port}",
        "SIMULATOR_RETRY_SECONDS": "0.05",
        "PYTHONPATH": str(ROOT),
        **env,
    }
    url = f"http://127.0.0.1:{port}"
    with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
        running = RunningSimulator(url, port, client, _start(port, environment), environment)
        try:
            _wait(running)
            yield running
        finally:
            if running.process.poll() is None:
                os.killpg(running.process.pid, 15)
                try:
                    running.process.wait(timeout=5)
                except subprocess.TimeoutExpired:
                    os.killpg(running.process.pid, 9)
                    running.process.wait()
