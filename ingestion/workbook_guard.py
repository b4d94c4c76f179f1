"""Looking at a workbook before it is opened: is it one, and is it safe to unpack.

Belongs here: checks on the ZIP container and its XML parts - how much it unpacks to, how far its
cells are spread (a reader lays out every cell in between), whether it declares entities. Each part
is unpacked as a stream and counted, because the sizes written in the container can lie.
Does not belong here: reading cells (grid.py).
"""

import io
import re
import zipfile
import zlib

from ingestion.rules import refuse

MAX_UNPACKED_BYTES = 200_000_000
MAX_RATIO = 200
MAX_PARTS = 2_000
MAX_CELLS = 10_000_000
_CHUNK = 1 << 16
_OVERLAP = 4_200
MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
"""What a sheet can have at all. A reader that believes a larger address allocates the cells before
it.
"""
_ELEMENT = rb"<(?:[^\s<>:/\"']+:)?(?:c|row)\s"
_CELL = re.compile(_ELEMENT + rb"""[^<]{0,4000}?\br\s*=\s*["']([A-Za-z]{0,9})(\d{0,9})""")
_LONG_CELL = re.compile(_ELEMENT + rb"[^<]{4000}")
_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def check_workbook(content: bytes) -> None:
    """Refuse what is not a workbook (FileRefused), what unpacks to too much, and what declares XML
    entities.
    """
    if not content.startswith(b"PK\x03\x04"):
        raise refuse("xlsx_not_a_workbook", found="it is not a ZIP container")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as container:
            _check_parts(container, len(content))
    except (zipfile.BadZipFile, EOFError, zlib.error, OSError) as error:
        raise refuse("file_truncated", found=f"the ZIP container is broken ({error})") from error
    except (NotImplementedError, RuntimeError) as error:
        reason = f"its parts are encrypted or packed in an unknown way ({error})"
        raise refuse("xlsx_not_a_workbook", found=reason) from error


def _check_parts(container: zipfile.ZipFile, packed: int) -> None:
    parts = container.infolist()
    limit = max(min(MAX_UNPACKED_BYTES, packed * MAX_RATIO), 1_000_000)
    expected = f"{limit} bytes, {MAX_PARTS} parts"
    if len(parts) > MAX_PARTS:
        raise refuse("xlsx_too_large_inside", found=f"{len(parts)} parts", expected=expected)
    declared = sum(part.file_size for part in parts)
    if declared > limit:
        raise refuse("xlsx_too_large_inside", found=f"{declared} bytes", expected=expected)
    if "xl/workbook.xml" not in container.namelist():
        raise refuse("xlsx_not_a_workbook", found="the container holds no xl/workbook.xml")
    unpacked = 0
    for part in parts:
        with container.open(part) as stream:
            tail = b""
            rows, columns = 1, 1
            while chunk := stream.read(_CHUNK):
                unpacked += len(chunk)
                if unpacked > limit:
                    found = f"more than {limit} bytes"
                    raise refuse("xlsx_too_large_inside", found=found, expected=expected)
                if not tail and chunk.startswith(_UTF_16):
                    found = f"{part.filename} is not in UTF-8"
                    raise refuse("xlsx_not_a_workbook", found=found)
                is_xml = part.filename.endswith((".xml", ".rels", ".vml"))
                if is_xml and any(mark in tail + chunk for mark in _DECLARATIONS):
                    raise refuse("xlsx_has_entities", found=part.filename)
                if is_xml and _LONG_CELL.search(tail + chunk):
                    found = f"a cell of {part.filename} with more than 4000 bytes of attributes"
                    raise refuse("xlsx_not_a_workbook", found=found)
                for letters, digits in _CELL.findall(tail + chunk):
                    row, column = _address(letters, digits)
                    rows, columns = max(rows, row), max(columns, column)
                if rows * columns > MAX_CELLS:
                    found = f"cells spread over {rows} rows and {columns} columns"
                    limit_of_cells = f"{MAX_CELLS} cells"
                    raise refuse("xlsx_too_large_inside", found=found, expected=limit_of_cells)
                tail = (tail + chunk)[-_OVERLAP:]


def _address(letters: bytes, digits: bytes) -> tuple[int, int]:
    """Row and column of a cell; refused where no sheet reaches."""
    row, column = int(digits or b"0"), _column_number(letters.upper())
    if row > MAX_ROWS or column > MAX_COLUMNS:
        name = (letters + digits).decode()
        expected = f"{MAX_ROWS} rows, {MAX_COLUMNS} columns"
        raise refuse("xlsx_too_large_inside", found=f"a cell at {name}...", expected=expected)
    return row, column


def _column_number(letters: bytes) -> int:
    """Number of the column 'A', 'B', ..., 'XFD'; 0 for a row, which has no letters."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number
