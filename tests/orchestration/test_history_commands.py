"""`history` and `as-of`: a factor as it was known, why it moved, and sentences for what is not."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.summary import early_value_lines
from warehouse.history import CAUSES, NoHistory, read_history

FACTOR = "electricity.supply_average.network.co2.340000.2023-05"
OTHER = "electricity.residual_mix.network.co2.340000.2023-05"
JUNE, AUGUST, MAY = dt.date(2023, 6, 20), dt.date(2023, 8, 20), dt.date(2024, 5, 8)
_VALUE = pl.Decimal(18, 12)


@pytest.fixture(autouse=True)
def own_home(monkeypatch, tmp_path):
    monkeypatch.setenv("CARBON_HOME", str(tmp_path / "home"))


def run(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def candidate(tmp_path):
    """A candidate in which one factor was known in June, revised in August, and final in May."""
    folder = tmp_path / "2023-12-candidate"
    (folder / "tables").mkdir(parents=True)
    (folder / "candidate.duckdb").touch()
    history = pl.DataFrame(
        {
            "factor_id": FACTOR,
            "known_on": [JUNE, AUGUST, MAY],
            "superseded_on": [AUGUST, MAY, None],
            "value": [Decimal("0.5"), Decimal("0.6"), Decimal("0.6")],
            "maturity": ["provisional", "provisional", "final"],
            "unit": "kgCO2/kWh",
        },
        schema_overrides={"value": _VALUE},
    )
    causes = [Decimal("0.08"), Decimal("0.02"), Decimal(0), Decimal(0)]
    revision = pl.DataFrame(
        {
            "factor_id": [FACTOR], "known_on": [AUGUST], "change": [Decimal("0.1")],
            **{f"by_{cause}": [part] for cause, part in zip(CAUSES, causes, strict=True)},
        },
        schema_overrides=dict.fromkeys(("change", *(f"by_{c}" for c in CAUSES)), _VALUE),
    )  # fmt: skip
    files = pl.DataFrame(
        {
            "receipt_id": ["r1", "r2", "r3", "r4"],
            "file_name": ["may.csv", "july.csv", "year.csv", "empty.csv"],
            "raw_table": "electricity_bulletin",
            "period": ["2023-05", "2023-07", "2023", "2023-05"],
            "known_at": [JUNE, AUGUST, MAY, JUNE],
            "rows_accepted": [186, 186, 9, 0],
        }
    )
    factors = pl.DataFrame({"factor_id": [FACTOR, OTHER]})
    for name, frame in (
        ("factor_history", history), ("factor_revision", revision), ("input_file", files),
        ("electricity_factor", factors),
    ):  # fmt: skip
        frame.write_parquet(folder / "tables" / f"{name}.parquet")
    return folder


def test_a_value_is_told_with_its_day_its_files_and_how_it_got_there(candidate):
    found = read_history(candidate, FACTOR, dt.date(2023, 8, 31))
    assert found.standing.value == Decimal("0.6")
    assert found.standing.known_on == AUGUST
    assert found.standing.maturity == "provisional"
    assert [file.receipt_id for file in found.standing.arrived] == ["r2"]
    assert [file.receipt_id for file in found.about_period] == ["r1"]
    assert (found.known_files, found.later) == (2, 1)
    assert found.standing.change == sum(found.standing.causes.values()) == Decimal("0.1")
    assert found.stretches[0].change is None


def test_the_prefix_may_be_left_out_and_now_is_the_last_day(candidate):
    found = read_history(candidate, FACTOR.removeprefix("electricity."))
    assert found.standing.maturity == "final"
    assert found.standing.change == 0
    assert [file.receipt_id for file in found.about_period] == ["r1", "r3"]


@pytest.mark.parametrize(
    ("factor_id", "as_of", "said"),
    [
        (FACTOR, dt.date(2023, 6, 19), "the first was known on 2023-06-20"),
        (OTHER, None, "No history is kept of"),
        ("electricity.no.such.factor", None, "There is no factor"),
    ],
)
def test_what_has_no_history_says_why(candidate, factor_id, as_of, said):
    with pytest.raises(NoHistory, match=said):
        read_history(candidate, factor_id, as_of)


def test_the_command_prints_the_value_the_file_and_the_causes(candidate):
    result = run("history", FACTOR, "--as-of", "2023-08-31", "--release", str(candidate))
    assert result.exit_code == 0, result.output
    for text in ("0.60000000 kgCO2/kWh", "july.csv", "+0.08000000", "left out: 1", "upstream"):
        assert text in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["history", FACTOR], "carbon-warehouse release --month"),
        (["history", FACTOR, "--release", "2023.12.9"], "no release 2023.12.9"),
        (["as-of", "2023-8-15"], "write it as YYYY-MM-DD"),
        (["as-of", "2023-08-15"], "carbon-warehouse ingest"),
    ],
)
def test_what_cannot_be_answered_ends_with_2_and_says_what_to_do(arguments, said):
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_the_summary_tells_the_median_error_of_early_values():
    rows = [
        ("110000", "nowcast", 1, "0.01"), ("310000", "nowcast", 1, "0.03"),
        ("340000", "nowcast", 1, "0.02"), ("340000", "nowcast", 2, "0.9"),
        ("CN", "nowcast", 1, "0.5"), ("340000", "provisional", 0, "0.004"),
    ]  # fmt: skip
    table = pl.DataFrame(
        [(*row[:3], Decimal(row[3]), Decimal(row[3]) * 2, "supply_average") for row in rows],
        schema=[
            "region_code", "maturity", "months_ahead", "mean_absolute_error",
            "relative_absolute_error", "factor_kind",
        ],
        orient="row",
    )  # fmt: skip
    assert early_value_lines(table) == [
        "First nowcast, a month ahead: median error 0.020 kg/kWh, 4.0% of the value.",
        "First provisional: median error 0.004 kg/kWh, 0.8% of the value.",
    ]
    assert early_value_lines(table.clear()) == []


@pytest.mark.slow
@pytest.mark.release
def test_as_of_derives_what_was_known_and_writes_it(built, parameters, monkeypatch, tmp_path):
    import json

    monkeypatch.setenv("CARBON_PARAMETERS", json.dumps(parameters))
    day = pl.read_parquet(built.release / "tables" / "factor_history.parquet")["known_on"].min()
    arguments = ["as-of", str(day), "--home", str(built.home)]
    shown = run(*arguments, "--month", "2020-05")
    assert shown.exit_code == 0, shown.output
    assert "Anhui" in shown.stdout
    file = tmp_path / "known.csv"
    assert run(*arguments, "--output", str(file)).exit_code == 0
    assert pl.read_csv(file, infer_schema=False)["factor_id"].is_unique().all()
    later = run(*arguments, "--month", "2024-05")
    assert later.exit_code == 2
    assert "there were months 2019-01 to" in later.stderr
    assert run(*arguments, "--output", str(tmp_path / "known.xlsx")).exit_code == 2
