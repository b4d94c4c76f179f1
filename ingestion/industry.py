"""Industries: what each industry makes, from what, and within which physical ranges.

Belongs here: reading and checking `industries/<industry>.yml`, the contract of an industry. From it
come its questionnaire (survey/template.py), the ranges of the plausibility checks
(survey/checks.py) and the recipes of the worked example.
Does not belong here: the content of any industry, answers of any plant.

The file, field by field:

    industry, version ("1.0"), name_zh, name_en, chain
    items:     <code>: {zh, en, kind, unit, lower_heating_value, carbon_content, source}
               every input, co-product and waste that the lines name and that is not under products.
               kind: material|fuel|steam|water|packaging|waste. lower_heating_value in MJ per unit,
               carbon_content in kg of carbon per unit; both optional, both with a source.
    products:  - product_code, name_zh, name_en, unit, technologies: [{technology, name_zh,
               name_en}], co_products: [code], allocation: {default, reason}, output_range: {low,
               high, source} (a year of one plant, in `unit`); optional carbon_content,
               mass_kg_per_unit, lower_heating_value, kind (as an input of others).
    lines:     - product_code, technology, items: [{section, item, unit, per_unit: {low, typical,
               high, sigma}, source, required}]; optional mass_balance: {low, high, source}.
               per_unit: amount of `unit` per 1 unit of the product; in the section co_product what
               comes beside it. In the section transport the unit is km and per_unit the distance
               of one haul; `mode` and in emission `source_of` (process|fugitive|
               combustion_measured), in waste `treatment` may be given.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

INDUSTRIES = Path(__file__).parent / "industries"

UNITS = ("kg", "kWh", "MJ", "m3", "m2", "item", "t*km", "W")
SECTIONS = ("input", "electricity", "steam", "co_product", "emission", "waste", "transport")
INPUT_KINDS = ("material", "fuel", "steam", "water", "packaging")
KINDS = (*INPUT_KINDS, "waste")
GASES = {
    "co2_fossil": ("化石 CO2", "CO2, fossil"),
    "co2_biogenic": ("生物源 CO2", "CO2, biogenic"),
    "co2_land_use": ("土地利用 CO2", "CO2, land-use change"),
    "ch4_fossil": ("化石 CH4", "CH4, fossil"),
    "ch4_biogenic": ("生物源 CH4", "CH4, biogenic"),
    "n2o": ("N2O", "N2O"),
    "cf4": ("CF4", "CF4"),
    "c2f6": ("C2F6", "C2F6"),
    "sf6": ("SF6", "SF6"),
    "nf3": ("NF3", "NF3"),
    "hfc134a": ("HFC-134a", "HFC-134a"),
}
"""Gas code -> names in Chinese and English."""

MODES = ("road", "rail", "inland_water", "sea", "pipeline")
TREATMENTS = ("landfill", "incineration", "recycling", "hazardous")
EMISSION_SOURCES = ("process", "fugitive", "combustion_measured")
ALLOCATIONS = ("mass", "energy", "economic", "system_expansion", "none")

_CODE = re.compile(r"^[a-z][a-z0-9_]*\.[a-z0-9_]+$")
_WORD = re.compile(r"^[a-z][a-z0-9_]*$")
_VERSION = re.compile(r"^\d+\.\d+$")


class IndustryError(ValueError):
    """An industry that cannot be used; the message names the file and the line of the mistake."""


@dataclass(frozen=True)
class Range:
    """Physical range of a specific amount. `typical` and `sigma` (lognormal) feed the generator
    alone.
    """

    low: float
    typical: float
    high: float
    sigma: float


@dataclass(frozen=True)
class Bounds:
    """A lower and an upper bound with their source."""

    low: float
    high: float
    source: str


@dataclass(frozen=True)
class Item:
    """Something that goes in or comes out: an input, a co-product, a waste, or a product.

    `lower_heating_value` in MJ per unit, `carbon_content` in kg of carbon per unit; None where
    the industry states none.
    """

    code: str
    name_zh: str
    name_en: str
    kind: str
    unit: str | None
    lower_heating_value: float | None
    carbon_content: float | None
    source: str


@dataclass(frozen=True)
class Technology:
    """One way in which a product is made."""

    technology: str
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class Product:
    """A product that plants of the industry report. `output_range`: a year's output of one plant.

    `allocation`: the method taken where the plant states none, with its reason.
    """

    product_code: str
    name_zh: str
    name_en: str
    unit: str
    technologies: tuple[Technology, ...]
    co_products: tuple[str, ...]
    allocation: str
    allocation_reason: str
    output_range: Bounds
    mass_kg_per_unit: float | None


@dataclass(frozen=True)
class Line:
    """One line of a recipe: how much of `item` goes with one unit of the product."""

    section: str
    item: str
    unit: str
    per_unit: Range
    source: str
    required: bool
    mode: str | None = None
    treatment: str | None = None
    source_of: str | None = None


@dataclass(frozen=True)
class Recipe:
    """All lines of one product made in one way. `mass_balance`: kg of materials per kg of all
    products, where the lines do not already give it.
    """

    product_code: str
    technology: str
    lines: tuple[Line, ...]
    mass_balance: Bounds | None = None


@dataclass(frozen=True)
class Industry:
    """The contract of one industry."""

    industry: str
    version: str
    name_zh: str
    name_en: str
    chain: str
    products: tuple[Product, ...]
    items: Mapping[str, Item] = field(hash=False)
    recipes: tuple[Recipe, ...]

    def product(self, product_code: str) -> Product:
        """The product of this code; KeyError when the industry does not make it."""
        return {product.product_code: product for product in self.products}[product_code]

    def recipe(self, product_code: str, technology: str) -> Recipe:
        """The recipe of this product and technology; KeyError when there is none."""
        return {(each.product_code, each.technology): each for each in self.recipes}[
            product_code, technology
        ]

    def of_section(self, *sections: str) -> list[str]:
        """The items that any recipe names in these sections, once each, in the order of the
        file.
        """
        names = (
            line.item
            for recipe in self.recipes
            for line in recipe.lines
            if line.section in sections
        )
        return list(dict.fromkeys(names))


def industry_names() -> list[str]:
    """Names of all industries that have a contract, in alphabetical order."""
    return sorted(path.stem for path in INDUSTRIES.glob("*.yml"))


@cache
def load_industry(name: str) -> Industry:
    """The contract of the industry `name`; IndustryError when there is none or it is faulty."""
    known = industry_names()
    if name not in known:
        names = ", ".join(known)
        raise IndustryError(f"There is no industry '{name[:60]}'. Known are: {names}.")
    return read_industry(INDUSTRIES / f"{name}.yml")


def read_industry(path: Path) -> Industry:
    """The contract in the file `path`, checked as a whole. IndustryError names file and line."""
    return _File(path).industry()


class _Fields(dict):
    """A YAML mapping that knows the line of each key. `line` is where the mapping begins."""

    line: int
    lines: dict[str, int]


class _Loader(yaml.SafeLoader):
    """Keeps line numbers and refuses keys that stand twice."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> Iterator[_Fields]:
    fields = _Fields()
    fields.line = node.start_mark.line + 1
    fields.lines = {}
    yield fields
    for key_node, value_node in node.value:
        key = str(loader.construct_object(key_node, deep=True))
        if key in fields:
            raise yaml.MarkedYAMLError(
                problem=f"'{key}' stands twice", problem_mark=key_node.start_mark
            )
        fields.lines[key] = key_node.start_mark.line + 1
        fields[key] = loader.construct_object(value_node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)

