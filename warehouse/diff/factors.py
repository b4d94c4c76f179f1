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
from pathlib import Path
from typing import Any

import polars as pl

from warehouse.diff.blocks import Pair
from warehouse.diff.kinds import change, text
from warehouse.diff.sides import unreadable

FACTOR_TABLE = "electricity_factor"
REVISION_TABLE = "factor_revision"
CAUSES = ("data", "upstream", "method", "correction")
UNKNOWN = "unknown"
MOVERS_A_KIND = 10

_GROUP = ("factor_kind", "unit")
_NEEDED = ("factor_id", "factor_kind", "region_code", "unit", "value")
_SHOWN = ("gas_scope", "gwp_set", "region_name_zh", "region_name_en", "period_start", "resolution")
_NO_REVISIONS = (
    "(select null::varchar factor_id, null::date known_on, null::decimal(38, 12) previous_value, "
    "null::decimal(38, 12) as value, null::decimal(38, 12) change, null::decimal(38, 12) by_data, "
    "null::decimal(38, 12) by_upstream, null::decimal(38, 12) by_method, "
    "null::decimal(38, 12) by_correction limit 0)"
)


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
        self._database.execute("drop table if exists moved")
        self._is_empty = True
        self._counts: dict[tuple[str | None, ...], dict[str, int]] = {}

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
        moved = pair.new.filter(mask).select(*_NEEDED[:-1], *shown, pl.col("value").alias("new"))
        moved = moved.with_columns(
            pair.old["value"].filter(mask).alias("old"),
            pair.old["unit"].filter(mask).alias("old_unit"),
        )
        self._count(moved, "changed")
        self._database.register("block", moved.to_arrow())
        self._database.execute(
            "create table moved as from block" if self._is_empty else "insert into moved from block"
        )
        self._database.unregister("block")
        self._is_empty = False

    def as_record(self) -> dict[str, Any]:
        """Return counts by kind, cause and region, and the largest movers, as plain values.

        Movers are ranked within a kind and unit by the size of the change, and within a kind and
        region by its relative size. Where the revisions cannot be read no cause is known.
        """
        causes: dict[str, int] = {}
        movers: list[dict[str, Any]] = []
        regions: list[dict[str, Any]] = []
        if not self._is_empty:
            self._attribute()
            causes = dict(
                self._database.execute(
                    "select cause, count(*) from told group by cause order by cause"
                ).fetchall()
            )
            movers = self._ranked(
                "factor_kind, unit", "abs(new - old) desc, factor_id", MOVERS_A_KIND
            )
            regions = self._ranked(
                "region_code, factor_kind",
                "abs((new - old) / nullif(old, 0)) desc nulls last, factor_id",
                1,
            )
        return {
            **{
                which: sum(counts.get(which, 0) for counts in self._counts.values())
                for which in ("added", "removed", "changed")
            },
            "by_cause": {name: causes.get(name, 0) for name in (*CAUSES, UNKNOWN)},
            "by_kind": [
                dict(zip(_GROUP, group, strict=True))
                | {which: counts.get(which, 0) for which in ("added", "removed", "changed")}
                for group, counts in sorted(
                    self._counts.items(), key=lambda item: [part or "" for part in item[0]]
                )
            ],
            "movers": movers,
            "movers_by_region": regions,
        }

    def _count(self, rows: pl.DataFrame, which: str) -> None:
        if rows.is_empty():
            return
        for *group, count in rows.group_by(_GROUP).len().rows():
            counts = self._counts.setdefault(tuple(group), {})
            counts[which] = counts.get(which, 0) + int(count)

    def _attribute(self) -> None:
        """Make `told`: each factor that moved, with the parts of its change where known."""
        import duckdb

        source = _NO_REVISIONS
        if self._revisions is not None:
            path = str(self._revisions).replace("'", "''")
            source = f"read_parquet('{path}', hive_partitioning = false)"
        parts = ", ".join(f"sum(by_{cause}) as by_{cause}" for cause in CAUSES)
        largest = " ".join(
            f"when abs(by_{cause}) = greatest({', '.join(f'abs(by_{each})' for each in CAUSES)}) "
            f"then '{cause}'"
            for cause in CAUSES
        )
        try:
            self._database.execute(
                f"""
                create or replace temp table told as
                with steps as (
                    select revision.*, moved.old, moved.new
                    from {source} as revision
                    inner join moved using (factor_id)
                    where moved.unit is not distinct from moved.old_unit
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
                select
                    moved.*,
                    parts.* exclude (factor_id),
                    case {largest} else '{UNKNOWN}' end as cause
                from moved
                left join parts using (factor_id)
                """  # noqa: S608 - names and paths of ours
            )
        except duckdb.Error as problem:
            if self._revisions is None:
                raise
            self.problem = unreadable(self._revisions, problem)
            self._revisions = None
            self._attribute()

    def _ranked(self, group: str, order: str, count: int) -> list[dict[str, Any]]:
        """Return the first movers of each group by an order; units that changed are left out."""
        rows = self._database.execute(
            f"""
            select * from told
            where unit is not distinct from old_unit and old is not null and new is not null
            qualify row_number() over (partition by {group} order by {order}) <= {count}
            order by {group}, {order}
            """  # noqa: S608 - ours
        ).pl()
        return [_as_mover(row) for row in rows.to_dicts()]


def _as_mover(row: dict[str, Any]) -> dict[str, Any]:
    absolute, relative = change(row["old"], row["new"])
    known = row["cause"] != UNKNOWN
    return {
        **{name: text(row[name]) for name in (*_NEEDED[:-1], *_SHOWN) if name in row},
        "old": text(row["old"]),
        "new": text(row["new"]),
        "absolute": absolute,
        "relative": relative,
        "cause": row["cause"],
        "parts": {cause: text(row[f"by_{cause}"]) for cause in CAUSES} if known else None,
    }
