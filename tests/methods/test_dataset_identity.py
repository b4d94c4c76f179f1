"""Identifiers are stable and cannot be mistaken for one another."""

from __future__ import annotations

from uuid import NAMESPACE_URL, UUID, uuid5

import duckdb
import pytest

from dbt_project.methods.dataset_identity import (
    NAMESPACE,
    IdentityError,
    dataset_flow_id,
    dataset_id,
    process_id,
    product_flow_id,
)

KEY = ("aluminium.electrolytic", "any", "340000", "cutoff", "mass")


def test_the_identifiers_are_those_published_before() -> None:
    """They stand in releases: if this fails, the code is wrong, not the test."""
    assert str(NAMESPACE) == "dc211952-57f9-5f57-b0ef-c1cadd81f569"
    assert dataset_id(*KEY) == str(
        uuid5(
            uuid5(NAMESPACE_URL, "https://provincial-carbon-factors.example/background"),
            "aluminium.electrolytic|any|340000|cutoff|mass",
        )
    )
    assert dataset_id("a.b", "any", "340000", "cutoff", "mass") == (
        "d80fdbcf-11ff-5a91-872b-aa35f1b3a7e9"
    )


def test_sql_can_say_the_same_identifier() -> None:
    """DuckDB has no UUID 5; from SHA-1 it takes the version digit and the two variant bits."""
    digest, variant = duckdb.execute(
        "select h, substr('89ab', 1 + ('0x' || h[17])::int % 4, 1) from "
        "(select sha1(unhex(?) || encode(?)) as h)",
        [NAMESPACE.hex, "|".join(KEY)],
    ).fetchall()[0]
    assert str(UUID(f"{digest[:12]}5{digest[13:16]}{variant}{digest[17:32]}")) == dataset_id(*KEY)


def test_different_keys_and_kinds_have_different_identifiers() -> None:
    found = {
        dataset_id(*KEY),
        dataset_id(*KEY[:-1], "economic"),
        process_id("aluminium.electrolytic", "any", "340000", 2023, "mass"),
        process_id("aluminium.electrolytic", "any", "340000", 2024, "mass"),
        product_flow_id("aluminium.electrolytic"),
        dataset_flow_id(dataset_id(*KEY)),
    }
    assert len(found) == 6
    assert {UUID(one).version for one in found} == {5}


@pytest.mark.parametrize("part", ["", " any", "any ", "a|b"])
def test_a_part_that_could_be_mistaken_is_refused(part: str) -> None:
    with pytest.raises(IdentityError, match="technology"):
        dataset_id("a.b", part, "340000", "cutoff", "mass")


def test_a_year_or_dataset_that_is_none_is_refused() -> None:
    with pytest.raises(IdentityError, match="year 23"):
        process_id("a.b", "any", "340000", 23, "mass")
    with pytest.raises(IdentityError, match="a UUID is wanted"):
        dataset_flow_id("aluminium")
