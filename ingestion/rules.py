"""The catalogue of rules and the findings that cite it.

Belongs here: `Rule`, `Finding`, `Problem` and how a problem becomes a sentence for a person.
Does not belong here: the test of any rule (readers, cast.py, plausibility.py, official_values.py,
delivery.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

Takes = Literal["file", "row", "warning"]


@dataclass(frozen=True)
class Rule:
    """A rule of ingestion: what it takes out of the flow, and its sentence in both languages."""

    rule_id: str
    takes: Takes
    en: str
    zh: str


@cache
def all_rules() -> Mapping[str, Rule]:
    """Every rule by its id, as written in rules.yml."""
    with (Path(__file__).parent / "rules.yml").open(encoding="utf-8") as stream:
        return {
            rule_id: Rule(rule_id, entry["takes"], entry["en"], entry["zh"])
            for rule_id, entry in yaml.safe_load(stream).items()
        }


@cache
def takes_of(rule_id: str) -> Takes:
    """What a rule takes, be it of rules.yml or of the catalogue of surveys."""
    if rule := all_rules().get(rule_id):
        return rule.takes
    with (Path(__file__).parent / "survey" / "rules.yml").open(encoding="utf-8") as stream:
        takes: Takes = yaml.safe_load(stream)[rule_id]["takes"]
    return takes


@dataclass(frozen=True)
class Place:
    """Where in a file something stands. Rows are counted from 1 as a person sees them in the
    sheet.
    """

    file_name: str
    sheet: str | None = None
    row_number: int | None = None
    column: str | None = None

    def english(self) -> str:
        """The place as words: file, sheet, row, column."""
        parts = [self.file_name]
        parts += [f"sheet '{self.sheet}'"] if self.sheet else []
        parts += [f"row {self.row_number}"] if self.row_number else []
        parts += [f"column '{self.column}'"] if self.column else []
        return ", ".join(parts)

    def chinese(self) -> str:
        """The place in Chinese words."""
        parts = [self.file_name]
        parts += [f"工作表“{self.sheet}”"] if self.sheet else []
        parts += [f"第 {self.row_number} 行"] if self.row_number else []
        parts += [f"“{self.column}”列"] if self.column else []
        return "，".join(parts)


@dataclass(frozen=True)
class Finding:
    """One thing that a person should know about a delivered file."""

    rule_id: str
    file_name: str
    sheet: str | None
    row_number: int | None
    column: str | None
    sentence: str
    receipt_id: str | None
    sentence_zh: str = ""

    @property
    def takes(self) -> Takes:
        """What the rule took out: a file, a row, or nothing (warning)."""
        return takes_of(self.rule_id)


@dataclass(frozen=True)
class Problem:
    """A rule broken at a place, before it is turned into a sentence. `hint_zh` falls back to
    `hint`.
    """

    rule_id: str
    sheet: str | None = None
    row_number: int | None = None
    column: str | None = None
    found: str = ""
    expected: str = ""
    hint: str = ""
    hint_zh: str = ""

    def finding(self, file_name: str, receipt_id: str | None) -> Finding:
        """The finding of this problem in `file_name`."""
        rule = all_rules()[self.rule_id]
        place = Place(file_name, self.sheet, self.row_number, self.column)
        english = rule.en.format(
            where=place.english(), found=self.found, expected=self.expected, hint=self.hint
        )
        chinese = rule.zh.format(
            where=place.chinese(),
            found=self.found,
            expected=self.expected,
            hint=self.hint_zh or self.hint,
        )
        return Finding(
            rule_id=self.rule_id,
            file_name=file_name,
            sheet=self.sheet,
            row_number=self.row_number,
            column=self.column,
            sentence=english.strip(),
            receipt_id=receipt_id,
            sentence_zh=chinese.strip(),
        )


@dataclass
class FileRefused(Exception):
    """Raised where a file as a whole cannot go on; carries the problem that says why."""

    problem: Problem

    def __post_init__(self) -> None:
        super().__init__(self.problem.rule_id)


def refuse(rule_id: str, **details: str | int | None) -> FileRefused:
    """The exception that sets a whole file aside: `raise refuse("file_empty")`."""
    return FileRefused(Problem(rule_id, **details))  # type: ignore[arg-type]
