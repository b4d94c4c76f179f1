"""What dbt's artefacts say of published models and of the tests that ran.

Belongs here: reading `manifest.json` and `run_results.json` into small records. Does not belong
here: running dbt, and judging by what was read (`gate`).
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from expectations.check_result import Severity
from warehouse import canonical_json
from warehouse.contract_version import CONTRACT_VERSION, FIRST_CONTRACT_VERSION


class ArtifactError(ValueError):
    """A dbt artefact is missing or does not say what the warehouse needs to know."""


@dataclasses.dataclass(frozen=True)
class PublishedColumn:
    """One column of a published model as its contract describes it."""

    name: str
    data_type: str
    unit: str
    description_en: str
    description_zh: str

    @property
    def arrow_type(self) -> pa.DataType:
        """The Arrow type of the contract's SQL type."""
        return arrow_type(self.data_type)


@dataclasses.dataclass(frozen=True)
class PublishedModel:
    """One dbt model that is marked as published."""

    name: str
    schema: str
    alias: str
    access_class: str
    primary_key: tuple[str, ...]
    columns: tuple[PublishedColumn, ...]
    description_en: str
    name_zh: str
    is_contract_enforced: bool
    description_zh: str = ""
    contract_version: str = FIRST_CONTRACT_VERSION

    @property
    def is_public(self) -> bool:
        """Whether the model may enter a release: only what is called public may."""
        return self.access_class == "public"

    def arrow_schema(self) -> pa.Schema:
        """Return the schema of the model's Parquet file, with the metadata that readers see."""
        fields = [
            pa.field(
                column.name,
                column.arrow_type,
                metadata={
                    "unit": column.unit,
                    "description_en": column.description_en,
                    "description_zh": column.description_zh,
                },
            )
            for column in self.columns
        ]
        return pa.schema(
            fields,
            metadata={
                "table": self.name,
                "primary_key": ",".join(self.primary_key),
                "access_class": self.access_class,
                "contract_version": self.contract_version,
                "description_en": self.description_en,
                "description_zh": self.description_zh,
                "name_zh": self.name_zh,
            },
        )

    def polars_schema(self) -> dict[str, pl.DataType]:
        """Return the exact Polars types of the model's columns."""
        frame = pl.from_arrow(self.arrow_schema().empty_table())
        assert isinstance(frame, pl.DataFrame)
        return dict(frame.schema)


@dataclasses.dataclass(frozen=True)
class DbtTest:
    """One data test of the manifest."""

    unique_id: str
    name: str
    severity: Severity
    relations: tuple[tuple[str, str], ...]
    table: str
    may_be_empty: bool


@dataclasses.dataclass(frozen=True)
class DbtOutcome:
    """How one node of a dbt run ended."""

    status: str
    failures: int | None
    message: str


def load_manifest(target: Path) -> dict[str, Any]:
    """Read `manifest.json`; raises `ArtifactError` if it is missing or unreadable."""
    return _load(target / "manifest.json", "nodes", dict)


def load_outcomes(target: Path) -> dict[str, DbtOutcome]:
    """Read `run_results.json` into outcomes by unique id; raises `ArtifactError`."""
    content = _load(target / "run_results.json", "results", list)
    return {
        entry["unique_id"]: DbtOutcome(
            str(entry.get("status")), entry.get("failures"), str(entry.get("message") or "")
        )
        for entry in content["results"]
    }


def published_models(manifest: Mapping[str, Any]) -> list[PublishedModel]:
    """Return the models marked `meta.published: true`, in order of name, whatever their class.

    Raises `ArtifactError` naming the model when one of them states no primary key, no columns or a
    type that no published table may have.
    """
    models = [
        _model(node)
        for node in manifest["nodes"].values()
        if node.get("resource_type") == "model" and _meta(node).get("published") is True
    ]
    return sorted(models, key=lambda model: model.name)


def data_tests(manifest: Mapping[str, Any]) -> list[DbtTest]:
    """Return every enabled data test of the manifest (unit tests are no checks of data)."""
    nodes = {**manifest.get("sources", {}), **manifest["nodes"]}
    tests = [
        _test(node, nodes)
        for node in manifest["nodes"].values()
        if node.get("resource_type") == "test"
        and (node.get("config") or {}).get("enabled", True) is not False
    ]
    return sorted(tests, key=lambda test: test.unique_id)


