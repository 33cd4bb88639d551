"""The printed QR: decoded again, also dimmed and small (product.md §1.7)."""

import io
from xml.etree import ElementTree as ET

import pytest
import zxingcpp
from PIL import Image, ImageEnhance, ImageFilter

from codes import qr

URL = "https://hm.example.com/c/3kz9qw7x2m"


def decoded(image: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(image.convert("L"))]


@pytest.mark.parametrize("url", [URL, "http://127.0.0.1:8001/c/0000000000", URL + "?p=poster12"])
def test_png_says_the_url(url: str) -> None:
    assert decoded(Image.open(io.BytesIO(qr.png_bytes(url)))) == [url]


def test_png_is_read_dimmed_blurred_and_small() -> None:
    image = Image.open(io.BytesIO(qr.png_bytes(URL, module_px=6))).convert("L")
    dimmed = ImageEnhance.Brightness(image).enhance(0.55).filter(ImageFilter.GaussianBlur(1))
    assert decoded(dimmed) == [URL]


def test_the_quiet_zone_is_four_modules_of_white() -> None:
    rows = qr.modules(URL)
    size = len(rows)
    dark = [(x, y) for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark]
    assert min(min(x, y) for x, y in dark) == 4
    assert max(max(x, y) for x, y in dark) == size - 5


def test_png_has_whole_pixels_per_module_and_two_colours() -> None:
    image = Image.open(io.BytesIO(qr.png_bytes(URL, module_px=7)))
    assert image.size == (len(qr.modules(URL)) * 7,) * 2
    assert image.mode == "1"


@pytest.mark.parametrize("px", [0, -1, 65])
def test_senseless_sizes_are_refused(px: int) -> None:
    with pytest.raises(ValueError, match="module_px"):
        qr.png_bytes(URL, module_px=px)


def test_svg_draws_the_same_modules_and_nothing_that_runs() -> None:
    root = ET.fromstring(qr.svg_text(URL))  # noqa: S314  # our own output
    assert {child.tag.rpartition("}")[2] for child in root} == {"rect", "path"}
    rows = qr.modules(URL)
    size = len(rows)
    image = Image.new("L", (size, size), 255)
    for piece in root[1].attrib["d"].strip("M").split("M"):
        start, run = piece.split("h", 1)
        x, y = map(int, start.split())
        for offset in range(int(run.split("v")[0])):
            image.putpixel((x + offset, y), 0)
    assert [[image.getpixel((x, y)) == 0 for x in range(size)] for y in range(size)] == rows
    assert decoded(image.resize((size * 8, size * 8), Image.Resampling.NEAREST)) == [URL]
