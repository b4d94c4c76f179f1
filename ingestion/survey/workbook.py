"""Filled workbooks: from bytes to answers as text.

Belongs here: finding the sheets of a questionnaire whatever they are called, and their columns
whatever their order.
Does not belong here: what may be opened (package.py), what an answer means (values.py, checks.py).

A sheet is known by the mark in its first cell and its columns by the machine names beside it. Where
somebody took that row away, labels are taken instead, and the receipt says so.
"""

from collections.abc import Sequence

import polars as pl

from ingestion.survey.answered import ROW, Answered, Places, Refused, Remark
from ingestion.survey.package import OddCell, Package, letters, open_package
from ingestion.survey.questionnaire import NEEDED_SHEETS, SheetPlan, sheet_plan, sheet_plans
from ingestion.survey.template import (
    CODE_SHEET,
    LABEL_MARK,
    MACHINE_SHEET,
    NOTE_MARK,
    README_SHEET,
)
from ingestion.text import key_of

_LOOKED_AT = 12
_LAST_ROW = 2_000
_ODD_RULES = {
    "error": "cell_is_an_error",
    "formula": "formula_read_as_value",
    "formula_empty": "formula_without_value",
    "merged": "cells_merged",
}
_Row = tuple[str | None, ...]


def read_workbook(content: bytes, file_name: str) -> Answered:
    """The answers of a filled workbook; Refused when it cannot be opened or is no
    questionnaire.
    """
    import fastexcel

    package = open_package(content, file_name)
    try:
        workbook = fastexcel.read_excel(content)
        frames = {
            name: _frame(workbook.load_sheet(name, header_row=None, skip_rows=0, dtypes="string"))
            for name in workbook.sheet_names
            if name not in (CODE_SHEET, README_SHEET)
        }
    except fastexcel.FastExcelError as error:
        reason = str(error).splitlines()[0]
        raise Refused(Remark("workbook_broken", found=reason)) from error
    facts = _facts(frames.pop(MACHINE_SHEET, None))
    return _Sheets(package).answered(frames, facts)


def _frame(loaded: object) -> pl.DataFrame:
    """The cells of a sheet under the letters of their columns. What is loaded begins at the first
    column that holds anything; the empty ones before it are put back.
    """
    frame: pl.DataFrame = loaded.to_polars()  # type: ignore[attr-defined]
    used = loaded.selected_columns  # type: ignore[attr-defined]
    first = used[0].absolute_index if used else 0
    frame.columns = [letters(first + number) for number in range(frame.width)]
    empty = [
        pl.Series(letters(number), [None] * frame.height, pl.String) for number in range(first)
    ]
    return pl.DataFrame([*empty, *frame.get_columns()])


def _facts(frame: pl.DataFrame | None) -> dict[str, str]:
    """What the machine sheet says: template, template_version, layout, industry."""
    if frame is None or frame.width < 2:
        raise Refused(Remark("questionnaire_unknown", found=MACHINE_SHEET))
    rows = frame.head(_LOOKED_AT).rows()
    facts = {str(row[0]): str(row[1]) for row in rows if row[0] and row[1]}
    if not {"template", "template_version", "layout", "industry"} <= set(facts):
        raise Refused(Remark("questionnaire_unknown", found=MACHINE_SHEET))
    return facts