def arrow_type(data_type: str) -> pa.DataType:
    """Return the Arrow type of a SQL type of a contract; raises `ArtifactError` if it has none."""
    text = data_type.strip().lower()
    if found := re.fullmatch(r"(?:decimal|numeric)\((\d+),\s*(\d+)\)", text):
        return pa.decimal128(int(found[1]), int(found[2]))
    if text not in _ARROW_TYPES:
        raise ArtifactError(
            f"SQL type {data_type!r} has no place in a published table. Use varchar, date, "
            "boolean, integer, bigint, double, timestamp or decimal(p, s)."
        )
    return _ARROW_TYPES[text]


_ARROW_TYPES = {
    "varchar": pa.string(),
    "text": pa.string(),
    "string": pa.string(),
    "date": pa.date32(),
    "boolean": pa.bool_(),
    "bool": pa.bool_(),
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "int": pa.int32(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "timestamp": pa.timestamp("us"),
}


def sql_type(kind: pa.DataType) -> str:
    """Return the SQL type that gives an Arrow type: the other way of `arrow_type`."""
    if pa.types.is_decimal128(kind):
        return f"decimal({kind.precision}, {kind.scale})"
    for name, known in _ARROW_TYPES.items():
        if known == kind:
            return name
    raise ArtifactError(f"Arrow type {kind} has no place in a published table.")


def _load(path: Path, part: str, kind: type) -> dict[str, Any]:
    try:
        content = canonical_json.load(path)
    except canonical_json.DocumentError as problem:
        raise ArtifactError(
            f"dbt's {path.name} cannot be read: {problem} Build the candidate again."
        ) from problem
    if not isinstance(content, dict) or not isinstance(content.get(part), kind):
        raise ArtifactError(f"dbt's {path.name} has no {part}. Build the candidate again.")
    return content


def _meta(node: Mapping[str, Any]) -> dict[str, Any]:
    """Return a node's meta: dbt keeps it under `config`, and in older places beside it."""
    return {**(node.get("meta") or {}), **((node.get("config") or {}).get("meta") or {})}


def _model(node: Mapping[str, Any]) -> PublishedModel:
    meta = _meta(node)
    name = str(node["name"])
    columns = tuple(
        PublishedColumn(
            str(column["name"]),
            str(column.get("data_type") or ""),
            str(_meta(column).get("unit") or ""),
            " ".join(str(column.get("description") or "").split()),
            " ".join(str(_meta(column).get("description_zh") or "").split()),
        )
        for column in (node.get("columns") or {}).values()
    )
    key = tuple(meta.get("primary_key") or ())
    if not columns:
        raise ArtifactError(f"Published model {name} states no columns; give it a contract.")
    if not key:
        raise ArtifactError(f"Published model {name} states no meta.primary_key.")
    if unknown := [part for part in key if part not in {column.name for column in columns}]:
        raise ArtifactError(f"Published model {name}: key column {unknown[0]!r} does not exist.")
    for column in columns:
        try:
            arrow_type(column.data_type)
        except ArtifactError as problem:
            raise ArtifactError(
                f"Published model {name}, column {column.name}: {problem}"
            ) from None
    contract = (node.get("config") or {}).get("contract") or node.get("contract") or {}
    return PublishedModel(
        name,
        str(node["schema"]),
        str(node.get("alias") or name),
        str(meta.get("access_class") or "unstated"),
        key,
        columns,
        " ".join(str(node.get("description") or "").split()),
        str(meta.get("name_zh") or ""),
        bool(contract.get("enforced")),
        " ".join(str(meta.get("description_zh") or "").split()),
        _contract_version(name, meta),
    )


def _contract_version(name: str, meta: Mapping[str, Any]) -> str:
    version = str(meta.get("contract_version") or FIRST_CONTRACT_VERSION)
    if not CONTRACT_VERSION.fullmatch(version):
        raise ArtifactError(
            f"Published model {name}: meta.contract_version {version!r} is no version. "
            'Write three numbers in quotes, as in "1.0.0".'
        )
    return version


def _test(node: Mapping[str, Any], nodes: Mapping[str, Any]) -> DbtTest:
    depends = [each for each in (node.get("depends_on") or {}).get("nodes", []) if each in nodes]
    attached = node.get("attached_node")
    subjects = [str(attached)] if attached in nodes else depends
    judged = [nodes[each] for each in subjects]
    severity = str((node.get("config") or {}).get("severity") or "error").lower()
    return DbtTest(
        str(node["unique_id"]),
        str(node["name"]),
        "warning" if severity == "warn" else "error",
        tuple(
            (str(each["schema"]), str(each.get("alias") or each.get("identifier") or each["name"]))
            for each in judged
        ),
        ", ".join(str(each["name"]) for each in judged) or "unknown",
        any(_meta(each).get("may_be_empty") is True for each in judged),
    )
