"""Industries: the committed ones are sound, and a faulty file is told by its line."""

import re
from pathlib import Path

import pytest

from ingestion.industry import (
    INDUSTRIES,
    IndustryError,
    industry_names,
    load_industry,
    read_industry,
)

CEMENT = (INDUSTRIES / "cement.yml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", industry_names())
def test_an_industry_has_recipes_with_sources_for_every_product(name: str) -> None:
    industry = load_industry(name)
    for product in industry.products:
        for technology in product.technologies:
            lines = industry.recipe(product.product_code, technology.technology).lines
            assert any(line.required for line in lines)
            assert all(line.source for line in lines)
    assert industry.of_section("input") == list(dict.fromkeys(industry.of_section("input")))


FAULTS = {
    "an unknown field": ("chain: cement", "chains: cement", "the field 'chains' is unknown"),
    "a missing field": ("name_zh: 水泥\n", "", "the field 'name_zh' is missing"),
    "a key that stands twice": ("chain: cement", "chain: a\nchain: b", "'chain' stands twice"),
    "another name than the file's": ("industry: cement", "industry: lime", "the file 'cement'"),
    "a version of three parts": ('"1.0"', '"1.0.0"', "version '1.0.0'"),
    "an unknown unit": ("unit: kWh", "unit: Wh", "in electricity: kWh"),
    "an unknown section": ("section: waste", "section: trash", "section is 'trash'"),
    "an unknown item": ("item: mineral.clay", "item: mineral.mud", "'mineral.mud' stands neither"),
    "an unknown gas": ("item: co2_fossil", "item: co3", "no gas is called 'co3'"),
    "a range upside down": ("low: 0.08, typical: 0.24", "low: 0.8, typical: 0.24", "not 0 <= 0.8"),
    "a number that is text": ("low: 0.08,", "low: 8e-2,", "YAML wants 1.0e-3"),
    "a sigma of ten": ("sigma: 0.015", "sigma: 10", "sigma 10.0 is not between 0 and 2"),
    "required as a word": ("required: true}", "required: often}", "neither true nor false"),
    "a value without its source": (', source: "stoichiometry', ', note: "stoich', "is unknown"),
    "a product code of one word": ("product_code: cement.clinker", "product_code: clinker",
                                   "not of the form chain.product"),
    "a product without lines": ("technology: ball_mill\n    items", "technology: nix\n    items",
                                "no product is called cement.portland by nix"),
    "an item in the wrong section": ("section: waste, item: refractory_brick_waste",
                                     "section: input, item: refractory_brick_waste",
                                     "cannot stand in input"),
    "an item in two lines": ("item: mineral.iron_corrective", "item: mineral.clay",
                             "stands twice in the section input"),
    "no YAML": ("products:", "products: [", "expected"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_by_file_and_line(fault: str, tmp_path: Path) -> None:
    before, after, words = FAULTS[fault]
    assert before in CEMENT
    path = tmp_path / "cement.yml"
    path.write_text(CEMENT.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(IndustryError) as told:
        read_industry(path)
    sentence = str(told.value)
    assert words in sentence
    assert re.match(r"industries/cement\.yml: line \d+:", sentence), sentence


def test_the_line_named_is_the_line_of_the_fault(tmp_path: Path) -> None:
    path = tmp_path / "cement.yml"
    text = CEMENT.replace("item: mineral.clay", "item: mineral.mud", 1)
    path.write_text(text, encoding="utf-8")
    number = next(n for n, line in enumerate(text.split("\n"), 1) if "mineral.mud" in line)
    with pytest.raises(IndustryError, match=f"line {number}:"):
        read_industry(path)


def test_an_industry_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(IndustryError, match=r"Known are: .*cement"):
        load_industry("magic")


@pytest.mark.parametrize("name", ["../survey/rules", "x" * 400, "a\0b", "", "cement.yml"])
def test_a_name_that_is_none_of_an_industry_opens_no_file(name: str, monkeypatch) -> None:
    monkeypatch.setattr("ingestion.industry.read_industry", lambda _: pytest.fail("it was opened"))
    with pytest.raises(IndustryError, match=r"Known are: .*cement"):
        load_industry(name)
