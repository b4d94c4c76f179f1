"""The writer of archives: order, dates, permissions, names."""

from __future__ import annotations

import stat
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.exchange.archive import ArchiveError, write_archive

names = st.from_regex(r"[a-z0-9]{1,6}(/[a-z0-9]{1,6}){0,2}\.json", fullmatch=True)


def test_members_are_dated_1980_readable_by_all_and_deflated(tmp_path):
    assert write_archive(tmp_path / "a.zip", [("a.json", b"{}"), ("b/c.json", b"x" * 1000)]) == 2
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.testzip() is None
        for member in archive.infolist():
            assert member.date_time == (1980, 1, 1, 0, 0, 0)
            assert member.external_attr >> 16 == stat.S_IFREG | 0o644
            assert member.compress_type == zipfile.ZIP_DEFLATED
            assert (member.create_system, member.extra, member.comment) == (3, b"", b"")
        assert archive.read("b/c.json") == b"x" * 1000


@pytest.mark.parametrize("order", [["b", "a"], ["a", "a"], ["a/b", "a/a"]])
def test_members_out_of_order_or_twice_are_refused(tmp_path, order):
    with pytest.raises(ArchiveError, match="in order"):
        write_archive(tmp_path / "a.zip", [(name, b"") for name in order])


@pytest.mark.parametrize("name", ["../a", "/a", "a//b", "a/", "a b", "名", "a\\b", ".a", ""])
def test_names_that_leave_the_folder_or_an_address_are_refused(tmp_path, name):
    with pytest.raises(ArchiveError, match="not plain"):
        write_archive(tmp_path / "a.zip", [(name, b"")])


@given(st.dictionaries(names, st.binary(max_size=200), max_size=8))
def test_what_is_written_is_read_again(tmp_path_factory, members):
    path = tmp_path_factory.mktemp("archive") / "a.zip"
    write_archive(path, sorted(members.items()))
    with zipfile.ZipFile(path) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == members
