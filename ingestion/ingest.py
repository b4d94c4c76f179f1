"""Ingestion of a delivery: each file is landed, read, cast, judged and receipted, or set aside
with a sentence.

Belongs here: the way of a file through this package, in the order in which it happens.
Does not belong here: any single step (each has its module), any schedule (orchestration).
"""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from ingestion import quarantine, raw
from ingestion.cast import RECORD, cast, duplicates
from ingestion.certificates import certificates
from ingestion.contract import Contract, ContractError, all_contracts, load_contract
from ingestion.delivery import Delivered, Undelivered, deliveries
from ingestion.grid import Grid, read_grid
from ingestion.landing import land, sha256_of
from ingestion.official_values import official_values
from ingestion.plausibility import (
    bounds_in_order,
    discharge_below_charge,
    missing_regions,
    ytd_magnitude,
)
from ingestion.readers import READERS, find_reader
from ingestion.readers.reading import Reading
from ingestion.receipts import (
    Receipt,
    code_version,
    read_receipt,
    read_receipts,
    receipt_id_of,
    write_receipt,
)
from ingestion.redelivery import keep_note
from ingestion.rules import FileRefused, Finding, Problem
from ingestion.survey.intake import READER as SURVEY_READER
from ingestion.survey.intake import take_in_surveys
from ingestion.survey.pseudonym import DEMONSTRATION_KEY, key_id
from ingestion.survey.questionnaire import TABLES as SURVEY_TABLES

Progress = Callable[[str, int, int], None]
_CHECKS: dict[str, Callable[[pl.DataFrame, Delivered], pl.DataFrame]] = {
    "ytd_magnitude": lambda rows, _: ytd_magnitude(rows),
    "official_values": lambda rows, _: official_values(rows),
    "bounds_in_order": lambda rows, _: bounds_in_order(rows),
    "discharge_below_charge": lambda rows, _: discharge_below_charge(rows),
    "certificates": certificates,
}
_BUNDLES: Mapping[str, tuple[str, ...]] = {SURVEY_TABLES[0]: SURVEY_TABLES}
"""Contracts whose reader fills several tables at once, by the contract that notes name."""

_log = logging.getLogger(__name__)


@dataclass
class IngestSummary:
    """What an ingestion did. Counts are of the files that were new in this call; rows are raw
    records.

    `findings` are those of every file of the delivery, known ones included, so that nothing stays
    silent.
    """

    files_new: int = 0
    files_known: int = 0
    files_quarantined: int = 0
    rows_accepted: int = 0
    rows_quarantined: int = 0
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class _Survey:
    """How surveys are taken in: the key of their pseudonyms, and how many processes."""

    key: str | None
    jobs: int


@dataclass(frozen=True)
class _Outcome:
    """What became of one file: rows for the raw table, rows for the quarantine, findings."""

    accepted: pl.DataFrame | None
    set_aside: pl.DataFrame
    rows_read: int
    rows_accepted: int
    encoding: str | None
    findings: tuple[Finding, ...]
    refused: Finding | None = None
    more: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    """Rows of the further tables of a bundle."""


def ingest(
    source: Path,
    home: Path,
    *,
    progress: Progress | None = None,
    survey_key: str | None = None,
    jobs: int = 1,
) -> IngestSummary:
    """Take in everything that `source` delivers; write under `home`.

    `source` is a folder with delivery notes (in it, below or above it) or one file under a note.
    `progress` is called with the file name, its number and the number of files. Known files (same
    source, same content) are not read again unless the code of this package changed. Nothing is
    raised for bad files: they end in quarantine with a sentence.

    `survey_key` makes the pseudonyms of surveyed enterprises (None: the key of the worked example,
    for synthetic surveys alone); `jobs` processes read archives of surveys.
    """
    raw.ensure_empty_tables(home)
    summary = IngestSummary()
    items = deliveries(source)
    names = _last_known(read_receipts(home))
    for number, item in enumerate(items, 1):
        if progress:
            progress(item.file_name, number, len(items))
        if isinstance(item, Undelivered):
            _set_aside_unread(home, item, summary)
        else:
            _take(home, item, names, summary, _Survey(survey_key, jobs))
    return summary


def _set_aside_unread(home: Path, item: Undelivered, summary: IngestSummary) -> None:
    """Record a note or file that never came to be read."""
    finding = item.problem.finding(item.file_name, None)
    key = _unread_key(item.source_id, item.file_name, finding.rule_id)
    quarantine.write_file(home, key, finding, item.source_id, None)
    summary.files_quarantined += 1
    summary.findings.append(finding)


