"""Running PostgreSQL when we are root, which it refuses: in a user namespace, or as nobody.

A cluster keeps the way it was made (its owner decides), otherwise the second start would fail.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from livecode_admin.devstack.problems import DevstackProblem

NOBODY = 65534
UNSHARE = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"]


@dataclass(frozen=True)
class Identity:
    """How to start a process that must not be root: words before the command, and the user to become."""

    prefix: list[str] = field(default_factory=list)
    user: int | None = None

    def popen_arguments(self) -> dict[str, object]:
        """Return the keyword arguments for subprocess."""
        if self.user is None:
            return {}
        return {"user": self.user, "group": self.user, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give a path to the user who will run the server."""
        if self.user is not None:
            os.chown(path, self.user, self.user)


def identity_for(data_dir: Path, program: Path) -> Identity:
    """Choose how to run the server of this data directory; raises DevstackProblem when root has no way."""
    if os.geteuid() != 0:
        return Identity()
    version = data_dir / "PG_VERSION"
    if version.exists():
        owner = version.stat().st_uid
        return Identity(prefix=UNSHARE) if owner == 0 else Identity(user=owner)
    if shutil.which("unshare") and _works([*UNSHARE, str(program), "--version"]):
        return Identity(prefix=UNSHARE)
    nobody = Identity(user=NOBODY)
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    nobody.own(data_dir)
    if _works([str(program), "--version"], nobody) and _works(["test", "-x", str(data_dir)], nobody):
        return nobody
    raise DevstackProblem(
        "PostgreSQL does not run as root and neither a user namespace nor the user nobody works here: "
        "run as a normal user, or set DATABASE_ADMIN_URL to a server of yours."
    )


def _works(command: list[str], identity: Identity | None = None) -> bool:
    """Return whether a command succeeds under an identity."""
    try:
        done = subprocess.run(  # type: ignore[call-overload]
            command,
            capture_output=True,
            timeout=10,
            check=False,
            **(identity.popen_arguments() if identity else {}),
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return bool(done.returncode == 0)
