"""Compares two releases: schema, rows by key, every value, and why the factors moved.

Belongs here: the comparison, its documents (`diff.json`, Markdown, a page, the changelog) and the
rule that a published contract is not broken in silence. Does not belong here: proving that files
are untouched (`warehouse.verify`) and the causes themselves, which the pipeline attributes.

`report` compares releases, `compare` a table, `blocks` reads two files in key order, `tallies` adds
up; `factors` says what moved and why; `markdown`, `page` and `writing` make documents of it;
`contracts` judges changes of published tables.
"""

from warehouse.diff.contracts import contract_changes, described_tables
from warehouse.diff.errors import DiffError
from warehouse.diff.report import Diff, diff_folders, diff_sides
from warehouse.diff.writing import DIFF_FILES, write_diff

__all__ = [
    "DIFF_FILES",
    "Diff",
    "DiffError",
    "contract_changes",
    "described_tables",
    "diff_folders",
    "diff_sides",
    "write_diff",
]
