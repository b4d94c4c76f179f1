"""A staging folder of four small tables with every type, for tests of the forms of a release.

Belongs here: invented rows and the Parquet files around them. Does not belong here: the candidate
that the gate can judge (`tests/warehouse/synthetic.py`).
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl

from warehouse import export
from warehouse.dbt_artifacts import PublishedColumn, PublishedModel
from warehouse.formats import PublishedTable, ReleaseFacts, published_tables

FACTS = ReleaseFacts("2023.12.0", "2023-12", "stable", "0.1.0+abc", "2024-01-31")
DEMO = ReleaseFacts("2023.12.0", "2023-12", "demo", "0.1.0+abc", "2024-01-31")

FORMULA = '=HYPERLINK("http://evil.example","click")'

COLUMNS = {
    "electricity_factor": {
        "factor_id": "varchar", "region_code": "varchar", "period_start": "date",
        "resolution": "varchar", "value": "decimal(18, 12)", "energy_mwh": "decimal(38, 6)",
        "includes_td_losses": "boolean", "row_number": "integer", "note_zh": "varchar",
    },
    "factor_history": {"factor_id": "varchar", "known_on": "date"},
    "measurement": {"sensor": "varchar", "read_at": "timestamp", "reading": "double"},
    "source": {
        "source_id": "varchar", "title_zh": "varchar", "title_en": "varchar",
        "publisher_zh": "varchar", "publisher_en": "varchar", "licence": "varchar",
        "found_at": "varchar", "known_to": "date",
    },
}  # fmt: skip
KEYS = {
    "electricity_factor": ("factor_id",),
    "factor_history": ("factor_id", "known_on"),
    "measurement": ("sensor", "read_at"),
    "source": ("source_id",),
}
UNITS = {"value": "kg per kWh", "energy_mwh": "MWh", "reading": "degC"}


def rows() -> dict[str, pl.DataFrame]:
    """Return the rows of each table; the notes hold what a spreadsheet must not run."""
    months = [("year", dt.date(2022, 1, 1)), ("year", dt.date(2023, 1, 1))] + [
        ("month", dt.date(year, month, 1)) for year in (2022, 2023) for month in range(1, 13)
    ]
    notes = [
        FORMULA,
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "＝1",
        "'quoted",
        "",
        None,
        "河北, 北网",
    ]
    factor = pl.DataFrame(
        {
            "factor_id": [f"f.{place:03d}" for place in range(len(months))],
            "region_code": ["130000"] * len(months),
            "period_start": [start for _, start in months],
            "resolution": [resolution for resolution, _ in months],
            "value": [Decimal(f"0.00000{place + 1:07d}") for place in range(len(months))],
            "energy_mwh": [Decimal(f"-{place}1234567890123.5") for place in range(len(months))],
            "includes_td_losses": [place % 2 == 0 for place in range(len(months))],
            "row_number": list(range(-1, len(months) - 1)),
            "note_zh": [notes[place % len(notes)] for place in range(len(months))],
        },
        schema_overrides={"value": pl.Decimal(18, 12), "energy_mwh": pl.Decimal(38, 6)},
    )
    return {
        "electricity_factor": factor,
        "factor_history": pl.DataFrame(
            {"factor_id": ["f.000", "f.001"], "known_on": [dt.date(2024, 1, 1)] * 2}
        ),
        "measurement": pl.DataFrame(
            {
                "sensor": ["a", "a", "b"],
                "read_at": [dt.datetime(2023, 1, 1, 3, 4, 5, 678), dt.datetime(2023, 1, 2), None],
                "reading": [1e-7, 0.1, -2.5],
            }
        ).with_columns(pl.col("read_at").fill_null(dt.datetime(2023, 1, 3))),
        "source": pl.DataFrame(
            {
                "source_id": ["bulletin", "yearbook"], "title_zh": ["月报", "年鉴"],
                "title_en": ["Monthly bulletin: power", "Yearbook"],
                "publisher_zh": ["统计局", ""], "publisher_en": ["Bureau", ""],
                "licence": ["CC BY 4.0", None], "found_at": ["https://example.org", "archive"],
                "known_to": [dt.date(2024, 1, 20)] * 2,
            }
        ),
    }  # fmt: skip


def write_table(release: Path, name: str, frame: pl.DataFrame) -> None:
    """Write one of the tables as the exporter writes it, with the metadata of its contract."""
    model = PublishedModel(
        name,
        "marts",
        name,
        "public",
        KEYS[name],
        tuple(
            PublishedColumn(
                column, kind, UNITS.get(column, ""), f"The {column} <b>|</b>", "列&说明"
            )
            for column, kind in COLUMNS[name].items()
        ),
        f"One row per {name} - a < b.",
        "表",
        True,
        "每项一行",
        "1.2.0",
    )
    (release / "tables").mkdir(parents=True, exist_ok=True)
    table = frame.select(list(COLUMNS[name])).to_arrow().cast(model.arrow_schema())
    export.write_parquet(table, release / "tables" / f"{name}.parquet")


def make(release: Path) -> list[PublishedTable]:
    """Write all tables into a staging folder and describe them."""
    for name, frame in rows().items():
        write_table(release, name, frame)
    return published_tables(release)
