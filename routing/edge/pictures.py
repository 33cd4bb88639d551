"""Pictures of contact ways in the edge: memory first, then this machine's disk, then PostgreSQL. They never change."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from pathlib import Path

from routing.edge import store

KEPT = 2048


class Pictures:
    """A cache of PNGs by (tenant, way), shared by the edge processes of a machine through a folder."""

    def __init__(self, pool: store.Pool, folder: Path) -> None:
        self._pool = pool
        self._folder = folder
        self._kept: OrderedDict[tuple[int, int], bytes] = OrderedDict()
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)

    def known(self, tenant_id: int, way_id: int) -> bytes | None:
        """The picture if it is at hand, without asking PostgreSQL."""
        with self._lock:
            png = self._kept.get((tenant_id, way_id))
            if png is not None:
                self._kept.move_to_end((tenant_id, way_id))
                return png
        try:
            png = self._path(tenant_id, way_id).read_bytes()
        except OSError:
            return None
        self._keep(tenant_id, way_id, png)
        return png

    def get(self, tenant_id: int, way_id: int) -> bytes | None:
        """The picture, from PostgreSQL if need be (blocking; raises psycopg2.Error when it is away)."""
        png = self.known(tenant_id, way_id)
        if png is None:
            with self._pool.connection() as link:
                png = store.way_image(link, tenant_id, way_id)
            if png is not None:
                self._keep(tenant_id, way_id, png)
        return png

    def on_disk(self, tenant_id: int, way_id: int) -> bool:
        """Whether this machine keeps the picture, whatever happens to its processes."""
        return self._path(tenant_id, way_id).exists()

    def put_on_disk(self, tenant_id: int, way_id: int, png: bytes) -> None:
        """Keep a picture for the time without PostgreSQL. Raises OSError when the disk refuses."""
        path = self._path(tenant_id, way_id)
        part = path.with_suffix(f".{os.getpid()}")
        part.write_bytes(png)
        part.replace(path)

    def _keep(self, tenant_id: int, way_id: int, png: bytes) -> None:
        with self._lock:
            self._kept[tenant_id, way_id] = png
            self._kept.move_to_end((tenant_id, way_id))
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)

    def _path(self, tenant_id: int, way_id: int) -> Path:
        return self._folder / f"{int(tenant_id)}-{int(way_id)}.png"
