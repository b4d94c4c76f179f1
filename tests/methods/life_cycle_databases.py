"""Small databases for the tests of life-cycle calculation.

Belongs here: writing frames down shortly, and drawing random ones. Does not belong here: expected
results.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from dbt_project.methods.technosphere import (
    CHARACTERISATION,
    EXCHANGE,
    PROCESS,
    LifeCycleSystem,
    build_system,
)

TOTAL = "gwp100.ar6.total"
# GWP100 of AR6 and AR5, kgCO2e per kg: table `gwp` (IPCC AR6 WG1 table 7.15, AR5 WG1 table 8.A.1).
AR6 = {"co2": 1.0, "ch4": 29.8, "cf4": 7380.0, "c2f6": 12400.0}
AR5 = {"co2": 1.0, "ch4": 28.0, "cf4": 6630.0, "c2f6": 11100.0}


@dataclass(frozen=True)
class Database:
    """The three frames that the methods take."""

    process: pl.DataFrame
    exchange: pl.DataFrame
    characterisation: pl.DataFrame

    @property
    def frames(self) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        return self.process, self.exchange, self.characterisation

    def system(self) -> LifeCycleSystem:
        return build_system(*self.frames)

    def shuffled(self, seed: int) -> Database:
        return Database(
            *(frame.sample(fraction=1, shuffle=True, seed=seed) for frame in self.frames)
        )

    def with_exchange(self, **columns: pl.Expr | Any) -> Database:
        return replace(self, exchange=self.exchange.with_columns(**columns))


def process(name: str, **columns: Any) -> dict[str, Any]:
    """One row of `process`."""
    return {
        "process_id": name,
        "product_code": f"test.{name}",
        "technology": "any",
        "region_code": "CN",
        "year": 2023,
        "allocation": "none",
        "unit": "kg",
        "reference_amount": 1.0,
        "process_type": "unit",
        "n_groups": 5,
    } | columns


def takes(name: str, provider: str, amount: float, **columns: Any) -> dict[str, Any]:
    """One row of `exchange`: an input of a product; `number` is its place where it matters."""
    return {
        "process_id": name,
        "kind": "product",
        "direction": "input",
        "flow_id": None,
        "provider_id": provider,
        "product_code": f"test.{provider}",
        "amount": amount,
        "unit": "kg",
        "origin": "primary",
        "stage": "raw_materials",
        "sigma": 0.0,
        "share_group": None,
        "dqr_te": 2.0,
        "dqr_ge": 2.0,
        "dqr_ti": 2.0,
        "dqr_p": 2.0,
    } | columns


def emits(name: str, flow: str, amount: float, **columns: Any) -> dict[str, Any]:
    """One row of `exchange`: an emission."""
    return (
        takes(name, "", amount)
        | {
            "kind": "elementary",
            "direction": "output",
            "flow_id": flow,
            "provider_id": None,
            "product_code": None,
            "stage": "process",
        }
        | columns
    )


def database(
    processes: Sequence[dict[str, Any]],
    exchanges: Sequence[dict[str, Any]],
    factors: dict[str, dict[str, float]] | None = None,
) -> Database:
    """Put rows together; exchanges are numbered within their process."""
    exchange = pl.DataFrame(list(exchanges), infer_schema_length=None)
    if "exchange_no" not in exchange.columns:
        exchange = exchange.with_columns(
            pl.int_range(1, pl.len() + 1).over("process_id").alias("exchange_no")
        )
    used = set(exchange.filter(kind="elementary")["flow_id"].drop_nulls())
    table = factors or {TOTAL: {name: factor for name, factor in AR6.items() if name in used}}
    return Database(
        pl.DataFrame(list(processes), schema_overrides=dict(PROCESS)).select(PROCESS.keys()),
        exchange.cast(dict(EXCHANGE)).select(EXCHANGE.keys()),
        pl.DataFrame(
            [(flow, name, factor) for name, row in table.items() for flow, factor in row.items()],
            schema=dict(CHARACTERISATION),
            orient="row",
        ),
    )


def random_database(seed: int, size: int = 12, sigma: float = 0.0, inputs: float = 3.0) -> Database:
    """Draw a database with hubs and loops that is productive: column sums below 0.8 of value."""
    generator = np.random.Generator(np.random.Philox(seed))
    names = [f"p{number:03d}" for number in generator.permutation(size)]
    # Values of the products: amounts then differ by orders of magnitude, as kWh and cars do.
    worth = generator.lognormal(0.0, 2.0, size)
    importance = 1.0 / np.arange(1, size + 1) ** 1.3
    rows = []
    for buyer in range(size):
        count = min(size - 1, 1 + int(generator.poisson(inputs)))
        chosen = generator.choice(size, size=count, replace=False, p=importance / importance.sum())
        suppliers = sorted({int(one) for one in chosen} | {(buyer + 1) % size} - {buyer})
        suppliers = [one for one in suppliers if one != buyer]
        share = generator.dirichlet(np.ones(len(suppliers))) * generator.uniform(0.2, 0.79)
        rows += [
            takes(
                names[buyer], names[supplier], float(part * worth[buyer] / worth[supplier]),
                sigma=sigma,
            )
            for supplier, part in zip(suppliers, share, strict=True)
        ]  # fmt: skip
        rows += [
            emits(
                names[buyer], flow, float(worth[buyer] * generator.lognormal(-2, 1) / AR6[flow]),
                sigma=sigma,
            )
            for flow in ("co2", "ch4")
        ]  # fmt: skip
    return database([process(name) for name in names], rows)
