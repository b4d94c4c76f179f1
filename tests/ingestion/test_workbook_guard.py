"""The guard of workbooks: addresses that would make a reader fill the memory are refused, whatever
the way in which they are written; those at the edge of a sheet pass.
"""

import io
import zipfile

import pytest

from ingestion.rules import FileRefused
from ingestion.workbook_guard import MAX_COLUMNS, MAX_ROWS, check_workbook


def workbook(sheet: bytes, name: str = "xl/worksheets/sheet1.xml") -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/workbook.xml", b"<workbook/>")
        package.writestr(name, sheet)
    return content.getvalue()


@pytest.mark.parametrize(
    "cell",
    [b'<c r="A1048576"/>', b'<c r="XFD1"/>', b'<row r="1048576"/>', b'<c r=""/>', b"<c/>",
     b'<c r="A1" t="s"><v>99999999999</v></c>', b"<c:c r='B2'/>"],
)  # fmt: skip
def test_addresses_up_to_the_edge_of_a_sheet_pass(cell: bytes) -> None:
    check_workbook(workbook(cell))


@pytest.mark.parametrize(
    "cell",
    [
        b'<c r="D99999999999"/>',
        b'<c r="D12345678"/>',
        b'<c r="A1048577"/>',
        b'<c r="XFE1"/>',
        b'<c r="ZZZZZZ1"/>',
        b'<c r="zzzzzz1"/>',
        b'<row r="99999999999">',
        b"<c r='D99999999999'/>",
        b'<c r = "D99999999999"/>',
        b'<c\nt="s"\tr="D99999999999"/>',
        b'<c s=">" r="D99999999999"/>',
        b'<x:c r="D99999999999"/>',
        b'<c r="D' + b"9" * 3_000 + b'"/>',
    ],
)
def test_an_address_that_no_sheet_has_is_refused(cell: bytes) -> None:
    with pytest.raises(FileRefused) as refusal:
        check_workbook(workbook(cell))
    assert refusal.value.problem.rule_id == "xlsx_too_large_inside"
    assert f"{MAX_ROWS} rows, {MAX_COLUMNS} columns" == refusal.value.problem.expected


@pytest.mark.parametrize("at", [65_500, 65_520, 65_530, 65_536, 65_540])
def test_an_address_across_two_chunks_is_refused(at: int) -> None:
    cell = b'<c r="D99999999999"/>'
    with pytest.raises(FileRefused):
        check_workbook(workbook(b"\n" * (at - 8) + cell))


def test_an_address_in_a_part_of_another_name_is_refused() -> None:
    with pytest.raises(FileRefused):
        check_workbook(workbook(b'<c r="D99999999999"/>', "xl/worksheets/sheet1.dat"))


def test_an_address_behind_more_attributes_than_are_looked_at_is_refused() -> None:
    with pytest.raises(FileRefused) as refusal:
        check_workbook(workbook(b'<c a="' + b"x" * 5_000 + b'" r="D99999999999"/>'))
    assert refusal.value.problem.rule_id == "xlsx_not_a_workbook"
