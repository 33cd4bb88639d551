"""Where unix sockets live: their whole path may have 107 bytes at most, however deep the data directory is."""

import hashlib
import os
import tempfile
from pathlib import Path

LONGEST = 107
LONGEST_NAME = len("/.s.PGSQL.5432.lock")


def socket_dir(preferred: Path) -> Path:
    """Return a directory for sockets, made with mode 0700: the preferred one, or a short one when that is too long."""
    chosen = preferred
    if len(os.fsencode(preferred)) + LONGEST_NAME > LONGEST:
        digest = hashlib.sha256(os.fsencode(preferred)).hexdigest()[:12]
        chosen = Path(tempfile.gettempdir()) / f"lc-{digest}"
    chosen.mkdir(mode=0o700, parents=True, exist_ok=True)
    chosen.chmod(0o700)
    return chosen
