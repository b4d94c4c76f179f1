"""Synthetic green certificates: monthly batches by province, technology and retiring province.

Volumes by province are not published. What is public is how much is claimed in the whole country:
the official average factor and the official factor without market-traded non-fossil electricity
differ by it, `claimed = (1 - average / residual) x generation` of the year. This module shares that
volume out, by rules of its own and a seeded draw:

- wind and solar of the bulletins are claimed first, at most `WIND_AND_SOLAR_CLAIMED` of them; hydro
  covers the rest. Bulletins count plants above scale only, so nothing is claimed that they lack;
- a cell (province, month, technology) is retired in two to ten provinces, drawn with weights of
  their consumption, `EASTERN_WEIGHT` times as much in the east, `HOME_WEIGHT` at home;
- beside every cell a smaller batch is issued and not retired, so that not all rows are claims.

Belongs here: that sharing and the files it gives. Run it again after a change of its inputs:
`python -m ingestion.synthetic.certificates --out data/certificates`.
Does not belong here: reading such files (readers/certificates.py). All volumes are whole MWh, and
every sum is one of integers, so the files are the same on every machine.
"""

import argparse
import tempfile
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

import numpy as np
import polars as pl

from ingestion import codes
from ingestion.ingest import ingest
from ingestion.raw import read_raw

SEED = 20240412
YEARS = (2021, 2022, 2023)
TECHNOLOGIES = {"hydro": ("H", "水电"), "solar": ("S", "太阳能发电"), "wind": ("W", "风电")}
WIND_AND_SOLAR_CLAIMED = 0.55
NOISE = 0.08
UNRETIRED = 0.1
EASTERN_WEIGHT = 3.0
HOME_WEIGHT = 2.0
EASTERN = ("110000", "120000", "310000", "320000", "330000", "350000", "370000", "440000")
SMALLEST_CELL_MWH = 2_000
MWH_PER_PART = 1_000_000
KNOWN_ON = 20
_INPUTS = ("power_bulletin", "official_co2", "national_mix")
_HEADER = "证书编号,核发省份,发电类型,发电月份,对应电量,交易类型,状态,核销省份,核销日期"
_NOTE = """\
source_id: synthetic_certificates
contract: certificate
reader: certificates
title_zh: 合成绿证数据（非真实统计，仅供演示）
title_en: SYNTHETIC green certificates (not statistics, for demonstration only)
publisher_zh: 本项目数据组（合成）
publisher_en: Data team of this database (synthetic)
found_at: python -m ingestion.synthetic.certificates --out data/certificates (seed {seed})
licence: Same as this repository
access_class: public
quality_tier: synthetic
files:
"""


def delivery(home: Path, seed: int = SEED) -> dict[str, str]:
    """The files of the delivery by name, its note `delivery.yml` among them.

    `home` holds the raw tables of the bulletins, of the official CO2 factors and of the national
    mix. ValueError when a year's official factors or totals are missing.
    """
    files: dict[str, str] = {}
    note = _NOTE.format(seed=seed)
    for year in YEARS:
        batches = year_of_batches(home, year, seed)
        for month in range(1, 13):
            name = f"{year}/certificates_{year}-{month:02d}.csv"
            part = batches.filter(pl.col("month") == month)
            files[name] = _file(part, year, month, seed)
            known = _known_at(year, month)
            note += (
                f"  - {{file: {name}, period: {year}-{month:02d}, known_at: {known}, "
                "known_at_basis: schedule}\n"
            )
    return {**files, "delivery.yml": note}


def claimed_mwh(home: Path, year: int) -> int:
    """National claimed volume of a year in MWh: (1 - average / residual) x generation."""
    official = read_raw(home, "official_co2_factor").filter(
        pl.col("region_code") == "CN", pl.col("year") == year
    )
    factors = dict(official.select("factor_kind", "value_kg_per_kwh").iter_rows())
    total = _national_mwh(home, year)
    if not {"supply_average", "residual_mix"} <= set(factors) or total is None:
        raise ValueError(f"{year} lacks its official factors or its national generation.")
    share = 1 - factors["supply_average"] / factors["residual_mix"]
    return int((share * total).to_integral_value(ROUND_HALF_EVEN))


def year_of_batches(home: Path, year: int, seed: int = SEED) -> pl.DataFrame:
    """All batches of a year: month, region_code, technology, part, mwh, status, instrument,
    retiring_region_code and retired_on (both null for batches that are not retired).

    The retired volumes add up to `claimed_mwh` exactly.
    """
    draw = np.random.default_rng([seed, year])
    cells = _cells(home, year, draw)
    retired = _retired(cells, _consumption(home, year), year, draw)
    rest = np.floor(cells["mwh"].to_numpy() * UNRETIRED * (0.5 + 0.5 * draw.random(cells.height)))
    traded = draw.random(cells.height) < 0.5
    kept = cells.with_columns(
        pl.lit(0, dtype=pl.Int64).alias("part"),
        pl.Series("mwh", rest.astype(np.int64)),
        pl.Series("status", np.where(traded, "已划转", "已核发")),
        pl.Series("instrument", np.full(cells.height, "绿证")),
        pl.lit(None, dtype=pl.String).alias("retiring_region_code"),
        pl.lit(None, dtype=pl.Date).alias("retired_on"),
    )
    order = ["month", "region_code", "technology", "part"]
    return pl.concat([retired, kept.select(retired.columns)]).filter(pl.col("mwh") > 0).sort(order)


