"""Canonical JSON: equal values, equal bytes; and a reader that is not fooled."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from warehouse import canonical_json
from warehouse.canonical_json import DocumentError

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(alphabet=st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(alphabet=st.characters(exclude_categories=["Cs"])), inner)
    ),
    max_leaves=15,
)


@settings(max_examples=150, deadline=None)
@given(value=VALUES)
def test_what_is_written_reads_back_equal(value) -> None:
    assert canonical_json.loads(canonical_json.dumps(value)) == value


@settings(max_examples=80, deadline=None)
@given(value=st.dictionaries(st.text(alphabet="abcdef省"), VALUES), seed=st.randoms())
def test_the_order_of_keys_does_not_matter(value, seed) -> None:
    keys = list(value)
    seed.shuffle(keys)
    assert canonical_json.dumps({key: value[key] for key in keys}) == canonical_json.dumps(value)


def test_characters_stand_as_they_are_and_a_newline_ends_the_file() -> None:
    assert canonical_json.dumps({"省": "安徽"}) == '{\n  "省": "安徽"\n}\n'.encode()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1: "a"}, {"a": {2: 1}}, object()])
def test_what_is_not_plain_json_is_refused(value) -> None:
    with pytest.raises(DocumentError, match="Not a plain JSON value"):
        canonical_json.dumps(value)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b'{"a": 1, "a": 2}', "stands twice"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": Infinity}', "Infinity"),
        (b'{"a": "\xff"}', "not readable"),
        ("{}".encode("utf-16"), "not readable"),
        (b"{", "not readable"),
        (b"[" * 200_000, "not readable"),
    ],
)
def test_a_document_that_no_writer_made_in_good_faith_is_refused(content, word) -> None:
    with pytest.raises(DocumentError, match=word):
        canonical_json.loads(content, name="manifest.json")


def test_a_huge_document_is_refused_before_it_is_read(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(canonical_json, "MAXIMUM_BYTES", 100)
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps({"a": "x" * 200}))
    with pytest.raises(DocumentError, match="more than the 100"):
        canonical_json.load(path)


def test_a_missing_document_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"manifest\.json is missing"):
        canonical_json.load(tmp_path / "manifest.json")
