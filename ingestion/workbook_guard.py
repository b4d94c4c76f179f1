"""Looking at a workbook before it is opened: is it one, and is it safe to unpack.

Belongs here: checks on the ZIP container and its XML parts. Each part is unpacked as a stream and counted, because the
sizes written in the container can lie.
Does not belong here: reading cells (grid.py).
"""

import io
import zipfile
import zlib

from ingestion.rules import refuse

MAX_UNPACKED_BYTES = 200_000_000
MAX_RATIO = 200
MAX_PARTS = 2_000
_CHUNK = 1 << 16
_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY", "<!DOCTYPE".encode("utf-16-le"))


def check_workbook(content: bytes) -> None:
    """Refuse what is not a workbook (FileRefused), what unpacks to too much, and what declares XML entities."""
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
            while chunk := stream.read(_CHUNK):
                unpacked += len(chunk)
                if unpacked > limit:
                    found = f"more than {limit} bytes"
                    raise refuse("xlsx_too_large_inside", found=found, expected=expected)
                is_xml = part.filename.endswith((".xml", ".rels", ".vml"))
                if is_xml and any(mark in tail + chunk for mark in _DECLARATIONS):
                    raise refuse("xlsx_has_entities", found=part.filename)
                tail = chunk[-32:]
