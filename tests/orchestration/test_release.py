"""A month from the files to a release, through Dagster and the command line as an operator does."""

import json
import os
import shutil
import signal
import subprocess
import sys

import polars as pl
import pytest
from typer.testing import CliRunner

from expectations.published import published_tables
from orchestration.cli import app
from orchestration.settings import PROJECT_ROOT
from orchestration.stages import STAGES

pytestmark = [pytest.mark.slow, pytest.mark.release]

DATASETS = "background_dataset.parquet"


@pytest.fixture
def command(monkeypatch, parameters):
    """Run the command line on a home and a data folder; returns typer's result."""

    def run(*arguments: str, home, data=PROJECT_ROOT / "data"):
        monkeypatch.setenv("CARBON_HOME", str(home))
        monkeypatch.setenv("CARBON_DATA", str(data))
        monkeypatch.setenv("CARBON_PARAMETERS", json.dumps(parameters))
        monkeypatch.setenv("COLUMNS", "200")
        return CliRunner().invoke(app, list(arguments))

    return run


@pytest.fixture
def data_copy(tmp_path):
    """A copy of the worked example that a test may change."""
    return shutil.copytree(PROJECT_ROOT / "data", tmp_path / "data")


def releases_of(home) -> list[str]:
    return sorted(path.name for path in (home / "releases").glob("2*"))


def test_a_fresh_home_ends_with_a_complete_release(built):
    assert built.release.name == "2023.12.0"
    assert {path.stem for path in (built.release / "tables").glob("*.parquet")} == set(
        published_tables()
    )
    for name in ("manifest.json", "SHA256SUMS", "gate_report.json", "snapshot.duckdb"):
        assert (built.release / name).stat().st_size > 0
    assert (built.home / "releases" / "latest.json").exists()


def test_every_stage_is_timed_and_every_check_passed(built):
    assert list(built.outcome.seconds) == list(STAGES)
    assert built.outcome.checks_passed == built.outcome.checks_total > 100


def test_the_log_of_a_run_is_kept(built):
    assert "PIPELINE_SUCCESS" in built.outcome.log.read_text(encoding="utf-8")


def test_the_release_says_what_it_was_made_from(built):
    manifest = json.loads((built.release / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["parameters"]["release_month"] == "2023-12"
    assert manifest["parameters"]["as_of"] == "2026-01-15"
    assert manifest["code_version"].startswith("0.1.0+src.")
    assert "received_at" not in json.dumps(manifest)


def test_publishing_what_is_published_makes_no_new_release_and_says_why(copy_of_built, command):
    result = command("publish", str(copy_of_built.candidate), home=copy_of_built.home)
    assert result.exit_code == 0, result.output
    assert "2023.12.0: No new release" in result.stdout
    assert releases_of(copy_of_built.home) == ["2023.12.0"]


def test_a_month_before_its_year_is_known_is_provisional_and_says_what_was_estimated(
    copy_of_built, data_copy, command
):
    revise_december_2022(data_copy / "power_bulletin")
    result = command("release", "--month", "2024-03", home=copy_of_built.home, data=data_copy)
    assert result.exit_code == 0, result.output
    assert "Published 2024.03.0" in result.stdout
    assert "Provisional: 2024-03" in result.stdout
    assert "not yet published: the official fossil-power factor" in result.stdout
    factors = pl.read_parquet(
        copy_of_built.home / "releases" / "2024.03.0" / "tables" / "electricity_factor.parquet"
    )
    month = factors.filter(
        (pl.col("resolution") == "month") & (pl.col("period_start") == pl.date(2024, 3, 1))
    )
    assert set(month["maturity"]) == {"provisional"}
    parts = month["reported_share"] + month["completed_share"] + month["modelled_share"]
    assert parts.null_count() == 0
    assert (parts == 1).all()
    tibet = month.filter(pl.col("region_code") == "540000")
    assert tibet.height > 0
    assert tibet["note_en"].null_count() == 0
    listed = command("ls", home=copy_of_built.home)
    assert "2023.12.0" in listed.stdout
    assert "2024.03.0" in listed.stdout
    before = copy_of_built.release / "tables" / "electricity_factor.parquet"
    assert set(pl.read_parquet(before)["factor_version"]) == {1}
    assert_versions_rise_with_the_row(pl.read_parquet(before), factors)
    assert_versions_rise_with_the_content(
        *(
            pl.read_parquet(copy_of_built.home / "releases" / each / "tables" / DATASETS)
            for each in ("2023.12.0", "2024.03.0")
        )
    )
    diff = json.loads(
        (copy_of_built.home / "releases" / "2024.03.0" / "diff.json").read_text(encoding="utf-8")
    )
    assert diff["old"]["release_id"] == "2023.12.0"
    assert diff["factors"]["changed"] > 0


def revise_december_2022(bulletins) -> None:
    """Deliver the bulletin once more, with more hydropower in Anhui."""
    text = (bulletins / "2022" / "power_bulletin_2022-12.csv").read_text(encoding="utf-8-sig")
    assert text.count('"528,000.00"') == 1
    revised = text.replace('"528,000.00"', '"538,000.00"')
    name = "2022/power_bulletin_2022-12_revised.csv"
    (bulletins / name).write_text(revised, encoding="utf-8-sig")
    with (bulletins / "delivery.yml").open("a", encoding="utf-8") as note:
        note.write(
            f"  - {{file: {name}, period: 2022-12, known_at: 2025-06-20, known_at_basis: stated}}\n"
        )


def assert_versions_rise_with_the_row(before: pl.DataFrame, after: pl.DataFrame) -> None:
    """Factors that say the same have their version; others have the next one, new ones the first.

    Compared whole, row by row: the columns by which a factor is told apart cannot differ, for they
    make its id.
    """
    assert before.columns == after.columns
    both = after.join(before, on="factor_id", suffix="_before")
    said = [name for name in after.columns if name not in ("factor_id", "factor_version")]
    same = both.filter(
        pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"{name}_before")) for name in said)
    )
    changed = both.join(same, on="factor_id", how="anti")
    new = after.join(before, on="factor_id", how="anti")
    assert min(same.height, changed.height, new.height) > 0
    assert set(same["factor_version"]) == {1}
    assert set(changed["factor_version"]) == {2}
    assert set(new["factor_version"]) == {1}


