"""Derivation assets: every dbt model, built into the candidate database of this run alone.

Belongs here: the dbt assets and how models appear in the graph. Does not belong here: SQL, and the
variables' values (`orchestration.plan`).

dbt's data tests become blocking checks of their models. Unit tests need no data and run in the
test suite. Failed tests are data for the gate's report as well: `target/run_results.json`.
"""

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, dbt_assets

from orchestration.candidates import PUBLISHED, VINTAGES, candidate_folder
from orchestration.dbt import environment, in_environment
from orchestration.partitions import MONTH_BY_MONTH, RELEASE_MONTHS
from orchestration.plan import Plan, plan_from_home
from orchestration.settings import Settings
from orchestration.stages import StageClock
from orchestration.trust import waivers_today
from orchestration.waived import with_waivers


class Layers(DagsterDbtTranslator):
    """Groups models by the folder they lie in: staging, intermediate, marts."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """Return the first folder below `models`."""
        layers = dbt_resource_props.get("fqn", [])[1:-1]
        return layers[0] if layers else None


def dbt_arguments(plan: Plan) -> list[str]:
    """Return dbt's arguments for a plan: build models and run data tests, no unit tests."""
    variables = json.dumps(dict(plan.parameters), ensure_ascii=False, sort_keys=True)
    return ["build", "--exclude-resource-type", "unit_test", "--vars", variables]


def published_models(manifest: Mapping[str, Any]) -> list[str]:
    """Return the unique ids of the models that dbt's manifest marks as published, sorted."""
    return sorted(
        unique_id
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "model" and node["config"].get("meta", {}).get("published")
    )


def published_keys(manifest: Mapping[str, Any]) -> list[dg.AssetKey]:
    """Return the asset keys of the published models, in the order of their unique ids."""
    translator = Layers()
    return [
        translator.get_asset_key(manifest["nodes"][unique_id])
        for unique_id in published_models(manifest)
    ]


def build_dbt_assets(manifest: Path) -> dg.AssetsDefinition:
    """Return the assets of all dbt models in a manifest."""

    @dbt_assets(
        manifest=manifest,
        name="dbt_models",
        partitions_def=RELEASE_MONTHS,
        backfill_policy=MONTH_BY_MONTH,
        dagster_dbt_translator=Layers(),
    )
    def dbt_models(
        context: dg.AssetExecutionContext,
        dbt: DbtCliResource,
        settings: dg.ResourceParam[Settings],
        stages: dg.ResourceParam[StageClock],
    ) -> Iterator[Any]:
        plan = plan_from_home(settings, context.partition_key)
        folder = candidate_folder(settings.candidates, plan.month, context.run.run_id)
        folder.mkdir(parents=True, exist_ok=True)
        from warehouse.background_history import earlier_releases, write_published_background
        from warehouse.factor_versions import published_factor_files, write_published_factors

        write_published_factors(published_factor_files(settings.releases), folder / PUBLISHED)
        write_published_background(earlier_releases(settings.releases), folder / PUBLISHED)
        variables = environment(
            folder / "candidate.duckdb",
            settings.home / "raw",
            folder / VINTAGES,
            folder / PUBLISHED,
        )
        total = len(context.selected_asset_keys) + len(context.selected_asset_check_keys)
        # dagster-dbt repeats dbt's log on standard output; it lies in target/dbt.log already.
        with (
            stages.stage("dbt") as report,
            in_environment(variables),
            redirect_stdout(io.StringIO()),
        ):
            run = dbt.cli(dbt_arguments(plan), context=context, target_path=folder / "target")
            events = with_waivers(
                run.stream(), folder / "target" / "run_results.json", waivers_today()
            )
            for done, event in enumerate(events, start=1):
                report(min(done, total), total, _name(event))
                yield event

    return dbt_models


def _name(event: object) -> str:
    """Return what a dbt event is about, in one word."""
    check = getattr(event, "check_name", None)
    return str(check or getattr(event, "output_name", None) or "")