def _unread_key(source_id: str | None, file_name: str, rule_id: str) -> str:
    """Key of the record of an unread file: names and rule alone, so that a repeat is the same."""
    text = "\n".join((source_id or "", file_name, rule_id))
    return "x" + hashlib.sha256(text.encode()).hexdigest()[:16]


def _forget_unread(home: Path, item: Delivered) -> None:
    """A file that came with a note at last is no longer missing, nor without one."""
    for source_id, rule_id in ((None, "note_missing"), (item.source_id, "note_names_missing_file")):
        key = _unread_key(source_id, item.file_name, rule_id)
        quarantine.write_file(home, key, None, None, None)


def _take(
    home: Path,
    item: Delivered,
    names: dict[tuple[str, str], Receipt],
    summary: IngestSummary,
    survey: _Survey,
) -> None:
    _forget_unread(home, item)
    content = item.path.read_bytes()
    receipt_id = receipt_id_of(item.source_id, sha256_of(content))
    known = read_receipt(home, receipt_id)
    if known and known.file_name < item.file_name:
        problem = Problem("same_content_other_name", found=known.file_name)
        summary.files_known += 1
        summary.findings.append(problem.finding(item.file_name, receipt_id))
        return
    if known and _stands(known, item, survey):
        summary.files_known += 1
        summary.findings += [*known.findings, *_note_changed(known, item)]
        return
    outcome = _read(item, content, receipt_id, home, survey)
    outcome = _with_revision(outcome, item, receipt_id, names.get((item.source_id, item.file_name)))
    receipt = _keep(home, item, content, receipt_id, outcome, known, survey)
    before = names.get((item.source_id, item.file_name))
    names |= _last_known([before, receipt] if before else [receipt])
    summary.files_new += known is None
    summary.files_known += known is not None
    summary.files_quarantined += receipt.is_quarantined
    summary.rows_accepted += receipt.rows_accepted
    summary.rows_quarantined += receipt.rows_quarantined
    summary.findings += receipt.findings


def _last_known(receipts: Sequence[Receipt]) -> dict[tuple[str, str], Receipt]:
    """The receipt known last of every source and file name."""
    in_order = sorted(receipts, key=lambda receipt: receipt.known_at)
    return {(receipt.source_id, receipt.file_name): receipt for receipt in in_order}


def _version(item: Delivered, survey: _Survey) -> str:
    """The code that reads the file; for surveys also the key, without which the rows would be
    others.
    """
    if item.reader != SURVEY_READER:
        return code_version()
    return f"{code_version()}-{key_id(survey.key or DEMONSTRATION_KEY)}"


def _stands(known: Receipt, item: Delivered, survey: _Survey) -> bool:
    """Whether a receipt still says what reading the file again would say.

    A file that was refused as a whole is read again under a mended note: nothing rests on it yet.
    """
    if known.code_version != _version(item, survey) or known.file_name != item.file_name:
        return False
    return not known.is_quarantined or known.note_sha256 == _note_hash(item)


def _note_changed(known: Receipt, item: Delivered) -> list[Finding]:
    if known.note_sha256 == _note_hash(item):
        return []
    said = f"period {known.period}, known_at {known.known_at}, contract {known.contract}"
    says = f"period {item.period.text}, known_at {item.known_at}, contract {item.contract}"
    problem = Problem("delivery_note_changed", found=said, expected=says)
    return [problem.finding(item.file_name, known.receipt_id)]


def _with_revision(
    outcome: _Outcome, item: Delivered, receipt_id: str, before: Receipt | None
) -> _Outcome:
    if before is None or before.receipt_id == receipt_id:
        return outcome
    problem = Problem("file_revised", found=before.receipt_id)
    if item.known_at < before.known_at:
        said, first = item.known_at.isoformat(), before.known_at.isoformat()
        problem = Problem("revision_not_later", found=said, expected=first)
    finding = problem.finding(item.file_name, receipt_id)
    return replace(outcome, findings=(*outcome.findings, finding))


