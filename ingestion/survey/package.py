"""The package of a workbook: what can be said of it before and beside its values.

Belongs here: refusing what is no plain workbook (password, macros, external links, the old
format, too large), and finding what a reader of values does not see: hidden sheets, formulas,
errors, merged cells.
Does not belong here: unpacking safely (ingestion/workbook_guard.py), the values (workbook.py).
"""

import html
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, pairwise

from ingestion.rules import FileRefused
from ingestion.survey.answered import Refused, Remark
from ingestion.workbook_guard import check_workbook

MAX_WORKBOOK_BYTES = 20_000_000
"""A filled questionnaire has about 30 kB; a picture or two may be in it."""

_COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s([^<>]+?)/?>")
_RELATION = re.compile(rb"<Relationship\s([^<>]+?)/?>")
_ATTRIBUTE = re.compile(rb"""(?<![\w:])([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_MERGED = re.compile(
    rb"""<(?:\w+:)?mergeCell\s[^<>]*?ref=["']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})["']"""
)
_CELL = re.compile(rb"<(?:\w+:)?c\s([^<>]*)>")
_CELL_END = re.compile(rb"</(?:\w+:)?c>")
_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]*)</(?:\w+:)?v>")
_CELL_NAME = re.compile(r"^([A-Z]{1,3})(\d{1,7})$")
_MERGED_COLUMNS, _MERGED_ROWS, _MERGED_CELLS = 60, 2_100, 20_000
"""How far merged cells are looked at - beyond, no question stands - and how many of a sheet."""


@dataclass(frozen=True)
class OddCell:
    """A cell whose value is not what it seems. `kind`: error, formula, formula_empty, merged;
    every cell of a merged range is one.
    """

    column: str
    row_number: int
    kind: str
    text: str


@dataclass(frozen=True)
class Package:
    """What the package says of its sheets: which are hidden, and the odd cells of each."""

    hidden: frozenset[str]
    odd_cells: Mapping[str, tuple[OddCell, ...]]


def open_package(content: bytes, file_name: str) -> Package:
    """The package of a workbook; Refused when it is none that may be opened."""
    _refuse_closed(content, file_name)
    try:
        check_workbook(content)
    except FileRefused as refusal:
        finding = refusal.problem.finding(file_name, None)
        sentences = (finding.sentence, finding.sentence_zh)
        raise Refused(
            Remark(
                refusal.problem.rule_id,
                found=refusal.problem.found,
                expected=refusal.problem.expected,
                sentences=sentences,
            )
        ) from refusal
    with zipfile.ZipFile(io.BytesIO(content)) as container:
        names = container.namelist()
        if any(name.lower().endswith("vbaproject.bin") for name in names):
            raise Refused(Remark("workbook_has_macros", found="vbaProject.bin"))
        if linked := [name for name in names if name.startswith("xl/externalLinks/")]:
            raise Refused(Remark("workbook_has_external_links", found=linked[0]))
        return _package(container)


def _refuse_closed(content: bytes, file_name: str) -> None:
    if not content.strip():
        raise Refused(Remark("survey_file_empty"))
    if len(content) > MAX_WORKBOOK_BYTES:
        raise too_large(len(content))
    if content.startswith(_COMPOUND_FILE):
        rule = "workbook_has_password" if _ENCRYPTED in content else "workbook_of_old_format"
        raise Refused(Remark(rule, found=file_name.rpartition(".")[2]))


def too_large(size: int) -> Refused:
    """The refusal of a file of `size` bytes; its bytes need not be at hand."""
    expected = f"{MAX_WORKBOOK_BYTES // 1_000_000} MB"
    return Refused(Remark("survey_file_too_large", found=f"{size:,} bytes", expected=expected))


def _attributes(text: bytes) -> dict[str, str]:
    return {
        name.decode(): html.unescape((double or single).decode("utf-8", "replace"))
        for name, double, single in _ATTRIBUTE.findall(text)
    }


def _package(container: zipfile.ZipFile) -> Package:
    relations = {}
    if "xl/_rels/workbook.xml.rels" in container.namelist():
        for text in _RELATION.findall(container.read("xl/_rels/workbook.xml.rels")):
            each = _attributes(text)
            relations[each.get("Id", "")] = each.get("Target", "")
    hidden, odd = set(), {}
    for text in _SHEET.findall(container.read("xl/workbook.xml")):
        each = _attributes(text)
        name = each.get("name", "")
        if each.get("state", "visible") != "visible":
            hidden.add(name)
        target = relations.get(each.get("r:id", ""), "")
        part = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        if part in container.namelist() and (found := _odd_cells(container.read(part))):
            odd[name] = found
    return Package(frozenset(hidden), odd)


def _odd_cells(sheet: bytes) -> tuple[OddCell, ...]:
    """Formulas, errors and merged cells of a sheet; most sheets hold none and are not searched."""
    found = _merged_cells(sheet)
    if b't="e"' not in sheet and not _FORMULA.search(sheet):
        return tuple(found)
    for attributes, inner in _cells(sheet):
        facts = _attributes(attributes)
        place = _CELL_NAME.match(facts.get("r", ""))
        is_formula = bool(_FORMULA.search(inner))
        if place is None or not (is_formula or facts.get("t") == "e"):
            continue
        value = _VALUE.search(inner)
        text = html.unescape(value[1].decode("utf-8", "replace")) if value else ""
        if facts.get("t") == "e":
            kind = "error"
        else:
            kind = "formula" if text else "formula_empty"
        found.append(OddCell(place[1], int(place[2]), kind, text))
    return tuple(found)


def _cells(sheet: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Attributes and content of every cell. A cell ends where the next one begins at the latest,
    so that each byte is looked at once even where nothing is closed.
    """
    for opening, following in pairwise(chain(_CELL.finditer(sheet), [None])):
        assert opening is not None
        start, stop = opening.end(), following.start() if following else len(sheet)
        if opening[1].endswith(b"/"):
            stop = start
        end = _CELL_END.search(sheet, start, stop)
        yield opening[1], sheet[start : end.start() if end else stop]


def _merged_cells(sheet: bytes) -> list[OddCell]:
    """Every cell of every merged range as far as questions can stand; a value written for one of
    them before is hidden or gone. Refused when there are more than can be told.
    """
    found: list[OddCell] = []
    for first, first_row, last, last_row in _MERGED.findall(sheet):
        text = f"{first.decode()}{first_row.decode()}:{last.decode()}{last_row.decode()}"
        columns = range(column_number(first.decode()), column_number(last.decode()) + 1)
        rows = range(int(first_row), int(last_row) + 1)
        columns = columns[: max(0, _MERGED_COLUMNS - columns.start)]
        rows = rows[: max(0, _MERGED_ROWS + 1 - rows.start)]
        if len(found) + len(rows) * len(columns) > _MERGED_CELLS:
            raise Refused(Remark("cells_merged_widely", found=text, expected=f"{_MERGED_CELLS:,}"))
        found += [OddCell(letters(c), row, "merged", text) for row in rows for c in columns]
    return found


def letters(number: int) -> str:
    """Letters of a column counted from 0: A, B, ..., Z, AA."""
    text = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def column_number(name: str) -> int:
    """Number of a column by its letters, counted from 0."""
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
