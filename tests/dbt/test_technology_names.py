"""The names of technologies in dbt are those of the industries' contracts."""

from __future__ import annotations

from collections import Counter

from tests.dbt.technology_names import SEED, rendered, rows


def test_the_seed_is_what_the_contracts_say() -> None:
    assert SEED.read_text(encoding="utf-8") == rendered(), (
        "background_technology.csv is stale: run python -m tests.dbt.technology_names"
    )


def test_a_technology_of_a_product_has_one_name_in_each_language() -> None:
    assert max(Counter(row[:2] for row in rows()).values()) == 1
    assert all(zh and en for *_, zh, en in rows())
