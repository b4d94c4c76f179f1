# ruff: noqa: S608 - every name in a query comes from the project's own manifest
"""Executing the derivation as it was known on a day.

Belongs here: running the compiled models in memory over the raw tables, and what is taken from
them. Does not belong here: which days (`days`), and any step of the derivation.

A replay is the derivation of the release itself: the same SQL, the same Python models, with
`stg_as_of` alone put in place. Three things make it fast and change no value: a model of whose
inputs nothing new is known is not run again; a year whose inputs are the same as in another vintage
(`Derivation.frontier`, compared by hash) takes that vintage's values; and a year of the interchange
programme is solved once for the same inputs.
"""

from __future__ import annotations

import bisect
import dataclasses
import datetime as dt
import hashlib
import importlib.util
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import polars as pl

from dbt_project.vintages.derivation import AS_OF, UNREAD, Derivation, Model

KEY = [
    "level", "area_code", "year", "period_start", "period_end", "resolution", "factor_kind",
    "import_factor_basis", "technology", "gas_scope", "gwp_set", "system_boundary",
    "includes_td_losses",
]  # fmt: skip
"""The columns of `Vintage.values` that name a factor."""

_KEPT = """
    (gas_scope = 'CO2' and factor_kind in
        ('generation_average', 'supply_average', 'consumption_mix', 'fossil_power'))
    or (factor_kind = 'life_cycle_consumption'
        and system_boundary = 'cradle_to_user' and includes_td_losses)
"""

_QUERIES = {
    "values": f"""
        select {", ".join(KEY)}, maturity,
            cast(round_even(cast(value as double), 8) as decimal(18, 12)) as value
        from intermediate.int_factor_value where {_KEPT} order by all
    """,
    "nodes": """
        select level, area_code, cast(extract(year from period_start) as integer) as year,
            period_start, resolution, generation_mwh, co2_kg, lca_co2e_kg
        from intermediate.int_network_node order by all
    """,
    "edges": """
        select level, from_region_code, to_region_code,
            cast(extract(year from period_start) as integer) as year,
            period_start, resolution, energy_mwh
        from intermediate.int_network_edge order by all
    """,
}

_MEMBERS = "select level, area_code, node_code from intermediate.int_node order by all"

_BY_YEAR = {"int_interchange_estimate": "int_interchange_balance"}
"""Python models that are pure by year, with the input whose months say which year."""


@dataclasses.dataclass(frozen=True)
class AsOf:
    """The day on which knowledge ends, for each layer of the inputs."""

    statistics: dt.date
    parameters: dt.date
    corrections: dt.date

    @classmethod
    def day(cls, day: dt.date) -> AsOf:
        """The same day for all layers."""
        return cls(day, day, day)