class _Sheets:
    """Gathers the sheets of one workbook."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.remarks: list[Remark] = []
        self.sheets: dict[str, pl.DataFrame] = {}
        self.places: dict[str, Places] = {}

    def answered(self, frames: dict[str, pl.DataFrame], facts: dict[str, str]) -> Answered:
        for name, frame in frames.items():
            head = frame.head(_LOOKED_AT).rows()
            at, plan = _marked(head)
            if plan is None:
                self.by_labels(name, frame, head)
            elif plan.key in self.sheets:
                self.remarks.append(Remark("sheet_twice", plan.key, name, found=name))
            elif plan.key == "survey_submission":
                self.first_sheet(plan, name, frame, at)
            else:
                self.table(plan, name, frame, _data_row(plan, head, at), list(head[at]))
        for plan in sheet_plans():
            if plan.key not in self.sheets:
                needed = plan.key in NEEDED_SHEETS
                rule = "sheet_missing" if needed else "sheet_taken_out"
                self.remarks.append(Remark(rule, plan.key, plan.name, found=plan.name))
        return Answered(facts, self.sheets, self.places, tuple(self.remarks))

    def first_sheet(self, plan: SheetPlan, name: str, frame: pl.DataFrame, at: int) -> None:
        """The sheet of plant and group, one question a row; `at` is the row of its mark."""
        self.shown(plan, name)
        head = frame.row(at)
        names = letters(head.index(_first(head)))
        column = head.index("value") if "value" in head else 2
        if column >= frame.width:
            values: list[str | None] = [None] * frame.height
        else:
            values = frame[letters(column)].to_list()
        given, places = {}, {}
        for number, (question, value) in enumerate(
            zip(frame[names].to_list(), values, strict=True), 1
        ):
            if question in plan.names:
                given[question] = value
                places[question] = f"{letters(column)}{number}"
        self.lacking(plan, name, set(given))
        series = [pl.Series(each, [given.get(each)], pl.String) for each in plan.names]
        self.sheets[plan.key] = pl.DataFrame([*series, pl.Series(ROW, [1], pl.Int32)])
        self.places[plan.key] = Places(name, "whole", places)
        by_cell = {cell: question for question, cell in places.items()}
        for odd in self.package.odd_cells.get(name, ()):
            question = by_cell.get(f"{odd.column}{odd.row_number}")
            if question:
                self.odd(plan, name, odd, 1, question)

    def table(
        self,
        plan: SheetPlan,
        name: str,
        frame: pl.DataFrame,
        data_row: int,
        head: Sequence[str | None],
    ) -> None:
        """A sheet of lines: `head` names the question of each column."""
        self.shown(plan, name)
        columns = {
            question: letters(number)
            for number, question in enumerate(head)
            if question in plan.names
        }
        self.lacking(plan, name, set(columns))
        if frame.height > _LAST_ROW:
            self.remarks.append(
                Remark("sheet_too_long", plan.key, name, found=f"{frame.height}",
                       expected=f"{_LAST_ROW}")
            )  # fmt: skip
        data = frame.slice(data_row, _LAST_ROW)
        series = [
            data.get_column(columns[each]).alias(each)
            if each in columns
            else pl.Series(each, [None] * data.height, pl.String)
            for each in plan.names
        ]
        numbers = range(data_row + 1, data_row + 1 + data.height)
        self.sheets[plan.key] = pl.DataFrame([*series, pl.Series(ROW, numbers, pl.Int32)])
        self.places[plan.key] = Places(name, "cell", columns)
        by_letter = {column: question for question, column in columns.items()}
        for odd in self.package.odd_cells.get(name, ()):
            question = by_letter.get(odd.column)
            if odd.row_number > data_row and question:
                self.odd(plan, name, odd, odd.row_number, question)

    def odd(self, plan: SheetPlan, name: str, odd: OddCell, row_number: int, question: str) -> None:
        cell = f"{odd.column}{odd.row_number}"
        rule = _ODD_RULES[odd.kind]
        self.remarks.append(Remark(rule, plan.key, name, row_number, question, cell, odd.text))

    def shown(self, plan: SheetPlan, name: str) -> None:
        if name != plan.name:
            remark = Remark("sheet_renamed", plan.key, name, found=name, expected=plan.name)
            self.remarks.append(remark)
        if name in self.package.hidden:
            self.remarks.append(Remark("sheet_hidden", plan.key, name, found=name))

    def lacking(self, plan: SheetPlan, name: str, found: set[str]) -> None:
        for question in plan.questions:
            if question.name not in found:
                rule = "question_missing" if question.is_needed else "question_taken_out"
                label = f"{question.label_zh} {question.label_en}"
                self.remarks.append(Remark(rule, plan.key, name, expected=label))

    def by_labels(self, name: str, frame: pl.DataFrame, head: list[_Row]) -> None:
        """A sheet without its mark: found by its labels, or passed over and said so. Where names
        and labels both stand there, the lower row counts: the lines begin below it.
        """
        for at in reversed(range(len(head))):
            for plan in sheet_plans():
                labels = labels_of(plan)
                named = [labels.get(key_of((cell or "").replace("\n", ""))) for cell in head[at]]
                hits = sum(each is not None for each in named)
                if plan.key != "survey_submission" and hits >= max(3, 0.6 * len(plan.names)):
                    if plan.key in self.sheets:
                        self.remarks.append(Remark("sheet_twice", plan.key, name, found=name))
                        return
                    self.remarks.append(Remark("sheet_mark_lost", plan.key, name, found=name))
                    start = at + 2 if _is_note(plan, head, at + 1) else at + 1
                    self.table(plan, name, frame, start, named)
                    return
        if frame.height:
            self.remarks.append(Remark("sheet_passed_over", None, name, found=name))


def _first(row: _Row) -> str | None:
    """The first filled cell of a row."""
    return next((cell for cell in row if cell), None)


def _marked(head: list[_Row]) -> tuple[int, SheetPlan | None]:
    """The row of the mark and the plan that it names."""
    for at, row in enumerate(head):
        mark = _first(row)
        if mark and mark.startswith("#survey_"):
            try:
                return at, sheet_plan(mark[1:].strip())
            except KeyError:
                return at, None
    return 0, None


def _data_row(plan: SheetPlan, head: list[_Row], at: int) -> int:
    """Number of rows above the first line: those to the notes under the labels."""
    for number in range(at + 1, len(head)):
        if _first(head[number]) == LABEL_MARK:
            return number + 2 if _is_note(plan, head, number + 1) else number + 1
    return at + 5


def _is_note(plan: SheetPlan, head: list[_Row], at: int) -> bool:
    """Whether a row holds the notes under the labels, by its mark or by the first of them."""
    if at >= len(head):
        return False
    notes = {f"{each.help_zh}\n{each.help_en}" for each in plan.questions}
    return _first(head[at]) == NOTE_MARK or _first(head[at]) in notes


def labels_of(plan: SheetPlan) -> dict[str, str]:
    """Match key of every label and name of a question -> its name."""
    return {
        key_of(text): question.name
        for question in plan.questions
        for text in (
            question.name,
            question.label_zh,
            question.label_en,
            question.label_zh + question.label_en,
        )
    }
