"""The commands: open what was asked for, do it, print it.

Belongs here: one function for each command. Does not belong here: arguments (`cli`), and anything a
program would want to call (it calls the library).
"""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from carbon_factors import strict_json
from carbon_factors.errors import LockFileError, NotFoundError, QuestionError, VerificationError
from carbon_factors.lockfile import LOCK_FILE, place_of_registry, read_lock, write_whole
from carbon_factors.pinning import open_pinned, open_registry, open_release, pin
from carbon_factors.registry import split_location
from carbon_factors.release import Release

REGISTRY_VARIABLE = "CARBON_FACTORS_REGISTRY"
KEY_VARIABLE = "CARBON_FACTORS_PUBLIC_KEY"


def run_list(arguments: Namespace) -> int:
    """Print the releases of a registry in order of publication."""
    base, _ = split_location(_location(arguments) or _nowhere())
    registry = open_registry(base, **_options(arguments))
    releases = [info for info in registry.releases() if arguments.channel in {None, info.channel}]
    _notes(registry.notices)
    if arguments.json:
        names = ("release_id", "release_month", "state", "channel", "manifest_sha256")
        more = ("previous_release", "reason", "replacement")
        _print_json([{name: getattr(info, name) for name in (*names, *more)} for info in releases])
        return 0
    rows = [("release", "month", "state", "channel", "")]
    for info in releases:
        instead = f"replaced by {info.replacement}" if info.replacement else ""
        remark = "; ".join(part for part in (info.reason or "", instead) if part)
        rows.append((info.release_id, info.release_month, info.state, info.channel, remark))
    _print_rows(rows)
    return 0


def run_show(arguments: Namespace) -> int:
    """Print what a release says of itself, or the columns of one of its tables."""
    release = _open(arguments)
    if arguments.table:
        return _show_table(release, arguments)
    manifest = release.manifest
    if arguments.json:
        _print_json(
            {
                **_facts(release),
                "tables": [
                    {
                        "name": table.name,
                        "rows": table.rows,
                        "contract_version": table.contract_version,
                        "primary_key": list(table.primary_key),
                        "content_hash": table.content_hash,
                    }
                    for table in release.tables
                ],
            }
        )
        return 0
    _print(f"release    {release.release_id} for {manifest.release_month} ({release.channel})")
    _print(f"state      {_state(release)}")
    _print(f"registry   {release.location}")
    _print(f"manifest   {manifest.sha256}")
    _print(f"signature  {_signature(release)}")
    _print(f"code       {manifest.code_version}\n")
    _print_rows(
        [
            ("table", "rows", "contract"),
            *((t.name, str(t.rows), t.contract_version or "-") for t in release.tables),
        ]
    )
    return 0


def run_get(arguments: Namespace) -> int:
    """Print one factor."""
    release = _open(arguments)
    losses = arguments.includes_td_losses
    question: dict[str, Any] = {
        "technology": arguments.technology,
        "gas_scope": arguments.gas_scope,
        "gwp_set": arguments.gwp_set,
        "system_boundary": arguments.system_boundary,
        "includes_td_losses": None if losses is None else losses == "true",
        "import_factor_basis": arguments.import_factor_basis,
        "resolution": arguments.resolution,
    }
    place = (arguments.region, arguments.kind, arguments.date)
    fallback = _split(arguments.fallback)
    if arguments.as_of is not None:
        if fallback:
            raise QuestionError("With --as-of nothing may stand in: leave --fallback out.")
        known = release.factor_as_of(*place, arguments.as_of, **question)
        known = known.to(arguments.unit) if arguments.unit else known
        if arguments.json:
            _print_json(known.as_record())
            return 0
        until = f", superseded on {known.superseded_on}" if known.superseded_on else ""
        _print(f"{_figure(known.value)} {known.unit}")
        _print(f"as known on {known.as_of}: of {known.known_on}{until}")
        _print(f"{known.factor.factor_id} of release {release.release_id} ({release.channel})")
        return 0
    factor = release.factor(*place, **question, fallback=fallback)
    factor = factor.to(arguments.unit) if arguments.unit else factor
    if arguments.json:
        _print_json(factor.as_record())
        return 0
    names = f"{factor.region_code} {factor.region_name_zh} {factor.region_name_en}"
    _print(f"{_figure(factor.value)} {factor.unit}")
    if factor.lower_95 is not None and factor.upper_95 is not None:
        _print(f"95 % between {_figure(factor.lower_95)} and {_figure(factor.upper_95)}")
    _print(f"{factor.factor_kind} of {names}, {factor.period_start} to {factor.period_end}")
    _print(", ".join(f"{name} {_plain(value)}" for name, value in factor.dimensions.items()))
    _print(f"match {factor.match.quality}")
    for reason in factor.match.reasons:
        _print(f"  {reason}")
    _print(f"{factor.factor_id} of release {release.release_id} ({release.channel})")
    return 0


