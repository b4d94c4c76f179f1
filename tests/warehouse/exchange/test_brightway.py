"""The Brightway packages, as bw_processing loads and bw2calc solves them."""

from __future__ import annotations

import io
import json
import math
import zipfile

import numpy as np
import polars as pl
import pytest

from tests.warehouse.exchange import background_release as releases
from tests.warehouse.exchange.background_release import D, uid
from tests.warehouse.exchange.conftest import read_matrices
from warehouse.exchange import ExchangeError, integer_ids, write_exchange
from warehouse.exchange.write import BRIGHTWAY

DRAWS = 1500


def ids_of(release):
    return integer_ids.of_package(release / BRIGHTWAY)


def test_bw2calc_scores_every_dataset_as_we_do(matrices):
    ours = releases.scores(releases.small())
    assert sum(map(len, matrices["scores"].values())) == len(ours) == 130
    for (dataset, indicator), score in ours.items():
        assert matrices["scores"][dataset][indicator] == pytest.approx(score, rel=1e-12, abs=1e-15)


def test_several_indicators_are_chosen_by_identifier(matrices):
    ours = releases.scores(releases.small())
    assert len(matrices["multiple"]) == len(ours)
    for (dataset, indicator), score in ours.items():
        found = matrices["multiple"][f"{dataset}|{indicator}"]
        assert found == pytest.approx(score, rel=1e-12, abs=1e-15)


def test_the_licence_is_ours_and_not_the_default(matrices):
    for licences in matrices["licences"]:
        assert [each["name"] for each in licences] == ["Apache-2.0", "CC-BY-4.0"]
    assert "PDDL" not in json.dumps(matrices["licences"])


def test_arrays_have_the_types_of_the_format(matrices):
    from bw_processing.constants import INDICES_DTYPE, UNCERTAINTY_DTYPE

    dtypes = matrices["dtypes"]
    assert dtypes["technosphere.indices"] == str(np.dtype(INDICES_DTYPE))
    assert dtypes["technosphere.distributions"] == str(np.dtype(UNCERTAINTY_DTYPE))
    assert (dtypes["technosphere.data"], dtypes["technosphere.flip"]) == ("float64", "bool")
    assert "biosphere.flip" not in dtypes


def closed_form() -> releases.Frames:
    """Four datasets whose scores are lognormal, or a sum of two, by construction.

    p emits 2 kg (sigma 0.3); x buys 0.5 p (sigma 0.4), so its score is lognormal with both; y emits
    1 kg for certain and is credited 0.25 p (sigma 0.5); z is certain.
    """
    frames = releases.small()
    template = frames["background_dataset"].filter(pl.col("dataset_id") == D["coal"])
    names = ("p", "x", "y", "z")
    datasets = pl.concat(
        template.with_columns(
            dataset_id=pl.lit(uid(f"closed {name}")), name_en=pl.lit(f"Closed form {name}")
        )
        for name in names
    )

    def row(name, number, amount, sigma, **more):
        return {
            "dataset_id": uid(f"closed {name}"), "exchange_no": number, "kind": "elementary",
            "direction": "output", "flow_id": releases.FOSSIL, "amount": amount, "unit": "kg",
            "origin": "primary", "stage": "process", "sigma": sigma, **more,
        }  # fmt: skip

    bought = {"kind": "product", "flow_id": None, "provider_id": uid("closed p")}
    exchanges = [
        row("p", 1, 2.0, 0.3),
        row("x", 1, 0.5, 0.4, **bought, direction="input"),
        row("y", 1, 1.0, 0.0),
        row("y", 2, 0.25, 0.5, **bought, direction="output"),
        row("z", 1, 7.0, 0.0),
    ]
    exchanges = [{**each} for each in exchanges]
    return releases.with_scores(
        {
            **frames,
            "background_dataset": datasets,
            "background_exchange": releases.frame("background_exchange", exchanges),
            "background_inventory": releases.frame("background_inventory", []),
            "background_allocation": releases.frame("background_allocation", []),
            "background_unallocated": releases.frame("background_unallocated", []),
        },
        {},
    )