def _read(
    item: Delivered, content: bytes, receipt_id: str, home: Path, survey: _Survey
) -> _Outcome:
    """Read and judge one file. Rows depend on the file, its note and the code tables alone."""
    encoding: str | None = None
    try:
        contract = _contract_of(item)
        if item.reader == SURVEY_READER:
            _check_period(item)
            return _surveys(item, receipt_id, home, survey)
        grid = read_grid(content, item.file_name)
        encoding = grid.encoding
        _check_period(item)
        reading = _reading(item, grid)
        return _judge(item, contract, reading, receipt_id, encoding, content)
    except FileRefused as refusal:
        finding = refusal.problem.finding(item.file_name, receipt_id)
        nothing = quarantine.quarantined_rows([], [], item.source_id, item.known_at)
        return _Outcome(None, nothing, 0, 0, encoding, (finding,), finding)


def _surveys(item: Delivered, receipt_id: str, home: Path, survey: _Survey) -> _Outcome:
    """One questionnaire or an archive of them: several tables from one file."""
    intake = take_in_surveys(item, receipt_id, home, key=survey.key, jobs=survey.jobs)
    tables = dict(intake.tables)
    return _Outcome(
        accepted=tables.pop(item.contract),
        set_aside=intake.set_aside,
        rows_read=intake.rows_read,
        rows_accepted=intake.rows_accepted,
        encoding=None,
        findings=intake.findings,
        more=tables,
    )


def _contract_of(item: Delivered) -> Contract:
    try:
        contract = load_contract(item.contract)
    except ContractError as error:
        raise FileRefused(Problem("note_invalid", found=str(error))) from error
    filled = _BUNDLES if item.reader == SURVEY_READER else READERS.get(item.reader, ())
    if contract.table not in filled:
        reason = f"the reader '{item.reader}' does not fill the table '{item.contract}'"
        raise FileRefused(Problem("note_invalid", found=reason, hint="Name a known reader."))
    return contract


def _check_period(item: Delivered) -> None:
    if item.period.end > item.known_at:
        expected = item.known_at.isoformat()
        problem = Problem("period_in_future", found=item.period.text, expected=expected)
        raise FileRefused(problem)


def _reading(item: Delivered, grid: Grid) -> Reading:
    reader = find_reader(item.reader)
    assert reader is not None
    try:
        return reader(grid, item)
    except (pl.exceptions.PolarsError, ValueError, KeyError, IndexError) as error:
        _log.debug("reader %s failed on %s", item.reader, item.file_name, exc_info=True)
        reason = f"the reader '{item.reader}' does not understand it ({type(error).__name__})"
        raise FileRefused(Problem("file_unreadable", found=reason)) from error


def _judge(
    item: Delivered,
    contract: Contract,
    reading: Reading,
    receipt_id: str,
    encoding: str | None,
    content: bytes,
) -> _Outcome:
    records = reading.records.with_row_index(RECORD)
    done = cast(records, contract)
    good = done.rows.filter(~pl.col(RECORD).is_in(done.problems[RECORD].unique().to_list()))
    problems = [done.problems]
    for name in contract.checks:
        problems.append(_CHECKS[name](good, item))
        good = good.filter(~pl.col(RECORD).is_in(problems[-1][RECORD].unique().to_list()))
    problems.append(duplicates(good, contract))
    good = good.filter(~pl.col(RECORD).is_in(problems[-1][RECORD].unique().to_list()))
    warnings = [*reading.warnings, *missing_regions(done.rows, contract)]
    _refuse_cut_off(warnings, encoding, content)
    broken = _row_problems(pl.concat(problems), records)
    broken += [(problem, problem.found) for problem in reading.set_aside]
    findings = [problem.finding(item.file_name, receipt_id) for problem, _ in broken]
    set_aside = quarantine.quarantined_rows(
        findings, [cell for _, cell in broken], item.source_id, item.known_at
    )
    warned = [problem.finding(item.file_name, receipt_id) for problem in warnings]
    accepted = good.with_columns(
        pl.lit(item.source_id).alias("source_id"),
        pl.lit(receipt_id).alias("receipt_id"),
        pl.lit(item.file_name).alias("file_name"),
        pl.lit(item.known_at).alias("known_at"),
    ).select(list(contract.polars_schema()))
    return _Outcome(
        accepted=accepted,
        set_aside=set_aside,
        rows_read=records.height + len(reading.set_aside),
        rows_accepted=accepted.height,
        encoding=encoding,
        findings=tuple(dict.fromkeys(findings + warned)),
    )