def run_pin(arguments: Namespace) -> int:
    """Verify a release and write the lock file."""
    path = arguments.lock or LOCK_FILE
    location = _location(arguments)
    if location is None and Path(path).exists() and not arguments.replace:
        location = place_of_registry(read_lock(path), path)
    made = pin(
        location or _nowhere(),
        arguments.release,
        lock=path,
        channel=arguments.channel,
        without_key=arguments.without_key,
        allow_withdrawn=arguments.allow_withdrawn,
        allow_downgrade=arguments.allow_downgrade,
        replace=arguments.replace,
        **_options(arguments),
    )
    if arguments.json:
        _print_json({"lock": str(path), "release_id": made.release_id, "key_id": made.key_id})
        return 0
    signed = f"signed by {made.key.key_id}" if made.key else "its signature is not checked"
    signed = signed if made.key_id else "unsigned"
    _print(f"{path} pins release {made.release_id} of {made.registry}")
    _print(f"{len(made.tables)} tables; manifest {made.manifest_sha256}; {signed}")
    return 0


def run_verify(arguments: Namespace) -> int:
    """Compare every file of a release with what was published."""
    from carbon_factors.verification import problems_of

    release = _open(arguments)
    problems = problems_of(release)
    if arguments.json:
        _print_json(
            {
                **_facts(release),
                "verified": not problems,
                "problems": [
                    {
                        "error": type(problem).__name__,
                        "exit_code": problem.exit_code,
                        "sentence": str(problem),
                    }
                    for problem in problems
                ],
            }
        )
    elif problems:
        for problem in problems:
            sys.stderr.write(f"carbon-factors: {problem}\n")
    else:
        files = len(release.manifest.files)
        _print(f"Release {release.release_id} is what was published: {files} files verified.")
        _print(f"state {_state(release)}; signature {_signature(release)}")
        if not release.store.lists:
            _print("A web server does not list files: extra ones would not be seen, nor be read.")
    return _first_code(problems)


def run_load(arguments: Namespace) -> int:
    """Write a table to a file."""
    columns = _split(arguments.columns) or None
    suffix = Path(arguments.to).suffix if arguments.to != "-" else ".csv"
    if suffix not in {".parquet", ".csv", ".arrow"}:
        raise NotFoundError(f"{arguments.to} ends in none of .parquet, .csv and .arrow.")
    release = _open(arguments)
    if suffix == ".parquet" and columns is None:
        content = bytes(release.read(release.table(arguments.table).path))
    else:
        content = _rendered(release.arrow(arguments.table, columns), suffix)
    if arguments.to == "-":
        sys.stdout.buffer.write(content)
        return 0
    write_whole(Path(arguments.to), content)
    rows = release.table(arguments.table).rows
    if arguments.json:
        _print_json({"file": arguments.to, "rows": rows, "release_id": release.release_id})
    else:
        _print(f"{arguments.to}: {rows} rows of {arguments.table}, release {release.release_id}")
    return 0


