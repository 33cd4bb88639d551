"""The authenticator app of a test's person: the codes of a key, none of them twice."""

from __future__ import annotations

import base64
import time

from django_otp.oath import hotp

STEP = 30
_used: dict[str, int] = {}


def code_of(secret: str) -> str:
    """The next code of the key that has not been given out: of this half minute, or of the next one, which is taken
    too. A third one within the half minute waits for it.
    """
    key = "".join(secret.split())
    step = max(int(time.time()) // STEP, _used.get(key, 0) + 1)
    while step > int(time.time()) // STEP + 1:
        time.sleep(1)
    _used[key] = step
    return f"{hotp(base64.b32decode(key), step):06d}"
