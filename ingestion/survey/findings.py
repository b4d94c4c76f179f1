"""Findings of surveys: located, judged, and put into sentences.

Belongs here: the catalogue survey/rules.yml, where a finding stands, what it takes, its words.
Does not belong here: the test of any rule (values.py, checks.py, balances.py, collection.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl
import yaml

from ingestion.rules import Takes
from ingestion.survey.answered import ROW, Places, Remark
from ingestion.survey.values import FILE, SHEET

LOCATED_SCHEMA = pl.Schema(
    {
        FILE: pl.UInt32(),
        "rule_id": pl.String(),
        SHEET: pl.String(),
        ROW: pl.Int32(),
        "question": pl.String(),
        "sheet": pl.String(),
        "cell": pl.String(),
        "found": pl.String(),
        "expected": pl.String(),
        "expected_zh": pl.String(),
        "sentence": pl.String(),
        "sentence_zh": pl.String(),
    }
)
"""A finding with its place. `sentence` is given only where a rule of ingestion, not of surveys, was
broken.
"""

WHOLE = ("survey_submission", "survey_product", "survey_input", "survey_steam",
         "survey_electricity", "survey_emission")  # fmt: skip
"""Sheets of which no line may be lost: a line rejected here rejects the submission."""

_ORDER = [FILE, SHEET, ROW, "question", "rule_id", "cell", "found"]
_LONGEST = 200


@dataclass(frozen=True)
class SurveyRule:
    """A rule: what it takes, what is wrong, and what to do, in both languages."""

    rule_id: str
    takes: Takes
    en: str
    zh: str
    todo_en: str
    todo_zh: str


@dataclass(frozen=True)
class Told:
    """A finding in words."""

    rule_id: str
    takes: Takes
    sheet: str
    cell: str
    found: str
    expected: str
    sentence_en: str
    sentence_zh: str
    todo_en: str
    todo_zh: str


@cache
def survey_rules() -> Mapping[str, SurveyRule]:
    """Every rule of surveys by its id."""
    with (Path(__file__).parent / "rules.yml").open(encoding="utf-8") as stream:
        return {
            rule_id: SurveyRule(rule_id, **entry)
            for rule_id, entry in yaml.safe_load(stream).items()
        }


def takes(rule_id: str) -> Takes:
    """What a rule takes; rules of ingestion that end a file take the file."""
    rule = survey_rules().get(rule_id)
    return rule.takes if rule else "file"


def places_frame(first_number: int, places: Sequence[Mapping[str, Places]]) -> pl.DataFrame:
    """Where every question of every file stands: one row per file, sheet and question, and one per
    file and sheet without a question.
    """
    rows: list[tuple[int, str, str | None, str, str, str]] = []
    for number, sheets in enumerate(places, first_number):
        for key, place in sheets.items():
            rows.append((number, key, "", place.sheet, place.form, ""))
            rows += [
                (number, key, question, place.sheet, place.form, column)
                for question, column in place.columns.items()
            ]
    schema = {FILE: pl.UInt32, SHEET: pl.String, "_question": pl.String, "sheet": pl.String,
              "_form": pl.String, "_column": pl.String}  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def with_places(frame: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """`frame` with `sheet` and `cell` of each of its rows, by file, sheet, row and question."""
    named = places.select(FILE, SHEET, "_question", "_column").filter(pl.col("_question") != "")
    sheets = places.filter(pl.col("_question") == "").select(FILE, SHEET, "sheet", "_form")
    question = pl.col("question").fill_null("")
    row = pl.col(ROW).cast(pl.String)
    column = pl.col("_column").fill_null("")
    joined = (
        frame.with_columns(question.alias("_question"))
        .join(sheets, on=[FILE, SHEET], how="left", maintain_order="left")
        .join(named, on=[FILE, SHEET, "_question"], how="left", maintain_order="left")
    )
    sheet = pl.col("sheet").fill_null(pl.col(SHEET)).fill_null("")
    cell = (
        pl.when(pl.col("_form") == "path")
        .then(
            pl.when(pl.col(ROW).is_null() | (pl.col(SHEET) == "survey_submission"))
            .then(pl.format("{}.{}", sheet, question))
            .otherwise(pl.format("{}[{}].{}", sheet, row, question))
        )
        .when(pl.col("_form") == "whole")
        .then(pl.format("{}!{}", sheet, column))
        .when(row.is_null())
        .then(sheet)
        .otherwise(pl.format("{}!{}{}", sheet, column, row))
        .str.strip_chars_end("!.")
    )
    return joined.with_columns(sheet.alias("sheet"), cell.alias("cell")).drop(
        "_question", "_form", "_column"
    )


def located(
    found: pl.DataFrame, remarks: Sequence[tuple[int, Remark]], places: pl.DataFrame
) -> pl.DataFrame:
    """Findings and remarks with their places, in a fixed order. What reading already explained
    (an error in a cell) is not called missing as well.
    """
    told = pl.DataFrame([_remark_row(*each) for each in remarks], schema=LOCATED_SCHEMA,
                        orient="row")  # fmt: skip
    key = [FILE, SHEET, ROW, "question"]
    explained = told.filter(pl.col(ROW).is_not_null()).select(key).unique()
    kept = pl.concat(
        [
            found.filter(pl.col("rule_id") != "answer_missing"),
            found.filter(pl.col("rule_id") == "answer_missing").join(
                explained, on=key, how="anti", nulls_equal=True
            ),
        ]
    )
    placed = with_places(kept, places).with_columns(
        pl.lit(None, pl.String).alias("sentence"), pl.lit(None, pl.String).alias("sentence_zh")
    )
    return sorted_findings(pl.concat([told, placed.select(list(LOCATED_SCHEMA))]))


def sorted_findings(frame: pl.DataFrame) -> pl.DataFrame:
    """Findings once each, in their fixed order."""
    return frame.unique(maintain_order=True).sort(_ORDER, nulls_last=False)


def _remark_row(number: int, remark: Remark) -> tuple[object, ...]:
    sheet = remark.sheet or ""
    cell = f"{sheet}!{remark.cell}" if remark.cell else sheet
    english, chinese = remark.sentences or (None, None)
    return (
        number,
        remark.rule_id,
        remark.sheet_key,
        remark.row_number,
        remark.question,
        sheet,
        cell,
        remark.found[:_LONGEST],
        remark.expected,
        remark.expected,
        english,
        chinese,
    )


def rejected(frame: pl.DataFrame) -> tuple[list[int], pl.DataFrame]:
    """Numbers of the files that the findings reject, and the lines (file_number, sheet_key,
    row_number) that they reject in the others.
    """
    kinds = {rule: takes(rule) for rule in frame["rule_id"].unique().to_list()}
    kind = pl.col("rule_id").replace_strict(
        list(kinds), list(kinds.values()), default="file", return_dtype=pl.String
    )
    judged = frame.with_columns(_takes=kind)
    lost = (pl.col("_takes") == "row") & pl.col(SHEET).is_in(WHOLE)
    files = judged.filter((pl.col("_takes") == "file") | lost)[FILE].unique().sort().to_list()
    rows = judged.filter((pl.col("_takes") == "row") & ~pl.col(FILE).is_in(files))
    return files, rows.select(FILE, SHEET, ROW).unique().sort(FILE, SHEET, ROW)


def incomplete(frame: pl.DataFrame) -> pl.DataFrame:
    """One finding for each file that is rejected because of lines and nothing else."""
    kinds = {rule: takes(rule) for rule in frame["rule_id"].unique().to_list()}
    kind = pl.col("rule_id").replace_strict(
        list(kinds), list(kinds.values()), default="file", return_dtype=pl.String
    )
    judged = frame.with_columns(_takes=kind)
    whole = judged.filter(pl.col("_takes") == "file").select(FILE)
    lines = (
        judged.filter((pl.col("_takes") == "row") & pl.col(SHEET).is_in(WHOLE))
        .join(whole, on=FILE, how="anti")
        .group_by(FILE, maintain_order=True)
        .agg(pl.struct(SHEET, ROW).n_unique().cast(pl.String).alias("found"))
    )
    empty = [name for name in LOCATED_SCHEMA if name not in (FILE, "rule_id", "found")]
    return lines.select(
        FILE,
        pl.lit("submission_incomplete").alias("rule_id"),
        "found",
        *(pl.lit(None, LOCATED_SCHEMA[name]).alias(name) for name in empty),
    ).select(list(LOCATED_SCHEMA))


def told(row: Mapping[str, object]) -> Told:
    """A row of located findings as words."""
    rule_id = str(row["rule_id"])
    rule = survey_rules().get(rule_id)
    found, expected = str(row["found"] or "")[:_LONGEST], str(row["expected"] or "")
    expected_zh = str(row["expected_zh"] or "")
    sheet, cell = str(row["sheet"] or ""), str(row["cell"] or "")
    if rule is None:
        english, chinese = str(row["sentence"]), str(row["sentence_zh"])
        return Told(rule_id, "file", sheet, cell, found, expected, english, chinese, "", "")
    english = rule.en.format(found=found, expected=expected)
    chinese = rule.zh.format(found=found, expected=expected_zh)
    return Told(
        rule_id=rule_id,
        takes=rule.takes,
        sheet=sheet,
        cell=cell,
        found=found,
        expected=expected,
        sentence_en=english.strip(),
        sentence_zh=chinese.strip(),
        todo_en=rule.todo_en.format(found=found, expected=expected),
        todo_zh=rule.todo_zh.format(found=found, expected=expected_zh),
    )
