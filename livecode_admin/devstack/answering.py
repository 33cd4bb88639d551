"""Does a web process answer?"""

import time
import urllib.error
import urllib.request


def answers(url: str) -> bool:
    """Whether a web process answers with anything but a server error."""
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310  # our own loopback address
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


def wait_for(url: str, seconds: float) -> bool:
    """Wait until a web process answers; False when it did not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not answers(url):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
