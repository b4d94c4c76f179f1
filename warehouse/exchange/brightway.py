"""Background datasets as matrices for Brightway: data packages of the form bw_processing reads.

Belongs here: indices, amounts, signs and distributions, and their descriptor. Does not belong here:
the numbers that things are indexed by (`integer_ids`).

Two packages. `background.zip`: technosphere (row = product, column = activity; a dataset is both,
under one number; production positive, inputs marked `flip`) and biosphere (row = elementary flow).
`characterisation.zip`: one group for each indicator, marked with an `identifier`, so that one can
be chosen - `filter_by_attribute("group", "gwp100.ar6.total")` - or several together in a MultiLCA.

Amounts are exact doubles. Distributions are lognormal with the amount as median: `loc` is its
logarithm and `scale` is sigma, in single precision, which is all that the format has. Amounts are
as in the tables: one unit of a dataset is one unit of its product (1 kWh, not 3.6 MJ).

bw_processing itself would stamp the clock into its descriptor and default to a public-domain
licence; the packages are written here instead, to the same form.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from warehouse import canonical_json
from warehouse.exchange import identity, integer_ids
from warehouse.exchange.archive import write_archive
from warehouse.exchange.system import ExchangeSystem
from warehouse.formats import facts as database

BACKGROUND, CHARACTERISATION = "background.zip", "characterisation.zip"

INDICES = np.dtype([("row", "<i8"), ("col", "<i8")])
DISTRIBUTIONS = np.dtype(
    [
        ("uncertainty_type", "u1"), ("loc", "<f4"), ("scale", "<f4"), ("shape", "<f4"),
        ("minimum", "<f4"), ("maximum", "<f4"), ("negative", "?"),
    ]
)  # fmt: skip
NO_UNCERTAINTY, LOGNORMAL = 0, 2

Vector = npt.NDArray[Any]


def write_background(system: ExchangeSystem, ids: pl.DataFrame, path: Path) -> int:
    """Write technosphere, biosphere and `ids.parquet` to a new package; return its members."""
    datasets = _numbers(ids, integer_ids.DATASET)
    flows = _numbers(ids, integer_ids.FLOW)
    rows = (
        system.exchanges.join(datasets.rename({"uuid": "dataset_id", "id": "col"}), on="dataset_id")
        .join(datasets.rename({"uuid": "provider_id", "id": "provider"}), on="provider_id",
              how="left")
        .join(flows.rename({"uuid": "flow_id", "id": "flow"}), on="flow_id", how="left")
        .sort("dataset_id", "position")
    )  # fmt: skip
    technosphere = rows.filter(~pl.col("is_elementary")).with_columns(
        row=pl.coalesce("provider", "col")
    )
    biosphere = rows.filter(pl.col("is_elementary")).with_columns(row="flow")
    members: dict[str, bytes] = {integer_ids.NAME: integer_ids.rendered(ids)}
    resources = [
        *_group(members, "technosphere", "technosphere_matrix", technosphere, with_flip=True),
        *_group(members, "biosphere", "biosphere_matrix", biosphere, with_flip=False),
    ]
    members["datapackage.json"] = _descriptor(system, "background", resources)
    return write_archive(path, sorted(members.items()))


def write_characterisation(system: ExchangeSystem, ids: pl.DataFrame, path: Path) -> int:
    """Write one group of factors for each indicator to a new package; return its members."""
    flows = _numbers(ids, integer_ids.FLOW).rename({"uuid": "flow_id", "id": "row"})
    rows = (
        system.factors.join(flows, on="flow_id")
        .with_columns(col="row", amount="factor", sigma=pl.lit(0.0))
        .sort("indicator", "flow_id")
    )
    members: dict[str, bytes] = {}
    resources: list[dict[str, Any]] = []
    for (indicator,), own in rows.group_by("indicator", maintain_order=True):
        resources += _group(
            members, str(indicator), "characterization_matrix", own, with_flip=False,
            identifier=str(indicator).split("."),
        )  # fmt: skip
    members["datapackage.json"] = _descriptor(system, "characterisation", resources)
    return write_archive(path, sorted(members.items()))


def _numbers(ids: pl.DataFrame, kind: str) -> pl.DataFrame:
    return ids.filter(pl.col("kind") == kind).select("uuid", "id")


def _group(
    members: dict[str, bytes],
    group: str,
    matrix: str,
    rows: pl.DataFrame,
    *,
    with_flip: bool,
    identifier: list[str] | None = None,
) -> list[dict[str, Any]]:
    """Add the arrays of one group to `members` and return their resources."""
    vectors: dict[str, Vector] = {
        "indices": _indices(rows),
        "data": rows["amount"].to_numpy().astype("<f8"),
    }
    if (rows["sigma"] > 0).any():
        vectors["distributions"] = _distributions(rows)
    if with_flip:
        vectors["flip"] = rows["is_input"].to_numpy().astype("?")
    resources = []
    for kind, vector in sorted(vectors.items()):
        path = f"{group}.{kind}.npy"
        members[path] = _npy(vector)
        resources.append(
            {
                "name": f"{group}.{kind}",
                "path": path,
                "profile": "data-resource",
                "format": "npy",
                "mediatype": "application/octet-stream",
                "matrix": matrix,
                "kind": kind,
                "category": "vector",
                "nrows": len(vector),
                "group": group,
                **({"identifier": identifier} if identifier else {}),
            }
        )
    return resources


def _indices(rows: pl.DataFrame) -> Vector:
    array = np.empty(rows.height, dtype=INDICES)
    array["row"], array["col"] = rows["row"].to_numpy(), rows["col"].to_numpy()
    return array


def _distributions(rows: pl.DataFrame) -> Vector:
    """Return Brightway's record of uncertainty: lognormal where sigma says so, else the amount."""
    amount, sigma = rows["amount"].to_numpy(), rows["sigma"].to_numpy()
    is_spread = (sigma > 0) & (amount != 0)
    array = np.empty(rows.height, dtype=DISTRIBUTIONS)
    array["uncertainty_type"] = np.where(is_spread, LOGNORMAL, NO_UNCERTAINTY)
    size = np.abs(np.where(is_spread, amount, 1.0))
    array["loc"] = np.where(is_spread, np.log(size), amount)
    array["scale"] = np.where(is_spread, sigma, np.nan)
    for name in ("shape", "minimum", "maximum"):
        array[name] = np.nan
    array["negative"] = amount < 0
    return array


