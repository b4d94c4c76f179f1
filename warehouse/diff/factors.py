"""What became of the factors: how many moved, which moved most, and why.

Belongs here: counts by kind, cause and region and the largest movers of `electricity_factor`,
between two releases, with the parts of each change by cause. Does not belong here: comparing values
(`compare`) and attributing revisions, which the pipeline did (table `factor_revision`).

A change has a known cause when the revisions that the newer release states lead from exactly the
old value to exactly the new one; their parts are then added up. Any other change - of code, or of a
method that was applied to all vintages - has none here, and is said to have none.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from warehouse.diff.blocks import Pair
from warehouse.diff.kinds import change, text
from warehouse.diff.sides import unreadable
from warehouse.diff.tallies import distance

FACTOR_TABLE = "electricity_factor"
REVISION_TABLE = "factor_revision"
CAUSES = ("data", "upstream", "method", "correction")
UNKNOWN = "unknown"
MOVERS_A_KIND = 10

_GROUP = ("factor_kind", "unit")
_REGION = ("region_code", "factor_kind")
_NEEDED = ("factor_id", "factor_kind", "region_code", "unit", "value")
_SHOWN = ("gas_scope", "gwp_set", "region_name_zh", "region_name_en", "period_start", "resolution")


class FactorWatch:
    """Collects the factors that moved while `electricity_factor` is compared."""

    def __init__(self, revisions: Path | None) -> None:
        """`revisions` is the newer release's table of revisions, if it has one.

        `problem` says afterwards why they could not be used, if they could not.
        """
        import duckdb

        self._revisions = revisions
        self.problem: str | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="carbon-diff-")
        self._database = duckdb.connect(
            str(Path(self._folder.name) / "moved.duckdb"),
            config={"memory_limit": "1GB", "autoinstall_known_extensions": "false"},
        )
        self.forget()

    def close(self) -> None:
        """Remove what was collected."""
        self._database.close()
        self._folder.cleanup()

    def forget(self) -> None:
        """Start anew: the comparison begins again."""
        self._counts: dict[tuple[str | None, ...], dict[str, int]] = {}
        self._by_kind: pl.DataFrame | None = None
        self._by_region: pl.DataFrame | None = None
        self._database.execute("drop table if exists moved")
        self._is_empty = True

    def see(self, pair: Pair, masks: dict[str, pl.Series]) -> None:
        """Take in a stretch of rows: what was added, removed, and whose value moved."""
        if any(name not in pair.new.columns for name in _NEEDED):
            return
        self._count(pair.added, "added")
        self._count(pair.removed, "removed")
        mask = masks.get("value")
        if mask is None:
            return
        shown = [name for name in _SHOWN if name in pair.new.columns]
        moved = pair.new.select(*_NEEDED[:-1], *shown, new="value").filter(mask)
        old = pair.old.select("value", "unit").filter(mask)
        self._count(moved, "changed")
        # Values in different units are not subtracted.
        moved = moved.with_columns(old=old["value"]).filter(moved["unit"].eq_missing(old["unit"]))
        moved = moved.filter(pl.col("old").is_not_null() & pl.col("new").is_not_null())
        absolute = distance(moved["old"], moved["new"])
        before = moved["old"].cast(pl.Float64).abs()
        relative = pl.select(
            pl.when(before != 0).then(absolute.cast(pl.Float64) / before).otherwise(-1.0)
        ).to_series()
        self._by_kind = _largest(self._by_kind, moved, absolute, _GROUP, MOVERS_A_KIND)
        self._by_region = _largest(self._by_region, moved, relative, _REGION, 1)
        if self._revisions is not None:
            self._keep_revised(moved)

    def as_record(self) -> dict[str, Any]:
        """Return counts by kind, cause and region, and the largest movers, as plain values.

        Movers are ranked within a kind and unit by the size of the change, and within a kind and
        region by its relative size. Where the revisions cannot be read no cause is known.
        """
        totals = {
            which: sum(counts.get(which, 0) for counts in self._counts.values())
            for which in ("added", "removed", "changed")
        }
        told = self._told()
        causes = dict(told.group_by("cause").len().rows())
        causes[UNKNOWN] = totals["changed"] - sum(causes.values())
        return {
            **totals,
            "by_cause": {name: causes.get(name, 0) for name in (*CAUSES, UNKNOWN)},
            "by_kind": [
                dict(zip(_GROUP, group, strict=True))
                | {which: counts.get(which, 0) for which in ("added", "removed", "changed")}
                for group, counts in sorted(
                    self._counts.items(), key=lambda item: [part or "" for part in item[0]]
                )
            ],
            "movers": _as_movers(self._by_kind, told),
            "movers_by_region": _as_movers(self._by_region, told),
        }

    def _count(self, rows: pl.DataFrame, which: str) -> None:
        if rows.is_empty():
            return
        for *group, count in rows.group_by(_GROUP).len().rows():
            counts = self._counts.setdefault(tuple(group), {})
            counts[which] = counts.get(which, 0) + int(count)

    def _keep_revised(self, moved: pl.DataFrame) -> None:
        """Keep old and new value of those factors that have revisions at all."""
        import duckdb

        try:
            if self._is_empty:
                ids = f"select distinct factor_id from {self._source()}"  # noqa: S608 - ours
                self._database.execute(f"create or replace table revised as {ids}")
            self._database.register("block", moved.select("factor_id", "old", "new").to_arrow())
            into = "create table moved as" if self._is_empty else "insert into moved"
            self._database.execute(f"{into} from block semi join revised using (factor_id)")
            self._database.unregister("block")
            self._is_empty = False
        except duckdb.Error as problem:
            self._give_up(problem)

    def _told(self) -> pl.DataFrame:
        """Return the factors whose change has a known cause, with its parts."""
        import duckdb

        nothing = pl.DataFrame(
            schema={"factor_id": pl.String}
            | {f"by_{cause}": pl.Decimal(38, 12) for cause in CAUSES}
            | {"cause": pl.String}
        )
        if self._is_empty:
            return nothing
        parts = ", ".join(f"sum(by_{cause}) as by_{cause}" for cause in CAUSES)
        sizes = ", ".join(f"abs(by_{cause})" for cause in CAUSES)
        largest = " ".join(
            f"when abs(by_{cause}) = greatest({sizes}) then '{cause}'" for cause in CAUSES
        )
        try:
            return self._database.execute(
                f"""
                with steps as (
                    select revision.*, moved.old, moved.new
                    from {self._source()} as revision
                    inner join moved using (factor_id)
                ),
                first_step as (
                    select factor_id, max(known_on) as known_on
                    from steps
                    where previous_value = old
                    group by factor_id
                ),
                parts as (
                    select steps.factor_id, {parts}
                    from steps
                    inner join first_step
                        on steps.factor_id = first_step.factor_id
                        and steps.known_on >= first_step.known_on
                    group by steps.factor_id, steps.old, steps.new
                    having
                        arg_max(steps.value, steps.known_on) = steps.new
                        and sum(steps.change) = steps.new - steps.old
                )
                select *, case {largest} end as cause from parts order by factor_id
                """  # noqa: S608 - names and paths of ours
            ).pl()
        except duckdb.Error as problem:
            self._give_up(problem)
            return nothing

    def _source(self) -> str:
        path = str(self._revisions).replace("'", "''")
        return f"read_parquet('{path}', hive_partitioning = false)"

    def _give_up(self, problem: Exception) -> None:
        """Go on without revisions, and say why."""
        assert self._revisions is not None
        self.problem = unreadable(self._revisions, problem)
        self._revisions = None


def _largest(
    kept: pl.DataFrame | None,
    moved: pl.DataFrame,
    size: pl.Series,
    group: Sequence[str],
    count: int,
) -> pl.DataFrame:
    """Return the first of each group by size, then id, among those kept and those that come."""
    moved = moved.with_columns(size.alias("_size"))
    moved = moved.filter(pl.col("_size") >= pl.col("_size").top_k(count).min().over(group))
    both = moved if kept is None else pl.concat([kept, moved], how="vertical_relaxed")
    return (
        both.sort([*group, "_size", "factor_id"], descending=[False] * len(group) + [True, False])
        .group_by(group, maintain_order=True)
        .head(count)
        .select(moved.columns)
    )


def _as_movers(movers: pl.DataFrame | None, told: pl.DataFrame) -> list[dict[str, Any]]:
    if movers is None:
        return []
    rows = movers.join(told, on="factor_id", how="left", maintain_order="left")
    return [_as_mover(row) for row in rows.to_dicts()]


def _as_mover(row: dict[str, Any]) -> dict[str, Any]:
    absolute, relative = change(row["old"], row["new"])
    return {
        **{name: text(row[name]) for name in (*_NEEDED[:-1], *_SHOWN) if name in row},
        "old": text(row["old"]),
        "new": text(row["new"]),
        "absolute": absolute,
        "relative": relative,
        "cause": row["cause"] or UNKNOWN,
        "parts": {cause: text(row[f"by_{cause}"]) for cause in CAUSES} if row["cause"] else None,
    }
