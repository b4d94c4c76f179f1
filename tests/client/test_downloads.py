"""Releases behind HTTP: resumed, verified, kept, and usable offline from the cache."""

from __future__ import annotations

import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import carbon_factors as cf
import pytest
from carbon_factors import cache as cache_module
from carbon_factors.cache import CacheWarning, default_folder
from carbon_factors.cli import main

from tests.client.conftest import CLIENT
from tests.client.release_builder import TABLES, sha256

TABLE = "/2023.12.0/tables/electricity_factor.parquet"


def cached() -> list[Path]:
    folder = default_folder() / "sha256"
    return [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"]


def kept(publisher) -> Path:
    """Where the cache keeps the factors of the newest release."""
    content = (publisher.folder / TABLE.lstrip("/")).read_bytes()
    return default_folder() / "sha256" / sha256(content)[:2] / sha256(content)


def test_a_release_is_read_over_http_and_each_file_once(web):
    assert [info.release_id for info in cf.list_releases(web.url)] == ["2023.11.0", "2023.12.0"]
    release = cf.open_release(web.url)
    assert release.arrow("region").equals(TABLES["region"])
    factor = release.factor("山东", "consumption_mix", "2023-05")
    assert factor.match.is_exact
    again = cf.open_release(f"{web.url}/2023.12.0/")
    assert again.factor("山东", "consumption_mix", "2023-05") == factor
    assert web.count("electricity_factor.parquet") == 1
    assert web.count("2023.12.0/manifest.json") == 1


def test_pin_and_verify_over_http(web, unsigned):
    cf.pin(web.url)
    release = cf.open_pinned()
    assert cf.problems_of(release) == []
    (unsigned.folder / "2023.12.0" / "SHA256SUMS").unlink()
    assert [type(problem) for problem in cf.problems_of(release)] == [cf.MissingFileError]


def test_a_connection_that_breaks_is_taken_up_where_it_broke(web):
    web.cut_after[TABLE] = 1000
    release = cf.open_release(web.url)
    assert release.arrow("electricity_factor").equals(TABLES["electricity_factor"])
    assert [wanted for path, wanted in web.asked if path == TABLE] == [None, "bytes=1000-"]


def test_a_download_that_another_process_left_is_taken_up(web, unsigned):
    place = kept(unsigned)
    place.parent.mkdir(parents=True)
    content = (unsigned.folder / TABLE.lstrip("/")).read_bytes()
    place.with_name(place.name + ".part").write_bytes(content[:2000])
    assert cf.open_release(web.url).path("electricity_factor") == place
    assert [wanted for path, wanted in web.asked if path == TABLE] == ["bytes=2000-"]
    assert place.read_bytes() == content


def test_a_damaged_half_download_is_thrown_away(web, unsigned):
    place = kept(unsigned)
    place.parent.mkdir(parents=True)
    place.with_name(place.name + ".part").write_bytes(b"x" * 2000)
    assert cf.open_release(web.url).path("electricity_factor") == place
    assert [wanted for path, wanted in web.asked if path == TABLE] == ["bytes=2000-", None]


def test_a_half_download_longer_than_the_file_is_thrown_away(web, unsigned):
    place = kept(unsigned)
    place.parent.mkdir(parents=True)
    place.with_name(place.name + ".part").write_bytes(b"x" * 1_000_000)
    assert cf.open_release(web.url).path("electricity_factor") == place


def test_a_server_that_knows_no_ranges_sends_the_whole_file_again(web):
    web.cut_after[TABLE] = 1000
    web.knows_ranges = False
    release = cf.open_release(web.url)
    assert release.arrow("electricity_factor").equals(TABLES["electricity_factor"])


def one_byte(path: str, content: bytes) -> bytes:
    if path != TABLE:
        return content
    return content[:500] + bytes([content[500] ^ 1]) + content[501:]


def endless(path: str, content: bytes) -> bytes:
    return content + b"x" * 50_000_000 if path == TABLE else content


@pytest.mark.parametrize("change", [one_byte, endless])
def test_a_server_that_sends_other_bytes_is_refused_and_nothing_is_kept(web, unsigned, change):
    web.change = change
    release = cf.open_release(web.url)
    with pytest.raises(cf.ChangedFileError, match=TABLE.removeprefix("/2023.12.0/")):
        release.arrow("electricity_factor")
    assert not kept(unsigned).exists()
    assert not [path for path in cached() if path.suffix == ".part"]


def test_a_server_that_always_breaks_off_says_that_a_second_try_goes_on(web, monkeypatch):
    release = cf.open_release(web.url)
    original = web.change

    def cut_again(path: str, content: bytes) -> bytes:
        if path == TABLE:
            web.cut_after[TABLE] = len(web.asked) * 7
        return original(path, content)

    web.change = cut_again
    with pytest.raises(cf.UnreachableError, match=r"goes on where it stopped|interrupted"):
        release.arrow("electricity_factor")
    web.change = original
    assert release.arrow("electricity_factor").equals(TABLES["electricity_factor"])


def test_offline_from_the_cache(web):
    cf.pin(web.url)
    web.stop()
    release = cf.open_pinned(offline=True)
    assert cf.problems_of(release) == []
    assert release.arrow("region").equals(TABLES["region"])
    assert release.notices == []


def test_a_server_that_is_gone_is_noted_and_the_cache_serves(web, capsys):
    assert main(["pin", web.url]) == 0
    web.stop()
    capsys.readouterr()
    assert main(["get", "CN", "consumption_mix", "2022"]) == 0
    said = capsys.readouterr()
    assert "as last seen" in said.err
    assert "kgCO2/kWh" in said.out


def test_offline_without_the_file_in_the_cache(web):
    cf.open_release(web.url)
    web.stop()
    release = cf.open_release(web.url, offline=True)
    with pytest.raises(cf.UnreachableError, match="not in the cache"):
        release.arrow("region")
    with pytest.raises(cf.NotFoundError):
        cf.open_release("http://127.0.0.1:9/other", offline=True)


def test_a_server_that_was_never_seen_and_does_not_answer(web):
    web.stop()
    with pytest.raises(cf.UnreachableError, match="cannot be reached"):
        cf.open_release(web.url)
    assert main(["list", web.url]) == 22


def test_a_damaged_cache_entry_is_fetched_anew(web, unsigned):
    release = cf.open_release(web.url)
    release.arrow("electricity_factor")
    kept(unsigned).write_bytes(b"half")
    assert release.arrow("electricity_factor").equals(TABLES["electricity_factor"])
    assert web.count("electricity_factor.parquet") == 2


def test_a_download_killed_at_its_last_step_is_not_read_but_not_lost(web, unsigned, monkeypatch):
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    release = cf.open_release(web.url)
    with monkeypatch.context() as patch:
        patch.setattr(cache_module.Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            release.arrow("electricity_factor")
    assert not kept(unsigned).exists()
    assert release.arrow("electricity_factor").equals(TABLES["electricity_factor"])
    assert web.count("electricity_factor.parquet") == 1  # the whole half was there


def test_two_processes_share_one_download(web, unsigned, tmp_path):
    command = [sys.executable, "-m", "carbon_factors", "load", "electricity_factor"]
    command += ["--registry", web.url, "--to"]
    environment = {
        "PYTHONPATH": str(CLIENT / "src"),
        "CARBON_FACTORS_CACHE": str(default_folder()),
        "PATH": "",
    }
    processes = [
        subprocess.Popen([*command, str(tmp_path / f"{n}.parquet")], env=environment)
        for n in range(2)
    ]
    assert [process.wait(timeout=60) for process in processes] == [0, 0]
    content = (unsigned.folder / TABLE.lstrip("/")).read_bytes()
    assert {(tmp_path / f"{n}.parquet").read_bytes() for n in range(2)} == {content}
    assert web.count("electricity_factor.parquet") == 1


def test_a_cache_that_cannot_be_written_serves_this_process_alone(web, tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    with pytest.warns(CacheWarning, match="cannot be written"):
        table = cf.open_release(web.url, cache=tmp_path / "file" / "cache").arrow("region")
    assert table.equals(TABLES["region"])
    arguments = ["get", "CN", "consumption_mix", "2022", "--registry", web.url]
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        assert main([*arguments, "--cache", str(tmp_path / "file" / "cache")]) == 0
    assert "Set CARBON_FACTORS_CACHE to a folder that can." in capsys.readouterr().err


def test_a_read_only_cache_that_holds_the_files_is_read(web, monkeypatch):
    cf.open_release(web.url).arrow("region")

    def read_only(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(cache_module.Path, "mkdir", read_only)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert cf.open_release(web.url).arrow("region").equals(TABLES["region"])


def test_a_local_release_needs_no_cache(unsigned):
    cf.open_release(unsigned.folder).arrow("region")
    assert not default_folder().exists()


def test_the_cache_folder_is_a_setting_or_the_platforms(monkeypatch, tmp_path):
    assert default_folder() == tmp_path / "cache"
    monkeypatch.delenv("CARBON_FACTORS_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setattr(sys, "platform", "linux")
    assert default_folder() == tmp_path / "xdg" / "carbon-factors"


def test_a_huge_document_is_refused_while_it_arrives(web):
    web.change = lambda path, content: b" " * (17 << 20) if path == "/index.json" else content
    with pytest.raises(cf.DocumentError, match="more than the"):
        cf.list_releases(web.url)


def test_a_login_page_in_place_of_the_index_is_refused_and_not_remembered(web):
    cf.pin(web.url)
    web.change = lambda path, content: b"<html>" if path == "/index.json" else content
    with pytest.raises(cf.DocumentError, match="is not readable as JSON"):
        cf.open_pinned()
    web.stop()
    assert cf.open_pinned(offline=True).arrow("region").equals(TABLES["region"])


def test_a_server_that_shows_another_manifest_than_its_index(web):
    web.change = lambda path, content: (
        content.replace(b'"stable"', b'"silver"', 1)
        if path.endswith("0/manifest.json")
        else content
    )
    with pytest.raises(cf.ChangedFileError, match="was changed: its sha256 is"):
        cf.open_release(web.url)


def test_a_withdrawal_reaches_a_reader_over_http(web, unsigned):
    cf.pin(web.url)
    unsigned.state("2023.12.0", "withdrawn", "a wrong unit")
    with pytest.raises(cf.WithdrawnError, match="a wrong unit"):
        cf.open_pinned()
    shutil.rmtree(unsigned.folder / "states")
    with pytest.raises(cf.WithdrawnError):
        cf.open_pinned()
