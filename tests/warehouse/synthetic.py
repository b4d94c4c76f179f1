"""A small but complete candidate in which every rule holds, made by arithmetic alone.

Belongs here: published tables of invented figures, and the candidate folder around them, for tests
of the gate and of publication. Does not belong here: anything that a release could be made from.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from expectations import coverage
from expectations.check_result import CheckResult
from expectations.required import defined_invariants, defined_published, render
from tests.warehouse import synthetic_areas as areas
from tests.warehouse import (
    synthetic_background,
    synthetic_evidence,
    synthetic_interchange,
    synthetic_vintages,
)
from tests.warehouse import synthetic_consumption as consumption
from tests.warehouse import synthetic_factors as factors
from warehouse.candidate import Candidate
from warehouse.gate import gate_check_ids

#: A quarter: every publication of the candidate writes it in all formats.
RELEASE_MONTH = "2019-03"
#: Tables of whole years and of official values: there are none as early as that.
EMPTY = {"official_comparison", "variance_contribution"}
#: The first month of which there is an official value to compare with.
OFFICIAL_MONTH = "2021-12"

_ENERGY, _FACTOR = "decimal(38, 6)", "decimal(18, 8)"

COLUMNS: dict[str, dict[str, str]] = {
    **factors.COLUMNS,
    "electricity_mix": {
        "region_code": "varchar", "period_start": "date", "period_end": "date",
        "resolution": "varchar", "technology": "varchar", "generation_mwh": _ENERGY,
        "share": _FACTOR, "co2_kg": _ENERGY, "ch4_kg": _ENERGY, "n2o_kg": _ENERGY,
        "lca_co2e_kg": _ENERGY, "method_id": "varchar", "quality_tier": "varchar",
        "relative_sd": "decimal(9, 6)", "estimated_share": "decimal(9, 8)", "maturity": "varchar",
    },
    "interchange": {
        "level": "varchar", "from_region_code": "varchar", "to_region_code": "varchar",
        "period_start": "date", "period_end": "date", "resolution": "varchar",
        "quality_tier": "varchar", "method_id": "varchar", "energy_mwh": _ENERGY,
        "capacity_mwh": _ENERGY, "treatment": "varchar", "maturity": "varchar",
    },
    "official_comparison": {
        "year": "integer", "region_code": "varchar", "factor_kind": "varchar",
        "import_factor_basis": "varchar", "gas_scope": "varchar", "system_boundary": "varchar",
        "includes_td_losses": "boolean", "method_id": "varchar", "official_value": _FACTOR,
        "value": _FACTOR, "unit": "varchar", "relative_deviation": _FACTOR,
        "is_inside_interval": "boolean", "is_warning": "boolean", "sentence_zh": "varchar",
        "sentence_en": "varchar", "announcement": "varchar", "source_id": "varchar",
    },
    "data_quality": {
        "metric": "varchar", "region_code": "varchar", "period_start": "date",
        "period_end": "date", "detail": "varchar", "value": "decimal(38, 8)", "unit": "varchar",
        "threshold": _FACTOR, "status": "varchar", "sentence_en": "varchar",
        "sentence_zh": "varchar",
    },
    "region": areas.COLUMNS,
    "source": {
        "source_id": "varchar", "title_zh": "varchar", "title_en": "varchar",
        "publisher_zh": "varchar", "publisher_en": "varchar", "licence": "varchar",
        "access_class": "varchar", "quality_tier": "varchar", "found_at": "varchar",
        "files": "integer", "known_from": "date", "known_to": "date",
    },
    "gwp": {
        "gwp_set": "varchar", "gas": "varchar", "guideline": "varchar",
        "value": "decimal(18, 6)", "unit": "varchar", "source_id": "varchar",
    },
    **consumption.COLUMNS,
    **synthetic_evidence.COLUMNS,
    **synthetic_interchange.COLUMNS,
    **synthetic_vintages.COLUMNS,
    **synthetic_background.COLUMNS,
}  # fmt: skip

KEYS = {
    **factors.KEYS,
    "electricity_mix": ["region_code", "period_start", "resolution", "technology"],
    "interchange": [
        "level", "from_region_code", "to_region_code", "period_start", "period_end", "resolution",
        "quality_tier",
    ],
    "official_comparison": [
        "year", "region_code", "factor_kind", "import_factor_basis", "system_boundary",
        "includes_td_losses",
    ],
    "data_quality": ["metric", "region_code", "period_start", "period_end", "detail"],
    "region": ["region_code"],
    "source": ["source_id"],
    "gwp": ["gwp_set", "gas", "guideline"],
    **consumption.KEYS,
    **synthetic_evidence.KEYS,
    **synthetic_interchange.KEYS,
    **synthetic_vintages.KEYS,
    **synthetic_background.KEYS,
}  # fmt: skip

TESTS = {
    "unique_electricity_factor_factor_id": "electricity_factor",
    "sum_to_one_electricity_mix": "electricity_mix",
}

RAW_CHECKS = [
    CheckResult(
        "raw.electricity_bulletin.has_rows",
        "raw",
        "electricity_bulletin",
        "passed",
        "error",
        "13392 rows",
        13392,
        "Table electricity_bulletin has 13392 rows.",
    )
]


def make_tables(release_month: str = RELEASE_MONTH) -> dict[str, pl.DataFrame]:
    """Return the published tables of a release month, consistent with each other."""
    mix = _mix(release_month)
    flows = _flows(release_month)
    origin = consumption.consumption_origin(mix, flows, release_month)
    consumed = consumption.consumption_mix(mix, origin)
    claims = consumption.certificate_balance(consumed)
    residual = consumption.residual_balance(origin, claims)
    factor = factors.electricity_factor(mix, flows, origin, residual)
    return {
        "electricity_mix": mix,
        "interchange": flows,
        "electricity_factor": factor,
        "variance_contribution": factors.variance_contribution(factor),
        "basis_comparison": consumption.basis_comparison(factor),
        "consumption_mix": consumed,
        "consumption_origin": origin,
        "certificate_balance": claims,
        "residual_balance": residual,
        "official_comparison": _official(release_month),
        "data_quality": _quality(release_month),
        "region": areas.regions(),
        "source": pl.DataFrame(
            {
                "source_id": ["bulletin"], "title_zh": ["月报"], "title_en": ["Monthly bulletin"],
                "publisher_zh": ["统计局"], "publisher_en": ["Bureau"], "licence": ["open data"],
                "access_class": ["public"], "quality_tier": ["reported"], "found_at": ["archive"],
                "files": [12], "known_from": [dt.date(2019, 2, 20)],
                "known_to": [dt.date(2019, 4, 20)],
            }
        ),
        "gwp": pl.DataFrame(
            {
                "gwp_set": ["AR6", "AR6"], "gas": ["CH4", "N2O"], "guideline": ["AR6", "AR6"],
                "value": [27.0, 273.0], "unit": ["kgCO2e/kg"] * 2, "source_id": ["bulletin"] * 2,
            }
        ),
        **synthetic_evidence.make_evidence(),
        **synthetic_interchange.make_interchange(release_month),
        **synthetic_vintages.make_vintages(factor, release_month),
        **synthetic_background.make_background(),
    }  # fmt: skip


def make_candidate(
    folder: Path,
    tables: Mapping[str, pl.DataFrame],
    *,
    meta: Mapping[str, Mapping[str, Any]] | None = None,
    test_status: Mapping[str, str] | None = None,
    tests: Sequence[str] | None = None,
) -> Candidate:
    """Write a candidate folder: database, dbt manifest and run results.

    `meta` overrides a model's meta; `test_status` a test's outcome; `tests` names those that ran.
    """
    candidate = Candidate(folder)
    candidate.target.mkdir(parents=True)
    with duckdb.connect(str(candidate.database)) as connection:
        connection.execute("create schema marts")
        for name, frame in tables.items():
            connection.register("frame", frame.to_arrow())
            columns = ", ".join(
                f'cast("{column}" as {kind}) as "{column}"'
                for column, kind in COLUMNS[name].items()
                if column in frame.columns
            )
            connection.execute(f"create table marts.{name} as select {columns} from frame")
            connection.unregister("frame")
    nodes = {
        f"model.synthetic.{name}": _model_node(name, (meta or {}).get(name, {})) for name in tables
    }
    for test, model in TESTS.items():
        nodes[f"test.synthetic.{test}"] = {
            "unique_id": f"test.synthetic.{test}",
            "name": test,
            "resource_type": "test",
            "config": {"enabled": True, "severity": "ERROR"},
            "attached_node": f"model.synthetic.{model}",
            "depends_on": {"nodes": [f"model.synthetic.{model}"]},
        }
    (candidate.target / "manifest.json").write_text(
        json.dumps({"nodes": nodes, "sources": {}}), encoding="utf-8"
    )
    write_run_results(candidate, dict.fromkeys(tables, "success"), test_status or {}, tests)
    return candidate


def write_run_results(
    candidate: Candidate,
    models: Mapping[str, str],
    test_status: Mapping[str, str],
    tests: Sequence[str] | None = None,
) -> None:
    """Write dbt's record of a run in which the tests ended as told, or passed."""
    ran = list(TESTS) if tests is None else list(tests)
    outcomes = [(f"model.synthetic.{name}", status, None) for name, status in models.items()] + [
        (f"test.synthetic.{name}", status, 0 if status == "pass" else 3)
        for name in ran
        for status in [test_status.get(name, "pass")]
    ]
    results = [
        {"unique_id": unique_id, "status": status, "failures": failures, "message": None}
        for unique_id, status, failures in outcomes
    ]
    (candidate.target / "run_results.json").write_text(json.dumps({"results": results}))