def _refuse_cut_off(warnings: Sequence[Problem], encoding: str | None, content: bytes) -> None:
    """A text that lacks regions and the end of its last line was cut off, not just incomplete."""
    lacking = [problem for problem in warnings if problem.rule_id == "region_missing"]
    if lacking and encoding and not content.rstrip(b" ").endswith((b"\n", b"\r")):
        found = f"its last line has no end and {lacking[0].found} are missing"
        raise FileRefused(Problem("file_truncated", found=found))


def _row_problems(problems: pl.DataFrame, records: pl.DataFrame) -> list[tuple[Problem, str]]:
    """Problems of single rows with the text of the cell, in the order of the file."""
    labels = [name for name in records.columns if name.endswith("__label")]
    placed = problems.join(records.select(RECORD, "sheet", "row_number", *labels), on=RECORD).sort(
        RECORD, "rule_id", "column"
    )
    found = []
    for row in placed.iter_rows(named=True):
        column = row.get(f"{row['column']}__label") or row["column"]
        problem = Problem(
            row["rule_id"],
            sheet=row["sheet"],
            row_number=row["row_number"],
            column=column,
            found=row["found"],
            expected=row["expected"],
            hint=row["hint"],
            hint_zh=row["hint_zh"],
        )
        found.append((problem, row["found"]))
    return found


def _keep(
    home: Path,
    item: Delivered,
    content: bytes,
    receipt_id: str,
    outcome: _Outcome,
    known: Receipt | None,
    survey: _Survey,
) -> Receipt:
    """Write everything, the receipt last: only then is the file known."""
    sha256 = land(home, content)
    keep_note(home, receipt_id, item)
    nothing = pl.DataFrame()
    named = {item.contract, known.contract if known else item.contract}
    filled = {table for name in named for table in _BUNDLES.get(name, (name,))}
    for table in filled & set(all_contracts()):
        accepted = outcome.accepted if table == item.contract else outcome.more.get(table)
        raw.write_rows(home, table, receipt_id, nothing if accepted is None else accepted)
    source_row = nothing if outcome.refused else _source_row(item, receipt_id, sha256, outcome)
    raw.write_rows(home, "source", receipt_id, source_row)
    quarantine.write_rows(home, receipt_id, outcome.set_aside)
    quarantine.write_file(home, receipt_id, outcome.refused, item.source_id, item.known_at)
    receipt = Receipt(
        receipt_id=receipt_id,
        source_id=item.source_id,
        file_name=item.file_name,
        sha256=sha256,
        bytes=len(content),
        period=item.period.text,
        known_at=item.known_at,
        known_at_basis=item.known_at_basis,
        contract=item.contract,
        rows_read=outcome.rows_read,
        rows_accepted=outcome.rows_accepted,
        rows_quarantined=outcome.rows_read - outcome.rows_accepted,
        is_quarantined=outcome.refused is not None,
        encoding=outcome.encoding,
        submitter=item.submitter,
        access_class=item.access_class,
        quality_tier=item.quality_tier,
        note_sha256=_note_hash(item),
        code_version=_version(item, survey),
        received_at=known.received_at if known else _now(),
        findings=outcome.findings,
    )
    write_receipt(home, receipt)
    return receipt


def _source_row(item: Delivered, receipt_id: str, sha256: str, outcome: _Outcome) -> pl.DataFrame:
    """The row of the raw table `source`: what the note says about the file, and what became of
    its records.
    """
    row = {
        "title_zh": item.title_zh,
        "title_en": item.title_en,
        "publisher_zh": item.publisher_zh,
        "publisher_en": item.publisher_en,
        "found_at": item.found_at,
        "licence": item.licence,
        "access_class": item.access_class,
        "quality_tier": item.quality_tier,
        "raw_table": item.contract,
        "period": item.period.text,
        "known_at_basis": item.known_at_basis,
        "sha256": sha256,
        "rows_accepted": outcome.rows_accepted,
        "rows_quarantined": outcome.rows_read - outcome.rows_accepted,
        "source_id": item.source_id,
        "receipt_id": receipt_id,
        "file_name": item.file_name,
        "sheet": None,
        "row_number": 1,
        "known_at": item.known_at,
    }
    return pl.DataFrame([row], schema=load_contract("source").polars_schema())


def _note_hash(item: Delivered) -> str:
    """Hash of what the note says about the file, wherever the file lies."""
    said = replace(item, path=Path())
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
