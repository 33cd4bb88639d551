"""The QR of a printed URL as PNG and SVG: black on white, quiet zone of 4 modules (product.md §1.7)."""

from __future__ import annotations

import io
from typing import Any

import zxingcpp
from PIL import Image

QUIET_ZONE = 4
MODULE_PX = 12
MAX_MODULE_PX = 64


def modules(url: str) -> list[list[bool]]:
    """The QR's modules row by row, quiet zone included; True is dark.

    Level Q where it costs no larger symbol than level M, because print wears off.
    """
    sturdy, plain = (_symbol(url, level) for level in ("Q", "M"))
    rows = sturdy if len(sturdy) == len(plain) else plain
    blank = [False] * (len(rows) + 2 * QUIET_ZONE)
    margin = [False] * QUIET_ZONE
    return [*[blank] * QUIET_ZONE, *([*margin, *row, *margin] for row in rows), *[blank] * QUIET_ZONE]


def _symbol(url: str, level: str) -> list[list[bool]]:
    """The bare symbol at an error correction level. In C++: contact ways are drawn by the hundred."""
    code = zxingcpp.create_barcode(url, zxingcpp.BarcodeFormat.QRCode, ec_level=level)
    image: Any = zxingcpp.write_barcode_to_image(code, scale=1, add_quiet_zones=False)
    rows: list[list[int]] = memoryview(image).tolist()  # type: ignore[assignment]  # two dimensions
    return [[pixel == 0 for pixel in row] for row in rows]


def png_bytes(url: str, module_px: int = MODULE_PX) -> bytes:
    """A black-and-white PNG; each module is ``module_px`` pixels wide, 1 to 64.

    Raises:
        ValueError: ``module_px`` is out of range.
    """
    if not 1 <= module_px <= MAX_MODULE_PX:
        raise ValueError(f"module_px must be 1 to {MAX_MODULE_PX}, not {module_px}")
    rows = modules(url)
    size = len(rows)
    image = Image.new("1", (size, size), 1)
    image.putdata([0 if dark else 1 for row in rows for dark in row])
    out = io.BytesIO()
    image.resize((size * module_px, size * module_px), Image.Resampling.NEAREST).save(out, "PNG", optimize=True)
    return out.getvalue()


def svg_text(url: str) -> str:
    """A scalable SVG with one path; one unit is one module, so any print size stays sharp."""
    rows = modules(url)
    size = len(rows)
    path = "".join(_runs(y, row) for y, row in enumerate(rows))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" '
        f'width="{size * MODULE_PX}" height="{size * MODULE_PX}" shape-rendering="crispEdges">'
        f'<rect width="{size}" height="{size}" fill="#ffffff"/><path fill="#000000" d="{path}"/></svg>\n'
    )


def _runs(y: int, row: list[bool]) -> str:
    """The dark runs of one row as SVG path pieces."""
    pieces = []
    start: int | None = None
    for x, dark in enumerate([*row, False]):
        if dark and start is None:
            start = x
        elif not dark and start is not None:
            pieces.append(f"M{start} {y}h{x - start}v1h-{x - start}z")
            start = None
    return "".join(pieces)