@dataclasses.dataclass(frozen=True)
class Vintage:
    """What a replay gave.

    Attributes:
        values: `KEY`, `maturity`, `value` (Decimal(18, 12), kg per kWh, rounded as published).
        nodes: the network systems' nodes: `generation_mwh`, `co2_kg`, `lca_co2e_kg` by level,
            period and area.
        edges: their imports, `energy_mwh` from one area to another.
        members: which nodes each area is made of.
        frontier: hash of all inputs of a year, by year.
    """

    values: pl.DataFrame
    nodes: pl.DataFrame
    edges: pl.DataFrame
    members: pl.DataFrame
    frontier: Mapping[int, str]

    @property
    def is_empty(self) -> bool:
        """Whether nothing could be derived: no year of statistics was complete."""
        return self.values.is_empty()

    def write(self, folder: Path) -> None:
        """Write the vintage into an empty folder."""
        for name in (*_QUERIES, "members"):
            frame: pl.DataFrame = getattr(self, name)
            frame.write_parquet(folder / f"{name}.parquet", compression="zstd", statistics=False)
        text = json.dumps({str(year): self.frontier[year] for year in sorted(self.frontier)})
        (folder / "frontier.json").write_text(text, encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Vintage:
        """Read a vintage that `write` wrote."""
        frames = {
            name: pl.read_parquet(folder / f"{name}.parquet") for name in (*_QUERIES, "members")
        }
        text = (folder / "frontier.json").read_text(encoding="utf-8")
        frontier = {int(year): digest for year, digest in json.loads(text).items()}
        return cls(**frames, frontier=frontier)


class Replayer:
    """An in-memory database in which a derivation is carried out as of one day after another.

    Args:
        derivation: what to carry out.
        raw: folder of the raw tables, one folder a table.
    """

    def __init__(self, derivation: Derivation, raw: Path) -> None:
        self._derivation = derivation
        self._connection = duckdb.connect(":memory:", config={"threads": 1})
        self._connection.execute("set enable_progress_bar = false")
        self._modules: dict[str, ModuleType] = {}
        self._memo: dict[tuple[str, str], pl.DataFrame] = {}
        self._last: Vintage | None = None
        self._known_at: dict[str, tuple[str, list[dt.date]]] = {}
        self._names: dict[str, str] = {}
        self._holds: dict[str, str] = {}
        self._relations = {model.name: model.relation for model in derivation.models}
        for schema in sorted({model.schema for model in derivation.models} | {"raw"}):
            self._connection.execute(f"create schema if not exists {schema}")
        for table in derivation.raw:
            self._connection.execute(
                f"create table raw.{table.name} as select * from "
                f"read_parquet('{raw / table.name}/*.parquet', union_by_name = true)"
                + (" limit 0" if table.name in UNREAD else "")
            )
            days = self._connection.execute(f"select known_at from raw.{table.name} order by 1")
            self._known_at[table.name] = table.layer, [day for (day,) in days.fetchall()]
        for model in derivation.models:
            if model.kind == "seed":
                self._connection.execute(
                    f"create table {model.relation} as select * from "
                    f"read_csv('{derivation.project / model.path}')"
                )

    def run(self, days: AsOf, known: Vintage | None = None) -> Vintage:
        """Carry the derivation out as of a day.

        Args:
            days: the day of each layer.
            known: another vintage of the same derivation whose years are taken where their inputs
                are the same; the one run last if not given.

        Returns:
            The vintage; empty when no year of statistics was complete.
        """
        known = known or self._last
        derivation = self._derivation
        for model in derivation.models:
            if model.name not in derivation.below:
                self._renew(model, days)
        if not self._count("intermediate.int_uncovered_year"):
            return _empty()
        frontier = self._hashes()
        same = {
            year
            for year, digest in frontier.items()
            if known is not None and known.frontier.get(year) == digest
        }
        frames = self._derive(set(frontier) - same)
        if known is not None and same:
            for name, frame in frames.items():
                kept = getattr(known, name).filter(pl.col("year").is_in(sorted(same)))
                frames[name] = pl.concat([frame, kept]).sort(frame.columns)
        members = self._connection.execute(_MEMBERS).pl()
        self._last = Vintage(**frames, members=members, frontier=frontier)
        return self._last

    def _derive(self, years: set[int]) -> dict[str, pl.DataFrame]:
        """Carry out what lies below the cut for some years alone."""
        if not years:
            return {name: getattr(_empty(), name) for name in _QUERIES}
        wanted = ", ".join(map(str, sorted(years)))
        for name in self._derivation.frontier:
            if year := self._year_of(name):
                self._holds.pop(name, None)
                self._connection.execute(
                    f"delete from {self._relation(name)} where {year} not in ({wanted})"
                )
        for model in self._derivation.models:
            if model.name in self._derivation.below:
                self._make(model, _NEVER)
        return {name: self._connection.execute(query).pl() for name, query in _QUERIES.items()}

    def _renew(self, model: Model, days: AsOf) -> None:
        """Run a model unless what it reads is what it was when its table was made.

        What is known of a raw table only grows from day to day, so that the number of its rows
        names it. A model that reads raw tables asks for the day by `as_known` alone.
        """
        known = [
            f"{name} {bisect.bisect_right(dates, getattr(days, layer))}"
            for name, (layer, dates) in self._known_at.items()
            if name in model.raw
        ]
        inputs = [self._names[name] for name in model.parents if not (model.raw and name == AS_OF)]
        text = "\n".join([str(days) if model.name == AS_OF else "", *known, *inputs])
        state = hashlib.sha256(f"{model.name}\n{text}".encode()).hexdigest()
        self._names[model.name] = state
        if self._holds.get(model.name) != state:
            self._make(model, days)
            self._holds[model.name] = state

    def _hashes(self) -> dict[int, str]:
        """Hash all inputs of each year below the cut: rows of the year, and rows without a year."""
        common, by_year = hashlib.sha256(), dict[int, Any]()
        for name in self._derivation.frontier:
            year = self._year_of(name)
            rows = self._connection.execute(
                f"select {year or 0} as year, count(*), sum(cast(hash(t) as hugeint)) "
                f"from {self._relation(name)} as t group by 1 order by 1"
            ).fetchall()
            for number, *digest in rows:
                into = by_year.setdefault(number, hashlib.sha256()) if year else common
                into.update(f"{name} {digest}\n".encode())
        wanted = self._connection.execute("select distinct year from intermediate.int_period")
        return {
            number: hashlib.sha256(common.digest() + by_year[number].digest()).hexdigest()
            for (number,) in sorted(wanted.fetchall())
        }

    def _year_of(self, name: str) -> str | None:
        """The expression of a table's year; None if it is not about periods."""
        rows = self._connection.execute(f"describe {self._relation(name)}").fetchall()
        columns = {row[0] for row in rows}
        if "year" in columns:
            return "year"
        for column in ("period_month", "period_start"):
            if column in columns:
                return f"extract(year from {column})"
        return None

    def _relation(self, name: str) -> str:
        return self._relations[name]

    def _count(self, relation: str) -> int:
        row = self._connection.execute(f"select count(*) from {relation}").fetchone()
        assert row is not None
        return int(row[0])

    def _make(self, model: Model, days: AsOf) -> None:
        if model.kind == "seed":
            return
        if model.name == AS_OF:
            code = ", ".join(
                f"date '{getattr(days, layer)}' as {layer}_as_of"
                for layer in ("statistics", "parameters", "corrections")
            )
            self._connection.execute(f"create or replace table {model.relation} as select {code}")
        elif model.kind == "sql":
            self._connection.execute(f"create or replace table {model.relation} as {model.code}")
        else:
            result = self._python(model)
            self._connection.register("result_", result)
            self._connection.execute(
                f"create or replace table {model.relation} as select * from result_"
            )
            self._connection.unregister("result_")

    def _python(self, model: Model) -> Any:
        run: Callable[[Any, Any], Any] = self._module(model).model
        frames = {
            name: self._connection.execute(f"select * from {self._relation(name)}").pl()
            for name in model.parents
        }
        if model.name not in _BY_YEAR:
            return run(_Dbt(frames, model.config), None)
        leading = _BY_YEAR[model.name]
        months = frames[leading].with_columns(pl.col("period_month").dt.year().alias("year_"))
        parts = [
            part.drop("year_") for part in months.partition_by("year_", maintain_order=True)
        ] or [frames[leading]]
        return pl.concat(
            [self._remembered(model, run, {**frames, leading: part}) for part in parts]
        ).to_arrow()

    def _remembered(
        self, model: Model, run: Callable[[Any, Any], Any], frames: dict[str, pl.DataFrame]
    ) -> pl.DataFrame:
        digest = hashlib.sha256()
        for name in sorted(frames):
            buffer = io.BytesIO()
            frames[name].write_ipc(buffer)
            digest.update(buffer.getvalue())
        key = model.name, digest.hexdigest()
        if key not in self._memo:
            result = pl.from_arrow(run(_Dbt(frames, model.config), None))
            assert isinstance(result, pl.DataFrame)
            self._memo[key] = result
        return self._memo[key]

    def _module(self, model: Model) -> ModuleType:
        """Import the file of a Python model once."""
        if model.name not in self._modules:
            path = self._derivation.project / model.path
            spec = importlib.util.spec_from_file_location(f"replayed_{model.name}", path)
            assert spec is not None and spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            self._modules[model.name] = module
        return self._modules[model.name]


class _Dbt:
    """As much of dbt's object as the Python models ask for: `ref` and `config`."""

    def __init__(self, frames: Mapping[str, pl.DataFrame], config: Mapping[str, Any]) -> None:
        self._frames = frames
        self.config = _Config(config)

    def ref(self, name: str) -> _Relation:
        return _Relation(self._frames[name])


class _Relation:
    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame

    def pl(self) -> pl.DataFrame:
        return self._frame


class _Config:
    def __init__(self, config: Mapping[str, Any]) -> None:
        self._config = {**config.get("meta", {}), **config}

    def __call__(self, **settings: object) -> None:
        """Settings of materialisation mean nothing here."""

    def get(self, name: str, default: Any = None) -> Any:
        return self._config.get(name, default)


def _empty() -> Vintage:
    key = {
        "level": pl.String, "area_code": pl.String, "year": pl.Int32, "period_start": pl.Date,
    }  # fmt: skip
    text = dict.fromkeys(
        ("factor_kind", "import_factor_basis", "technology", "gas_scope", "gwp_set",
         "system_boundary"), pl.String,
    )  # fmt: skip
    values = pl.DataFrame(
        schema={
            **key, "period_end": pl.Date, "resolution": pl.String, **text,
            "includes_td_losses": pl.Boolean, "maturity": pl.String, "value": pl.Decimal(18, 12),
        }
    )  # fmt: skip
    energy = dict.fromkeys(("generation_mwh", "co2_kg", "lca_co2e_kg"), pl.Float64)
    nodes = pl.DataFrame(schema={**key, "resolution": pl.String, **energy})
    edges = pl.DataFrame(
        schema={
            "level": pl.String, "from_region_code": pl.String, "to_region_code": pl.String,
            "year": pl.Int32, "period_start": pl.Date, "resolution": pl.String,
            "energy_mwh": pl.Float64,
        }
    )  # fmt: skip
    members = pl.DataFrame(schema=dict.fromkeys(("level", "area_code", "node_code"), pl.String))
    return Vintage(values, nodes, edges, members, {})


_NEVER = AsOf.day(dt.date.min)