def assert_versions_rise_with_the_content(before: pl.DataFrame, after: pl.DataFrame) -> None:
    """Background datasets that say the same have their version, others the next one.

    The bulletin that was revised is of 2022, the datasets are of 2023: few or none move.
    """
    both = after.join(before, on="dataset_id", suffix="_before")
    assert both.height == before.height
    sources = {"dataset_id", "dataset_version", "version_text", "source_ids", "known_at"}
    said = [name for name in after.columns if name not in sources]
    same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"{name}_before")) for name in said)
    risen = pl.col("dataset_version") == pl.when(same).then(1).otherwise(2)
    assert both.filter(~risen).is_empty()
    assert both.filter(same).height > 0


def test_a_province_missing_from_the_bulletins_is_refused_by_name(data_copy, tmp_path, command):
    # What is refused has nothing to do with questionnaires; without them it is refused sooner.
    shutil.rmtree(data_copy / "surveys")
    bulletins = sorted(data_copy.rglob("power_bulletin_2022-*.csv"))
    assert [drop_rows(bulletin, "安徽") for bulletin in bulletins] == [1] * 12
    home = tmp_path / "home"
    result = command("release", "--month", "2023-12", home=home, data=data_copy)
    assert result.exit_code == 1, result.output
    assert "Refused: 2023-12 was not published." in result.stderr
    assert "340000" in result.stderr
    assert "Traceback" not in result.output
    assert releases_of(home) == []
    assert list((home / "candidates").iterdir()), "the evidence must stay"


def drop_rows(file, word: str) -> int:
    """Take the rows that hold a word (spaces aside) out of a text file; return how many."""
    content = file.read_bytes()
    encoding = "utf-8" if _decodes(content, "utf-8") else "gb18030"
    rows = content.splitlines(keepends=True)
    kept = [row for row in rows if word not in "".join(row.decode(encoding).split())]
    file.write_bytes(b"".join(kept))
    return len(rows) - len(kept)


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def test_a_candidate_that_was_edited_after_the_gate_is_not_published(copy_of_built, tmp_path):
    import datetime as dt

    from warehouse.candidate import Candidate
    from warehouse.errors import PublishRefused
    from warehouse.publish import publish

    file = copy_of_built.candidate / "tables" / "electricity_factor.parquet"
    table = pl.read_parquet(file)
    table.with_columns(pl.col("value") * 2).write_parquet(file)
    with pytest.raises(PublishRefused, match="electricity_factor"):
        publish(
            Candidate(copy_of_built.candidate),
            tmp_path / "releases",
            release_month="2023-12",
            parameters={},
            receipts=[{"receipt_id": "r0"}],
            code_version="0",
            built_at=dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
        )
    assert not list((tmp_path / "releases").glob("2*"))


def test_the_release_asset_run_alone_publishes_nothing(copy_of_built):
    import dagster as dg

    from orchestration.assets.release import RELEASE, build_release_asset
    from orchestration.resources import build_resources
    from orchestration.settings import Settings

    settings = Settings(home=copy_of_built.home)
    result = dg.materialize(
        [build_release_asset()],
        selection=[RELEASE],
        partition_key="2024-01",
        resources=build_resources(settings),
        instance=dg.DagsterInstance.ephemeral(),
        raise_on_error=False,
    )
    assert not result.success
    assert releases_of(copy_of_built.home) == ["2023.12.0"]


def test_verify_proves_a_release_and_names_a_file_that_was_changed(copy_of_built, command):
    home = copy_of_built.home
    assert command("verify", home=home).exit_code == 0
    file = copy_of_built.release / "tables" / "gwp.parquet"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))
    for arguments in (["verify"], ["verify", "2023.12.0"]):
        result = command(*arguments, home=home)
        assert result.exit_code == 1
        assert "gwp.parquet" in result.stderr


def test_doctor_finds_a_released_home_fit(built, command):
    result = command("doctor", home=built.home)
    assert result.exit_code == 0, result.output
    assert "WRONG" not in result.stdout


def test_ctrl_c_stops_a_release_cleanly(copy_of_built, parameters):
    home = copy_of_built.home
    process = subprocess.Popen(
        [sys.executable, "-m", "orchestration", "release", "--month", "2023-12"],
        env={
            **os.environ,
            "CARBON_HOME": str(home),
            "CARBON_PARAMETERS": json.dumps(parameters),
        },
        cwd=PROJECT_ROOT,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if line.startswith(STAGES["dbt"]):
            os.killpg(process.pid, signal.SIGINT)
            break
    said += process.stderr.readlines()
    assert process.wait(timeout=60) == 130
    assert "No release is half made" in "".join(said)
    assert "Traceback" not in "".join(said)
    assert releases_of(home) == ["2023.12.0"]
