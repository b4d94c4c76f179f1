"""The same questionnaire as CSV or JSON: from bytes to answers as text.

Belongs here: the two flat forms, for those who export from a system and fill no workbook.
Does not belong here: workbooks (workbook.py), what an answer means (values.py, checks.py).

JSON: one object; `industry` and `template_version`, `survey_submission` an object, every other
sheet a list of objects, keys as in the questionnaire. CSV: one file a sheet, `survey_product.csv`
and so on, first row the keys or labels; `survey_submission.csv` has the columns question and value
and holds `industry` and `template_version` too.
"""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from itertools import dropwhile
from typing import Any

import polars as pl

from ingestion.grid import ROW as GRID_ROW
from ingestion.grid import read_grid
from ingestion.rules import FileRefused
from ingestion.survey.answered import ROW, Answered, Places, Refused, Remark
from ingestion.survey.package import MAX_WORKBOOK_BYTES, letters, too_large
from ingestion.survey.questionnaire import (
    LAYOUT,
    NEEDED_SHEETS,
    SheetPlan,
    sheet_plans,
    template_id,
)
from ingestion.survey.workbook import labels_of
from ingestion.text import key_of

_FACTS = ("industry", "template_version")
_NO_QUESTIONS = ("question", "template", "layout", "")
_MOST_DIGITS = 30
"""Numbers with more digits than this before or behind the point are left as they are written."""


def read_json(content: bytes) -> Answered:
    """The answers of a JSON document; Refused when it is no questionnaire."""
    if len(content) > MAX_WORKBOOK_BYTES:
        raise too_large(len(content))
    try:
        document = json.loads(
            content.decode("utf-8-sig"), parse_float=_written_out, parse_int=_written_out
        )
        json.dumps(document, ensure_ascii=False).encode()  # half of a surrogate pair is no text
    except (ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0]
        raise Refused(Remark("survey_not_json", found=reason)) from error
    if not isinstance(document, dict):
        raise Refused(Remark("survey_not_json", found="it is no object"))
    facts = _facts({name: document.get(name) for name in _FACTS})
    remarks: list[Remark] = []
    sheets, places = {}, {}
    for plan in sheet_plans():
        rows = document.pop(plan.key, None)
        if plan.key == "survey_submission":
            rows = [rows] if isinstance(rows, dict) else rows
        if rows is None:
            remarks.append(_absent(plan))
            continue
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise Refused(Remark("survey_not_json", plan.key, plan.key, found=f"{plan.key}: rows"))
        remarks += _unasked(plan, {name for row in rows for name in row})
        sheets[plan.key] = _frame(plan, rows, range(1, len(rows) + 1))
        places[plan.key] = Places(plan.key, "path", {})
    for name in document:
        if name not in (*_FACTS, "template", "layout"):
            remarks.append(Remark("sheet_passed_over", None, name, found=name))
    return Answered(facts, sheets, places, tuple(remarks))


def read_csv_files(files: Mapping[str, bytes]) -> Answered:
    """The answers of CSV files by name; Refused when they are no questionnaire."""
    by_key = {name.rpartition("/")[2].removesuffix(".csv"): name for name in files}
    remarks: list[Remark] = []
    sheets, places = {}, {}
    facts: dict[str, str] = {}
    for plan in sheet_plans():
        name = by_key.pop(plan.key, None)
        cells = _cells(files[name], name) if name is not None else []
        if name is None or not cells:
            remarks.append(_absent(plan))
            continue
        labels = labels_of(plan)
        if plan.key == "survey_submission":
            given = {key_of(row[0]): (row[1], number) for number, *row in cells if len(row) > 1}
            facts = _facts({fact: given.get(key_of(fact), (None, 0))[0] for fact in _FACTS})
            known = {labels[each]: found for each, found in given.items() if each in labels}
            sheets[plan.key] = _frame(
                plan, [{each: cell for each, (cell, _) in known.items()}], [1]
            )
            marks = {each: f"B{number}" for each, (_, number) in known.items()}
            places[plan.key] = Places(name, "whole", marks)
            asked = {*labels, *map(key_of, (*_FACTS, *_NO_QUESTIONS))}
            others = {row[0] for _, *row in cells if key_of(row[0]) not in asked}
            remarks += _unasked(plan, others)
            continue
        head = [labels.get(key_of(cell)) for cell in cells[0][1:]]
        unknown = {c for c, each in zip(cells[0][1:], head, strict=True) if c and not each}
        remarks += _unasked(plan, unknown)
        rows = [
            {each: cell for each, cell in zip(head, row[1:], strict=False) if each}
            for row in cells[1:]
        ]
        sheets[plan.key] = _frame(plan, rows, [row[0] for row in cells[1:]])
        columns = {each: letters(number) for number, each in enumerate(head) if each}
        places[plan.key] = Places(name, "cell", columns)
        for question in plan.questions:
            if question.is_needed and question.name not in columns:
                label = f"{question.label_zh} {question.label_en}"
                remarks.append(Remark("question_missing", plan.key, name, expected=label))
    remarks += [Remark("sheet_passed_over", None, name, found=name) for name in by_key.values()]
    return Answered(facts or _facts({}), sheets, places, tuple(remarks))


def _written_out(text: str) -> str:
    """A JSON number as digits, so that 1.5e+8 loses none. A power of ten that would fill the
    memory stays one and is refused at its place.
    """
    if "e" not in text.lower():
        return text
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return format(number, "f") if abs(number.adjusted()) <= _MOST_DIGITS else text


def _cells(content: bytes, name: str) -> list[list[Any]]:
    """Rows of a CSV file, each with its number first; those before the first filled one are left
    out, and where none is filled there are none.
    """
    if not content.strip():
        return []
    try:
        grid = read_grid(content, name)
    except FileRefused as refusal:
        finding = refusal.problem.finding(name, None)
        sentences = (finding.sentence, finding.sentence_zh)
        raise Refused(Remark(refusal.problem.rule_id, sheet=name, sentences=sentences)) from refusal
    sheet = grid.sheets[0]
    rows = [list(row) for row in sheet.cells.select(GRID_ROW, *sheet.columns).rows()]
    return list(dropwhile(lambda row: not any(cell.strip() for cell in row[1:]), rows))


def _facts(given: Mapping[str, Any]) -> dict[str, str]:
    facts = {name: str(value).strip() for name, value in given.items() if value}
    lacking = [name for name in _FACTS if name not in facts]
    if lacking:
        raise Refused(Remark("questionnaire_unknown", found=", ".join(lacking)))
    return {"template": template_id(facts["industry"]), "layout": LAYOUT, **facts}


def _absent(plan: SheetPlan) -> Remark:
    rule = "sheet_missing" if plan.key in NEEDED_SHEETS else "sheet_taken_out"
    return Remark(rule, plan.key, plan.key, found=plan.key)


def _unasked(plan: SheetPlan, names: set[str]) -> list[Remark]:
    unknown = sorted(name for name in names if name not in plan.names and name != "line")
    return [Remark("question_unknown", plan.key, plan.key, found=name) for name in unknown]


def _frame(
    plan: SheetPlan, rows: Sequence[Mapping[str, Any]], numbers: Sequence[int]
) -> pl.DataFrame:
    series = [
        pl.Series(name, [_text(row.get(name)) for row in rows], pl.String) for name in plan.names
    ]
    return pl.DataFrame([*series, pl.Series(ROW, list(numbers), pl.Int32)])


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, list):
        return ";".join(str(each) for each in value)
    return str(value)
