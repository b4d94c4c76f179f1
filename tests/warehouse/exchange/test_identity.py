"""Identifiers that exports mint: the same as those of the tables where both name a thing."""

from __future__ import annotations

import uuid

import pytest

from tests.warehouse.exchange.background_release import D
from warehouse.exchange.identity import BACKGROUND, location, minted, product_flow_of


def test_the_flow_of_a_dataset_is_a_name_under_the_namespace_of_datasets():
    namespace = uuid.uuid5(
        uuid.NAMESPACE_URL, "https://provincial-carbon-factors.example/background"
    )
    assert namespace == BACKGROUND
    assert product_flow_of(D["coal"]) == str(uuid.uuid5(namespace, f"dataset_flow|{D['coal']}"))


def test_the_methods_name_the_same_flow():
    methods = pytest.importorskip("dbt_project.methods.dataset_identity")
    assert methods.NAMESPACE == BACKGROUND
    for dataset in D.values():
        assert product_flow_of(dataset) == methods.dataset_flow_id(dataset)


def test_each_kind_of_thing_has_identifiers_of_its_own():
    names = {minted(kind, "x") for kind in ("source", "release", "unit", "impact method")}
    assert len(names) == 4
    assert uuid.UUID(minted("source", "x")).version == 5


def test_locations_carry_the_identifiers_of_greendelta():
    assert location("CN-AH") == "b89fbb5e-5b12-3fbf-84e0-dde2a1af83e7"
    assert location("CN-SD") == "21f95e96-39a6-3597-9376-f920757c6fb3"
    assert location("CN-SC") == "3ea7c4c6-7057-3b39-96e1-a3251dda63b2"
    assert location("CN-GZ") == "a0e80568-b717-32ee-ac16-0fb0030b51cd"
