"""The derivation as dbt compiled it: models in order, their SQL, and what they read.

Belongs here: reading dbt's compiled manifest. Does not belong here: running it (`replay`), and
compiling (the caller's business).

The graph is cut where periods come in (`int_period`). What lies above the cut and is read below it
is the *frontier*. Below the cut every value of a year is a function of the frontier's rows of that
year, so that years whose frontier is unchanged need not be derived again.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

TARGETS = ("int_factor_value", "int_network_node", "int_network_edge")
"""The models for which a replay is made."""

UNREAD = frozenset({"certificate"})
"""Raw tables that a replay takes as empty: no value that it keeps rests on claims."""

AS_OF, PERIODS = "stg_as_of", "int_period"

_RAW = re.compile(r"'[^']*/(\w+)/\*\.parquet'")


class DerivationError(RuntimeError):
    """The manifest does not hold what a replay needs; the message names it."""


@dataclasses.dataclass(frozen=True)
class Model:
    """One node of the derivation.

    Attributes:
        name: of the model or seed; `parents` and `raw` (tables read) are names as well.
        kind: sql, python or seed.
        code: the compiled SQL (sql), raw tables read as `raw.<table>`; else empty.
        path: of the source file below the dbt project.
        config: of the model, `meta` among it.
    """

    name: str
    schema: str
    kind: str
    code: str
    path: str
    parents: tuple[str, ...]
    raw: tuple[str, ...]
    config: Mapping[str, Any]

    @property
    def relation(self) -> str:
        """The model's table."""
        return f"{self.schema}.{self.name}"


@dataclasses.dataclass(frozen=True)
class RawTable:
    """A raw table of the derivation: its layer, and what has a first publication of its own."""

    name: str
    layer: str
    first_known_by: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Derivation:
    """The models that lead to the targets, parents first, and the raw tables that they read."""

    models: tuple[Model, ...]
    raw: tuple[RawTable, ...]
    project: Path

    @functools.cached_property
    def version(self) -> str:
        """Hash of what is carried out: SQL with its parameters, seeds, Python models and methods.

        Published tables, tests and descriptions are no part of it.
        """
        digest = hashlib.sha256()
        for model in self.models:
            digest.update(f"{model.name} {model.kind}\n{model.code}\n".encode())
            if model.kind != "sql":
                digest.update((self.project / model.path).read_bytes())
            if model.kind == "python":
                digest.update(json.dumps(model.config, sort_keys=True, default=str).encode())
        for folder in ("methods", "vintages"):
            for file in sorted((self.project / folder).rglob("*.py")):
                digest.update(f"{file.name}\n".encode() + file.read_bytes())
        return digest.hexdigest()[:16]

    @functools.cached_property
    def below(self) -> frozenset[str]:
        """Names of the models below the cut (descendants of `int_period`)."""
        found: set[str] = set()
        for model in self.models:
            if model.name == PERIODS or found.intersection(model.parents):
                found.add(model.name)
        return frozenset(found - {PERIODS})

    @functools.cached_property
    def frontier(self) -> tuple[str, ...]:
        """Names of the models above the cut that a model below it reads, sorted."""
        read = {
            parent for model in self.models if model.name in self.below for parent in model.parents
        }
        return tuple(sorted(read - self.below))


def load(manifest: Path, project: Path, targets: Iterable[str] = TARGETS) -> Derivation:
    """Read the derivation of some targets from a manifest that `dbt compile` wrote.

    Args:
        manifest: dbt's `manifest.json`, with compiled code.
        project: folder of the dbt project (seeds and Python models are read there).
        targets: names of the models wanted.

    Raises:
        DerivationError: a target, or the compiled code of a model, is missing.
    """
    content = json.loads(manifest.read_text(encoding="utf-8"))
    nodes, sources = content["nodes"], content["sources"]
    by_name = {
        node["name"]: unique_id
        for unique_id, node in nodes.items()
        if node["resource_type"] in {"model", "seed"}
    }
    wanted = [*targets, AS_OF]
    if lost := sorted(set(wanted) - set(by_name)):
        raise DerivationError(f"The dbt project has no model {lost[0]}, which a replay needs.")
    order = _parents_first((by_name[name] for name in wanted), nodes)
    raw = {
        sources[parent]["name"]: _raw_table(sources[parent])
        for unique_id in order
        for parent in _parents(nodes[unique_id])
        if parent in sources
    }
    return Derivation(
        tuple(_model(nodes[unique_id], nodes, sources) for unique_id in order),
        tuple(raw[name] for name in sorted(raw)),
        project,
    )


def _parents(node: Mapping[str, Any]) -> list[str]:
    return sorted(node.get("depends_on", {}).get("nodes", []))


def _parents_first(wanted: Iterable[str], nodes: Mapping[str, Any]) -> list[str]:
    order: dict[str, None] = {}

    def visit(unique_id: str) -> None:
        if unique_id in order or unique_id not in nodes:
            return
        for parent in _parents(nodes[unique_id]):
            visit(parent)
        order[unique_id] = None

    for unique_id in wanted:
        visit(unique_id)
    return list(order)


def _model(node: Mapping[str, Any], nodes: Mapping[str, Any], sources: Mapping[str, Any]) -> Model:
    seed = node["resource_type"] == "seed"
    kind = "seed" if seed else node["language"]
    code = "" if kind != "sql" else node.get("compiled_code")
    if code is None:
        raise DerivationError(f"The manifest holds no compiled code of {node['name']}.")
    # Compiled for an in-memory database: "memory"."schema"."table".
    code = _RAW.sub(r"raw.\1", code.replace(f'"{node["database"]}".', ""))
    parents = tuple(nodes[parent]["name"] for parent in _parents(node) if parent in nodes)
    raw = tuple(sources[parent]["name"] for parent in _parents(node) if parent in sources)
    return Model(
        node["name"], node["schema"], kind, code, node["original_file_path"], parents, raw,
        node["config"],
    )  # fmt: skip


def _raw_table(source: Mapping[str, Any]) -> RawTable:
    meta = {**source.get("meta", {}), **source.get("config", {}).get("meta", {})}
    layer = meta.get("layer")
    if layer not in {"statistics", "parameters", "corrections"}:
        raise DerivationError(f"Raw table {source['name']} belongs to no layer in _sources.yml.")
    return RawTable(source["name"], layer, tuple(meta.get("first_known_by", ())))
