"""A contact way's QR: read from WeCom's image and drawn again by us, large and sharp, from our own origin."""

from __future__ import annotations

import io

import zxingcpp
from PIL import Image

from codes.qr import png_bytes

MAX_BYTES = 1024 * 1024
MAX_PIXELS = 16_000_000
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
MODULE_PX = 16


class QrUnreadable(ValueError):
    """The bytes are no image with exactly one readable QR."""


def qr_content(image: bytes) -> str:
    """What the QR in ``image`` says.

    Raises:
        QrUnreadable: no image of a known format, larger than 16 megapixels, or not exactly one QR in it.
    """
    try:
        with Image.open(io.BytesIO(image), formats=FORMATS) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise QrUnreadable("the image is too large")
            picture = opened.convert("L")
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise QrUnreadable("not a readable image") from error
    wanted = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    found = [code.text for code in zxingcpp.read_barcodes(picture, formats=wanted) if code.text]
    if len(found) != 1:
        raise QrUnreadable(f"{len(found)} QR codes in the image")
    return found[0]


def way_png(content: str) -> bytes:
    """Our own picture of the same content."""
    return png_bytes(content, module_px=MODULE_PX)
