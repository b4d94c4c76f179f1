"""Vintages of a home: where they lie and what they are made from.

Belongs here: from settings and a plan to the store that `dbt_project.vintages` works with. Does not
belong here: replaying, and the asset (`orchestration.assets.vintages`).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from orchestration.dbt import NO_VINTAGE, Parameter, compiled
from orchestration.settings import DBT_PROJECT, Settings

if TYPE_CHECKING:
    from dbt_project.vintages.store import Store


def vintage_store(settings: Settings, parameters: Mapping[str, Parameter]) -> "Store":
    """Return the store of a home's vintages; dbt compiles the project when it has changed.

    `parameters` are those of a plan; those of `NO_VINTAGE` among them make no difference.
    Raises `orchestration.dbt.DbtFailed` when the project does not compile.
    """
    from dbt_project.vintages.store import Store

    raw = settings.home / "raw"
    method = {name: value for name, value in parameters.items() if name not in NO_VINTAGE}
    return Store(
        folder=settings.vintages,
        manifest=compiled(settings.vintages, raw, method),
        project=DBT_PROJECT,
        raw=raw,
    )
