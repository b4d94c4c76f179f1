"""A registry in an object store that speaks the S3 protocol."""

from __future__ import annotations

from collections.abc import Iterator

import carbon_factors as cf
import pytest

from tests.client.release_builder import TABLES

moto = pytest.importorskip("moto.server")
s3fs = pytest.importorskip("s3fs")


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def options(endpoint) -> dict:
    client = {"endpoint_url": endpoint, "region_name": "eu-central-1"}
    return {"key": "test", "secret": "test", "client_kwargs": client}


@pytest.fixture
def bucket(signed, options) -> Iterator[str]:
    system = s3fs.S3FileSystem(**options)
    system.mkdir("factors")
    system.put(f"{signed.folder}/", "factors/releases/", recursive=True)
    yield "s3://factors/releases"
    system.rm("factors", recursive=True)


def test_pin_load_and_verify_in_an_object_store(bucket, options, public_key):
    cf.pin(bucket, public_key=public_key, storage_options=options)
    release = cf.open_pinned(storage_options=options)
    assert release.signature == "valid"
    cf.verify(release)
    assert release.arrow("electricity_factor").equals(TABLES["electricity_factor"])
    assert release.factor("CN", "consumption_mix", "2022").match.is_exact
    offline = cf.open_pinned(offline=True)
    assert offline.arrow("region").equals(TABLES["region"])


def test_changed_missing_and_extra_objects_are_named(bucket, options, tmp_path):
    system = s3fs.S3FileSystem(**options)
    system.pipe("factors/releases/2023.12.0/note.txt", b"x")
    system.rm("factors/releases/2023.12.0/gate_report.json")
    place = "factors/releases/2023.12.0/tables/region.parquet"
    content = bytearray(system.cat(place))
    content[100] ^= 1
    system.pipe(place, bytes(content))
    release = cf.open_release(bucket, storage_options=options, cache=tmp_path / "fresh")
    problems = cf.problems_of(release)
    assert [type(problem) for problem in problems] == [
        cf.ExtraFileError,
        cf.MissingFileError,
        cf.ChangedFileError,
    ]
    assert "tables/region.parquet" in str(problems[2])


def test_a_half_download_from_an_object_store_is_taken_up(bucket, options, signed, tmp_path):
    from carbon_factors.cache import Cache
    from carbon_factors.stores import open_store

    store = open_store(bucket, options)
    start, blocks = store.open("2023.12.0/tables/region.parquet", 100)
    whole = (signed.folder / "2023.12.0" / "tables" / "region.parquet").read_bytes()
    assert (start, b"".join(blocks)) == (100, whole[100:])
    entry = cf.open_release(signed.folder).manifest.file("tables/region.parquet")
    cache = Cache(tmp_path / "half")
    part = tmp_path / "half" / "sha256" / entry.sha256[:2] / f"{entry.sha256}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(whole[:100])
    path = "2023.12.0/tables/region.parquet"
    assert cache.fetch(store, path, entry).read_bytes() == whole


def test_no_such_bucket_and_no_such_scheme(options):
    with pytest.raises(cf.CarbonFactorsError):
        cf.list_releases("s3://nothing/here", storage_options=options)
    with pytest.raises(cf.NotFoundError, match="cannot be opened"):
        cf.list_releases("gopher://nothing/here")
