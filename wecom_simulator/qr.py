"""Draws QR codes and reads them from pictures."""

from __future__ import annotations

import io
from functools import lru_cache

import qrcode
import zxingcpp
from PIL import Image, UnidentifiedImageError

MOST_PIXELS = 25_000_000
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


@lru_cache(maxsize=2048)
def draw(text: str) -> bytes:
    """A PNG of about 400 pixels, with the quiet zone that readers need."""
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, box_size=12, border=4)
    code.add_data(text)
    code.make(fit=True)
    out = io.BytesIO()
    code.make_image().save(out, "PNG")
    return out.getvalue()


@lru_cache(maxsize=512)
def read(picture: bytes) -> tuple[str, ...]:
    """The texts of all QR codes in a picture, none when it is no picture; a transparent ground is taken as white."""
    try:
        image = Image.open(io.BytesIO(picture), formats=FORMATS)
        if image.width * image.height > MOST_PIXELS:
            return ()
        rgba = image.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return ()
    ground = Image.new("RGBA", rgba.size, "white")
    grey = Image.alpha_composite(ground, rgba).convert("L")
    found = zxingcpp.read_barcodes(grey, formats=zxingcpp.barcode_formats_from_str("QRCode"))
    return tuple(code.text for code in found)
