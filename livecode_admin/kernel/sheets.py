"""Tables that people upload and download: CSV and xlsx in, CSV out. Plain Python."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime

import python_calamine

MOST_BYTES = 512 * 1024
# An xlsx is a zip: what it unpacks to, and how far its cells lie apart, is bounded before anything is read.
MOST_UNPACKED = 20 * 1024 * 1024
MOST_ROWS = 2000
_CELL = re.compile(rb'<(?:c|row)\b[^>]*?\br="([A-Z]*)(\d+)"')
# What a spreadsheet takes for a formula, also after blanks.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


class SheetRefused(ValueError):
    """The file can't be read as a table; the message is for the person, in Chinese."""


def read_sheet(raw: bytes, name: str) -> list[list[str]]:
    """The rows of a CSV file (UTF-8 or GB18030) or of the first sheet of an xlsx file, as trimmed texts.

    Rows keep their places: an empty line is an empty list. ``name`` is the file's name. Raises SheetRefused.
    """
    if len(raw) > MOST_BYTES:
        raise SheetRefused("文件不能超过 512 KB")
    rows = _xlsx(raw) if raw[:2] == b"PK" else _csv(raw, name)
    if len(rows) > MOST_ROWS:
        raise SheetRefused(f"一次最多 {MOST_ROWS:,} 行，请分成几个文件")
    return [row if any(row) else [] for row in rows]


def csv_bytes(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A CSV file that Excel opens as UTF-8, and in which no cell is taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([[harmless(cell) for cell in row] for row in [head, *rows]])
    return out.getvalue().encode("utf-8-sig")


def harmless(cell: str) -> str:
    """The cell with an apostrophe before it when a spreadsheet would compute it."""
    return f"'{cell}" if cell.lstrip().startswith(_FORMULA) or cell[:1] in ("\t", "\r") else cell


def _csv(raw: bytes, name: str) -> list[list[str]]:
    if name.lower().endswith((".xls", ".xlsb", ".ods")) or b"\x00" in raw:
        raise SheetRefused("无法读取文件，请另存为 xlsx 或 CSV")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise SheetRefused("无法读取文件，请另存为 UTF-8 编码的 CSV")
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]
    except csv.Error as error:
        raise SheetRefused("无法读取文件，请另存为 UTF-8 编码的 CSV") from error


def _xlsx(raw: bytes) -> list[list[str]]:
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(_bounded(raw)))
        sheet = book.get_sheet_by_index(0)
        cells = sheet.to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, zipfile.BadZipFile, OSError, IndexError, NotImplementedError) as error:
        raise SheetRefused("无法读取文件，请另存为 xlsx 或 CSV") from error
    return [[_text(cell) for cell in row] for row in cells]


def _bounded(raw: bytes) -> bytes:
    """The same archive, unpacked within bounds and packed anew, so that its own sizes can't lie to the reader."""
    packed, left = io.BytesIO(), MOST_UNPACKED
    with zipfile.ZipFile(io.BytesIO(raw)) as source, zipfile.ZipFile(packed, "w") as copy:
        for member in source.infolist():
            if member.flag_bits & 0x1:
                raise SheetRefused("文件有密码，请去掉密码后再上传")
            with source.open(member) as stream:
                body = stream.read(left + 1)
            left -= len(body)
            if left < 0:
                raise SheetRefused("文件展开后过大，请只保留成员名单")
            if "worksheets/" in member.filename:
                _check_extent(body)
            copy.writestr(member.filename, body)
    return packed.getvalue()


def _check_extent(body: bytes) -> None:
    """The reader takes memory for the whole rectangle up to the last cell."""
    for column, row in _CELL.findall(body):
        too_wide = len(column) > 2 or (len(column) == 2 and column > b"CZ")
        if too_wide or len(row) > 6 or int(row) > MOST_ROWS:
            raise SheetRefused(f"表格过大：最多 {MOST_ROWS:,} 行、104 列")


def _text(cell: object) -> str:
    """A cell as a person reads it; whole numbers without the .0 that xlsx gives them."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return str(cell).strip()
