"""Writes every form of a release into its staging folder.

Belongs here: the order of the forms and the list of what was written. Does not belong here: any one
form, and what comes before or after (`publish`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl

from warehouse import files
from warehouse.formats.citation import CITATION, citation_cff
from warehouse.formats.csv_files import FOLDER, LONGEST, csv_paths_of, write_csv
from warehouse.formats.datapackage import DATAPACKAGE, datapackage_json
from warehouse.formats.dictionary import release_dictionary_html, release_dictionary_markdown
from warehouse.formats.errors import FormatError
from warehouse.formats.facts import ReleaseFacts
from warehouse.formats.published_table import PublishedTable
from warehouse.formats.sheets import plan_sheets
from warehouse.formats.sources import read_sources
from warehouse.formats.workbook import WORKBOOK, write_workbook
from warehouse.manifest import FileEntry

DICTIONARY_MARKDOWN = "data_dictionary.md"
DICTIONARY_HTML = "data_dictionary.html"

OnStep = Callable[[str], None]


def write_formats(
    staging: Path,
    tables: Sequence[PublishedTable],
    facts: ReleaseFacts,
    on_step: OnStep = lambda step: None,
    longest_csv: int = LONGEST,
) -> list[FileEntry]:
    """Write CSV, workbook, dictionary, citation and data package beside the staged Parquet files.

    `tables` describe the files under `staging` (`published_tables`). Every file is forced to disk.
    Returns the files that were written, with size and sha256, in order of path; `registry.txt` is
    left to the caller, who alone knows all files (`registry_txt`). `on_step` is told each step as
    it begins. Tables of more than `longest_csv` rows get no CSV file.

    Raises `FormatError` when a table cannot be written, `OSError` when the disk fails.
    """
    written: dict[str, FileEntry] = {}
    (staging / FOLDER).mkdir(parents=True, exist_ok=True)
    csv_paths = csv_paths_of(tables, longest_csv)
    staged = {table.name: staging / table.path for table in tables}
    try:
        for name, path in csv_paths.items():
            on_step(f"csv {name}")
            write_csv(staged[name], staging / path)
            written[path] = _forced(staging, path)
        on_step("workbook")
        sheets = plan_sheets(staging, tables, facts)
        write_workbook(staging / WORKBOOK, sheets, facts, csv_paths)
        written[WORKBOOK] = _entry(staging, WORKBOOK)
        on_step("documents")
        sources = read_sources(staging, tables)
    except pl.exceptions.PolarsError as problem:
        raise FormatError(
            f"A staged table cannot be read to be written in another form: {problem}. "
            "Export and judge the candidate again."
        ) from problem
    parquet = {table.path: _entry(staging, table.path) for table in tables}
    for path, content in {
        DICTIONARY_MARKDOWN: release_dictionary_markdown(tables, facts).encode("utf-8"),
        DICTIONARY_HTML: release_dictionary_html(tables, facts).encode("utf-8"),
        CITATION: citation_cff(facts, sources),
        DATAPACKAGE: datapackage_json(
            tables, facts, sources, {**parquet, **written}, csv_paths, WORKBOOK
        ),
    }.items():
        files.write_durably(staging / path, content)
        written[path] = _entry(staging, path)
    files.sync_folder(staging / FOLDER)
    files.sync_folder((staging / WORKBOOK).parent)
    return [written[path] for path in sorted(written)]


def _forced(staging: Path, path: str) -> FileEntry:
    files.sync_file(staging / path)
    return _entry(staging, path)


def _entry(staging: Path, path: str) -> FileEntry:
    place = staging / path
    return FileEntry(path, place.stat().st_size, files.sha256_of(place))
