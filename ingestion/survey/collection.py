"""Collections: many submissions examined in processes, judged together, and what goes on.

Belongs here: dividing the work, putting it together in one order whatever the number of
processes, checks of submissions against one another, and the verdict.
Does not belong here: checks of one submission (checks.py, balances.py), receipts (receipt.py),
where tables are written (ingest.py).

Sentences about other submissions say that there is one and nothing of it.
"""

import datetime as dt
import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import polars as pl

from ingestion.survey.answered import ROW
from ingestion.survey.balances import CONSEQUENT, HISTORY_SCHEMA, judge, year_on_year
from ingestion.survey.checks import check_submissions, claims
from ingestion.survey.findings import (
    LOCATED_SCHEMA,
    WHOLE,
    incomplete,
    located,
    places_frame,
    rejected,
    sorted_findings,
    takes,
    with_places,
)
from ingestion.survey.pieces import Piece
from ingestion.survey.questionnaire import TABLES, sheet_plans
from ingestion.survey.submission import Submissions, read_submissions
from ingestion.survey.values import FILE, FOUND_SCHEMA, SHEET, found_where
from ingestion.text import match_key

CHUNK = 200
"""Submissions examined in one go: enough that frames pay, few enough that memory stays small."""

Progress = Callable[[int, int], None]
History = Callable[[Sequence[str]], pl.DataFrame]

_MAIN_QUESTION = {
    "survey_submission": "capacity",
    "survey_product": "output_amount",
    "survey_input": "amount",
    "survey_steam": "amount",
    "survey_electricity": "energy_mwh",
    "survey_transport": "amount",
    "survey_emission": "amount_kg",
    "survey_waste": "amount",
    "survey_device": "valid_until",
}
_SPECIFIC = [FILE, "section", "item", "plant_code", "product_code", "technology", "period_start",
             "period_end", "specific", SHEET, ROW, "question", "sheet", "cell"]  # fmt: skip


@dataclass(frozen=True)
class Examined:
    """Submissions read and judged one by one; frames as in Collection, before the verdict.
    `anchors`: where the answers stand that are compared between submissions.
    """

    files: pl.DataFrame
    tables: Mapping[str, pl.DataFrame]
    findings: pl.DataFrame
    plausibility: pl.DataFrame
    specific: pl.DataFrame
    anchors: pl.DataFrame


@dataclass(frozen=True)
class Collection:
    """Submissions with their verdicts.

    `files`: one row per file, in order: file_number, name, industry, template_version,
    submission_id, status (accepted, accepted_with_remarks, rejected), lines_read,
    lines_accepted. `tables`: the survey tables with accepted lines alone, with file_number,
    sheet_key, row_number, sheet (of the template) and cell. `findings`: LOCATED_SCHEMA.
    `plausibility`: PLAUSIBILITY_SCHEMA. `specific`: specific amounts of accepted submissions.
    """

    files: pl.DataFrame
    tables: Mapping[str, pl.DataFrame]
    findings: pl.DataFrame
    plausibility: pl.DataFrame
    specific: pl.DataFrame


def collect(
    pieces: Sequence[Piece],
    *,
    jobs: int = 1,
    known_at: dt.date | None = None,
    history: History | None = None,
    progress: Progress | None = None,
) -> Collection:
    """Examine all pieces and judge them together.

    `jobs`: processes; the result is the same for any number. `known_at`: the day of delivery.
    `history`: gives, for the plant codes of the collection, their earlier specific amounts
    (HISTORY_SCHEMA). `progress` is called
    with the number of submissions examined and of all. Nothing is raised for bad submissions.
    """
    parts = []
    for part in _examined(pieces, jobs, known_at):
        parts.append(part)
        if progress:
            progress(sum(each.files.height for each in parts), len(pieces))
    if not parts:
        parts = [examine([], 0, known_at)]
    whole = _together(parts)
    return _judged(whole, history)


