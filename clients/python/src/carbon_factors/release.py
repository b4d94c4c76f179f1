"""One release: its tables, loaded only from bytes that have the manifest's hash.

Belongs here: reading files and tables of a release, and the way to its factors. Does not belong
here: finding and opening releases (`registry`), the rules of a look-up (`lookup`).
"""

from __future__ import annotations

import hashlib
import mmap
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from carbon_factors.cache import Cache
from carbon_factors.errors import (
    ChangedFileError,
    DocumentError,
    MissingExtraError,
    NotFoundError,
    UnreachableError,
)
from carbon_factors.manifest import FileEntry, Manifest, TableEntry
from carbon_factors.stores import LocalStore, Store

if TYPE_CHECKING:
    import duckdb
    import pandas
    import polars
    import pyarrow as pa

    from carbon_factors.factor import Factor, KnownFactor
    from carbon_factors.lookup import FactorFinder
    from carbon_factors.registry import ReleaseInfo

_READ_AT_ONCE = 64 * 1024 * 1024


class Release:
    """An opened release. Made by `open_release`, `open_pinned` or `Registry.open`.

    `info` is what the registry says of it, `manifest` what it says of itself; `signature` is
    `valid`, `not checked` (signed, but no public key was given) or `unsigned`; `notices` are
    sentences that a user should see.
    """

    def __init__(
        self,
        store: Store,
        folder: str,
        manifest: Manifest,
        info: ReleaseInfo,
        cache: Cache,
        signature: str,
        offline: bool,
    ) -> None:
        """Take what `Registry.open` has checked."""
        self.store = store
        self.folder = folder
        self.manifest = manifest
        self.info = info
        self.signature = signature
        self.notices: list[str] = []
        self._cache = cache
        self.offline = offline and store.remote
        self._finder: FactorFinder | None = None

    def __repr__(self) -> str:
        """Name the release and its place."""
        return f"<Release {self.release_id} ({self.state}, {self.channel}) of {self.location}>"

    @property
    def release_id(self) -> str:
        """The id, as `2023.12.0`."""
        return self.manifest.release_id

    @property
    def channel(self) -> str:
        """`stable`, or `demo` for a release that holds synthetic figures."""
        return self.manifest.channel

    @property
    def state(self) -> str:
        """`published`, `superseded`, `withdrawn`, or `unknown` for a folder without a registry."""
        return self.info.state

    @property
    def location(self) -> str:
        """The location of the registry that the release was opened from."""
        return self.store.location

    @property
    def tables(self) -> tuple[TableEntry, ...]:
        """The published tables, in order of name."""
        return self.manifest.tables

    def table(self, name: str) -> TableEntry:
        """Return what the manifest says of a table; raises `NotFoundError` with the names."""
        if (table := self.manifest.table(name)) is None:
            known = ", ".join(table.name for table in self.tables)
            raise NotFoundError(f"Release {self.release_id} has no table {name!r}; it has {known}.")
        return table

    def path(self, table: str) -> Path:
        """Return the checked Parquet file of a table, in its folder or in the cache.

        For engines that read files themselves. Raises `ChangedFileError` if a byte was changed.
        """
        entry = self.manifest.file(self.table(table).path)
        place = self._place(entry)
        with place.open("rb") as stream:
            self._compare(hashlib.file_digest(stream, "sha256").hexdigest(), entry)
        return place

    def read(self, path: str) -> bytes | mmap.mmap:
        """Return the bytes of a file of the record, checked; a large file comes as a memory map.

        What is returned is what was hashed. Raises `NotFoundError`, `ChangedFileError`,
        `MissingFileError`, `ExtraFileError` (a link), `UnreachableError`.
        """
        try:
            entry = self.manifest.file(path)
        except StopIteration:
            raise NotFoundError(f"Release {self.release_id} has no file {path!r}.") from None
        place = self._place(entry)
        try:
            content: bytes | mmap.mmap
            if 0 < entry.bytes <= _READ_AT_ONCE or place.stat().st_size == 0:
                with place.open("rb") as stream:
                    content = stream.read(entry.bytes + 1)
            else:
                with place.open("rb") as stream:
                    content = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError as problem:
            raise UnreachableError(f"{place} cannot be read: {problem.strerror}.") from None
        self._compare(hashlib.sha256(content).hexdigest(), entry)
        return content

    def arrow(self, table: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Return a table as Arrow, rows in key order; decimals and dates keep their types.

        Raises `NotFoundError` for an unknown table or column.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        entry = self.table(table)
        content = self.read(entry.path)
        try:
            file = pq.ParquetFile(pa.BufferReader(pa.py_buffer(content)))
            if columns is not None:
                names = file.schema_arrow.names
                if unknown := [name for name in columns if name not in names]:
                    raise NotFoundError(
                        f"The table {table} has no column {unknown[0]!r}; it has "
                        f"{', '.join(names)}."
                    )
            found = file.read(columns=list(columns) if columns is not None else None)
        except pa.ArrowException as problem:
            raise DocumentError(f"{entry.path} cannot be read as Parquet: {problem}.") from None
        if found.num_rows != entry.rows:
            raise ChangedFileError(
                f"{entry.path} has {found.num_rows} rows; the manifest says {entry.rows}."
            )
        return found.select(list(columns)) if columns is not None else found

    def polars(self, table: str, columns: Sequence[str] | None = None) -> polars.DataFrame:
        """Return a table as a Polars frame (extra `polars`)."""
        try:
            import polars
        except ImportError:
            raise _missing("polars") from None
        frame = polars.from_arrow(self.arrow(table, columns))
        assert isinstance(frame, polars.DataFrame)
        return frame

    def pandas(self, table: str, columns: Sequence[str] | None = None) -> pandas.DataFrame:
        """Return a table as a pandas frame of Arrow types, so that decimals stay exact."""
        try:
            import pandas
        except ImportError:
            raise _missing("pandas") from None
        frame: pandas.DataFrame = self.arrow(table, columns).to_pandas(
            types_mapper=pandas.ArrowDtype
        )
        return frame

    def duckdb(
        self,
        table: str,
        columns: Sequence[str] | None = None,
        connection: duckdb.DuckDBPyConnection | None = None,
    ) -> duckdb.DuckDBPyRelation:
        """Return a table as a DuckDB relation, on your connection or on one of its own."""
        try:
            import duckdb
        except ImportError:
            raise _missing("duckdb") from None
        connection = connection or duckdb.connect()
        return connection.from_arrow(self.arrow(table, columns))

    def factor(
        self,
        region: str,
        kind: str,
        when: date | str,
        *,
        technology: str | None = None,
        gas_scope: str | None = None,
        gwp_set: str | None = None,
        system_boundary: str | None = None,
        includes_td_losses: bool | None = None,
        import_factor_basis: str | None = None,
        resolution: str | None = None,
        fallback: Sequence[str] = (),
    ) -> Factor:
        """Look a factor up; the answer says what was matched, and nothing stands in unasked.

        `region` is a code (`370000`, `GRID_EAST`, `CN`) or a name in Chinese or English; `kind` a
        factor_kind; `when` a year (`2023`), a month (`2023-05`) or a day. The dimensions tell
        factors of a kind apart: one must be given unless the release holds only one value of it.
        `resolution` (year, month) is needed for a day only.

        `fallback` may name `other_period` (the nearest earlier period, else the nearest later) and
        `parent_region` (the province of a prefecture, the nation of a province): they are tried in
        the order given, then together, and `Factor.match` says so.

        Raises `AmbiguousQuestionError` (with `choices`), `QuestionError`, `NoFactorError`.
        """
        return self._factors().find(
            region,
            kind,
            when,
            {
                "technology": technology,
                "gas_scope": gas_scope,
                "gwp_set": gwp_set,
                "system_boundary": system_boundary,
                "includes_td_losses": includes_td_losses,
                "import_factor_basis": import_factor_basis,
            },
            resolution,
            fallback,
        )

    def factor_as_of(
        self,
        region: str,
        kind: str,
        when: date | str,
        as_of: date | str,
        *,
        technology: str | None = None,
        gas_scope: str | None = None,
        gwp_set: str | None = None,
        system_boundary: str | None = None,
        includes_td_losses: bool | None = None,
        import_factor_basis: str | None = None,
        resolution: str | None = None,
    ) -> KnownFactor:
        """Look up what was known of a factor at the end of a day, as far as this release tells.

        The question is that of `factor`, always answered exactly. Raises `NoFactorError` when the
        factor was not known yet (the message says since when it is) or has no history, and
        `QuestionError` for a day after the one up to which the release knows anything.
        """
        factor = self.factor(
            region,
            kind,
            when,
            technology=technology,
            gas_scope=gas_scope,
            gwp_set=gwp_set,
            system_boundary=system_boundary,
            includes_td_losses=includes_td_losses,
            import_factor_basis=import_factor_basis,
            resolution=resolution,
        )
        return self._factors().as_of(factor, as_of)

    def _factors(self) -> FactorFinder:
        if self._finder is None:
            from carbon_factors.lookup import FactorFinder

            self._finder = FactorFinder(self)
        return self._finder

    def _place(self, entry: FileEntry) -> Path:
        path = f"{self.folder}/{entry.path}"
        if isinstance(self.store, LocalStore):
            return self.store.path_of(path)
        if self.offline:
            if found := self._cache.find(entry.sha256):
                return found
            raise UnreachableError(
                f"{path} of {self.location} is not in the cache {self._cache.folder}, and the "
                "network is not asked: work online once."
            )
        return self._cache.fetch(self.store, path, entry)

    def _compare(self, found: str, entry: FileEntry) -> None:
        if found != entry.sha256:
            raise ChangedFileError(
                f"{self.folder}/{entry.path} at {self.location} was changed: its bytes do not have "
                f"the sha256 {entry.sha256[:12]}... of the manifest. Do not use it; fetch it anew."
            )


def _missing(package: str) -> MissingExtraError:
    return MissingExtraError(
        f"This needs {package}, which is not installed: pip install 'carbon-factors[{package}]'"
    )
