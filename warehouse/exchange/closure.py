"""Whether a package is closed: everything that is referred to is in it.

Belongs here: reading a written archive again and following every reference. Does not belong here:
writing it.

The schemas of both formats let a reference lead nowhere. So each archive is opened as a reader
would, and each reference must name a data set of the right kind that the archive holds - in ILCD
with its version and address too. A quantitative reference must name an exchange.
"""

from __future__ import annotations

import json
import posixpath
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from warehouse.exchange.ilcd_support import KINDS

_COMMON = "{http://lca.jrc.it/ILCD/Common}"
_FOLDER_OF = {kind: folder for folder, kind in KINDS.items()}
_JSON_FOLDERS = {
    "Actor": "actors", "DQSystem": "dq_systems", "Flow": "flows",
    "FlowProperty": "flow_properties", "ImpactCategory": "lcia_categories",
    "ImpactMethod": "lcia_methods", "Location": "locations", "Process": "processes",
    "Source": "sources", "UnitGroup": "unit_groups",
}  # fmt: skip


def of_ilcd(path: Path) -> list[str]:
    """Return a sentence for each thing in an ILCD package that leads nowhere."""
    found: list[str] = []
    with zipfile.ZipFile(path) as archive:
        members = frozenset(archive.namelist())
        for name in sorted(members):
            if name.count("/") == 2:
                root = ElementTree.fromstring(archive.read(name))  # noqa: S314 - our own file
                found += [f"closure_ilcd: {name}: {each}" for each in _ilcd(name, root, members)]
    return found


def of_openlca(path: Path) -> list[str]:
    """Return a sentence for each thing in an openLCA package that leads nowhere."""
    found: list[str] = []
    with zipfile.ZipFile(path) as archive:
        members = frozenset(archive.namelist())
        units = {
            unit["@id"]
            for name in members
            if name.startswith("unit_groups/")
            for unit in json.loads(archive.read(name))["units"]
        }
        for name in sorted(members):
            if "/" in name:
                document = json.loads(archive.read(name))
                found += [
                    f"closure_openlca: {name}: {each}"
                    for each in _openlca(name, document, members, units)
                ]
    return found


def _ilcd(name: str, root: ElementTree.Element, members: frozenset[str]) -> Iterator[str]:
    folder = posixpath.dirname(name)
    own = (root.findtext(f".//{_COMMON}UUID"), root.findtext(f".//{_COMMON}dataSetVersion"))
    if f"{own[0]}_{own[1]}.xml" != posixpath.basename(name):
        yield f"says that it is {own[0]} version {own[1]}, which is not its name."
    for node in root.iter():
        if "refObjectId" not in node.attrib:
            continue
        kind, target = node.get("type", ""), node.attrib["refObjectId"]
        member = f"ILCD/{_FOLDER_OF.get(kind, '?')}/{target}_{node.get('version')}.xml"
        if member not in members:
            yield f"refers to the {kind} {target} version {node.get('version')}, which is missing."
        elif posixpath.normpath(posixpath.join(folder, node.get("uri", ""))) != member:
            yield f"refers to {target} at {node.get('uri')!r}, which is not where it is."
    exchanges = [node.get("dataSetInternalID") for node in root.iter() if _is(node, "exchange")]
    for node in root.iter():
        if _is(node, "referenceToReferenceFlow") and node.text not in exchanges:
            yield f"has the reference flow {node.text}, which is none of its exchanges."


def _is(node: ElementTree.Element, name: str) -> bool:
    return node.tag.rpartition("}")[2] == name


def _openlca(
    name: str, document: dict[str, Any], members: frozenset[str], units: set[str]
) -> Iterator[str]:
    if posixpath.basename(name) != f"{document.get('@id')}.json":
        yield f"says that it is {document.get('@id')}, which is not its name."
    for node in _nodes(document):
        kind, target = node.get("@type"), node.get("@id")
        if kind == "Unit":
            if target not in units:
                yield f"refers to the unit {target}, which no unit group has."
        elif kind is not None and f"{_JSON_FOLDERS.get(kind, '?')}/{target}.json" not in members:
            yield f"refers to the {kind} {target}, which is missing."
    if name.startswith("processes/"):
        references = [each for each in document["exchanges"] if each["isQuantitativeReference"]]
        if len(references) != 1:
            yield f"has {len(references)} quantitative references instead of one."


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    pending = [value]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            yield node
            pending.extend(node.values())
        elif isinstance(node, list):
            pending.extend(node)
