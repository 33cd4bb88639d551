"""Where one demo lives: its data directory, its ports, its environment."""

import json
import os
import secrets
import sys
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_PORT = 8000


@dataclass(frozen=True)
class Place:
    """A data directory and three neighbouring ports: console, edge, simulator."""

    data_dir: Path
    port: int

    @classmethod
    def from_environment(cls, data: str | None) -> "Place":
        """Build from `--data` and PORT."""
        data_dir = Path(data).expanduser() if data else ROOT / ".devstack"
        return cls(data_dir=data_dir.absolute(), port=int(os.environ.get("PORT") or DEFAULT_PORT))

    @property
    def ports(self) -> dict[str, int]:
        """The port of each web process."""
        return {"console": self.port, "edge": self.port + 1, "simulator": self.port + 2}

    def url(self, name: str) -> str:
        """The address of a web process."""
        return f"http://127.0.0.1:{self.ports[name]}"

    @property
    def state_file(self) -> Path:
        """What is running here, for people and scripts."""
        return self.data_dir / "state.json"

    @property
    def demo_file(self) -> Path:
        """Where `manage.py demo_seed` writes the tenants and their accounts."""
        return self.data_dir / "demo.json"

    @property
    def socket_dir(self) -> Path:
        """Unix sockets of PostgreSQL and Redis (a short folder elsewhere when the path is too long)."""
        return self.data_dir / "sockets"

    @property
    def log_dir(self) -> Path:
        """One file for each process."""
        return self.data_dir / "logs"

    def make(self) -> None:
        """Create the data directory, readable by its owner only."""
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.log_dir.mkdir(mode=0o700, exist_ok=True)

    def secrets(self) -> dict[str, str]:
        """Return passwords and keys of this place; made at the first call, kept in a file with mode 0600."""
        path = self.data_dir / "secrets.json"
        if not path.exists():
            words = {name: secrets.token_urlsafe(24) for name in ("postgres", "owner", "app", "ops")}
            words["secret_key"] = secrets.token_urlsafe(48)
            words["key_ring"] = "k1:" + b64encode(secrets.token_bytes(32)).decode()
            write_private(path, json.dumps(words, indent=1))
        loaded: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        return loaded

    def base_environment(self) -> dict[str, str]:
        """Return what every process of the demo gets, without the addresses of PostgreSQL and Redis."""
        words = self.secrets()
        bin_dir = str(Path(sys.executable).parent)
        return {
            **os.environ,
            "PATH": os.pathsep.join([bin_dir, os.environ.get("PATH", "")]),
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "livecode_admin.settings.development",
            "SECRET_KEY": words["secret_key"],
            "LIVECODE_SECRET_KEYS": words["key_ring"],
            "LIVECODE_CLOCK_OFFSET_FILE": str(self.data_dir / "clock-offset"),
            "LIVECODE_HTTP_ALLOW": f"127.0.0.1:{self.ports['simulator']}",
            # The edge's 300 ms are for machines of its own; here it shares the processors with everything else.
            "LIVECODE_BATCH_DEADLINE": os.environ.get("LIVECODE_BATCH_DEADLINE") or "2",
            "LIVECODE_CONSOLE_URL": self.url("console"),
            "LIVECODE_ENTRY_URL": self.url("edge"),
            "LIVECODE_WECOM_API_URL": self.url("simulator"),
            "LIVECODE_WECOM_LOGIN_URL": self.url("simulator"),
            "LIVECODE_SIMULATOR_URL": self.url("simulator"),
            "LIVECODE_MEDIA_DIR": str(self.data_dir / "media"),
            "LIVECODE_SPOOL_DIR": str(self.data_dir / "spool"),
            "LIVECODE_BEAT_FILE": str(self.data_dir / "beat-schedule"),
            "LIVECODE_DEMO_STATE": str(self.demo_file),
            "SIMULATOR_STATE_DIR": str(self.data_dir / "simulator"),
            "SIMULATOR_BASE_URL": self.url("simulator"),
        }


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads, in one step: a reader sees the old or the new text, never half."""
    temporary = path.with_name(f".{path.name}.new")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    temporary.replace(path)