def _npy(vector: Vector) -> bytes:
    sink = io.BytesIO()
    np.lib.format.write_array(sink, np.ascontiguousarray(vector), (1, 0), allow_pickle=False)
    return sink.getvalue()


def _descriptor(system: ExchangeSystem, part: str, resources: list[dict[str, Any]]) -> bytes:
    release = system.facts.release_id
    return canonical_json.dumps(
        {
            "profile": "data-package",
            "name": f"provincial-carbon-factors-{part}-{release}",
            "id": identity.minted(f"brightway {part}", release),
            "title": f"{database.TITLE_EN}, {part}",
            "title_zh": database.TITLE_ZH,
            "description": f"{system.facts.channel_en} {system.facts.channel_zh}",
            "version": release,
            "channel": system.facts.channel,
            "licenses": _licences(system),
            "created": f"{system.day}T00:00:00Z",
            "resources": resources,
            "ids": integer_ids.NAME,
            "combinatorial": False,
            "sequential": False,
            "seed": None,
            "64_bit_indices": True,
            "sum_intra_duplicates": True,
            "sum_inter_duplicates": False,
            "matrix_serialize_format_type": "numpy",
        }
    )


def _licences(system: ExchangeSystem) -> list[dict[str, str]]:
    """Return the licence of every published dataset, each once."""
    named = system.datasets["licence"].unique().sort().to_list()
    return [dict(_licence(name)) for name in named]


def _licence(name: str) -> Iterator[tuple[str, str]]:
    yield "name", name
    if name == database.LICENCE:
        yield "path", database.LICENCE_URL
        yield "title", database.LICENCE_TITLE
