"""`CITATION.cff` keeps the rules of the Citation File Format 1.2.0."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.warehouse.formats import small_release
from warehouse.formats.citation import citation_cff
from warehouse.formats.sources import Source

TEXT = {"type": "string", "minLength": 1}
ENTITY = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {"name": TEXT, "website": TEXT, "email": TEXT, "country": TEXT},
}
REFERENCE = {
    "type": "object",
    "required": ["authors", "title", "type"],
    "additionalProperties": False,
    "properties": {
        "type": {"enum": ["data", "database", "report", "standard", "website", "generic"]},
        "title": TEXT,
        "authors": {"type": "array", "minItems": 1, "uniqueItems": True, "items": ENTITY},
        "notes": TEXT,
    },
}
RULES = {
    "type": "object",
    "required": ["authors", "cff-version", "message", "title"],
    "additionalProperties": False,
    "properties": {
        "cff-version": {"const": "1.2.0"},
        "message": TEXT,
        "title": TEXT,
        "type": {"enum": ["dataset", "software"]},
        "abstract": TEXT,
        "version": TEXT,
        "license": {"enum": ["Apache-2.0", "CC-BY-4.0", "CC0-1.0", "MIT", "ODbL-1.0"]},
        "keywords": {"type": "array", "minItems": 1, "uniqueItems": True, "items": TEXT},
        "authors": {"type": "array", "minItems": 1, "uniqueItems": True, "items": ENTITY},
        "references": {"type": "array", "minItems": 1, "uniqueItems": True, "items": REFERENCE},
        "date-released": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
    },
}
"""The fields that we use, with what the standard asks of each; no other field may appear."""


def read(content: bytes) -> dict[str, Any]:
    found = yaml.load(content.decode("utf-8"), Loader=yaml.BaseLoader)
    assert isinstance(found, dict)
    return found


def test_it_keeps_the_rules_of_the_format(small: Path) -> None:
    jsonschema.validate(read((small / "CITATION.cff").read_bytes()), RULES)


def test_it_names_version_title_licence_and_sources(small: Path) -> None:
    found = read((small / "CITATION.cff").read_bytes())
    assert found["version"] == "2023.12.0"
    assert found["type"] == "dataset"
    assert found["license"] == "Apache-2.0"
    assert "Carbon Factor Database" in found["title"]
    assert "碳因子数据库" in found["title"]
    assert [each["authors"][0]["name"] for each in found["references"]] == [
        "Bureau 统计局",
        "yearbook",
    ]


def test_it_holds_no_clock(small: Path) -> None:
    text = (small / "CITATION.cff").read_text("utf-8")
    assert "date-released" not in text
    assert set(re.findall(r"\d{4}-\d{2}-\d{2}", text)) == {"2024-01-31"}


def test_a_demo_release_says_so(small: Path) -> None:
    assert "synthetic" in read(citation_cff(small_release.DEMO, []))["abstract"]


def test_a_release_without_sources_is_valid() -> None:
    found = read(citation_cff(small_release.FACTS, []))
    jsonschema.validate(found, RULES)
    assert "references" not in found


@pytest.mark.parametrize(
    "title", ["a: b", "- x", "{x}", "#x", "'q'", '"', "\n", "x\ty", "=1", "null"]
)
def test_drill_a_title_that_means_something_in_yaml(title: str) -> None:
    source = Source("id", title, "", "p: q", "", "", "")
    found = read(citation_cff(small_release.FACTS, [source]))
    jsonschema.validate(found, RULES)
    assert (
        found["references"][0]["title"] == title.strip() or found["references"][0]["title"] == "id"
    )