def _examined(pieces: Sequence[Piece], jobs: int, known_at: dt.date | None) -> Iterator[Examined]:
    starts = range(0, len(pieces), CHUNK)
    chunks = [pieces[start : start + CHUNK] for start in starts]
    work = partial(examine, known_at=known_at)
    if jobs <= 1 or len(chunks) <= 1:
        yield from map(work, chunks, starts)
        return
    context = multiprocessing.get_context("spawn")
    with _one_thread_each(), ProcessPoolExecutor(min(jobs, len(chunks)), context) as pool:
        yield from pool.map(work, chunks, starts)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Processes started within have one Polars thread: the cores are shared by processes."""
    before = os.environ.get("POLARS_MAX_THREADS")
    os.environ["POLARS_MAX_THREADS"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["POLARS_MAX_THREADS"]
        else:
            os.environ["POLARS_MAX_THREADS"] = before


def examine(
    pieces: Sequence[Piece], first_number: int = 0, known_at: dt.date | None = None
) -> Examined:
    """Read, type and judge submissions one by one."""
    submissions = read_submissions(pieces, first_number)
    places = places_frame(first_number, submissions.places)
    judged = judge(submissions)
    first = pl.concat([submissions.found, check_submissions(submissions, known_at)])
    found = pl.concat([first, _without_consequences(judged.found, first, submissions)])
    tables = {
        table: _with_cells(frame, table, places) for table, frame in submissions.tables.items()
    }
    return Examined(
        files=submissions.files,
        tables=tables,
        findings=located(found, submissions.remarks, places),
        plausibility=judged.plausibility,
        specific=with_places(judged.specific, places).select(_SPECIFIC),
        anchors=_anchors(submissions.tables, places),
    )


def _without_consequences(
    found: pl.DataFrame, first: pl.DataFrame, submissions: Submissions
) -> pl.DataFrame:
    """What the recipe says, without what only follows from a line that could not be read or from
    one amount in a wrong unit. Two such amounts point at the output, and then the balance tells.
    """
    is_sum = pl.col("rule_id").is_in(CONSEQUENT)
    early = pl.concat([first, found.filter(~is_sum)]).filter(pl.col(SHEET).is_in(WHOLE))
    severe = [rule for rule in early["rule_id"].unique().to_list() if takes(rule) == "row"]
    broken = early.filter(pl.col("rule_id").is_in(severe))[FILE].unique().to_list()
    broken += [n for n, remark in submissions.remarks if takes(remark.rule_id) != "warning"]
    shifted = found.filter(pl.col("rule_id") == "amount_off_by_thousand").group_by(FILE).len()
    broken += shifted.filter(pl.col("len") == 1)[FILE].to_list()
    return found.filter(~(is_sum & pl.col(FILE).is_in(broken)))


def _anchors(tables: Mapping[str, pl.DataFrame], places: pl.DataFrame) -> pl.DataFrame:
    rows = [
        tables[table].select(FILE, SHEET, ROW, pl.lit(question).alias("question"))
        for table, question in (
            ("survey_submission", "plant_code"),
            ("survey_submission", "plant_name"),
            ("survey_electricity", "certificate_ids"),
        )
    ]
    return with_places(pl.concat(rows), places)


def _with_cells(frame: pl.DataFrame, table: str, places: pl.DataFrame) -> pl.DataFrame:
    """The rows of a table with the sheet as the template calls it and the cell of the main amount.
    A plant's own name for a sheet might name the plant.
    """
    own = {plan.key: plan.name for plan in sheet_plans()}
    name = pl.col(SHEET).replace_strict(list(own), list(own.values()), return_dtype=pl.String)
    unnamed = places.with_columns(
        pl.when(pl.col("_form") == "path").then(pl.col(SHEET)).otherwise(name).alias("sheet")
    )
    question = pl.col(SHEET).replace_strict(
        list(_MAIN_QUESTION), list(_MAIN_QUESTION.values()), return_dtype=pl.String
    )
    return with_places(frame.with_columns(question.alias("question")), unnamed).drop("question")


def _together(parts: Sequence[Examined]) -> Examined:
    return Examined(
        files=pl.concat([part.files for part in parts]),
        tables={table: pl.concat([part.tables[table] for part in parts]) for table in TABLES},
        findings=pl.concat([part.findings for part in parts]),
        plausibility=pl.concat([part.plausibility for part in parts]),
        specific=pl.concat([part.specific for part in parts]),
        anchors=pl.concat([part.anchors for part in parts]),
    )


def _judged(whole: Examined, history: History | None) -> Collection:
    bad, _ = rejected(whole.findings)
    among = _against_one_another(whole, bad)
    past = [HISTORY_SCHEMA.to_frame()]
    if history is not None:
        codes = whole.specific["plant_code"].unique().drop_nulls().sort().to_list()
        past.append(history(codes).select(list(HISTORY_SCHEMA)))
    own = whole.specific.filter(~pl.col(FILE).is_in(bad))
    past.append(own.select(list(HISTORY_SCHEMA)))
    changed = _placed(year_on_year(whole.specific, pl.concat(past)), whole.specific)
    findings = pl.concat([whole.findings, among, changed])
    findings = sorted_findings(pl.concat([findings, incomplete(findings)]))
    bad, lines = rejected(findings)
    is_good = ~pl.col(FILE).is_in(bad)
    tables, read, kept = {}, [], []
    for table, frame in whole.tables.items():
        good = frame.filter(is_good).join(
            lines, on=[FILE, SHEET, ROW], how="anti", maintain_order="left"
        )
        tables[table] = good
        read.append(frame.select(FILE))
        kept.append(good.select(FILE))
    files = whole.files.drop("amounts_id")
    for name, parts in (("lines_read", read), ("lines_accepted", kept)):
        counts = pl.concat(parts).group_by(FILE, maintain_order=True).len(name)
        files = files.join(counts, on=FILE, how="left", maintain_order="left")
    remarked = findings[FILE].unique().to_list()
    status = (
        pl.when(pl.col(FILE).is_in(bad))
        .then(pl.lit("rejected"))
        .when(pl.col(FILE).is_in(remarked))
        .then(pl.lit("accepted_with_remarks"))
        .otherwise(pl.lit("accepted"))
    )
    files = files.with_columns(
        pl.col("lines_read", "lines_accepted").fill_null(0), status.alias("status")
    )
    good = whole.specific.filter(is_good)
    return Collection(files, tables, findings, whole.plausibility, good)


def _against_one_another(whole: Examined, bad: Sequence[int]) -> pl.DataFrame:
    """Findings between submissions that nothing else rejects, located at code, name or
    certificate.
    """
    ids = whole.files.select(FILE, "submission_id", "amounts_id")
    frame = (
        whole.tables["survey_submission"]
        .filter(~pl.col(FILE).is_in(bad))
        .join(ids, on=FILE, how="inner", maintain_order="left")
        .sort(FILE)
    )
    name = "plant_code"
    code = pl.col("plant_code")
    repeated = (pl.int_range(pl.len()).over("submission_id") > 0) & pl.col(
        "submission_id"
    ).is_not_null()
    found = [found_where(frame, repeated, "submission_repeated", name, code)]
    once = frame.filter(~repeated)
    key = ["plant_code", "product_code", "technology"]
    pairs = once.select(FILE, *key, "period_start", "period_end")
    overlapping = (
        pairs.join(pairs, on=key, how="inner", suffix="_other")
        .filter(
            pl.col(FILE) != pl.col(f"{FILE}_other"),
            pl.col("period_start") <= pl.col("period_end_other"),
            pl.col("period_start_other") <= pl.col("period_end"),
        )[FILE]
        .unique()
        .to_list()
    )
    twice = pl.col(FILE).is_in(overlapping)
    found.append(found_where(once, twice, "plant_twice", name, code))
    same = (code.n_unique().over("amounts_id") > 1) & pl.col("amounts_id").is_not_null()
    found.append(found_where(once, same, "same_answers_other_plant", name, code))
    label = match_key(pl.col("plant_name"))
    two_names = label.n_unique().over("plant_code") > 1
    found.append(
        found_where(once, two_names, "plant_under_two_names", "plant_name", pl.col("plant_name"))
    )
    two_codes = (code.n_unique().over(label) > 1) & (label != "")
    found.append(
        found_where(once, two_codes, "name_under_two_codes", "plant_name", pl.col("plant_name"))
    )
    power = whole.tables["survey_electricity"].filter(pl.col(FILE).is_in(once[FILE].to_list()))
    claimed = pl.col(FILE).n_unique().over("_id") > 1
    certificates = found_where(
        claims(power).sort(FILE, ROW, "_id"),
        claimed,
        "certificate_claimed_twice",
        "certificate_ids",
        pl.col("_id"),
    )
    return _placed(pl.concat([*found, certificates]), whole.anchors)


def _placed(found: pl.DataFrame, where: pl.DataFrame) -> pl.DataFrame:
    """Findings with sheet and cell taken from a frame that has them by file, sheet, row and
    question.
    """
    key = [FILE, SHEET, ROW, "question"]
    places = where.select(*key, "sheet", "cell").unique(key, keep="first", maintain_order=True)
    return (
        found.match_to_schema(FOUND_SCHEMA)
        .join(places, on=key, how="left", maintain_order="left")
        .with_columns(
            pl.lit(None, pl.String).alias("sentence"), pl.lit(None, pl.String).alias("sentence_zh")
        )
        .select(list(LOCATED_SCHEMA))
    )