def write_required(path: Path) -> Path:
    """Write the list of required checks that fits the synthetic candidate."""
    gate = gate_check_ids(COLUMNS, TESTS)
    path.write_text(
        render(
            {
                "raw": [check.check_id for check in RAW_CHECKS],
                "published": [
                    *defined_published(),
                    *(each for each in gate if each.startswith("published.")),
                ],
                "dbt": [each for each in gate if each.startswith("dbt.")],
                "invariant": defined_invariants(),
            }
        ),
        encoding="utf-8",
    )
    return path


def _model_node(name: str, meta: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "unique_id": f"model.synthetic.{name}",
        "name": name,
        "resource_type": "model",
        "schema": "marts",
        "alias": name,
        "description": f"Synthetic {name}.",
        "config": {
            "contract": {"enforced": True},
            "meta": {
                "published": True,
                "access_class": "public",
                "primary_key": KEYS[name],
                "name_zh": "合成",
                **meta,
            },
        },
        "columns": {
            column: {
                "name": column,
                "data_type": kind,
                "description": f"The {column}.",
                "config": {"meta": {"unit": _unit(column), "description_zh": "列"}},
            }
            for column, kind in COLUMNS[name].items()
        },
    }


def _unit(column: str) -> str:
    return "MWh" if column.endswith("_mwh") else "kg" if column.endswith("_kg") else ""


