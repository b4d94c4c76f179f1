"""Contracts: what they emit is complete, and what ingestion writes is what they say."""

import polars as pl
import pytest

from ingestion.contract import LINEAGE, ContractError, all_contracts, load_contract
from ingestion.raw import ensure_empty_tables, read_raw, table_glob
from ingestion.readers import READERS, find_reader
from ingestion.rules import all_rules

TABLES = sorted(all_contracts())


@pytest.mark.parametrize("table", TABLES)
def test_a_contract_describes_every_column_in_both_languages(table: str) -> None:
    contract = load_contract(table)
    assert contract.table == table
    for column in contract.all_columns:
        assert column.description_en
        assert column.description_zh
    names = [column.name for column in contract.all_columns]
    assert len(names) == len(set(names))
    assert set(contract.key) <= set(names)
    assert names[-len(LINEAGE) :] == [column.name for column in LINEAGE]


@pytest.mark.parametrize("table", TABLES)
def test_the_expectation_base_begins_with_columns_and_rows(table: str) -> None:
    contract = load_contract(table)
    suite = contract.expectations()
    assert suite[0]["type"] == "expect_table_columns_to_match_set"
    assert suite[0]["kwargs"]["column_set"] == list(contract.polars_schema())
    second = suite[1]["type"] == "expect_table_row_count_to_be_between"
    assert second == contract.required
    assert all(set(entry) == {"type", "kwargs"} for entry in suite)


@pytest.mark.parametrize("table", TABLES)
def test_the_dictionary_names_every_column(table: str) -> None:
    contract = load_contract(table)
    text = contract.dictionary_markdown()
    assert all(f"`{column.name}`" in text for column in contract.all_columns)
    assert contract.title_zh in text
    assert contract.title_en in text


@pytest.mark.parametrize("table", TABLES)
def test_every_table_can_be_read_before_anything_was_ingested(table: str, tmp_path) -> None:
    ensure_empty_tables(tmp_path)
    frame = read_raw(tmp_path, table)
    assert frame.schema == load_contract(table).polars_schema()
    assert pl.read_parquet(table_glob(tmp_path, table)).schema == frame.schema


@pytest.mark.parametrize("table", TABLES)
def test_the_example_keeps_the_schema_the_codes_and_the_key(table: str, example) -> None:
    contract = load_contract(table)
    rows = read_raw(example.home, table)
    assert rows.schema == contract.polars_schema()
    assert rows.height > 0 or not contract.required
    assert not rows.select(contract.key).is_duplicated().any()
    for column in contract.all_columns:
        if not column.nullable:
            assert rows[column.name].null_count() == 0, column.name
        if column.allowed():
            assert set(rows[column.name].drop_nulls()) <= set(column.allowed())


def test_an_unknown_table_is_a_sentence() -> None:
    with pytest.raises(ContractError, match="no contract for a table 'nothing'"):
        load_contract("nothing")


def test_every_reader_loads_and_fills_a_known_table() -> None:
    for name, tables in READERS.items():
        assert callable(find_reader(name))
        assert set(tables) <= set(TABLES)
    assert find_reader("nothing") is None


def test_every_rule_has_both_languages_and_names_the_place() -> None:
    for rule in all_rules().values():
        assert rule.takes in ("file", "row", "warning")
        slots = dict.fromkeys(("where", "found", "expected", "hint"), "x")
        assert rule.en.format(**slots)
        assert rule.zh.format(**slots)
        assert "{where}" in rule.en or "{found}" in rule.en
