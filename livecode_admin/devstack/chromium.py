"""The browser for the browser tests: found, or Debian's installed where that is allowed."""

import os
import shutil
import subprocess
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
# Chinese glyphs too: without a font every screenshot is a row of boxes.
PACKAGES = ("chromium", "fonts-noto-cjk")


def find() -> str | None:
    """Return the path of Chromium or Chrome: CHROMIUM, one on the PATH, or the Mac's."""
    if chosen := os.environ.get("CHROMIUM"):
        return chosen
    for name in NAMES:
        if found := shutil.which(name):
            return found
    return str(MAC) if MAC.exists() else None


def install() -> str | None:
    """Install Debian's Chromium with apt-get when we are root and there is apt-get; return its path or None."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return None
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "--yes", "--no-install-recommends", *PACKAGES]):
        done = subprocess.run(
            ["apt-get", "--quiet", "--quiet", *words],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        if done.returncode != 0:
            return None
    return find()