def _mix(release_month: str) -> pl.DataFrame:
    base = {
        "coal": 5_000_000, "gas": 300_000, "oil": 5_000, "biomass": 150_000, "hydro": 1_500_000,
        "nuclear": 400_000, "wind": 900_000, "solar": 600_000,
    }  # fmt: skip
    intensity = {"coal": 870, "gas": 400, "oil": 700}
    rows = [
        (
            province, month, technology,
            amount + 1_000 * place * (step % 7) + 13 * place + 100 * month.month,
            intensity.get(technology, 0) + (place if technology in intensity else 0),
        )
        for place, province in enumerate(coverage.PROVINCES)
        for step, (technology, amount) in enumerate(base.items())
        for month in coverage.months(release_month)
    ]  # fmt: skip
    provinces = pl.DataFrame(
        rows,
        schema=["region_code", "period_start", "technology", "generation_mwh", "intensity"],
        orient="row",
    ).with_columns((pl.col("generation_mwh") * pl.col("intensity")).alias("co2_kg"))
    quantities = ["generation_mwh", "co2_kg", "ch4_kg", "n2o_kg", "lca_co2e_kg"]
    keys = ["region_code", "resolution", "period_start"]
    return (
        areas.summed(factors.with_other_gases(provinces), ["technology"], quantities, release_month)
        .with_columns(
            (pl.col("generation_mwh") / pl.col("generation_mwh").sum().over(keys))
            .round(8)
            .alias("share"),
            areas.period_end().alias("period_end"),
            pl.lit("reported").alias("method_id"),
            pl.lit("reported").alias("quality_tier"),
            pl.lit(0.05).alias("relative_sd"),
            pl.lit(0.0).alias("estimated_share"),
            pl.lit("final").alias("maturity"),
        )
        .sort(*keys, "technology")
    )


