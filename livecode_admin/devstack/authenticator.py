"""The authenticator app of the demo's people: `./run code USERNAME` prints what a phone would show."""

import base64
import sys
import time

from django_otp.oath import hotp

from livecode_admin.devstack import state
from livecode_admin.devstack.place import Place
from livecode_admin.devstack.problems import DevstackProblem

STEP = 30


def code_at(secret: str, seconds: float) -> str:
    """The six digits of a base32 key at a moment (seconds since 1970; RFC 6238, SHA-1, steps of 30 s)."""
    return f"{hotp(base64.b32decode(secret), int(seconds) // STEP):06d}"


def show(place: Place, username: str) -> int:
    """Print the present code of one of the demo's accounts, and for how long it holds."""
    tenants = (state.load(place.demo_file) or {}).get("tenants", [])
    keys = {one["username"]: one["totp_secret"] for tenant in tenants for one in tenant["accounts"]}
    if username not in keys:
        raise DevstackProblem(f"there is no account {username!r}; state.json in {place.data_dir} has them all")
    secret = keys[username]
    if secret is None:
        raise DevstackProblem(f"{username} signs in with the password alone")
    now = time.time()
    sys.stdout.write(f"{code_at(secret, now)}  ({STEP - int(now) % STEP} s; each code works once)\n")
    return 0