def _national_mwh(home: Path, year: int) -> Decimal | None:
    """National generation of the year in MWh; None when nobody published it."""
    rows = read_raw(home, "national_generation").filter(
        pl.col("year") == year,
        pl.col("flow") == "generation",
        pl.col("coverage") == "total",
        pl.col("technology") == "total",
    )
    return None if rows.is_empty() else rows["energy_mwh"][0]


def _year_to_date(home: Path, year: int) -> pl.DataFrame:
    return (
        read_raw(home, "electricity_bulletin")
        .filter(pl.col("period_month").dt.year() == year)
        .sort("known_at", "receipt_id")
        .group_by("region_code", "flow", "technology", "period_month", maintain_order=True)
        .last()
        .select(
            "region_code",
            "technology",
            "flow",
            pl.col("period_month").dt.month().cast(pl.Int64).alias("month"),
            pl.col("energy_ytd_mwh").cast(pl.Float64).alias("ytd"),
        )
    )


def _generation(home: Path, year: int) -> pl.DataFrame:
    """Generation in MWh by month, region_code and technology, as the bulletins have it.

    A reading above a later one is set aside, a step over several months is shared by days. A
    missing end of the year counts a third of the month before: little is claimed of what nobody
    knows.
    """
    known = _year_to_date(home, year).filter(
        pl.col("technology").is_in(list(TECHNOLOGIES)), pl.col("ytd").is_not_null()
    )
    by = ["region_code", "technology"]
    ends = [
        0,
        *((date(year + m // 12, m % 12 + 1, 1) - date(year, 1, 1)).days for m in range(1, 13)),
    ]
    months = pl.DataFrame({"month": range(13), "days": ends}, schema_overrides={"month": pl.Int64})
    step = pl.col("ytd").diff().over(by)
    return (
        known.select(by)
        .unique()
        .join(months, how="cross")
        .join(known, on=[*by, "month"], how="left")
        .sort(*by, "month")
        .with_columns(pl.when(pl.col("month") == 0).then(0.0).otherwise(pl.col("ytd")).alias("ytd"))
        .with_columns(pl.col("ytd").cum_min(reverse=True).over(by).alias("_later"))
        .with_columns(pl.when(pl.col("ytd") <= pl.col("_later")).then(pl.col("ytd")).alias("ytd"))
        .with_columns(pl.col("ytd").interpolate_by("days").over(by))
        .with_columns(pl.coalesce(step, step.forward_fill().over(by) / 3).alias("generated"))
        .with_columns(pl.col("generated").floor().cast(pl.Int64))
        .filter(pl.col("month") > 0, pl.col("generated") >= SMALLEST_CELL_MWH)
        .select("month", *by, "generated")
        .sort("month", *by)
    )


def _cells(home: Path, year: int, draw: np.random.Generator) -> pl.DataFrame:
    """Claimed volume of every cell: month, region_code, technology, mwh."""
    cells = _generation(home, year)
    generated = cells["generated"].to_numpy()
    noise = 1 - NOISE + 2 * NOISE * draw.random(cells.height)
    weight = np.floor(generated * noise).astype(np.int64)
    is_hydro = (cells["technology"] == "hydro").to_numpy()
    claimed = claimed_mwh(home, year)
    most = int(generated[~is_hydro].sum() * WIND_AND_SOLAR_CLAIMED)
    intermittent = min(claimed, most)
    volume = np.zeros(cells.height, dtype=np.int64)
    volume[~is_hydro] = shared(intermittent, weight[~is_hydro])
    volume[is_hydro] = shared(claimed - intermittent, weight[is_hydro])
    return cells.select("month", "region_code", "technology").with_columns(
        pl.Series("mwh", volume, dtype=pl.Int64)
    )


def shared(total: int, weight: np.ndarray) -> np.ndarray:
    """`total` shared by whole-number weights into whole numbers that add up to it: largest
    remainder, the first of equals. ValueError when no weight is above zero.
    """
    weights = int(weight.sum())
    if weights <= 0:
        raise ValueError("there is nothing to share a volume by")
    exact = weight.astype(np.float64) * (total / weights)
    whole = np.floor(exact).astype(np.int64)
    left = total - int(whole.sum())
    first = np.argsort(-(exact - whole), kind="stable")[:left]
    whole[first] += 1
    return whole


def _consumption(home: Path, year: int) -> pl.DataFrame:
    """Consumption of the year by region_code, in MWh, in the order of codes."""
    return (
        _year_to_date(home, year)
        .filter(pl.col("flow") == "consumption")
        .group_by("region_code")
        .agg(pl.col("ytd").max())
        .sort("region_code")
    )


def _retired(
    cells: pl.DataFrame, consumption: pl.DataFrame, year: int, draw: np.random.Generator
) -> pl.DataFrame:
    """Every cell split over the provinces in which it is retired."""
    regions = consumption["region_code"].to_numpy()
    weight = consumption["ytd"].to_numpy() * np.where(np.isin(regions, EASTERN), EASTERN_WEIGHT, 1)
    home = cells["region_code"].to_numpy()[:, None] == regions[None, :]
    weights = weight[None, :] * np.where(home, HOME_WEIGHT, 1)
    # A draw without replacement in proportion to weight: the smallest of weighted waiting times.
    waiting = -np.log(1 - draw.random(weights.shape)) / weights
    place = np.argsort(np.argsort(waiting, axis=1, kind="stable"), axis=1, kind="stable")
    volume = cells["mwh"].to_numpy()
    parts = np.clip(volume // MWH_PER_PART + 2, 2, 10)
    drawn = place < parts[:, None]
    chosen = np.where(drawn, np.floor(weights / 1000).astype(np.int64), 0)
    exact = chosen * (volume / chosen.sum(axis=1))[:, None]
    split = np.floor(exact).astype(np.int64)
    # What is left over by rounding goes to the province drawn first.
    split[place == 0] += volume - split.sum(axis=1)
    cell, region = np.nonzero(split)
    gec = draw.random(len(cell)) < 0.6
    month = cells["month"].to_numpy()[cell]
    first = [date(year + m // 12, m % 12 + 1, 1) for m in range(1, 13)]
    days = np.array([(_known_at(year, m) - first[m - 1]).days for m in range(1, 13)])
    offset = np.floor(draw.random(len(cell)) * days[month - 1]).astype(np.int64)
    return cells[cell].with_columns(
        pl.Series("part", place[cell, region] + 1, dtype=pl.Int64),
        pl.Series("mwh", split[cell, region], dtype=pl.Int64),
        pl.lit("已核销").alias("status"),
        pl.Series("instrument", np.where(gec, "绿证", "绿电")),
        pl.Series("retiring_region_code", regions[region]),
        pl.Series(
            "retired_on",
            [first[m - 1] + timedelta(days=int(d)) for m, d in zip(month, offset, strict=True)],
        ),
    )


def _known_at(year: int, month: int) -> date:
    """The day on which a month's certificates are known: the 20th of the second month after it."""
    return date(year + (month + 1) // 12, (month + 1) % 12 + 1, KNOWN_ON)


def _file(batches: pl.DataFrame, year: int, month: int, seed: int) -> str:
    """One month as the text of a delivery file."""
    names = codes.region_names()
    letters = {code: letter for code, (letter, _) in TECHNOLOGIES.items()}
    labels = {code: label for code, (_, label) in TECHNOLOGIES.items()}
    lines = batches.select(
        pl.format(
            "{}-{}{}-{}",
            pl.lit(f"SYN-{year}{month:02d}"),
            pl.col("region_code").str.slice(0, 2),
            pl.col("technology").replace_strict(letters, return_dtype=pl.String),
            pl.col("part").cast(pl.String).str.zfill(2),
        ),
        pl.col("region_code").replace_strict(names, return_dtype=pl.String).alias("issuing"),
        pl.col("technology").replace_strict(labels, return_dtype=pl.String).alias("label"),
        pl.lit(f"{year}-{month:02d}").alias("month"),
        pl.col("mwh").cast(pl.String),
        "instrument",
        "status",
        pl.col("retiring_region_code")
        .replace_strict(names, default=None, return_dtype=pl.String)
        .fill_null(""),
        pl.col("retired_on").cast(pl.String).fill_null(""),
    )
    joined = lines.select(pl.concat_str(lines.columns, separator=",")).to_series().to_list()
    empty = "," * _HEADER.count(",")
    return (
        "\n".join(
            [
                f"{year}年{month}月绿证核发与核销（合成数据，非真实统计）{empty}",
                f"单位：兆瓦时{empty}",
                _HEADER,
                *joined,
                f"注：合成数据，由 ingestion.synthetic.certificates 生成，随机种子 {seed}{empty}",
            ]
        )
        + "\n"
    )


def main(arguments: list[str] | None = None) -> None:
    """Write the delivery: reads the public inputs below --data, writes below --out."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        for name in _INPUTS:
            ingest(given.data / name, Path(folder))
        files = delivery(Path(folder), given.seed)
    for name, text in files.items():
        path = given.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")


if __name__ == "__main__":
    main()
