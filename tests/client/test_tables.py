"""Tables as Arrow, Polars, pandas and DuckDB, and as files."""

from __future__ import annotations

import builtins
from decimal import Decimal

import carbon_factors as cf
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from carbon_factors.cli import main

from tests.client.release_builder import TABLES


@pytest.fixture
def release(unsigned) -> cf.Release:
    return cf.open_release(unsigned.folder)


@pytest.mark.parametrize("name", TABLES)
def test_every_engine_sees_the_same_table(release, name):
    expected = TABLES[name]
    assert release.arrow(name).equals(expected)
    assert release.polars(name).to_arrow().cast(expected.schema).equals(expected)
    frame = release.pandas(name)
    assert pa.Table.from_pandas(frame, expected.schema, preserve_index=False).equals(expected)
    assert release.duckdb(name).to_arrow_table().cast(expected.schema).equals(expected)
    assert pq.read_table(release.path(name)).equals(expected)


def test_figures_stay_decimals_in_every_engine(release):
    assert release.arrow("electricity_factor").schema.field("value").type == pa.decimal128(18, 12)
    assert isinstance(release.polars("electricity_factor")["value"][0], Decimal)
    assert isinstance(release.pandas("electricity_factor")["value"].iloc[0], Decimal)
    relation = release.duckdb("electricity_factor").aggregate("max(value)")
    assert isinstance(relation.fetchall()[0][0], Decimal)


def test_columns_come_in_the_order_asked_for(release):
    assert release.arrow("region", ["name_en", "region_code"]).column_names == [
        "name_en",
        "region_code",
    ]
    with pytest.raises(cf.NotFoundError, match="no column 'nome'; it has region_code"):
        release.arrow("region", ["nome"])
    with pytest.raises(cf.NotFoundError, match="no table 'regions'; it has electricity_factor"):
        release.arrow("regions")


def test_a_relation_joins_on_a_connection_of_the_user(release):
    import duckdb

    connection = duckdb.connect()
    factors = release.duckdb("electricity_factor", connection=connection)
    regions = release.duckdb("region", connection=connection)
    joined = factors.set_alias("f").join(regions.set_alias("r"), "region_code")
    assert joined.count("*").fetchall()[0][0] == TABLES["electricity_factor"].num_rows


@pytest.mark.parametrize("package", ["polars", "pandas", "duckdb"])
def test_a_missing_extra_says_how_to_install_it(release, monkeypatch, package):
    original = builtins.__import__

    def absent(name, *arguments, **options):
        if name == package:
            raise ImportError(name)
        return original(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(cf.MissingExtraError, match=rf"pip install 'carbon-factors\[{package}\]'"):
        getattr(release, package)("region")


def test_tables_are_written_to_files(unsigned, tmp_path, capsys):
    place = ["--registry", str(unsigned.folder)]
    assert main(["load", "region", *place, "--to", "region.parquet"]) == 0
    original = unsigned.folder / "2023.12.0" / "tables" / "region.parquet"
    written = tmp_path / "work" / "region.parquet"
    assert written.read_bytes() == original.read_bytes()
    assert main(["export", "region", *place, "--columns", "name_zh", "--to", "names.csv"]) == 0
    names = pa.csv.read_csv(tmp_path / "work" / "names.csv")
    assert names.column("name_zh").to_pylist() == TABLES["region"]["name_zh"].to_pylist()
    assert main(["load", "region", *place, "--to", "region.arrow"]) == 0
    with pa.ipc.open_file(tmp_path / "work" / "region.arrow") as reader:
        assert reader.read_all().equals(TABLES["region"])
    assert main(["load", "region", *place, "--to", "region.doc"]) == 3
    assert main(["load", "region", *place, "--to", "no/such/folder.csv"]) == 23
    assert "cannot be written" in capsys.readouterr().err


def test_a_table_with_fewer_rows_than_the_manifest_says(unsigned):
    unsigned.rewrite(
        "2023.12.0",
        {
            "tables": [
                {
                    "name": "region",
                    "path": "tables/region.parquet",
                    "rows": 4,
                    "content_hash": "0" * 64,
                    "primary_key": ["region_code"],
                    "contract_version": "1.0.0",
                    "columns": [],
                }
            ]
        },
    )
    with pytest.raises(cf.ChangedFileError, match="has 5 rows; the manifest says 4"):
        cf.open_release(unsigned.folder).arrow("region")


def test_a_release_folder_alone_is_opened(unsigned, tmp_path):
    import shutil

    shutil.copytree(unsigned.folder / "2023.12.0", tmp_path / "alone")
    release = cf.open_release(tmp_path / "alone")
    assert (release.release_id, release.state) == ("2023.12.0", "unknown")
    assert cf.problems_of(release) == []
    with pytest.raises(cf.NotFoundError, match="not a registry"):
        cf.open_release(tmp_path / "nothing")


def test_a_withdrawn_release_stays_withdrawn_when_the_index_is_lost(unsigned):
    unsigned.state("2023.12.0", "withdrawn", "a wrong unit")
    (unsigned.folder / "index.json").unlink()
    with pytest.raises(cf.WithdrawnError, match="a wrong unit"):
        cf.open_release(unsigned.folder / "2023.12.0")
    release = cf.open_release(unsigned.folder / "2023.12.0", allow_withdrawn=True)
    assert release.state == "withdrawn"


def test_the_latest_of_a_channel(tmp_path):
    from tests.client.release_builder import Publisher

    publisher = Publisher(tmp_path / "both")
    publisher.publish("2023.12.0")
    publisher.publish("2024.01.0", channel="demo")
    publisher.publish("2023.12.1")
    assert cf.open_release(publisher.folder).release_id == "2024.01.0"
    assert cf.open_release(publisher.folder, channel="stable").release_id == "2023.12.1"
    with pytest.raises(cf.NotFoundError, match=r"has no release '2024\.02\.0'; it has 2023"):
        cf.open_release(publisher.folder, "2024.02.0")
