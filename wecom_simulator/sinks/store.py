"""What the sinks received: in memory, and appended to a file each, so that a kill loses nothing."""

from __future__ import annotations

import json
import re
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from wecom_simulator.model import Json

KEEP = 2000
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass
class Behaviour:
    """How a CRM answers. `times` 0 means until changed; `kind` may be ok, hang, drip, redirect, garbage, big."""

    status: int = 200
    kind: str = "ok"
    delay_ms: int = 0
    retry_after: str = ""
    location: str = ""
    times: int = 0


@dataclass
class Sink:
    """One CRM: what came, the secret it checks signatures with, and how it answers."""

    name: str
    secret: str = ""
    behaviour: Behaviour = field(default_factory=Behaviour)
    received: deque[Json] = field(default_factory=lambda: deque(maxlen=KEEP))


class Sinks:
    """All CRM sinks and the mailbox."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory / "sinks"
        self.crm: dict[str, Sink] = {}
        self.mail: deque[Json] = deque(maxlen=KEEP)

    def sink(self, name: str) -> Sink:
        """A CRM sink by name, made when first used."""
        return self.crm.setdefault(name, Sink(name))

    def keep(self, name: str, record: Json) -> None:
        """Add to a CRM sink."""
        self.sink(name).received.append(record)
        self._append(f"crm.{name}", record)

    def keep_mail(self, record: Json) -> None:
        """Add to the mailbox."""
        self.mail.append(record)
        self._append("mail", record)

    def save_secret(self, name: str, secret: str) -> None:
        """Set the secret of a CRM sink."""
        self.sink(name).secret = secret
        self._directory.mkdir(parents=True, exist_ok=True)
        (self._directory / f"secret.{name}").write_text(secret, encoding="utf-8")

    def _append(self, stem: str, record: Json) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        with (self._directory / f"{stem}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")

    def load(self) -> None:
        """Read what an earlier run has left; a torn last line is left out."""
        for path in sorted(self._directory.glob("*.jsonl")):
            target = self.mail if path.stem == "mail" else self.sink(path.stem.removeprefix("crm.")).received
            for line in path.read_text(encoding="utf-8").splitlines()[-KEEP:]:
                try:
                    target.append(json.loads(line))
                except ValueError:
                    continue
        for path in self._directory.glob("secret.*"):
            self.sink(path.name.removeprefix("secret.")).secret = path.read_text(encoding="utf-8")

    def clear(self) -> None:
        """Forget everything, on disk too."""
        self.crm.clear()
        self.mail.clear()
        for path in self._directory.glob("*"):
            path.unlink(missing_ok=True)