def _open(arguments: Namespace) -> Release:
    """Open the pinned release where there is a lock file, else the one that is named."""
    location = _location(arguments)
    lock = arguments.lock or (LOCK_FILE if Path(LOCK_FILE).is_file() else None)
    if lock is None or arguments.no_lock:
        release = open_release(
            location or _nowhere(),
            arguments.release,
            channel=arguments.channel,
            allow_withdrawn=arguments.allow_withdrawn,
            **_options(arguments),
        )
    else:
        named = arguments.registry or arguments.location
        base, name = split_location(named) if named else (None, None)
        wanted = arguments.release or name
        pinned = read_lock(lock).release_id
        if wanted not in {None, pinned}:
            raise LockFileError(
                f"{lock} pins release {pinned}, not {wanted}. Pin that one, or add --no-lock."
            )
        release = open_pinned(
            lock, registry=base, allow_withdrawn=arguments.allow_withdrawn, **_options(arguments)
        )
    _notes(release.notices)
    return release


def _location(arguments: Namespace) -> str | None:
    return arguments.location or arguments.registry or os.environ.get(REGISTRY_VARIABLE)


def _nowhere() -> NoReturn:
    raise LockFileError(
        f"There is no {LOCK_FILE} here, and no registry is named. Name one with --registry or "
        f"{REGISTRY_VARIABLE}, or pin one: carbon-factors pin REGISTRY."
    )


def _options(arguments: Namespace) -> dict[str, Any]:
    return {
        "public_key": arguments.public_key or os.environ.get(KEY_VARIABLE) or None,
        "cache": arguments.cache,
        "offline": True if arguments.offline else None,
    }


def _show_table(release: Release, arguments: Namespace) -> int:
    table = release.table(arguments.table)
    fields = [
        (column.name, column.type, column.unit or "", column.description_en, column.description_zh)
        for column in table.columns
    ]
    if not fields:  # version 1 of the manifest: the Parquet file says the same
        fields = [
            (field.name, str(field.type), *(_metadata(field, name) for name in _FIELD_METADATA))
            for field in release.arrow(arguments.table).schema
        ]
    names = ("name", "type", "unit", "description_en", "description_zh")
    if arguments.json:
        _print_json(
            {
                "name": table.name,
                "rows": table.rows,
                "primary_key": list(table.primary_key),
                "columns": [dict(zip(names, field, strict=True)) for field in fields],
            }
        )
    else:
        _print_rows([names, *fields])
    return 0


_FIELD_METADATA = ("unit", "description_en", "description_zh")


def _metadata(field: Any, name: str) -> str:
    return ((field.metadata or {}).get(name.encode()) or b"").decode("utf-8")


def _rendered(table: Any, suffix: str) -> bytes:
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    if suffix == ".csv":
        from pyarrow import csv

        csv.write_csv(table, sink)
    elif suffix == ".parquet":
        from pyarrow import parquet

        parquet.write_table(table, sink)
    else:
        with pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
    return bytes(sink.getvalue())


def _facts(release: Release) -> dict[str, Any]:
    return {
        "release_id": release.release_id,
        "release_month": release.manifest.release_month,
        "channel": release.channel,
        "state": release.state,
        "reason": release.info.reason,
        "replacement": release.info.replacement,
        "registry": release.location,
        "manifest_sha256": release.manifest.sha256,
        "signing_key_id": release.manifest.signing_key_id,
        "signature": release.signature,
        "code_version": release.manifest.code_version,
    }


def _state(release: Release) -> str:
    info = release.info
    more = f"; use {info.replacement}" if info.replacement else ""
    return f"{info.state}{f' ({info.reason}{more})' if info.reason else ''}"


def _signature(release: Release) -> str:
    key_id = release.manifest.signing_key_id
    return f"{release.signature} ({key_id})" if key_id else release.signature


def _first_code(problems: list[VerificationError]) -> int:
    return problems[0].exit_code if problems else 0


def _split(names: str | None) -> list[str]:
    return [name.strip() for name in (names or "").split(",") if name.strip()]


def _figure(value: Any) -> str:
    from carbon_factors.factor import plain

    return str(plain(value))


def _plain(value: str | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else value


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _print_json(value: Any) -> None:
    sys.stdout.write(strict_json.dumps(value).decode())


def _print_rows(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        _print("  ".join(cells).rstrip())


def _notes(notices: list[str]) -> None:
    for notice in notices:
        sys.stderr.write(f"note: {notice}\n")
