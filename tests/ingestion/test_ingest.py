"""Ingestion as a whole: idempotent, independent of order, safe to interrupt, never a traceback."""

import random
import shutil
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion import ingest as ingest_module
from ingestion.ingest import ingest
from ingestion.raw import read_raw
from ingestion.receipts import read_receipts

FIXTURES = Path(__file__).parent / "fixtures"
FEW = "cement."
MIXED = (
    "sound.csv",
    "typo_in_a_province.csv",
    "duplicated_row_conflicting.csv",
    "unknown_unit.csv",
    "merged_title_cells.xlsx",
)


def record(home: Path, *, without: frozenset[str] = frozenset()) -> dict[str, bytes]:
    """Everything that derivations may see: raw tables and quarantine, byte for byte.

    `without`: receipts of which everything is left out.
    """
    return {
        path.relative_to(home).as_posix(): path.read_bytes()
        for part in ("raw", "quarantine")
        for path in sorted((home / part).rglob("*"))
        if path.is_file() and path.stem not in without
    }


@pytest.fixture
def delivery(deliver):
    return deliver(*MIXED)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(order=st.permutations(MIXED))
def test_the_record_does_not_depend_on_the_order_of_arrival(order, delivery, tmp_path) -> None:
    home = tmp_path / "-".join(str(MIXED.index(name)) for name in order)
    for name in order:
        ingest(delivery.folder / name, home)
    assert record(home) == record(delivery.home)


def test_a_copy_delivered_first_leaves_the_same_record(deliver, tmp_path) -> None:
    content = (FIXTURES / "sound.csv").read_bytes()
    taken = deliver(contents={"a.csv": content, "b.csv": content})
    home = tmp_path / "other"
    for name in ("b.csv", "a.csv", "b.csv"):
        ingest(taken.folder / name, home)
    assert record(home) == record(taken.home)
    assert [receipt.file_name for receipt in read_receipts(home)] == ["a.csv"]


def test_the_example_is_the_same_in_any_order_and_on_repeat(example, tmp_path) -> None:
    # Questionnaires take their time: a few of them are below.
    notes = [p.parent for p in sorted(example.folder.rglob("delivery.yml"))]
    notes = [folder for folder in notes if folder.name != "surveys"]
    surveys = frozenset(
        each.receipt_id for each in example.receipts if each.contract == "survey_submission"
    )
    assert len(surveys) == 3
    random.Random(7).shuffle(notes)
    for again in (False, True):
        summaries = [ingest(folder, tmp_path) for folder in notes]
        assert sum(each.files_known for each in summaries) == 166 * again
        assert sum(each.files_new for each in summaries) == 166 * (not again)
        assert record(tmp_path) == record(example.home, without=surveys)


def test_questionnaires_are_the_same_in_any_order_and_on_repeat(example, tmp_path) -> None:
    """A few of each archive of the example: one plant's years lie in several of them."""
    folder = Path(shutil.copytree(example.folder / "surveys", tmp_path / "surveys"))
    archives = sorted(folder.glob("*.zip"))
    assert len(archives) == 3
    for archive in archives:
        with zipfile.ZipFile(archive) as whole:
            few = {name: whole.read(name) for name in whole.namelist() if FEW in name}
        assert few, archive.name
        with zipfile.ZipFile(archive, "w") as part:
            for name, content in few.items():
                part.writestr(name, content)
    homes = [tmp_path / "home", tmp_path / "other"]
    for home, order in zip(homes, (archives, archives[::-1]), strict=True):
        for archive in order:
            assert ingest(archive, home).files_new == 1
    assert record(homes[0]) == record(homes[1])
    assert ingest(folder, homes[1]).files_known == 3
    assert record(homes[0]) == record(homes[1])


def test_an_interrupted_file_is_not_known_and_is_taken_in_on_the_next_run(
    delivery, tmp_path, monkeypatch
) -> None:
    home = tmp_path / "interrupted"
    taken = []

    def interrupt(*args: object) -> None:
        taken.append(args)
        if len(taken) == 3:
            raise KeyboardInterrupt
        real(*args)

    real = ingest_module.write_receipt
    monkeypatch.setattr(ingest_module, "write_receipt", interrupt)
    with pytest.raises(KeyboardInterrupt):
        ingest(delivery.folder, home)
    assert len(read_receipts(home)) == 2
    assert not list(home.rglob("*.part"))
    monkeypatch.setattr(ingest_module, "write_receipt", real)
    summary = ingest(delivery.folder, home)
    assert (summary.files_new, summary.files_known) == (3, 2)
    assert record(home) == record(delivery.home)


def test_changed_code_reads_landed_files_again(delivery, monkeypatch) -> None:
    before = record(delivery.home)
    monkeypatch.setattr(ingest_module, "code_version", lambda: "another")
    summary = ingest(delivery.folder, delivery.home)
    assert summary.files_new == 0
    assert {r.code_version for r in read_receipts(delivery.home)} == {"another"}
    assert record(delivery.home) == before


def test_one_file_under_a_note_can_be_taken_alone(delivery, tmp_path) -> None:
    seen: list[tuple[str, int, int]] = []
    summary = ingest(
        delivery.folder / "sound.csv", tmp_path / "one", progress=lambda *a: seen.append(a)
    )
    assert summary.files_new == 1
    assert summary.rows_accepted == 186
    assert seen == [("sound.csv", 1, 1)]


def test_a_folder_that_is_not_there_is_a_finding(tmp_path) -> None:
    summary = ingest(tmp_path / "nothing", tmp_path / "home")
    assert [finding.rule_id for finding in summary.findings] == ["note_names_missing_file"]


def test_known_files_keep_reporting_their_findings(delivery) -> None:
    again = ingest(delivery.folder, delivery.home)
    assert again.findings == delivery.summary.findings
    assert again.files_known == len(MIXED)


def test_the_file_in_the_landing_zone_is_the_file_received(delivery) -> None:
    for receipt in delivery.receipts:
        landed = delivery.home / "landing" / receipt.sha256[:2] / receipt.sha256
        assert landed.read_bytes() == (FIXTURES / receipt.file_name).read_bytes()


def test_received_at_stays_on_the_receipt(delivery) -> None:
    assert all(receipt.received_at for receipt in delivery.receipts)
    assert "received_at" not in read_raw(delivery.home, "electricity_bulletin").columns


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_bytes_whatever_raise(data, deliver, tmp_path) -> None:
    shutil.rmtree(tmp_path / "delivery", ignore_errors=True)
    name = data.draw(st.sampled_from(["sound.csv", "gb18030.csv", "merged_title_cells.xlsx"]))
    content = bytearray((FIXTURES / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    damaged = bytes(content[: cut or len(content)])
    taken = deliver(contents={f"damaged{Path(name).suffix}": damaged})
    for finding in taken.summary.findings:
        assert finding.sentence
        assert "Traceback" not in finding.sentence
