"""The graph, assembled. Dagster loads this module (`make ui`); the command line calls `build`.

Belongs here: putting definitions together. Does not belong here: anything that could be wrong.
"""

import json
import warnings
from pathlib import Path

import dagster as dg

from orchestration.assets.gate import build_gate_assets
from orchestration.assets.ingest import build_raw_assets
from orchestration.assets.release import build_release_asset
from orchestration.assets.transform import build_dbt_assets
from orchestration.assets.vintages import build_vintage_assets
from orchestration.checks import build_boundary_checks
from orchestration.dbt import manifest
from orchestration.jobs import ingest_job, monthly_release
from orchestration.resources import build_resources
from orchestration.schedules import release_schedule
from orchestration.sensors import new_files
from orchestration.settings import Settings, load_settings
from orchestration.stages import StageClock


def build(settings: Settings, stages: StageClock | None = None) -> dg.Definitions:
    """Assemble the graph for some settings; dbt's manifest is made when it is missing or old."""
    file: Path = manifest(settings.home)
    content = json.loads(file.read_text(encoding="utf-8"))
    with warnings.catch_warnings():
        # Backfill policies are of beta status; the version of Dagster is pinned.
        warnings.simplefilter("ignore", dg.BetaWarning)
        assets = [
            build_raw_assets(),
            build_vintage_assets(),
            build_dbt_assets(file),
            *build_gate_assets(content),
            build_release_asset(),
        ]
    return dg.Definitions(
        assets=assets,
        asset_checks=[build_boundary_checks()],
        jobs=[monthly_release, ingest_job],
        schedules=[release_schedule],
        sensors=[new_files],
        resources=build_resources(settings, stages),
    )


@dg.definitions
def defs() -> dg.Definitions:
    """Return the graph for the settings of the environment."""
    return build(load_settings())
