"""Synthetic surveys: filled questionnaires of invented plants, drawn from the recipes by a seed.

    python -m ingestion.synthetic.surveys --out FOLDER [--archives] [--seed N] [--plants N]

Belongs here: the deliveries of questionnaires as workbooks and archives. No public microdata of
plants exist. Does not belong here: plants (`plants`), what they answer (`answers`), the recipes
(industries/), the questionnaire (survey/template.py).

The second year has newcomers in some cells. Equal arguments, equal bytes.
"""

import argparse
import sys
import zipfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from ingestion.industry import load_industry
from ingestion.survey.template import template_bytes
from ingestion.synthetic.answers import YEARS, answers
from ingestion.synthetic.plants import PLANTS, SEED, cells, key_of, plants_of
from ingestion.synthetic.recipes import RecipeSystem, load_system

JOBS = 2
FIRST_DAY_OF_ZIP = (1980, 1, 1, 0, 0, 0)
"""The first day that the format knows: no clock stands in an archive."""


@dataclass(frozen=True)
class Filled:
    """One filled questionnaire: where it goes below the folder, its industry and its answers."""

    name: str
    industry: str
    answers: Mapping[str, Any]


def questionnaires(
    system: RecipeSystem, seed: int = SEED, plants: int = PLANTS
) -> Iterator[Filled]:
    """All questionnaires: `<year>/...xlsx` as delivered on time, `2022-late/...xlsx` those of
    newcomers who hand in their first year only after a release was made of it.
    """
    for cell in cells(system, seed, plants):
        for plant in plants_of(cell, system, seed):
            stem = (
                f"{cell.product_code}-{cell.technology}-{cell.region_code}-{plant.number + 1:02d}"
            )
            for year in YEARS:
                is_late = plant.is_newcomer and year == YEARS[0]
                if is_late and key_of("late", seed, stem) % 2:
                    continue
                folder = f"{year}-late" if is_late else str(year)
                yield Filled(
                    f"{folder}/{stem}-{year}.xlsx", cell.industry, answers(plant, year, system)
                )


def write(out: Path, seed: int = SEED, plants: int = PLANTS, jobs: int = JOBS) -> int:
    """Write all workbooks below `out`; returns how many. Files of the same name are replaced."""
    count = 0
    for name, content in _workbooks(seed, plants, jobs):
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        count += 1
    return count


def write_archives(out: Path, seed: int = SEED, plants: int = PLANTS, jobs: int = JOBS) -> int:
    """Write all workbooks into `out`/surveys_<folder>.zip, one archive for each folder of
    `questionnaires`, as data/surveys/delivery.yml names them; returns how many. Each archive
    appears whole or not at all.
    """
    by_folder: dict[str, list[tuple[str, bytes]]] = {}
    for name, content in _workbooks(seed, plants, jobs):
        folder, _, file_name = name.partition("/")
        by_folder.setdefault(folder, []).append((file_name, content))
    out.mkdir(parents=True, exist_ok=True)
    for folder, members in sorted(by_folder.items()):
        half = out / f".surveys_{folder}.zip.new"
        with zipfile.ZipFile(half, "w", zipfile.ZIP_STORED) as archive:  # workbooks are deflated
            for name, content in sorted(members):
                archive.writestr(zipfile.ZipInfo(name, FIRST_DAY_OF_ZIP), content)
        half.replace(out / f"surveys_{folder}.zip")
    return sum(len(members) for members in by_folder.values())


def _workbooks(seed: int, plants: int, jobs: int) -> Iterator[tuple[str, bytes]]:
    """Names and contents of all workbooks, drawn in some processes; the order is that of the
    draw, whatever their number.
    """
    filled = questionnaires(load_system(), seed, plants)
    with ProcessPoolExecutor(jobs, mp_context=get_context("forkserver")) as pool:
        yield from pool.map(_workbook, filled, chunksize=32)


def _workbook(filled: Filled) -> tuple[str, bytes]:
    return filled.name, template_bytes(load_industry(filled.industry), filled.answers)


def main(arguments: list[str] | None = None) -> None:
    """Write filled questionnaires of invented plants below --out."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder, made if it is not there")
    parser.add_argument("--archives", action="store_true", help="one archive a year, no folders")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--plants", type=int, default=PLANTS, help="about so many plants")
    given = parser.parse_args(arguments)
    begin = write_archives if given.archives else write
    count = begin(given.out, given.seed, given.plants)
    sys.stdout.write(f"{count} workbooks below {given.out}\n")


if __name__ == "__main__":
    main()
