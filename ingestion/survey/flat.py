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
from typing import Any

import polars as pl

from ingestion.grid import ROW as GRID_ROW
from ingestion.grid import read_grid
from ingestion.rules import FileRefused
from ingestion.survey.answered import ROW, Answered, Places, Refused, Remark
from ingestion.survey.package import MAX_WORKBOOK_BYTES, too_large
from ingestion.survey.questionnaire import LAYOUT, SheetPlan, sheet_plans, template_id
from ingestion.survey.workbook import labels_of, letters
from ingestion.text import key_of

_FACTS = ("industry", "template_version")
_NEEDED = ("survey_submission", "survey_product")


def read_json(content: bytes) -> Answered:
    """The answers of a JSON document; Refused when it is no questionnaire."""
    if len(content) > MAX_WORKBOOK_BYTES:
        raise too_large(len(content))
    try:
        document = json.loads(
            content.decode("utf-8-sig"), parse_float=_written_out, parse_int=_written_out
        )
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
        if name is None:
            remarks.append(_absent(plan))
            continue
        cells = _cells(files[name], name)
        if plan.key == "survey_submission":
            given = {row[0].strip(): (row[1], number) for number, *row in cells if len(row) > 1}
            facts = _facts({fact: given.get(fact, (None, 0))[0] for fact in _FACTS})
            known = {
                question: given.get(label, given.get(question))
                for label, question in labels_of(plan).items()
            } | {each: given[each] for each in plan.names if each in given}
            row = {each: found[0] for each, found in known.items() if found}
            sheets[plan.key] = _frame(plan, [row], [1])
            marks = {each: f"B{found[1]}" for each, found in known.items() if found}
            places[plan.key] = Places(name, "whole", marks)
            continue
        labels = labels_of(plan)
        head = [labels.get(key_of(cell)) for cell in cells[0][1:]] if cells else []
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
    """A JSON number as digits, so that 1.5e+8 loses none."""
    try:
        return format(Decimal(text), "f") if "e" in text.lower() else text
    except InvalidOperation:
        return text


def _cells(content: bytes, name: str) -> list[list[Any]]:
    """Rows of a CSV file, each with its number first."""
    if not content.strip():
        return []
    try:
        grid = read_grid(content, name)
    except FileRefused as refusal:
        finding = refusal.problem.finding(name, None)
        sentences = (finding.sentence, finding.sentence_zh)
        raise Refused(Remark(refusal.problem.rule_id, sheet=name, sentences=sentences)) from refusal
    sheet = grid.sheets[0]
    return [list(row) for row in sheet.cells.select(GRID_ROW, *sheet.columns).rows()]


def _facts(given: Mapping[str, Any]) -> dict[str, str]:
    facts = {name: str(value).strip() for name, value in given.items() if value}
    lacking = [name for name in _FACTS if name not in facts]
    if lacking:
        raise Refused(Remark("questionnaire_unknown", found=", ".join(lacking)))
    return {"template": template_id(facts["industry"]), "layout": LAYOUT, **facts}


def _absent(plan: SheetPlan) -> Remark:
    rule = "sheet_missing" if plan.key in _NEEDED else "sheet_taken_out"
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
