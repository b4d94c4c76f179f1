"""Resources of the graph: what assets are handed from outside.

Belongs here: building resources from settings, and Dagster's home folder. Does not belong here:
work. `settings` and `stages` are plain objects and are passed as they are.
"""

import shutil
from functools import cached_property
from importlib import metadata
from pathlib import Path

from dagster_dbt import DbtCliResource
from packaging.version import Version

from orchestration.dbt import executable
from orchestration.settings import DBT_PROJECT, Settings
from orchestration.stages import StageClock


class InstalledDbt(DbtCliResource):
    """dbt's command line, its version read from the installed package.

    The parent asks `dbt --version`, which costs two seconds and looks for updates on the network.
    """

    @cached_property
    def _cli_version(self) -> Version:
        return Version(metadata.version("dbt-core"))


def build_resources(settings: Settings, stages: StageClock | None = None) -> dict[str, object]:
    """Return the resources by the names that assets ask for."""
    return {
        "settings": settings,
        "stages": stages or StageClock(),
        "dbt": InstalledDbt(
            project_dir=str(DBT_PROJECT),
            profiles_dir=str(DBT_PROJECT),
            dbt_executable=executable(),
        ),
    }


def prepare_dagster_home(settings: Settings) -> Path:
    """Make Dagster's home folder with its settings file; return it."""
    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    template = Path(__file__).with_name("dagster.yaml")
    shutil.copyfile(template, settings.dagster_home / "dagster.yaml")
    return settings.dagster_home
