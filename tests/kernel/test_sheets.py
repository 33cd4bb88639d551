"""Tables that people upload: read within bounds; and those they download: computed by nothing."""

from __future__ import annotations

import io
import zipfile

import pytest

from livecode_admin.kernel.sheets import SheetRefused, csv_bytes, harmless, read_sheet
from tests.workbooks import xlsx


def test_rows_keep_their_places() -> None:
    assert read_sheet(xlsx({"A1": "姓名", "B1": "数", "A3": "张三", "B3": 12.0}), "a.xlsx") == [
        ["姓名", "数"],
        [],
        ["张三", "12"],
    ]
    assert read_sheet('a,"b\nc"\n\n d ,\n'.encode("gb18030"), "a.csv") == [["a", "b\nc"], [], ["d", ""]]


@pytest.mark.parametrize("place", ["A1048576", "XFD1", "DA1"])
def test_a_cell_far_away_takes_no_memory(place: str) -> None:
    with pytest.raises(SheetRefused, match="表格过大"):
        read_sheet(xlsx({place: 1}), "a.xlsx")


def test_an_archive_that_unpacks_to_too_much_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * (21 * 1024 * 1024))
    with pytest.raises(SheetRefused, match="过大"):
        read_sheet(out.getvalue(), "a.xlsx")


@pytest.mark.parametrize("raw", [b"PK\x03\x04", b"PK", b"\x00\x01", b"\xff\xff\xff"])
def test_rubbish_is_refused_in_plain_words(raw: bytes) -> None:
    with pytest.raises(SheetRefused, match="无法读取文件"):
        read_sheet(raw, "a.csv")


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", " =1", "\t=1", "＝1", "\rx"])
def test_no_cell_is_computed(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    assert harmless("张三-1") == "张三-1"
    assert csv_bytes(["a"], [["张三"]]).startswith(b"\xef\xbb\xbf")
