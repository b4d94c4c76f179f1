"""No text of a release can begin a formula, and every text can be had back."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from warehouse.formats.formula_mark import marked_texts, unmarked

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
LIKELY_TEXT = st.text("=+-@＝＋－＠﹢⁻−'\t\r\n \u200b\ufeff\u3000a1", max_size=6)


def begins_a_formula(text: str) -> bool:
    """Say whether a program that drops invisible letters and full-width forms could run it."""
    if text[:1] in {"\t", "\r", "\n"}:
        return True
    dropped = ("Zs", "Zl", "Zp", "Cc", "Cf")
    shown = [letter for letter in text if unicodedata.category(letter) not in dropped]
    first = unicodedata.normalize("NFKC", shown[0])[:1] if shown else ""
    return first != "" and first in "=+-@\u2212"


@given(st.one_of(ANY_TEXT, LIKELY_TEXT))
@example("=1+1")
@example("'=1+1")
@example("\u200b＝1")
@example("")
def test_a_marked_text_never_begins_a_formula_and_gives_the_text_back(text: str) -> None:
    (marked,) = marked_texts([text])
    assert not begins_a_formula(marked)
    assert unmarked(marked) == text


@pytest.mark.parametrize("text", ["河北", "a=b", "0.5", "see -1", "(=1)", " two words"])
def test_a_harmless_text_is_left_alone(text: str) -> None:
    assert marked_texts([text]) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "=1",
        "+1",
        "-1",
        "@x",
        "\t1",
        "\r1",
        "\n1",
        "＝1",
        "＋1",
        "－1",
        "＠1",
        " =1",
        "\ufeff=1",
        "⁺1",
    ],
)
def test_what_could_run_is_marked(text: str) -> None:
    assert marked_texts([text]) == ["'" + text]