def test_seeded_draws_have_the_moments_of_the_closed_form(tmp_path, consume):
    folder = releases.write(tmp_path / "closed", closed_form())
    write_exchange(folder, releases.FACTS, None)
    found = read_matrices(folder, consume, tmp_path / "found.json", DRAWS)
    drawn = {name: np.array(found["drawn"][uid(f"closed {name}")]) for name in "pxyz"}
    for name, median, sigma in (("p", 2.0, 0.3), ("x", 1.0, 0.5)):
        logs = np.log(drawn[name])
        error = sigma / math.sqrt(DRAWS)
        assert logs.mean() == pytest.approx(math.log(median), abs=4 * error)
        assert logs.std() == pytest.approx(sigma, abs=4 * error / math.sqrt(2))
    credit = 0.25 * 2.0 * math.exp((0.5**2 + 0.3**2) / 2)
    spread = credit * math.sqrt(math.exp(0.5**2 + 0.3**2) - 1)
    assert drawn["y"].mean() == pytest.approx(1.0 - credit, abs=4 * spread / math.sqrt(DRAWS))
    assert drawn["y"].max() < 1.0
    assert drawn["z"].tolist() == [7.0] * DRAWS
    first = next(iter(found["drawn"].values()))
    assert found["again"] == first[:5]


def test_ids_name_every_dataset_and_flow_once(small):
    ids = ids_of(small)
    assert ids["id"].to_list() == list(range(integer_ids.FIRST, integer_ids.FIRST + len(ids)))
    assert ids["in_release"].all()
    datasets = ids.filter(pl.col("kind") == "dataset")
    assert D["glass_hidden"] not in set(datasets["uuid"])
    assert (len(datasets), len(ids)) == (13, 21)
    assert set(datasets.columns) >= {"version", "name_en", "name_zh", "location_code", "unit"}


def test_ids_are_taken_over_and_go_on_above_the_highest(small, tmp_path):
    frames = releases.small()
    gone = frames["background_dataset"].with_columns(
        pl.when(pl.col("dataset_id") == D["heater"]).then(pl.lit("withheld"))
        .otherwise("disclosure").alias("disclosure"),
        pl.when(pl.col("dataset_id") == D["heater"]).then(None).otherwise("value").alias("value"),
    )  # fmt: skip
    fresh = gone.filter(pl.col("dataset_id") == D["coal"]).with_columns(
        dataset_id=pl.lit("00000000-0000-4000-8000-000000000000")
    )
    exchanges = frames["background_exchange"].filter(pl.col("dataset_id") != D["heater"])
    copied = exchanges.filter(pl.col("dataset_id") == D["coal"]).with_columns(
        dataset_id=pl.lit("00000000-0000-4000-8000-000000000000")
    )
    second = releases.write(
        tmp_path / "second",
        releases.with_scores(
            {
                **frames,
                "background_dataset": pl.concat([gone, fresh]),
                "background_exchange": pl.concat([exchanges, copied]),
            }
        ),
    )
    write_exchange(second, releases.FACTS, small)
    before, after = ids_of(small), ids_of(second)
    kept = before.join(after, on=["uuid", "kind"], suffix="_after")
    assert len(kept) == len(before)
    assert (kept["id"] == kept["id_after"]).all()
    heater = after.filter(pl.col("uuid") == D["heater"])
    assert heater["in_release"].to_list() == [False]
    new = after.filter(pl.col("uuid").str.starts_with("00000000"))
    assert new["id"].to_list() == [integer_ids.FIRST + len(before)]
    third = releases.write(tmp_path / "third", frames)
    write_exchange(third, releases.FACTS, second)
    again = ids_of(third)
    assert again.filter(pl.col("uuid") == D["heater"])["id"].item() == (
        before.filter(pl.col("uuid") == D["heater"])["id"].item()
    )
    assert len(again) == len(after)


def test_a_release_before_without_readable_ids_is_refused(mine, tmp_path):
    fresh = releases.write(tmp_path / "fresh", releases.small())
    (mine / BRIGHTWAY).write_bytes(b"not a zip")
    with pytest.raises(ExchangeError, match="ids_unreadable"):
        write_exchange(fresh, releases.FACTS, mine)
    (mine / BRIGHTWAY).unlink()
    with pytest.raises(ExchangeError, match="restore that file"):
        write_exchange(fresh, releases.FACTS, mine)


def test_a_release_before_without_background_datasets_starts_the_ids(tmp_path):
    before = releases.write(tmp_path / "before", {"region": releases.small()["region"]})
    fresh = releases.write(tmp_path / "fresh", releases.small())
    write_exchange(fresh, releases.FACTS, before)
    assert ids_of(fresh)["id"].min() == integer_ids.FIRST


def test_the_descriptor_holds_no_clock(small):
    with zipfile.ZipFile(small / BRIGHTWAY) as archive:
        descriptor = json.loads(archive.read("datapackage.json"))
        ids = pl.read_parquet(io.BytesIO(archive.read(descriptor["ids"])))
    assert descriptor["created"] == "2024-01-31T00:00:00Z"
    assert descriptor["channel"] == "demo"
    assert len(ids) == 21
