"""Intake: a delivered file of surveys - one questionnaire or an archive of many - as raw tables.

Belongs here: the step from a collection to rows with lineage under pseudonyms, findings,
quarantine and the receipts of the submitters; the earlier figures of the same plants.
Does not belong here: judging (collection.py), writing rows and receipts of ingestion (ingest.py).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import polars as pl

from ingestion import quarantine
from ingestion.contract import load_contract
from ingestion.delivery import Delivered
from ingestion.raw import read_raw
from ingestion.rules import Finding, refuse
from ingestion.survey.answered import ROW
from ingestion.survey.balances import HISTORY_SCHEMA, judge
from ingestion.survey.checks import certificate_numbers
from ingestion.survey.collection import Collection, History, collect
from ingestion.survey.findings import takes, told
from ingestion.survey.pieces import pieces_of
from ingestion.survey.pseudonym import (
    DEMONSTRATION_KEY,
    pseudonym,
    pseudonymised,
    pseudonyms,
)
from ingestion.survey.questionnaire import TABLES
from ingestion.survey.receipt import archive_of, archive_receipts, forget_archive
from ingestion.survey.submission import Submissions
from ingestion.survey.values import FILE, FOUND_SCHEMA, SHEET

READER = "survey"
"""Name of the reader in delivery notes; its contract is survey_submission."""

_SUFFIXES = (".xlsx", ".json", ".csv")


@dataclass(frozen=True)
class Intake:
    """What became of a delivered file: rows of each survey table, rows for the quarantine,
    findings, and counts of lines.
    """

    tables: Mapping[str, pl.DataFrame]
    set_aside: pl.DataFrame
    findings: tuple[Finding, ...]
    rows_read: int
    rows_accepted: int


def take_in_surveys(
    item: Delivered, receipt_id: str, home: Path, *, key: str | None = None, jobs: int = 1
) -> Intake:
    """Read and judge all submissions of a delivered file. What is written are the receipts of the
    submitters (`archive_receipts`), from the same judgement; those of an earlier reading go first.

    `key` makes the pseudonyms; None is the key of the worked example, which serves synthetic
    surveys alone. FileRefused when the file holds no questionnaire, or when real surveys come
    without a key.
    """
    forget_archive(home, receipt_id)
    used = key or DEMONSTRATION_KEY
    if used == DEMONSTRATION_KEY and item.quality_tier != "synthetic":
        raise refuse(
            "note_invalid",
            found="surveys of real plants need a key for their pseudonyms",
            hint="Set survey_key in carbon.toml or CARBON_SURVEY_KEY in the environment.",
            hint_zh="请在 carbon.toml 设置 survey_key，或设置环境变量 CARBON_SURVEY_KEY。",
        )
    pieces = pieces_of([item.path])
    if not pieces:
        raise refuse("file_unreadable", found="it holds no questionnaire")
    collection = collect(
        pieces,
        jobs=jobs,
        known_at=item.known_at,
        history=earlier_figures(home, used, item.known_at, without=receipt_id),
    )
    archive_receipts(collection, home, receipt_id)
    worst, cells = _findings(collection, receipt_id)
    return Intake(
        tables=raw_tables(collection, item, receipt_id, used),
        set_aside=quarantine.quarantined_rows(worst, cells, item.source_id, item.known_at),
        findings=(*dict.fromkeys(worst), *_remarks(collection, item, receipt_id)),
        rows_read=int(collection.files["lines_read"].sum()),
        rows_accepted=int(collection.files["lines_accepted"].sum()),
    )


def raw_tables(
    collection: Collection, item: Delivered, receipt_id: str, key: str
) -> dict[str, pl.DataFrame]:
    """The accepted lines as the raw survey tables, with lineage. Enterprises stand under
    pseudonyms, and so do file names, which like to hold the name of the plant. Numbers of
    certificates are divided by semicolons, whatever divided them.
    """
    names = {
        name: pseudonym(key, "F", name) + _suffix(name)
        for name in collection.files["name"].to_list()
    }
    files = collection.files.select(
        FILE, "submission_id", pl.col("name").replace_strict(names).alias("file_name")
    )
    tables = {}
    for table in TABLES:
        frame = collection.tables[table]
        if table == "survey_submission":
            frame = pseudonymised(frame, key)
        if table == "survey_electricity":
            numbers = certificate_numbers(pl.col("certificate_ids")).list.join(";")
            frame = frame.with_columns(
                pl.when(numbers != "").then(numbers).alias("certificate_ids")
            )
        schema = load_contract(table).polars_schema()
        tables[table] = (
            frame.join(files, on=FILE, how="left", maintain_order="left")
            .with_columns(
                pl.lit(item.source_id).alias("source_id"),
                pl.lit(receipt_id).alias("receipt_id"),
                pl.lit(item.known_at).alias("known_at"),
            )
            .select(list(schema))
            .match_to_schema(schema)
        )
    return tables


def _suffix(name: str) -> str:
    """The suffix of a file, where it is one: what follows the dot of a folder may name a plant."""
    suffix = PurePosixPath(name).suffix.lower()
    return suffix if suffix in _SUFFIXES else ""


def _findings(collection: Collection, receipt_id: str) -> tuple[list[Finding], list[str]]:
    """Every finding that takes a line or a submission, with the text of its cell."""
    names = dict(zip(collection.files[FILE], collection.files["name"], strict=True))
    lies = archive_of(receipt_id)
    kinds = {rule: takes(rule) for rule in collection.findings["rule_id"].unique().to_list()}
    severe = [rule for rule, kind in kinds.items() if kind != "warning"]
    findings, cells = [], []
    for row in collection.findings.filter(pl.col("rule_id").is_in(severe)).iter_rows(named=True):
        each = told(row)
        name = names[row[FILE]]
        where = f"{name}, {each.cell}" if each.cell else name
        finding = Finding(
            rule_id=each.rule_id,
            file_name=name,
            sheet=each.sheet or None,
            row_number=row[ROW],
            column=row["question"],
            sentence=f"{where}: {each.sentence_en} {each.todo_en}".strip()
            + f" Receipt for the submitter: {lies} under the home.",
            receipt_id=receipt_id,
            sentence_zh=f"{where}：{each.sentence_zh}{each.todo_zh}填报回执见数据根目录下 {lies}。",
        )
        findings.append(finding)
        cells.append(each.found)
    return findings, cells


def _remarks(collection: Collection, item: Delivered, receipt_id: str) -> list[Finding]:
    """One finding for each rule that only remarks, with how often, and where the receipts of the
    submitters lie, which name each cell.
    """
    lies = archive_of(receipt_id)
    counts = (
        collection.findings.group_by("rule_id")
        .agg(pl.len().alias("n"), pl.col(FILE).n_unique().alias("files"))
        .sort("rule_id")
    )
    return [
        Finding(
            rule_id=rule_id,
            file_name=item.file_name,
            sheet=None,
            row_number=None,
            column=None,
            sentence=f"{item.file_name}: {rule_id} was remarked {n} times in {files} submissions; "
            f"their receipts name each cell: {lies} under the home.",
            receipt_id=receipt_id,
            sentence_zh=f"{item.file_name}：{rule_id} 在 {files} 份填报中提示 {n} 次，"
            f"各单元格见填报回执（数据根目录下 {lies}）。",
        )
        for rule_id, n, files in counts.iter_rows()
        if takes(rule_id) == "warning"
    ]


def earlier_figures(home: Path, key: str, known_at: dt.date, *, without: str = "") -> History:
    """What gives the earlier specific amounts of plants, by their codes, from the raw tables that
    were filled under this key. `known_at`, `without`: see `history_of`.
    """

    def history(codes: Sequence[str]) -> pl.DataFrame:
        clear = pl.Series(codes, dtype=pl.String)
        known = {hidden: code for code, hidden in pseudonyms(key, "E", clear).items()}
        past = history_of(home, known_at, list(known), without=without)
        return past.with_columns(
            pl.col("plant_code").replace_strict(known, default=None, return_dtype=pl.String)
        )

    return history


def history_of(
    home: Path, known_at: dt.date, plants: Sequence[str], *, without: str = ""
) -> pl.DataFrame:
    """Specific amounts of all submissions of some plants in the raw tables that were known by a
    day, in HISTORY_SCHEMA. Plants by their pseudonyms. `without`: a receipt that does not count.
    """
    tables = {}
    for table in TABLES:
        rows = read_raw(home, table).filter(
            pl.col("known_at") <= known_at, pl.col("receipt_id") != without
        )
        if table == "survey_submission":
            rows = rows.filter(pl.col("plant_code").is_in(plants))
        if table == "survey_submission" and rows.is_empty():
            return HISTORY_SCHEMA.to_frame()
        tables[table] = rows
    key = ["submission_id", "receipt_id"]
    files = (
        tables["survey_submission"]
        .select(*key, "industry", "template_version")
        .with_row_index(FILE)
        .with_columns(pl.lit(None, pl.String).alias("name"))
    )
    numbered = {
        table: rows.drop("industry", strict=False)
        .join(files.select(FILE, *key, "industry"), on=key, how="inner", maintain_order="left")
        .rename({"row_number": ROW}, strict=False)
        .with_columns(pl.lit(table).alias(SHEET))
        for table, rows in tables.items()
    }
    judged = judge(Submissions(files, numbered, FOUND_SCHEMA.to_frame(), [], []))
    return judged.specific.select(list(HISTORY_SCHEMA))
