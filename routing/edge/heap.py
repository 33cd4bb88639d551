"""The C heap of an edge process. glibc gives each thread an arena of its own and keeps what was freed in it: with
sixteen threads that read batches in turn, a quarter of the process was memory that nobody used.
"""

from __future__ import annotations

import ctypes

# malloc.h of glibc
_ARENA_MAX, _MMAP_THRESHOLD, _TRIM_THRESHOLD = -8, -3, -1
ARENAS = 2
LARGE = 64 * 1024  # what is larger goes back to the system when it is freed
TRIMMED = 128 * 1024


def heap_configure() -> bool:
    """Few arenas, and memory that is freed goes back; before threads are started. False where there is no glibc."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return False
    wanted = ((_ARENA_MAX, ARENAS), (_MMAP_THRESHOLD, LARGE), (_TRIM_THRESHOLD, TRIMMED))
    return all(mallopt(option, value) == 1 for option, value in wanted)
