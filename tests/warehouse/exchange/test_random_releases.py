"""What holds of any release: formats agree with each other and with the tables."""

from __future__ import annotations

import io
import json
import math
import zipfile

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.warehouse.exchange import background_release as releases
from warehouse.exchange import closure, integer_ids, write_exchange
from warehouse.exchange.identity import product_flow_of
from warehouse.exchange.units import UNITS
from warehouse.exchange.write import BRIGHTWAY, BRIGHTWAY_FACTORS, ILCD, OPENLCA

CALM = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def solved_from_openlca(path, indicator):
    """Scores by reading the package as openLCA does: providers, directions, units, factors."""
    with zipfile.ZipFile(path) as archive:
        documents = {name: json.loads(archive.read(name)) for name in archive.namelist()}
    processes = [each for name, each in documents.items() if name.startswith("processes/")]
    factor = {
        unit["@id"]: unit["conversionFactor"]
        for name, group in documents.items()
        if name.startswith("unit_groups/")
        for unit in group["units"]
    }
    category = next(
        each
        for name, each in documents.items()
        if name.startswith("lcia_categories/") and each["code"] == indicator
    )
    weights = {each["flow"]["@id"]: each["value"] for each in category["impactFactors"]}
    place = {each["@id"]: number for number, each in enumerate(processes)}
    technosphere, direct = np.zeros((len(place), len(place))), np.zeros(len(place))
    for process in processes:
        column = place[process["@id"]]
        for each in process["exchanges"]:
            amount = each["amount"] * factor[each["unit"]["@id"]]
            if each["flow"]["flowType"] == "ELEMENTARY_FLOW":
                direct[column] += amount * weights.get(each["flow"]["@id"], 0.0)
            elif each["isInput"]:
                technosphere[place[each["defaultProvider"]["@id"]], column] -= amount
            else:
                technosphere[column, column] += amount
    scores = np.linalg.solve(technosphere.T, direct)
    reference = {each["@id"]: factor[each["exchanges"][0]["unit"]["@id"]] for each in processes}
    return {name: scores[number] * reference[name] for name, number in place.items()}


def solved_from_brightway(folder, indicator):
    """Scores by reading the arrays as matrix_utils does: sum, flip, solve."""
    with zipfile.ZipFile(folder / BRIGHTWAY) as archive:
        arrays = {
            name: np.load(io.BytesIO(archive.read(name)))
            for name in archive.namelist()
            if name.endswith(".npy")
        }
    with zipfile.ZipFile(folder / BRIGHTWAY_FACTORS) as archive:
        rows = np.load(io.BytesIO(archive.read(f"{indicator}.indices.npy")))["row"]
        values = np.load(io.BytesIO(archive.read(f"{indicator}.data.npy")))
    weights = dict(zip(rows.tolist(), values.tolist(), strict=True))
    ids = integer_ids.of_package(folder / BRIGHTWAY)
    numbers = {
        number: uuid for number, uuid, kind in ids.select("id", "uuid", "kind").iter_rows()
        if kind == "dataset"
    }  # fmt: skip
    place = {number: at for at, number in enumerate(sorted(numbers))}
    technosphere, direct = np.zeros((len(place), len(place))), np.zeros(len(place))
    signs = np.where(arrays["technosphere.flip.npy"], -1.0, 1.0)
    for (row, column), amount in zip(
        arrays["technosphere.indices.npy"].tolist(),
        (signs * arrays["technosphere.data.npy"]).tolist(), strict=True,
    ):  # fmt: skip
        technosphere[place[row], place[column]] += amount
    for (row, column), amount in zip(
        arrays["biosphere.indices.npy"].tolist(), arrays["biosphere.data.npy"].tolist(),
        strict=True,
    ):  # fmt: skip
        direct[place[column]] += amount * weights.get(row, 0.0)
    scores = np.linalg.solve(technosphere.T, direct)
    return {numbers[number]: scores[at] for number, at in place.items()}


@CALM
@given(count=st.integers(1, 14), seed=st.integers(0, 10_000))
def test_each_format_gives_the_scores_of_the_tables(tmp_path_factory, count, seed):
    frames = releases.random_release(count, seed)
    folder = releases.write(tmp_path_factory.mktemp("random"), frames)
    entries = write_exchange(folder, releases.FACTS, None)
    assert len(entries) == 4
    ours = releases.scores(frames, {})
    for indicator in ("gwp100.ar6.total", "gwp100.ar5.fossil"):
        for found in (
            solved_from_openlca(folder / OPENLCA, indicator),
            solved_from_brightway(folder, indicator),
        ):
            assert len(found) == count
            for dataset, score in found.items():
                assert score == pytest.approx(ours[dataset, indicator], rel=1e-9, abs=1e-12)
    assert closure.of_ilcd(folder / ILCD) == closure.of_openlca(folder / OPENLCA) == []


@CALM
@given(amount=st.floats(1e-30, 1e30) | st.just(0.1) | st.just(1 / 3), sigma=st.floats(1e-3, 5.0))
def test_no_digit_of_an_amount_is_lost(tmp_path_factory, amount, sigma):
    frames = releases.small()
    grid = releases.D["grid"]
    rows = frames["background_exchange"].with_columns(
        pl.when(
            pl.col("dataset_id") == grid, pl.col("exchange_no") == 1
        ).then(pl.lit(amount)).otherwise("amount").alias("amount"),
        pl.when(
            pl.col("dataset_id") == grid, pl.col("exchange_no") == 1
        ).then(pl.lit(sigma)).otherwise("sigma").alias("sigma"),
    )  # fmt: skip
    folder = releases.write(
        tmp_path_factory.mktemp("digits"), {**frames, "background_exchange": rows}
    )
    write_exchange(folder, releases.FACTS, None)
    with zipfile.ZipFile(folder / OPENLCA) as archive:
        process = json.loads(archive.read(f"processes/{grid}.json"))
    coal = product_flow_of(releases.D["coal"])
    exchange = next(each for each in process["exchanges"] if each["flow"]["@id"] == coal)
    assert exchange["amount"] == exchange["uncertainty"]["geomMean"] == amount
    assert math.log(exchange["uncertainty"]["geomSd"]) == pytest.approx(sigma, abs=1e-11)
    with zipfile.ZipFile(folder / BRIGHTWAY) as archive:
        data = np.load(io.BytesIO(archive.read("technosphere.data.npy")))
    assert amount in data.tolist()


def test_every_unit_makes_the_round_trip():
    assert {unit.property.reference for unit in UNITS.values()} <= set(UNITS)
    for unit in UNITS.values():
        reference = UNITS[unit.property.reference]
        assert reference.factor == 1.0
        assert reference.property is unit.property
