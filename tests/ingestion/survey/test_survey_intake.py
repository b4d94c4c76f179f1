"""Surveys as a delivery: raw tables, pseudonyms, quarantine, receipts; and the commands."""

import datetime as dt
import io
import json
import re
import zipfile
from pathlib import Path

import polars as pl
import pytest
import yaml
from typer.testing import CliRunner

from ingestion.contract import load_contract
from ingestion.ingest import ingest
from ingestion.quarantine import read_quarantine
from ingestion.raw import read_raw
from ingestion.receipts import read_receipts
from ingestion.redelivery import redeliver
from ingestion.survey.questionnaire import TABLES

from .filling import changed, clinker, credit_code, filled, sound_bytes
from .test_survey_collection import other
from .test_survey_forms import as_csv, as_json

NOTE = {
    "source_id": "industry_survey", "contract": "survey_submission", "reader": "survey",
    "title_zh": "调查", "title_en": "Survey", "publisher_zh": "演练", "publisher_en": "Drill",
    "found_at": "tests", "licence": "none", "access_class": "confidential",
    "quality_tier": "synthetic",
}  # fmt: skip
KEY = "a key that nobody knows"


def deliver(folder: Path, name: str, members: dict[str, bytes], **note: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for member, data in members.items():
            archive.writestr(zipfile.ZipInfo(member), data)
    (folder / name).write_bytes(content.getvalue())
    entry = {"file": name, "period": "2024", "known_at": dt.date(2025, 3, 1),
             "known_at_basis": "stated"}  # fmt: skip
    own = {key: note.pop(key) for key in ("period", "known_at") if key in note}
    text = yaml.safe_dump({**NOTE, **note, "files": [entry | own]}, allow_unicode=True)
    (folder / "delivery.yml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def members() -> dict[str, bytes]:
    return {
        "甲水泥厂.xlsx": sound_bytes(),
        "b.xlsx": filled(other(2)),
        "bad.xlsx": filled(changed("survey_input.2.unit", "筐")),
    }


def test_an_archive_fills_every_table_and_quarantines_the_rest(tmp_path, members) -> None:
    home = tmp_path / "home"
    members["bad.xlsx"] = filled({**changed("survey_input.2.unit", "筐"), "survey_device": []})
    done = ingest(deliver(tmp_path / "in", "all.zip", members), home, survey_key=KEY)
    (receipt,) = read_receipts(home)
    assert receipt.rows_read == receipt.rows_accepted + receipt.rows_quarantined
    assert receipt.rows_accepted == sum(read_raw(home, table).height for table in TABLES)
    for table in TABLES:
        rows = read_raw(home, table)
        assert rows.schema == load_contract(table).polars_schema()
        assert rows["submission_id"].n_unique() == 2, table
        assert not rows.select(load_contract(table).natural_key).is_duplicated().any()
    aside = read_quarantine(home)
    assert set(aside["rule_id"]) == {"unit_not_known", "submission_incomplete"}
    unit = aside.filter(pl.col("rule_id") == "unit_not_known").row(0, named=True)
    assert (unit["file_name"], unit["sheet"], unit["row_number"], unit["cell_text"]) == (
        "all.zip/bad.xlsx", "3 投入 Inputs", 8, "筐",
    )  # fmt: skip
    assert {finding.takes for finding in done.findings} == {"row", "file", "warning"}
    again = ingest(tmp_path / "in", home, survey_key=KEY)
    assert (again.files_new, again.files_known) == (0, 1)


def test_no_name_and_no_code_of_an_enterprise_goes_on(tmp_path, members) -> None:
    home = tmp_path / "home"
    ingest(deliver(tmp_path / "in", "all.zip", members), home, survey_key=KEY)
    said = " ".join(str(read_raw(home, table).rows()) for table in TABLES)
    for secret in ("甲", "乙", "张三", "0551", credit_code(1), credit_code(90), "厂2"):
        assert secret not in said, secret
    first = read_raw(home, "survey_submission")
    assert first["group_code"].n_unique() == 1
    other_key = ingest(tmp_path / "in", home, survey_key=KEY + "!")
    assert other_key.files_known == 1
    second = read_raw(home, "survey_submission")
    assert not set(first["plant_code"]) & set(second["plant_code"])
    assert first["submission_id"].to_list() == second["submission_id"].to_list()


def test_the_raw_table_divides_certificates_by_semicolons(tmp_path) -> None:
    green = other(2)
    green["survey_electricity"][1]["certificate_ids"] = "GEC-2、GEC-3， GEC-4"
    home = tmp_path / "home"
    ingest(deliver(tmp_path / "in", "all.zip", {"a.xlsx": filled(green)}), home)
    said = read_raw(home, "survey_electricity")["certificate_ids"].to_list()
    assert said == [None, "GEC-2;GEC-3;GEC-4"]


def test_the_name_of_a_folder_is_no_suffix_of_its_pseudonym(tmp_path) -> None:
    members = {f"1.甲水泥厂/{name}": data for name, data in as_csv(other(2)).items()}
    members |= {"b.XLSX": filled(other(3)), "c.json": as_json(other(4))}
    home = tmp_path / "home"
    ingest(deliver(tmp_path / "in", "all.zip", members), home)
    for table in TABLES:
        names = read_raw(home, table)["file_name"].unique().to_list()
        assert all(re.fullmatch(r"F[0-9a-f]{16}(\.xlsx|\.json)?", name) for name in names), names
    assert len(names) == 3


def test_real_plants_need_a_key_of_their_own(tmp_path, members) -> None:
    folder = deliver(tmp_path / "in", "all.zip", members, quality_tier="reported")
    done = ingest(folder, tmp_path / "home")
    assert [finding.rule_id for finding in done.findings] == ["note_invalid"]
    assert "CARBON_SURVEY_KEY" in done.findings[0].sentence
    assert read_raw(tmp_path / "home", "survey_submission").is_empty()
    assert ingest(folder, tmp_path / "two", survey_key=KEY).rows_accepted > 0


def test_an_archive_without_a_questionnaire_is_refused(tmp_path) -> None:
    done = ingest(deliver(tmp_path / "in", "all.zip", {"README.md": b"x"}), tmp_path / "home")
    assert [finding.rule_id for finding in done.findings] == ["file_unreadable"]


def test_last_years_delivery_is_what_this_year_is_compared_with(tmp_path) -> None:
    last = other(2, period_start=dt.date(2023, 1, 1), period_end=dt.date(2023, 12, 31))
    last["survey_input"][2]["amount"] /= 2.4
    last["survey_electricity"][1]["certificate_ids"] = "GEC-old"
    home = tmp_path / "home"
    ingest(
        deliver(tmp_path / "one", "2023.zip", {"a.xlsx": filled(last)}, period="2023",
                known_at=dt.date(2024, 3, 1)),
        home,
    )  # fmt: skip
    done = ingest(deliver(tmp_path / "two", "2024.zip", {"a.xlsx": filled(other(2))}), home)
    assert [f.rule_id for f in done.findings] == ["amount_changed_since_last_period"]
    assert read_raw(home, "survey_submission").height == 2


def test_a_delivery_is_taken_in_again_from_the_landing_zone(tmp_path, members) -> None:
    home, again = tmp_path / "home", tmp_path / "again"
    ingest(deliver(tmp_path / "in", "all.zip", members), home)
    redeliver(home, read_receipts(home), tmp_path / "laid_out")
    ingest(tmp_path / "laid_out", again)
    for table in TABLES:
        assert read_raw(home, table).equals(read_raw(again, table)), table


def test_the_commands_make_a_template_and_answer_with_receipts(tmp_path) -> None:
    from orchestration.cli import app

    run = CliRunner().invoke
    listed = run(app, ["template", "--list"])
    assert listed.exit_code == 0 and "cement" in listed.output
    target = tmp_path / "q.xlsx"
    assert run(app, ["template", "cement", "--out", str(target)]).exit_code == 0
    assert target.read_bytes()[:2] == b"PK"
    assert run(app, ["template", "magic"]).exit_code == 2
    assert run(app, ["template"]).exit_code == 2
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.xlsx").write_bytes(sound_bytes())
    receipts = tmp_path / "receipts"
    sound = run(app, ["survey", str(tmp_path / "in"), "--out", str(receipts), "--jobs", "1"])
    assert sound.exit_code == 0, sound.output
    assert len(list(receipts.iterdir())) == 2
    (tmp_path / "in" / "b.xlsx").write_bytes(filled(clinker(plant_code="12345")))
    bad = run(app, ["survey", str(tmp_path / "in"), "--jobs", "1"])
    assert bad.exit_code == 1
    assert "1 企业 Plant!C3" in bad.output
    assert run(app, ["survey", str(tmp_path / "nowhere")]).exit_code == 2
    assert run(app, ["survey", str(receipts), "--known-at", "soon"]).exit_code == 2


def archived(home: Path) -> dict[str, bytes]:
    """The receipts of the submitters of the one file that was taken in."""
    (path,) = (home / "receipts").glob("*/receipts.zip")
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_taking_in_gives_the_receipts_that_the_command_gives(tmp_path, members) -> None:
    from orchestration.cli import app

    home = tmp_path / "home"
    done = ingest(deliver(tmp_path / "in", "all.zip", members), home)
    given = archived(home)
    assert sorted(given) == [
        "all.zip__b.xlsx.receipt.json",
        "all.zip__bad.xlsx.receipt.json", "all.zip__bad.xlsx.receipt.xlsx",
        "all.zip__甲水泥厂.xlsx.receipt.json",
    ]  # fmt: skip
    out = tmp_path / "out"
    told = CliRunner().invoke(
        app,
        ["survey", str(tmp_path / "in" / "all.zip"), "--out", str(out), "--home", str(home),
         "--known-at", "2025-03-01"],
    )  # fmt: skip
    assert told.exit_code == 1
    for name, content in given.items():
        if name.endswith(".json"):
            assert (out / name).read_bytes() == content
    assert json.loads(given["all.zip__bad.xlsx.receipt.json"])["status"] == "rejected"
    (receipt,) = read_receipts(home)
    lies = f"receipts/{receipt.receipt_id}/receipts.zip"
    assert (home / lies).is_file()
    assert (home / lies).parent.stat().st_mode & 0o777 == 0o700
    assert {finding.takes for finding in done.findings} == {"row", "file"}
    for finding in done.findings:
        assert lies in finding.sentence
        assert lies in finding.sentence_zh
        assert str(home) not in finding.sentence


def test_a_remark_says_where_the_receipts_lie(tmp_path) -> None:
    home = tmp_path / "home"
    given = other(2)
    del given["survey_device"][0]["traceability"]
    done = ingest(deliver(tmp_path / "in", "all.zip", {"a.xlsx": filled(given)}), home)
    (finding,) = done.findings
    (receipt,) = read_receipts(home)
    for sentence in (finding.sentence, finding.sentence_zh):
        assert f"receipts/{receipt.receipt_id}/receipts.zip" in sentence


def test_the_receipts_of_a_delivery_are_the_same_bytes_whenever_it_is_taken_in(
    tmp_path, members, monkeypatch
) -> None:
    homes = [tmp_path / "one", tmp_path / "two"]
    folder = deliver(tmp_path / "in", "all.zip", members)
    for home in homes:
        ingest(folder, home)
    paths = [next((home / "receipts").glob("*/receipts.zip")) for home in homes]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    before = paths[0].read_bytes()
    paths[0].unlink()
    monkeypatch.setattr("ingestion.ingest.code_version", lambda: "another")
    assert ingest(folder, homes[0]).files_known == 1
    assert paths[0].read_bytes() == before
    assert [path.name for path in paths[0].parent.iterdir()] == ["receipts.zip"]


def test_a_delivery_that_is_refused_later_keeps_no_receipts_of_before(tmp_path, members) -> None:
    home = tmp_path / "home"
    folder = deliver(tmp_path / "in", "all.zip", members, quality_tier="reported")
    ingest(folder, home, survey_key=KEY)
    assert archived(home)
    assert [finding.rule_id for finding in ingest(folder, home).findings] == ["note_invalid"]
    assert [path.name for path in (home / "receipts").iterdir()] == [
        f"{read_receipts(home)[0].receipt_id}.json"
    ]


def test_a_plant_that_asks_before_delivering_hears_of_its_last_year(tmp_path, monkeypatch) -> None:
    from orchestration.cli import app

    last = other(2, period_start=dt.date(2023, 1, 1), period_end=dt.date(2023, 12, 31))
    last["survey_input"][2]["amount"] /= 2.4
    last["survey_electricity"][1]["certificate_ids"] = "GEC-old"
    home, this = tmp_path / "home", tmp_path / "this"
    ingest(
        deliver(tmp_path / "one", "2023.zip", {"a.xlsx": filled(last)}, period="2023",
                known_at=dt.date(2025, 2, 1)),
        home, survey_key=KEY,
    )  # fmt: skip
    this.mkdir()
    (this / "a.xlsx").write_bytes(filled(other(2)))

    def asked(number: int, *more: str) -> tuple[str, list[str]]:
        out = tmp_path / f"out{number}"
        call = ["survey", str(this), "--out", str(out), "--home", str(home), *more]
        done = CliRunner().invoke(app, call)
        assert done.exit_code == 0, done.output
        document = json.loads((out / "a.xlsx.receipt.json").read_bytes())
        return " ".join(done.output.split()), [each["rule_id"] for each in document["findings"]]

    monkeypatch.setenv("CARBON_SURVEY_KEY", KEY)
    output, rules = asked(1)
    assert rules == ["amount_changed_since_last_period"]
    assert "knows 1 of the 1 plants" in output
    assert asked(2, "--known-at", "2025-01-15")[1] == []
    monkeypatch.setenv("CARBON_SURVEY_KEY", KEY + "!")
    output, rules = asked(3)
    assert rules == []
    assert "knows 0 of the 1 plants" in output
    monkeypatch.setenv("CARBON_SURVEY_KEY", KEY)
    next((home / "raw" / "survey_input").glob("r*.parquet")).write_bytes(b"torn")
    output, rules = asked(4)
    assert rules == []
    assert "cannot be read" in output
    assert "Traceback" not in output


def test_of_many_findings_only_those_shown_are_put_into_words(tmp_path, monkeypatch) -> None:
    from ingestion.survey import findings
    from orchestration.cli import app

    monkeypatch.chdir(tmp_path)
    bad = changed("survey_input.2.unit", "筐")
    bad["survey_device"] = []
    (tmp_path / "in").mkdir()
    for number in range(12):
        (tmp_path / "in" / f"{number:02}.xlsx").write_bytes(filled(bad))
    words = []
    real = findings.told
    monkeypatch.setattr(findings, "told", lambda row: words.append(row) or real(row))
    done = CliRunner().invoke(app, ["survey", str(tmp_path / "in")])
    assert done.exit_code == 1
    assert len(words) == 20
    assert "... and 4 more." in done.output
    assert done.output.count("unit_not_known") == 10
    assert "device_missing" not in done.output