def _flows(release_month: str) -> pl.DataFrame:
    """Chains of two steps, so that the network basis differs from the generation basis."""
    pairs = [
        ("province", coverage.PROVINCES[i], coverage.PROVINCES[i + 1], 700_000 + 5_000 * i)
        for i in range(len(coverage.PROVINCES) - 1)
        if i % 3 != 2
    ] + [("grid_region", "GRID_NORTH", "GRID_EAST", 2_000_000)]
    months = [
        (level, sender, receiver, month, "month", energy + 50 * month.month)
        for level, sender, receiver, energy in pairs
        for month in coverage.months(release_month)
    ]
    frame = pl.DataFrame(
        months,
        schema=[
            "level", "from_region_code", "to_region_code", "period_start", "resolution",
            "energy_mwh",
        ],
        orient="row",
    )  # fmt: skip
    years = (
        frame.with_columns(
            pl.col("period_start").dt.truncate("1y"), pl.lit("year").alias("resolution")
        )
        .filter(pl.col("period_start").is_in(coverage.years(release_month)))
        .group_by("level", "from_region_code", "to_region_code", "period_start", "resolution")
        .agg(pl.col("energy_mwh").sum())
    )
    modelled = pl.concat([frame, years]).with_columns(
        areas.period_end().alias("period_end"),
        pl.lit("modelled").alias("quality_tier"),
        pl.lit("balance").alias("method_id"),
        pl.lit(3_000_000).cast(pl.Int64).alias("capacity_mwh"),
        pl.lit("net").alias("treatment"),
        pl.lit("final").alias("maturity"),
    )
    reported = modelled.head(1).with_columns(
        pl.lit("grid_region").alias("level"),
        pl.lit("GRID_NORTHWEST").alias("from_region_code"),
        pl.lit("GRID_CENTRAL+GRID_EAST").alias("to_region_code"),
        pl.lit("year_to_date").alias("resolution"),
        pl.lit(dt.date(2019, 2, 28)).alias("period_end"),
        pl.lit("reported").alias("quality_tier"),
        pl.lit(None, pl.Int64).alias("capacity_mwh"),
        pl.lit("as_reported").alias("treatment"),
    )
    return pl.concat([modelled, reported])


def _official(release_month: str) -> pl.DataFrame:
    values = [
        ("supply_average", "generation", 0.5568),
        ("supply_average", "network", 0.5568),
        ("fossil_power", "none", 0.8426),
    ]
    rows = [
        (
            year.year, "CN", kind, basis, "CO2", "direct_combustion", False, kind, value, value,
            "kgCO2/kWh", 0.0, True, False, "与公布值一致", "It agrees with the official value",
            "2024-12", "bulletin",
        )
        for year in coverage.years(release_month)
        if year.year >= int(OFFICIAL_MONTH[:4])
        for kind, basis, value in values
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=_schema("official_comparison"), orient="row")


def _quality(release_month: str) -> pl.DataFrame:
    rows = [
        (
            "consumption_scale", "CN", month, coverage.period_end(month, "month"), "total", 1.01,
            "ratio", None, "info", "Consumption was scaled by this", "用电量按此比例调整",
        )
        for month in coverage.months(release_month)
    ]  # fmt: skip
    rows += [
        (
            "open_balance", province, month, coverage.period_end(month, "month"), "total", 250.0,
            "MWh", 1000.0, "ok", "Statistical difference of this balance", "该省电量平衡的统计差额",
        )
        for province in coverage.PROVINCES
        for month in coverage.months(release_month)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=_schema("data_quality"), orient="row")


def _schema(table: str) -> dict[str, Any]:
    kinds = {"varchar": pl.String, "date": pl.Date, "boolean": pl.Boolean, "integer": pl.Int32}
    return {column: kinds.get(kind, pl.Float64) for column, kind in COLUMNS[table].items()}
