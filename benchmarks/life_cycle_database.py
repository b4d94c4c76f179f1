"""A synthetic background database for measuring: hubs, loops, and a size to choose.

Belongs here: how it is drawn. Does not belong here: measuring it.

What it has of a real one: suppliers of very unequal importance (Zipf), some twelve inputs a
process, amounts over orders of magnitude, everything connected with everything through loops, and
column sums below 0.8. A matrix that is filled at random has no hubs, and its factorisation says
nothing about a real one.
"""

import numpy as np
import polars as pl

from dbt_project.methods.technosphere import CHARACTERISATION, EXCHANGE, PROCESS

# Draws of suppliers a process; some fall on the same supplier and become one.
DRAWN, ZIPF = 24, 1.5
GASES = (("co2_fossil", 1.0), ("ch4_fossil", 29.8), ("ch4_biogenic", 27.0), ("n2o", 273.0))
INDICATOR = "gwp100.ar6.total"


def synthetic_database(size: int, seed: int = 5) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Draw a database; return the frames `process`, `exchange`, `characterisation`."""
    generator = np.random.Generator(np.random.Philox(seed))
    importance = np.arange(1, size + 1) ** -ZIPF
    buyer = np.repeat(np.arange(size), DRAWN)
    rank = generator.choice(size, size=buyer.size, p=importance / importance.sum())
    supplier = generator.permutation(size)[rank]
    # A ring through all of them makes the graph strongly connected.
    buyer = np.concatenate([buyer, np.arange(size)])
    supplier = np.concatenate([supplier, (np.arange(size) + 1) % size])
    pairs = np.unique(np.stack([buyer, supplier], axis=1)[buyer != supplier], axis=0)
    buyer, supplier = pairs.T
    amount = generator.lognormal(0.0, 1.5, buyer.size)
    amount *= (
        generator.uniform(0.3, 0.79, size) / np.bincount(buyer, weights=amount, minlength=size)
    )[buyer]
    names = np.array([f"process-{number:06d}" for number in range(size)], dtype=object)
    process = pl.DataFrame(
        {
            "process_id": names,
            "product_code": names,
            "technology": "any",
            "region_code": "CN",
            "year": 2023,
            "allocation": "none",
            "unit": "kg",
            "reference_amount": 1.0,
            "process_type": "unit",
            "n_groups": 5,
        },
        schema_overrides=dict(PROCESS),
    )
    purchases = pl.DataFrame(
        {
            "process_id": names[buyer],
            "kind": "product",
            "direction": "input",
            "flow_id": pl.Series([None] * buyer.size, dtype=pl.String),
            "provider_id": names[supplier],
            "product_code": names[supplier],
            "amount": amount,
            "stage": "raw_materials",
        },
        strict=False,
    )
    emitter = np.repeat(np.arange(size), len(GASES))
    emissions = pl.DataFrame(
        {
            "process_id": names[emitter],
            "kind": "elementary",
            "direction": "output",
            "flow_id": np.tile(np.array([name for name, _ in GASES], dtype=object), size),
            "provider_id": pl.Series([None] * emitter.size, dtype=pl.String),
            "product_code": pl.Series([None] * emitter.size, dtype=pl.String),
            "amount": generator.lognormal(-2.0, 1.5, emitter.size)
            / np.tile([factor for _, factor in GASES], size),
            "stage": "process",
        },
        strict=False,
    )
    exchange = pl.concat([purchases, emissions]).with_columns(
        pl.int_range(1, pl.len() + 1).over("process_id").alias("exchange_no"),
        pl.lit("kg").alias("unit"),
        pl.lit("primary").alias("origin"),
        pl.Series("sigma", generator.uniform(0.03, 0.3, buyer.size + emitter.size)),
        pl.lit(None, dtype=pl.String).alias("share_group"),
        *(pl.lit(2.0).alias(name) for name in ("dqr_te", "dqr_ge", "dqr_ti", "dqr_p")),
    )
    characterisation = pl.DataFrame(
        {
            "flow_id": [name for name, _ in GASES],
            "indicator": INDICATOR,
            "factor": [factor for _, factor in GASES],
        },
        schema=dict(CHARACTERISATION),
    )
    return process, exchange.select(EXCHANGE.keys()), characterisation
