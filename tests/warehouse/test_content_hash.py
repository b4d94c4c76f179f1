"""The content hash says whether two tables say the same."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from warehouse.content_hash import ContentHashError, content_hash

KEY = ["code", "day"]
SCHEMA = pa.schema(
    [
        ("code", pa.string()),
        ("day", pa.date32()),
        ("energy", pa.decimal128(38, 6)),
        ("value", pa.decimal128(18, 8)),
        ("dqr", pa.decimal128(4, 2)),
        ("ratio", pa.float64()),
        ("count", pa.int32()),
        ("is_final", pa.bool_()),
        ("at", pa.timestamp("us")),
    ]
)

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "code": st.text(max_size=6),
            "day": st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1)),
            "energy": st.none() | st.decimals(-(10**20), 10**20, places=6),
            "value": st.none() | st.decimals(-(10**9), 10**9, places=8),
            "dqr": st.none() | st.decimals(0, 99, places=2),
            "ratio": st.none() | st.floats(allow_nan=True),
            "count": st.none() | st.integers(-(2**31), 2**31 - 1),
            "is_final": st.none() | st.booleans(),
            "at": st.none() | st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2100, 1, 1)),
        }
    ),
    max_size=12,
)


def table_of(rows: list[dict[str, object]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=SCHEMA)


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, seed=st.randoms())
def test_the_order_of_rows_does_not_matter(rows, seed) -> None:
    shuffled = list(rows)
    seed.shuffle(shuffled)
    assert content_hash(table_of(rows), KEY) == content_hash(table_of(shuffled), KEY)


@settings(max_examples=40, deadline=None)
@given(rows=ROWS, cut=st.integers(0, 12))
def test_chunks_and_slices_do_not_matter(rows, cut) -> None:
    whole = table_of(rows)
    pieces = pa.concat_tables([whole.slice(0, cut), whole.slice(cut)])
    padded = pa.concat_tables([whole, whole]).slice(whole.num_rows)
    assert content_hash(whole, KEY) == content_hash(pieces, KEY) == content_hash(padded, KEY)


@settings(max_examples=40, deadline=None)
@given(rows=ROWS, codec=st.sampled_from(["snappy", "zstd", "none"]))
def test_the_writer_and_its_settings_do_not_matter(rows, codec) -> None:
    table = table_of(rows)
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression=codec, use_dictionary=codec == "zstd")
    buffer.seek(0)
    assert content_hash(pq.read_table(buffer), KEY) == content_hash(table, KEY)


@settings(max_examples=80, deadline=None)
@given(rows=ROWS.filter(bool), column=st.sampled_from(SCHEMA.names), data=st.data())
def test_any_changed_cell_changes_the_hash(rows, column, data) -> None:
    place = data.draw(st.integers(0, len(rows) - 1))
    other = {
        "code": "\u0001another",
        "day": dt.date(2101, 1, 1),
        "energy": Decimal("-100000000000000000001.000001"),
        "value": Decimal("-1000000001.00000001"),
        "dqr": Decimal("-1.23"),
        "ratio": -1.5e308 if rows[place]["ratio"] != -1.5e308 else 0.25,
        "count": None if rows[place]["count"] is not None else 0,
        "is_final": None if rows[place]["is_final"] is not None else False,
        "at": None if rows[place]["at"] is not None else dt.datetime(1970, 1, 1),
    }
    changed = [dict(row) for row in rows]
    changed[place][column] = other[column]
    assert content_hash(table_of(rows), KEY) != content_hash(table_of(changed), KEY)


def test_a_null_is_not_zero_and_not_empty() -> None:
    null = pa.table({"k": ["a"], "v": pa.array([None], pa.int32())})
    zero = pa.table({"k": ["a"], "v": pa.array([0], pa.int32())})
    assert content_hash(null, ["k"]) != content_hash(zero, ["k"])
    assert content_hash(pa.table({"k": pa.array([None], pa.string())}), ["k"]) != content_hash(
        pa.table({"k": [""]}), ["k"]
    )


def test_text_cannot_slide_from_one_cell_into_the_next() -> None:
    left = pa.table({"k": [1, 2], "v": ["ab", "c"]})
    right = pa.table({"k": [1, 2], "v": ["a", "bc"]})
    assert content_hash(left, ["k"]) != content_hash(right, ["k"])


def test_both_zeros_of_a_double_are_one() -> None:
    assert content_hash(pa.table({"v": [0.0]}), []) == content_hash(pa.table({"v": [-0.0]}), [])


def test_another_unit_or_type_or_name_is_other_content() -> None:
    def hashed(name: str, kind: pa.DataType, unit: str) -> str:
        schema = pa.schema([pa.field(name, kind, metadata={"unit": unit})])
        return content_hash(pa.table([pa.array([1], kind)], schema=schema), [name])

    first = hashed("energy", pa.int32(), "MWh")
    assert first != hashed("energy", pa.int32(), "kWh")
    assert first != hashed("energy", pa.int64(), "MWh")
    assert first != hashed("power", pa.int32(), "MWh")


def test_a_changed_description_is_not_other_content() -> None:
    def hashed(text: str) -> str:
        schema = pa.schema([pa.field("v", pa.int32(), metadata={"description_en": text})])
        return content_hash(pa.table([pa.array([1], pa.int32())], schema=schema), ["v"])

    assert hashed("Energy") == hashed("Energy, in words of today")


def test_the_definition_alone_is_enough_to_compute_it() -> None:
    table = pa.table(
        {
            "code": ["340000", "110000"],
            "value": pa.array([None, Decimal("-0.58000000")], pa.decimal128(18, 8)),
        }
    )
    header = {
        "version": 1,
        "key": ["code"],
        "rows": 2,
        "columns": [["code", "large_string", ""], ["value", "decimal128(18, 8)", ""]],
    }
    text = json.dumps(header, sort_keys=True, ensure_ascii=False, indent=2) + "\n"
    codes = b"\x01\x01" + (6).to_bytes(8, "little") * 2 + b"110000340000"
    values = b"\x01\x00" + (-58_000_000).to_bytes(16, "little", signed=True) + bytes(16)
    expected = hashlib.sha256(text.encode() + codes + values).hexdigest()
    assert content_hash(table, ["code"]) == expected


def test_a_nested_type_is_refused_by_name() -> None:
    with pytest.raises(ContentHashError, match="Column parts has type list"):
        content_hash(pa.table({"parts": [[1, 2]]}), ["parts"])


def test_a_missing_key_column_is_refused_by_name() -> None:
    with pytest.raises(ContentHashError, match="no key column 'region'"):
        content_hash(pa.table({"v": [1]}), ["region"])
