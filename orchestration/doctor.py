"""Is this machine, and this home, fit for a release?

Belongs here: one small function for each thing that can be wrong, each ending in a sentence that
says what to do. Does not belong here: putting things right.
"""

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from orchestration.settings import PROJECT_ROOT, Settings

LOCK = PROJECT_ROOT / "requirements.lock"


@dataclass(frozen=True)
class Finding:
    """What was looked at, whether it is well, and a sentence."""

    what: str
    ok: bool
    sentence: str


def examine(settings: Settings) -> list[Finding]:
    """Look at everything, in the order in which it should be put right."""
    looks: list[tuple[str, Callable[[], Finding]]] = [
        ("Python", python),
        ("Lock", lambda: lock(LOCK)),
        ("dbt", dbt_executable),
        ("DuckDB", duckdb_storage),
        ("Home", lambda: writable(settings.home)),
        ("Disk", lambda: disk(settings.home, settings.free_disk_mb)),
        ("Data", lambda: incoming(settings.data)),
        ("dbt project", lambda: dbt_project(settings.home)),
        ("Raw tables", lambda: raw_tables(settings.home)),
        ("Keys", lambda: keys(settings)),
        ("Waivers", waivers),
    ]
    return [_look(what, look) for what, look in looks]


def _look(what: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except Exception as error:  # noqa: BLE001 - a look that fails is itself a finding
        return Finding(what, False, f"could not be looked at: {error}")


def keys(settings: Settings) -> Finding:
    """Every key that a setting names must be usable; without one, releases are unsigned."""
    from orchestration.trust import approval_rule, signing_key, trusted_keys

    key, trusted, rule = signing_key(settings), trusted_keys(settings), approval_rule(settings)
    if rule is not None and not set(rule.approvers) - {rule.signing_key_id}:
        return Finding(
            "Keys", False, "an approval is required, but nobody else may give it: set `approvers`."
        )
    signs = f"releases are signed by {key.key_id}" if key else "releases are unsigned"
    return Finding("Keys", True, f"{signs}; {len(trusted)} trusted to verify them.")


def waivers() -> Finding:
    """Each waiver must name a check and still hold; one that has ended lets nothing pass."""
    from orchestration.trust import waivers_today

    today = waivers_today()
    ended = [said for each in today.entries if (said := today.objection(each.check_id))]
    if ended:
        return Finding("Waivers", False, " ".join(ended))
    count = len(today.entries)
    return Finding("Waivers", True, f"{count or 'no'} check{'s' * (count != 1)} waived.")


def python() -> Finding:
    """Python must be 3.11 or newer."""
    version = ".".join(map(str, sys.version_info[:3]))
    ok = sys.version_info >= (3, 11)
    return Finding("Python", ok, version if ok else f"{version}; 3.11 or newer is needed.")


def locked_versions(text: str) -> dict[str, set[str]]:
    """Return the versions that a lock names for each package (several where markers differ)."""
    versions: dict[str, set[str]] = {}
    for name, version in re.findall(
        r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", text, re.MULTILINE
    ):
        versions.setdefault(name.lower(), set()).add(version)
    return versions


def lock(file: Path) -> Finding:
    """Installed packages must be of the locked versions."""
    if not file.exists():
        return Finding("Lock", True, "no requirements.lock beside the code; nothing to compare.")
    wrong = []
    locked = locked_versions(file.read_text(encoding="utf-8"))
    for name, versions in locked.items():
        try:
            installed = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue  # for another platform, or a development tool that is not installed
        if installed not in versions:
            wrong.append(f"{name} {installed} instead of {' or '.join(sorted(versions))}")
    if wrong:
        return Finding("Lock", False, f"{'; '.join(wrong)}. Remove .venv and run make again.")
    return Finding("Lock", True, f"{len(locked)} packages as locked.")


def dbt_executable() -> Finding:
    """dbt must lie beside Python."""
    from orchestration.dbt import executable

    found = shutil.which(executable())
    if found is None:
        return Finding("dbt", False, "not found beside Python. Remove .venv and run make again.")
    return Finding("dbt", True, f"{metadata.version('dbt-core')} at {found}")


def duckdb_storage() -> Finding:
    """DuckDB must be 1.x: files written by 2.x cannot be opened by older clients."""
    version = metadata.version("duckdb")
    ok = version.startswith("1.")
    advice = version if ok else f"{version}; 1.5 is needed. Remove .venv and run make again."
    return Finding("DuckDB", ok, advice)


def writable(home: Path) -> Finding:
    """The home must be a folder that can be written to."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home):
            pass
    except OSError as error:
        return Finding(
            "Home", False, f"{home} cannot be written to ({error.strerror}). Set CARBON_HOME."
        )
    return Finding("Home", True, f"{home} can be written to.")


def disk(home: Path, wanted_mb: int) -> Finding:
    """There must be room for a candidate and a release."""
    nearest = next(path for path in (home, *home.parents) if path.exists())
    free_mb = shutil.disk_usage(nearest).free // 1_000_000
    ok = free_mb >= wanted_mb
    advice = f"{free_mb} MB free" + ("." if ok else f"; {wanted_mb} MB are needed. Make room.")
    return Finding("Disk", ok, advice)


def incoming(data: Path) -> Finding:
    """The data folder must hold at least one delivery note."""
    notes = sum(1 for _ in data.rglob("delivery.yml")) if data.is_dir() else 0
    if notes == 0:
        return Finding("Data", False, f"{data} holds no delivery.yml. Set CARBON_DATA.")
    if not os.access(data, os.R_OK):
        return Finding("Data", False, f"{data} cannot be read.")
    return Finding("Data", True, f"{notes} delivery notes under {data}.")


def dbt_project(home: Path) -> Finding:
    """The dbt project must parse."""
    from orchestration.dbt import DbtFailed, manifest

    try:
        manifest(home)
    except DbtFailed as error:
        return Finding("dbt project", False, str(error))
    return Finding("dbt project", True, "parses.")


def raw_tables(home: Path) -> Finding:
    """Raw tables are there once files were taken in; before that there is nothing wrong."""
    from ingestion.contract import all_contracts
    from ingestion.raw import read_raw

    if not (home / "raw").is_dir():
        return Finding("Raw tables", True, "none yet; `carbon-warehouse ingest` makes them.")
    empty = [
        table
        for table, contract in all_contracts().items()
        if contract.required and read_raw(home, table).is_empty()
    ]
    if empty:
        return Finding("Raw tables", False, f"empty: {', '.join(empty)}. Ingest their files.")
    return Finding("Raw tables", True, f"{len(all_contracts())} tables, filled.")
