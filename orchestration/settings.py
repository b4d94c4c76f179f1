"""Settings of the warehouse: where it lives, what it takes in, and the parameters of a release.

Belongs here: every value an operator may set, with its default, unit and range. Sources, strongest
first: command-line options, environment (`CARBON_HOME=...`), the file `carbon.toml` in the working
folder (another one: `CARBON_CONFIG=path`), the defaults below. Does not belong here: what the
values do; lower packages take them as plain arguments.
"""

import datetime as dt
import os
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

PROJECT_ROOT = Path(__file__).resolve().parent.parent
DBT_PROJECT = PROJECT_ROOT / "dbt_project"


class Settings(BaseSettings):
    """All settings, validated. Paths are made absolute against the working folder."""

    model_config = SettingsConfigDict(
        env_prefix="CARBON_", extra="forbid", validate_default=True, frozen=True
    )

    home: Path = Field(Path("var"), description="Folder everything is written under.")
    data: Path = Field(
        PROJECT_ROOT / "data", description="Folder of incoming files with their delivery notes."
    )
    home_region: str = Field(
        "340000", pattern=r"^\d{6}$", description="Province shown first (GB/T 2260 code)."
    )
    as_of: dt.date | None = Field(
        None, description="Build from what was known on this day; default: the newest day known."
    )
    parameters: dict[str, bool | int | float | str] = Field(
        default_factory=dict,
        description="Parameters of the method that differ from `vars` in dbt_project.yml.",
    )
    vintage_store: Path | None = Field(
        None, description="Folder of replayed vintages, made once; default: `vintages` under home."
    )
    keep_candidates: int = Field(
        12, ge=1, description="Candidates kept as evidence; older ones are removed."
    )
    signing_key: Path | None = Field(
        None, description="Private key (Ed25519, PEM) that signs releases; default: unsigned."
    )
    trusted_keys: Annotated[list[Path], NoDecode] = Field(
        default_factory=list,
        description="Public keys (PEM files or folders of them) by which releases are verified.",
    )
    require_approval: bool = Field(
        False, description="Whether a second person must approve a candidate before publication."
    )
    approvers: Annotated[list[Path], NoDecode] = Field(
        default_factory=list,
        description="Public keys (PEM files or folders of them) of those who may approve.",
    )
    survey_key: SecretStr | None = Field(
        None,
        min_length=16,
        description="Key of the pseudonyms of surveyed enterprises, 16 characters or more; without "
        "it only synthetic surveys are taken in.",
    )
    survey_jobs: int = Field(2, ge=1, le=64, description="Processes that read surveys.")
    release_root: str | None = Field(
        None,
        pattern=r"^[a-z][a-z0-9+.-]*://[^@\s]+$",
        description="URL of an object store, such as s3://factors/releases, to which releases are "
        "pushed when they are published; default: none, they stay under home.",
    )
    free_disk_mb: int = Field(500, ge=0, description="Free space that `doctor` asks for (MB).")

    @field_validator("home", "data", "vintage_store", "signing_key")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return value and value.expanduser().absolute()

    @field_validator("trusted_keys", "approvers", mode="before")
    @classmethod
    def _list_of_paths(cls, value: object) -> object:
        """Read a list, one path, or several joined as in PATH."""
        if isinstance(value, str):
            return [part for part in value.split(os.pathsep) if part]
        return [value] if isinstance(value, Path) else value

    @field_validator("trusted_keys", "approvers")
    @classmethod
    def _all_absolute(cls, value: list[Path]) -> list[Path]:
        return [path.expanduser().absolute() for path in value]

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order of sources: arguments, environment, file. No dotenv, no secrets folder."""
        file = Path(os.environ.get("CARBON_CONFIG", "carbon.toml"))
        return (
            init_settings,
            env_settings,
            TomlConfigSettingsSource(settings_cls, toml_file=file),
        )

    @property
    def survey_secret(self) -> str | None:
        """Key of the pseudonyms in clear, for the step that makes them."""
        return self.survey_key.get_secret_value() if self.survey_key else None

    @property
    def candidates(self) -> Path:
        """Folder of the candidate releases, one folder a run."""
        return self.home / "candidates"

    @property
    def releases(self) -> Path:
        """Folder of the published releases."""
        return self.home / "releases"

    @property
    def vintages(self) -> Path:
        """Folder of the vintages, one folder each, named by what they rest on."""
        return self.vintage_store or self.home / "vintages"

    @property
    def logs(self) -> Path:
        """Folder of the full logs of each command."""
        return self.home / "logs"

    @property
    def dagster_home(self) -> Path:
        """Folder of Dagster's own records of runs."""
        return self.home / "dagster"


def load_settings(**overrides: object) -> Settings:
    """Read the settings; `overrides` that are None are left to the other sources.

    Raises `ValueError` (one sentence per wrong value) when a value is out of range or unknown.
    """
    from pydantic import ValidationError

    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        lines = [
            f"Setting `{'.'.join(map(str, item['loc']))}`: {item['msg']} (got {item['input']!r})."
            for item in error.errors()
        ]
        raise ValueError(
            " ".join(lines) + " Set it in carbon.toml or as CARBON_<NAME> in the environment."
        ) from error
