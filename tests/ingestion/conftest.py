"""What the ingestion tests share: delivering one fixture file under a note of its own."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
import yaml

from ingestion.ingest import IngestSummary, ingest
from ingestion.quarantine import read_quarantine
from ingestion.raw import read_raw
from ingestion.receipts import Receipt, read_receipts

FIXTURES = Path(__file__).parent / "fixtures"
EXAMPLE_DATA = Path(__file__).parents[2] / "data"

NOTE = {
    "source_id": "drill",
    "contract": "electricity_bulletin",
    "reader": "power_bulletin",
    "title_zh": "演练",
    "title_en": "Drill",
    "publisher_zh": "演练",
    "publisher_en": "Drill",
    "found_at": "tests",
    "licence": "none",
    "access_class": "public",
    "quality_tier": "reported",
}
KINDS = {
    "bulletin": ("electricity_bulletin", "power_bulletin", "2021-06", "2021-07-20"),
    "official_2021": ("official_co2_factor", "official_co2", "2021", "2024-04-12"),
    "official_2023": ("official_co2_factor", "official_co2", "2023", "2025-12-31"),
    "lca_2023": ("official_lca_factor", "official_lca", "2023", "2025-01-17"),
    "coal": ("coal_unit_intensity", "coal_intensity", "2019/2023-07", "2023-07-31"),
    "corridor": ("transmission_corridor", "corridors", "2020", "2021-12-31"),
    "fuel_default": ("fuel_default", "fuel_defaults", "2016", "2016-12-31"),
    "fuel_use": ("power_fuel_use", "fuel_use", "2021-06", "2021-07-20"),
    "certificate": ("certificate", "certificates", "2023-05", "2023-07-20"),
    "certificate_2021": ("certificate", "certificates", "2021-05", "2023-07-20"),
    "combustion_gas": ("combustion_gas", "combustion_gas", "2006", "2006-12-31"),
    "storage": ("storage", "storage", "2023-05", "2023-06-20"),
    "capacity": ("capacity_utilisation", "capacity_hours", "2019-11", "2019-12-25"),
    "gwp": ("gwp", "gwp", "2021", "2021-12-31"),
    "correction": ("correction", "corrections", "2026-01-15", "2026-01-15"),
}


@dataclass(frozen=True)
class Taken:
    """What one delivery left behind."""

    home: Path
    folder: Path
    summary: IngestSummary
    table: str

    @property
    def rows(self) -> pl.DataFrame:
        return read_raw(self.home, self.table)

    @property
    def quarantine(self) -> pl.DataFrame:
        return read_quarantine(self.home)

    @property
    def rule_ids(self) -> set[str]:
        return {finding.rule_id for finding in self.summary.findings}

    @property
    def receipts(self) -> list[Receipt]:
        return read_receipts(self.home)

    def sentence(self, rule_id: str) -> str:
        return next(f.sentence for f in self.summary.findings if f.rule_id == rule_id)


def write_note(folder: Path, files: list[dict], **changes: object) -> Path:
    path = folder / "delivery.yml"
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({**NOTE, **changes, "files": files}, allow_unicode=True))
    return path


Deliver = Callable[..., Taken]


@pytest.fixture
def deliver(tmp_path: Path) -> Deliver:
    """Deliver fixture files, or given bytes, under one note and ingest them into a fresh home."""

    def _deliver(
        *names: str,
        kind: str = "bulletin",
        contents: dict[str, bytes] | None = None,
        known_at: str | None = None,
        period: str | None = None,
    ) -> Taken:
        contract, reader, usual_period, usual_day = KINDS[kind]
        folder, home = tmp_path / "delivery", tmp_path / "home"
        folder.mkdir(exist_ok=True)
        for name in names:
            shutil.copy(FIXTURES / name, folder / name)
        for name, content in (contents or {}).items():
            (folder / name).write_bytes(content)
        files = [
            {
                "file": name,
                "period": period or usual_period,
                "known_at": pl.Series([known_at or usual_day]).str.to_date().item(),
                "known_at_basis": "schedule",
                "announcement": "演练公告",
            }
            for name in [*names, *(contents or {})]
        ]
        write_note(folder, files, contract=contract, reader=reader)
        return Taken(home, folder, ingest(folder, home), contract)

    return _deliver


@pytest.fixture(scope="session")
def example(ingested) -> Taken:
    """The worked example data, ingested once for the session."""
    home, summary = ingested
    return Taken(home, EXAMPLE_DATA, summary, "electricity_bulletin")


@pytest.fixture
def sound_rows(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """The rows of the fixture without any defect."""
    folder, home = tmp_path_factory.mktemp("sound"), tmp_path_factory.mktemp("sound_home")
    shutil.copy(FIXTURES / "sound.csv", folder / "sound.csv")
    day = pl.Series(["2021-07-20"]).str.to_date().item()
    entry = {
        "file": "sound.csv",
        "period": "2021-06",
        "known_at": day,
        "known_at_basis": "schedule",
    }
    write_note(folder, [entry])
    ingest(folder, home)
    return read_raw(home, "electricity_bulletin")