_TOP = ("industry", "version", "name_zh", "name_en", "chain", "items", "products", "lines")
_ITEM = ("zh", "en", "kind", "unit", "lower_heating_value", "carbon_content", "source")
_PRODUCT = ("product_code", "name_zh", "name_en", "unit", "technologies", "co_products",
            "allocation", "output_range", "carbon_content", "mass_kg_per_unit", "kind",
            "lower_heating_value", "source")  # fmt: skip
_LINE = ("section", "item", "unit", "per_unit", "source", "required", "mode", "treatment",
         "source_of")  # fmt: skip
_RANGE = ("low", "typical", "high", "sigma")


class _File:
    """One industry file while it is read; every check ends in a sentence with the line."""

    def __init__(self, path: Path) -> None:
        self.name = f"industries/{path.name}"
        try:
            content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            where = f" line {mark.line + 1}:" if mark else ""
            raise IndustryError(f"{self.name}:{where} {error.problem}.") from error
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise IndustryError(f"{self.name}: it is not YAML ({error}).") from error
        if not isinstance(content, _Fields):
            raise IndustryError(f"{self.name}: line 1: the file holds no fields.")
        self.content = content
        self.stem = path.stem

    def fail(self, line: int, sentence: str) -> IndustryError:
        return IndustryError(f"{self.name}: line {line}: {sentence}")

    def industry(self) -> Industry:
        top = self.content
        self.known(top, _TOP, _TOP)
        name = self.word(top, "industry")
        if name != self.stem:
            raise self.fail(top.lines["industry"], f"industry is '{name}', the file '{self.stem}'.")
        version = self.text(top, "version")
        if not _VERSION.match(version):
            raise self.fail(top.lines["version"], f"version '{version}' is not of the form '1.0'.")
        items = {code: self.item(code, entry) for code, entry in self.entries(top, "items")}
        products = []
        for entry in self.listed(top, "products"):
            product, as_item = self.product(entry)
            if as_item.code in items:
                raise self.fail(entry.line, f"'{as_item.code}' stands under products and again.")
            items[as_item.code] = as_item
            products.append(product)
        recipes: dict[tuple[str, str], Recipe] = {}
        for entry in self.listed(top, "lines"):
            recipe = self.recipe(entry, products, items)
            key = (recipe.product_code, recipe.technology)
            if key in recipes:
                raise self.fail(entry.line, f"the lines of {' '.join(key)} stand twice.")
            recipes[key] = recipe
        self.complete(products, items, recipes)
        return Industry(
            industry=name,
            version=version,
            name_zh=self.text(top, "name_zh"),
            name_en=self.text(top, "name_en"),
            chain=self.word(top, "chain"),
            products=tuple(products),
            items=items,
            recipes=tuple(recipes.values()),
        )

    def complete(
        self,
        products: list[Product],
        items: Mapping[str, Item],
        recipes: Mapping[tuple[str, str], Recipe],
    ) -> None:
        listed = self.content["products"]
        for product, entry in zip(products, listed, strict=True):
            for technology in product.technologies:
                if (product.product_code, technology.technology) not in recipes:
                    name = f"{product.product_code} by {technology.technology}"
                    raise self.fail(entry.line, f"{name} has no lines.")
            for code in product.co_products:
                if code not in items or items[code].unit is None:
                    raise self.fail(
                        entry.lines["co_products"],
                        f"the co-product '{code}' stands neither under products nor, with its "
                        "unit, under items.",
                    )

    def item(self, code: str, entry: Any) -> Item:
        if not isinstance(entry, _Fields):
            raise self.fail(self.content["items"].lines[code], f"'{code}' has no fields.")
        self.known(entry, _ITEM, ("zh", "en", "kind"))
        kind = self.one_of(entry, "kind", KINDS)
        pattern = _WORD if kind == "waste" else _CODE
        if not pattern.match(code):
            form = "a lower-case word" if kind == "waste" else "of the form chain.product"
            raise self.fail(entry.line, f"the code '{code}' is not {form}.")
        return Item(
            code=code,
            name_zh=self.text(entry, "zh"),
            name_en=self.text(entry, "en"),
            kind=kind,
            unit=self.one_of(entry, "unit", UNITS) if "unit" in entry else None,
            lower_heating_value=self.positive(entry, "lower_heating_value"),
            carbon_content=self.positive(entry, "carbon_content"),
            source=self.sourced(entry, "lower_heating_value", "carbon_content"),
        )

    def product(self, entry: _Fields) -> tuple[Product, Item]:
        self.known(entry, _PRODUCT, _PRODUCT[:8])
        code = self.text(entry, "product_code")
        if not _CODE.match(code):
            line = entry.lines["product_code"]
            raise self.fail(line, f"the code '{code}' is not of the form chain.product.")
        technologies = []
        for each in self.listed(entry, "technologies"):
            self.known(each, ("technology", "name_zh", "name_en"), ("technology",))
            word = self.word(each, "technology")
            technologies.append(
                Technology(word, self.text(each, "name_zh"), self.text(each, "name_en"))
            )
        names = [each.technology for each in technologies]
        if len(set(names)) < len(names):
            raise self.fail(entry.lines["technologies"], f"a technology of {code} stands twice.")
        allocation = self.fields(entry, "allocation", ("default", "reason"))
        co_products = entry["co_products"] or []
        if not isinstance(co_products, list) or not all(isinstance(c, str) for c in co_products):
            raise self.fail(entry.lines["co_products"], "co_products is no list of codes.")
        default = self.one_of(allocation, "default", ALLOCATIONS)
        if co_products and default == "none":
            raise self.fail(allocation.line, f"{code} has co-products and no default allocation.")
        product = Product(
            product_code=code,
            name_zh=self.text(entry, "name_zh"),
            name_en=self.text(entry, "name_en"),
            unit=self.one_of(entry, "unit", UNITS),
            technologies=tuple(technologies),
            co_products=tuple(co_products),
            allocation=default,
            allocation_reason=self.text(allocation, "reason"),
            output_range=self.bounds(entry, "output_range"),
            mass_kg_per_unit=self.positive(entry, "mass_kg_per_unit"),
        )
        kind = self.one_of(entry, "kind", INPUT_KINDS) if "kind" in entry else "material"
        source = self.sourced(entry, "lower_heating_value", "carbon_content", "mass_kg_per_unit")
        item = Item(
            code=code,
            name_zh=product.name_zh,
            name_en=product.name_en,
            kind=kind,
            unit=product.unit,
            lower_heating_value=self.positive(entry, "lower_heating_value"),
            carbon_content=self.positive(entry, "carbon_content"),
            source=source,
        )
        return product, item

    def recipe(self, entry: _Fields, products: list[Product], items: Mapping[str, Item]) -> Recipe:
        needed = ("product_code", "technology", "items")
        self.known(entry, (*needed, "mass_balance"), needed)
        code, technology = self.text(entry, "product_code"), self.word(entry, "technology")
        made = {(p.product_code, t.technology) for p in products for t in p.technologies}
        if (code, technology) not in made:
            raise self.fail(entry.line, f"no product is called {code} by {technology}.")
        lines = tuple(self.line(each, items) for each in self.listed(entry, "items"))
        keys = [(each.section, each.item, each.mode, each.source_of) for each in lines]
        for key, each in zip(keys, entry["items"], strict=True):
            if keys.count(key) > 1:
                raise self.fail(each.line, f"'{key[1]}' stands twice in the section {key[0]}.")
        balance = self.bounds(entry, "mass_balance") if "mass_balance" in entry else None
        return Recipe(code, technology, lines, balance)

    def line(self, entry: _Fields, items: Mapping[str, Item]) -> Line:
        self.known(entry, _LINE, _LINE[:6])
        section = self.one_of(entry, "section", SECTIONS)
        item, unit = self.text(entry, "item"), self.text(entry, "unit")
        expected = {"electricity": ("kWh",), "steam": ("MJ", "kg"), "transport": ("km",),
                    "emission": ("kg",)}.get(section, UNITS)  # fmt: skip
        if unit not in expected:
            names = ", ".join(expected)
            raise self.fail(entry.lines["unit"], f"unit '{unit}'; in {section}: {names}.")
        self.item_of(section, item, unit, entry, items)
        ranged = self.fields(entry, "per_unit", _RANGE)
        low, typical, high, sigma = (self.number(ranged, name) for name in _RANGE)
        if not 0 <= low <= typical <= high or high == 0:
            raise self.fail(ranged.line, f"not 0 <= {low} <= {typical} <= {high}, high above 0.")
        if not 0 <= sigma <= 2:
            raise self.fail(ranged.line, f"sigma {sigma} is not between 0 and 2.")
        if not isinstance(entry["required"], bool):
            raise self.fail(entry.lines["required"], "required is neither true nor false.")
        return Line(
            section=section,
            item=item,
            unit=unit,
            per_unit=Range(low, typical, high, sigma),
            source=self.text(entry, "source"),
            required=entry["required"],
            mode=self.one_of(entry, "mode", MODES) if "mode" in entry else None,
            treatment=self.one_of(entry, "treatment", TREATMENTS) if "treatment" in entry else None,
            source_of=(
                self.one_of(entry, "source_of", EMISSION_SOURCES) if "source_of" in entry else None
            ),
        )

    def item_of(
        self, section: str, code: str, unit: str, entry: _Fields, items: Mapping[str, Item]
    ) -> None:
        """Check that the item of a line is known and of a kind that the section can hold."""
        line = entry.lines["item"]
        if section == "electricity":
            if code != "electricity":
                raise self.fail(line, f"the item of electricity is 'electricity', not '{code}'.")
            return
        if section == "emission":
            if code not in GASES:
                raise self.fail(line, f"no gas is called '{code}'. Known are: {', '.join(GASES)}.")
            return
        if code not in items:
            raise self.fail(line, f"'{code}' stands neither under items nor under products.")
        item = items[code]
        if (section == "waste") != (item.kind == "waste"):
            raise self.fail(line, f"'{code}' of kind {item.kind} cannot stand in {section}.")
        if section == "steam" and item.kind != "steam":
            raise self.fail(line, f"'{code}' of kind {item.kind} is no steam.")
        if (
            section in ("input", "co_product", "waste")
            and item.unit is not None
            and item.unit != unit
        ):
            raise self.fail(entry.lines["unit"], f"'{code}' is counted in {item.unit}, not {unit}.")

    def known(self, entry: _Fields, allowed: tuple[str, ...], needed: tuple[str, ...]) -> None:
        for name in entry:
            if name not in allowed:
                raise self.fail(entry.lines[name], f"the field '{name}' is unknown.")
        for name in needed:
            if name not in entry:
                raise self.fail(entry.line, f"the field '{name}' is missing.")

    def text(self, entry: _Fields, name: str) -> str:
        value = entry.get(name)
        if not isinstance(value, str) or not value.strip():
            line = entry.lines.get(name, entry.line)
            raise self.fail(line, f"{name} is no text (found: {value!r}).")
        return value.strip()

    def word(self, entry: _Fields, name: str) -> str:
        text = self.text(entry, name)
        if not _WORD.match(text):
            raise self.fail(entry.lines[name], f"{name} '{text}' is no lower-case word.")
        return text

    def one_of(self, entry: _Fields, name: str, allowed: tuple[str, ...]) -> str:
        text = self.text(entry, name)
        if text not in allowed:
            names = ", ".join(allowed)
            raise self.fail(entry.lines[name], f"{name} is '{text}', not one of: {names}.")
        return text

    def number(self, entry: _Fields, name: str) -> float:
        value = entry[name]
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not math.isfinite(value):
            hint = " (YAML wants 1.0e-3, not 1e-3)" if isinstance(value, str) else ""
            raise self.fail(entry.lines[name], f"{name} is no number{hint}: {value!r}.")
        return float(value)

    def positive(self, entry: _Fields, name: str) -> float | None:
        if entry.get(name) is None:
            return None
        value = self.number(entry, name)
        if value < 0:
            raise self.fail(entry.lines[name], f"{name} is negative.")
        return value

    def sourced(self, entry: _Fields, *names: str) -> str:
        """The source, which is needed as soon as one of the fields is there."""
        given = [name for name in names if entry.get(name) is not None]
        if given and "source" not in entry:
            raise self.fail(entry.line, f"{', '.join(given)} without a source.")
        return self.text(entry, "source") if "source" in entry else ""

    def bounds(self, entry: _Fields, name: str) -> Bounds:
        found = self.fields(entry, name, ("low", "high", "source"))
        low, high = self.number(found, "low"), self.number(found, "high")
        if not 0 <= low < high:
            raise self.fail(found.line, f"{name}: not 0 <= {low} < {high}.")
        return Bounds(low, high, self.text(found, "source"))

    def fields(self, entry: _Fields, name: str, needed: tuple[str, ...]) -> _Fields:
        found = entry[name]
        if not isinstance(found, _Fields):
            raise self.fail(entry.lines[name], f"{name} needs the fields {', '.join(needed)}.")
        self.known(found, needed, needed)
        return found

    def entries(self, entry: _Fields, name: str) -> Iterator[tuple[str, Any]]:
        found = entry[name]
        if not isinstance(found, _Fields):
            raise self.fail(entry.lines[name], f"{name} holds no entries.")
        yield from found.items()

    def listed(self, entry: _Fields, name: str) -> list[_Fields]:
        found = entry[name]
        if not isinstance(found, list) or not found:
            raise self.fail(entry.lines[name], f"{name} is no list with entries.")
        for each in found:
            if not isinstance(each, _Fields):
                raise self.fail(entry.lines[name], f"an entry of {name} has no fields: {each!r}.")
        return found
