"""The derivation of the shared release, to be replayed."""

from __future__ import annotations

from pathlib import Path

import pytest

from dbt_project.vintages.store import Store
from orchestration.plan import plan_from_home
from orchestration.settings import Settings
from orchestration.vintages import vintage_store


@pytest.fixture(scope="session")
def asked(built, parameters) -> Settings:
    """The settings with which the shared release was made."""
    return Settings(home=built.home, parameters=parameters)


@pytest.fixture(scope="session")
def store(asked) -> Store:
    return vintage_store(asked, plan_from_home(asked, "2023-12").parameters)


@pytest.fixture(scope="session")
def raw(built) -> Path:
    """The raw tables of the shared release. Do not change them."""
    return built.home / "raw"
