"""Pictures of contact ways and of native codes: memory first, then this machine's disk, then PostgreSQL.

They never change. Those of contact ways are put on the disk by ``warming.py``; those of native codes, which are printed
and seldom opened here, when they are first shown.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections import OrderedDict
from pathlib import Path

from routing.edge import store

KEPT = 2048
_Key = tuple[int, int, bool]  # company, contact way or native code, whether the latter


class Pictures:
    """A cache of PNGs by company and contact way, or with ``native`` by company and native code; shared by the edge
    processes of a machine through a folder.
    """

    def __init__(self, pool: store.Pool, folder: Path) -> None:
        self._pool = pool
        self._folder = folder
        self._kept: OrderedDict[_Key, bytes] = OrderedDict()
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)

    def known(self, tenant_id: int, number: int, *, native: bool = False) -> bytes | None:
        """The picture if it is at hand, without asking PostgreSQL."""
        key = (tenant_id, number, native)
        with self._lock:
            png = self._kept.get(key)
            if png is not None:
                self._kept.move_to_end(key)
                return png
        try:
            png = self._path(tenant_id, number, native=native).read_bytes()
        except OSError:
            return None
        self._keep(key, png)
        return png

    def get(self, tenant_id: int, number: int, *, native: bool = False) -> bytes | None:
        """The picture, from PostgreSQL if need be (blocking; raises psycopg2.Error when it is away)."""
        png = self.known(tenant_id, number, native=native)
        if png is None:
            with self._pool.connection() as link:
                png = (store.native_image if native else store.way_image)(link, tenant_id, number)
            if png is not None:
                self._keep((tenant_id, number, native), png)
                if native:
                    with contextlib.suppress(OSError):  # it is shown all the same
                        self.put_on_disk(tenant_id, number, png, native=True)
        return png

    def on_disk(self, tenant_id: int, way_id: int) -> bool:
        """Whether this machine keeps the picture, whatever happens to its processes."""
        return self._path(tenant_id, way_id).exists()

    def put_on_disk(self, tenant_id: int, number: int, png: bytes, *, native: bool = False) -> None:
        """Keep a picture for the time without PostgreSQL. Raises OSError when the disk refuses."""
        path = self._path(tenant_id, number, native=native)
        part = path.with_suffix(f".{os.getpid()}")
        part.write_bytes(png)
        part.replace(path)

    def _keep(self, key: _Key, png: bytes) -> None:
        with self._lock:
            self._kept[key] = png
            self._kept.move_to_end(key)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)

    def _path(self, tenant_id: int, number: int, *, native: bool = False) -> Path:
        return self._folder / f"{int(tenant_id)}-{'native-' if native else ''}{int(number)}.png"
