"""What was answered: one submission as text, wherever it came from, and what stood out in reading.

Belongs here: the common form that workbook.py and flat.py read into, and where each answer stands.
Does not belong here: reading a format, judging an answer (checks.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

ROW = "row_number"


@dataclass(frozen=True)
class Remark:
    """Something that stood out while a file was read, before any answer was judged.

    `sheet` is the name a person sees, `cell` its address within ('B7'); `row_number` and
    `question` tie it to an answer. `sentences` (English, Chinese) are given where a rule of the
    catalogue of ingestion and not of surveys was broken.
    """

    rule_id: str
    sheet_key: str | None = None
    sheet: str | None = None
    row_number: int | None = None
    question: str | None = None
    cell: str | None = None
    found: str = ""
    expected: str = ""
    sentences: tuple[str, str] | None = None


@dataclass
class Refused(Exception):
    """Raised where a file cannot be read as a submission at all; carries the remark that says
    why.
    """

    remark: Remark

    def __post_init__(self) -> None:
        super().__init__(self.remark.rule_id)


@dataclass(frozen=True)
class Places:
    """Where the answers of one sheet stand.

    `columns`: question -> letters of its column, or on the first sheet its whole address. `form`
    says how an address is written: 'cell' (sheet!B7), 'whole' (sheet!C4) or 'path' (sheet[7].b).
    """

    sheet: str
    form: str
    columns: Mapping[str, str]


@dataclass(frozen=True)
class Answered:
    """One submission as text. `sheets`: sheet key -> one text column per question, null where
    empty, and row_number; the frames may hold empty rows.
    """

    facts: Mapping[str, str]
    sheets: Mapping[str, pl.DataFrame]
    places: Mapping[str, Places]
    remarks: tuple[Remark, ...] = field(default=())
