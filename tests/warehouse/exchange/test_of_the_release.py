"""The exchange formats of the release that the pipeline makes of the worked example."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import polars as pl
import pytest
from lxml import etree

from tests.warehouse.exchange import background_release as releases
from tests.warehouse.exchange.conftest import HERE, read_matrices
from tests.warehouse.exchange.test_ilcd import NAMES
from warehouse.exchange import closure
from warehouse.exchange.identity import product_flow_of
from warehouse.exchange.tables import COLUMNS
from warehouse.exchange.units import UNITS

pytestmark = [pytest.mark.slow, pytest.mark.release]

HALF_A_DIGIT = 5e-4
"""Published figures have four significant digits."""


@pytest.fixture(scope="module")
def frames(built) -> releases.Frames:
    """The published tables that the formats are made of."""
    return {name: pl.read_parquet(built.release / "tables" / f"{name}.parquet") for name in COLUMNS}


@pytest.fixture(scope="module")
def ours(frames) -> dict[tuple[str, str], float]:
    """Scores of what was published, by a dense solve that shares nothing with the code."""
    merged = frames["background_dataset"].filter(pl.col("disclosure") == "merged")
    return releases.scores(frames, dict(merged.select("dataset_id", "merged_into").iter_rows()))


@pytest.fixture(scope="module")
def largest(ours) -> dict[str, float]:
    """The largest score of each dataset, which a small difference of large ones is held against."""
    found: dict[str, float] = {}
    for (dataset, _), score in ours.items():
        found[dataset] = max(found.get(dataset, 0.0), abs(score))
    return found


@pytest.fixture(scope="module")
def shown(frames) -> set[str]:
    published = pl.col("disclosure").is_in(["open", "aggregated"])
    return set(frames["background_dataset"].filter(published)["dataset_id"])


@pytest.fixture(scope="module")
def folders(built, tmp_path_factory) -> Path:
    """The openLCA and ILCD packages of the release, unpacked."""
    folder = tmp_path_factory.mktemp("unpacked-release")
    for name in ("openlca", "ilcd"):
        with zipfile.ZipFile(built.release / f"exports/{name}/background.zip") as archive:
            archive.extractall(folder / name)
    return folder


def test_at_least_a_hundred_datasets_are_published(shown, frames) -> None:
    surveyed = frames["background_dataset"].filter(pl.col("contributors_band").is_not_null())
    assert len(shown & set(surveyed["dataset_id"])) >= 100


def test_scores_that_are_published_are_those_of_what_is_published(ours, largest, frames) -> None:
    """Within rounding: a score that is a difference has that of what it is the difference of."""
    stated = {
        (row["dataset_id"], row["indicator"]): row["value"]
        for row in frames["background_score"].iter_rows(named=True)
    }
    assert stated.keys() == ours.keys()
    off = {
        key: (stated[key], score)
        for key, score in ours.items()
        if abs(stated[key] - score) > 4 * HALF_A_DIGIT * largest[key[0]]
    }
    assert not off, f"{len(off)} of {len(ours)} scores, as {next(iter(off.items()))}"


def test_bw2calc_scores_every_dataset_as_we_do(built, ours, consume, tmp_path) -> None:
    found = read_matrices(built.release, consume, tmp_path / "found.json")["scores"]
    assert sum(map(len, found.values())) == len(ours)
    for (dataset, indicator), score in ours.items():
        assert found[dataset][indicator] == pytest.approx(score, rel=1e-12, abs=1e-15)


def test_brightway_imports_the_openlca_package(
    folders, ours, largest, shown, frames, consume, tmp_path
) -> None:
    """bw2data keeps amounts in single precision."""
    script = HERE / "consumers" / "brightway_import.py"
    done = consume(script, folders / "openlca", tmp_path / "found.json")
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "found.json").read_text())
    assert (found["unlinked"], found["processes"]) == (0, len(shown))
    units = dict(frames["background_dataset"].select("dataset_id", "unit").iter_rows())
    for (dataset, indicator), score in ours.items():
        per_unit = UNITS[units[dataset]].factor
        theirs = found["scores"][product_flow_of(dataset)][indicator] * per_unit
        assert theirs == pytest.approx(score, rel=1e-6, abs=1e-6 * largest[dataset])


def test_tidas_imports_the_openlca_package(built, shown, consume, tmp_path) -> None:
    done = consume(
        "-m", "tidas_tools.import_lca.cli", "--input",
        built.release / "exports/openlca/background.zip", "--output-dir", tmp_path / "out",
        "--from-format", "openlca-jsonld", "--target", "both", "--no-process-bundles",
    )  # fmt: skip
    report = json.loads((tmp_path / "out" / "conversion-report.json").read_text())
    assert done.returncode == 0, report["issues"][:5]
    assert report["summary"]["errors"] == 0
    assert report["summary"]["processes"] == len(shown)


def test_ilcd_is_valid_by_its_schemas_and_by_tidas(folders, schemas, consume) -> None:
    validators = {
        folder: etree.XMLSchema(etree.parse(schemas / f"ILCD_{name}DataSet.xsd"))
        for folder, name in NAMES.items()
    }
    judged = 0
    for folder, validator in validators.items():
        for file in sorted((folders / "ilcd" / "ILCD" / folder).glob("*.xml")):
            validator.assertValid(etree.parse(file))
            judged += 1
    assert judged > 300
    done = consume(
        "-m", "tidas_tools.validate", "--input-dir", folders / "ilcd" / "ILCD",
        "--data-format", "ilcd", "--report-format", "json",
    )  # fmt: skip
    report = json.loads(done.stdout)
    assert (done.returncode, report["ok"]) == (0, True), report["issues"][:5]


def test_the_packages_are_closed(built) -> None:
    assert closure.of_ilcd(built.release / "exports/ilcd/background.zip") == []
    assert closure.of_openlca(built.release / "exports/openlca/background.zip") == []
