"""Whatever two tables hold, the comparison finds what a plain Polars join finds."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.warehouse.diff.releases_to_compare import write_table
from warehouse.diff import blocks
from warehouse.diff.compare import TableDiff, compare_table
from warehouse.diff.sides import SideTable

KEY = ["area", "hour"]
SCHEMA = {
    "area": pl.String,
    "hour": pl.Int32,
    "amount": pl.Decimal(18, 4),
    "share": pl.Float64,
    "note": pl.String,
    "count": pl.Int64,
    "is_final": pl.Boolean,
    "day": pl.Date,
}
VALUES = {
    "amount": st.sampled_from([None, Decimal("0.0000"), Decimal("0.0001"), Decimal("-7.5000")]),
    "share": st.sampled_from([None, 0.0, -0.0, 0.1, 0.30000000000000004, float("nan")]),
    "note": st.sampled_from([None, "", "数", "a much longer text than fits inline", "B"]),
    "count": st.sampled_from([None, 0, -(2**63), 2**63 - 1, 3]),
    "is_final": st.sampled_from([None, True, False]),
    "day": st.sampled_from([None, dt.date(2024, 1, 1), dt.date(1, 1, 1)]),
}
KEYS = st.tuples(
    st.sampled_from([None, "", "A", "Z", "a", "京", "é", "\U0001f600"]),
    st.sampled_from([None, -1, 0, 1, 2]),
)
ROWS = st.dictionaries(KEYS, st.fixed_dictionaries(VALUES), max_size=12)


def frame_of(rows: dict) -> pl.DataFrame:
    return pl.DataFrame(
        [{"area": area, "hour": hour, **values} for (area, hour), values in rows.items()],
        schema=SCHEMA,
    )


def in_key_order(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.sort(KEY, nulls_last=False)


def compared(folder: Path, old: pl.DataFrame, new: pl.DataFrame) -> TableDiff:
    paths = folder / "old.parquet", folder / "new.parquet"
    for path, frame in zip(paths, (old, new), strict=True):
        write_table(path, frame)
    return compare_table(*(SideTable("flows", path, tuple(KEY)) for path in paths), listed=1000)


def plainly(old: pl.DataFrame, new: pl.DataFrame) -> dict[str, int]:
    """Count differences with one full join, the obvious way."""
    both = old.with_columns(was=True).join(
        new.with_columns(is_=True), on=KEY, how="full", nulls_equal=True, suffix="_new"
    )
    matched = both.filter(pl.col("was") & pl.col("is_"))
    changed = {
        name: matched.filter(pl.col(name).ne_missing(pl.col(f"{name}_new"))) for name in VALUES
    }
    any_changed = pl.any_horizontal(
        pl.col(name).ne_missing(pl.col(f"{name}_new")) for name in VALUES
    )
    return {
        "added": both.filter(pl.col("was").is_null()).height,
        "removed": both.filter(pl.col("is_").is_null()).height,
        "changed": matched.filter(any_changed).height,
        **{name: frame.height for name, frame in changed.items()},
    }


@pytest.mark.parametrize("block", [1, 3, 100])
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(before=ROWS, after=ROWS, kept=st.floats(0, 1))
def test_counts_are_those_of_a_plain_join(
    tmp_path, monkeypatch, block, before, after, kept
) -> None:
    monkeypatch.setattr(blocks, "block_rows", lambda columns: block)
    shared = list(before)[: int(len(before) * kept)]
    after = {**after, **{key: before[key] for key in shared if key not in after}}
    old, new = in_key_order(frame_of(before)), in_key_order(frame_of(after))
    found = compared(tmp_path, old, new)
    expected = plainly(old, new)
    assert found.how in ("rows", "bytes"), found.reasons
    assert {which: found.rows[which] for which in ("added", "removed", "changed")} == {
        which: expected[which] for which in ("added", "removed", "changed")
    }
    if found.how == "rows":
        assert {column["name"]: column["changed"] for column in found.columns} == {
            name: expected[name] for name in VALUES
        }
        amount = next(column for column in found.columns if column["name"] == "amount")
        assert Decimal(amount["sum_old"]) == (old["amount"].sum() or 0)
        assert Decimal(amount["sum_new"]) == (new["amount"].sum() or 0)
        assert len(found.listed["changed"]) == expected["changed"]
    is_same = not any(expected[which] for which in ("added", "removed", "changed"))
    assert found.state == ("same" if is_same else "differs")
    assert found.rows["same"] == new.height - expected["added"] - expected["changed"]


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(before=ROWS, after=ROWS, block=st.integers(1, 5), shuffled=st.randoms())
def test_findings_depend_on_neither_the_order_of_rows_nor_the_blocks(
    tmp_path, monkeypatch, before, after, block, shuffled
) -> None:
    old, new = in_key_order(frame_of(before)), in_key_order(frame_of(after))
    whole = compared(tmp_path, old, new)
    monkeypatch.setattr(blocks, "block_rows", lambda columns: block)
    places = list(range(new.height))
    shuffled.shuffle(places)
    again = compared(tmp_path, old, new[places])
    assert again.rows == whole.rows and again.state == whole.state
    if whole.how == again.how == "rows":
        assert again.as_record() == whole.as_record()
    monkeypatch.undo()
