"""Balances and plausibility: a submission against the recipe of its product.

Belongs here: specific consumption against the industry's physical range; mass, energy and carbon
balance; year on year against the same plant's own earlier figures. Ranges are those of the
industry contract alone, never of other plants.
Does not belong here: checks without a recipe (checks.py), other plants (collection.py).

Balances, per unit of main product (x: amounts, q: heating values, c: carbon contents):
    mass     sum of x over materials in kg                   within the sum of the recipe's ranges
    out/in   sum of products, co-products and wastes in kg   <= sum of all inputs in kg
    energy   sum of x q over fuels + steam + electricity     within the sum of the recipe's ranges
    carbon   sum of C in products and in CO2, CH4 reported   <= sum of x c over inputs
The recipe's sums take `low` of what is required and `high` of everything; `mass_balance` of the
recipe stands instead where it is given. The out/in and carbon rules are asked only where the recipe
itself closes them, so that air and gaseous feeds raise no false alarm.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import polars as pl

from ingestion.industry import industry_names, load_industry
from ingestion.survey.answered import ROW
from ingestion.survey.checks import Tables, main_output
from ingestion.survey.submission import Submissions, item_facts
from ingestion.survey.values import FILE, FOUND_SCHEMA, SHEET, as_float, found_where

CONSEQUENT = (
    "item_missing",
    "more_out_than_in",
    "mass_balance_off_by_thousand",
    "mass_balance_impossible",
    "mass_balance_outside",
    "energy_balance_off_by_thousand",
    "energy_balance_impossible",
    "energy_balance_outside",
    "carbon_balance_impossible",
    "carbon_balance_open",
)
"""Rules about sums: where a line of the sum could not be read, they would only repeat that."""

IMPOSSIBLE = 10.0
"""Outside a range by more than this factor, an amount is no matter of opinion."""

BALANCE_IMPOSSIBLE = 3.0
EDGE = 0.05
"""Within this share of the width of the range from a bound a value counts as near the edge."""

WEIGHING = 1.10
"""More may come out than went in by this factor before anybody is asked: weighing and moisture."""

YEAR_ON_YEAR = 2.0
MJ_PER_KWH = 3.6
_CARBON = {"co2_fossil": 12.011 / 44.009, "co2_biogenic": 12.011 / 44.009,
           "ch4_fossil": 12.011 / 16.043, "ch4_biogenic": 12.011 / 16.043}  # fmt: skip
"""kg of carbon per kg of gas, from atomic masses (IUPAC 2021, abridged)."""

PLAUSIBILITY_SCHEMA = pl.Schema(
    {
        FILE: pl.UInt32(),
        "section": pl.String(),
        "item": pl.String(),
        "unit": pl.String(),
        "specific": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
        "verdict": pl.String(),
    }
)
"""What the receipt shows: in_range, near_edge or outside, of the industry's range alone."""

HISTORY_SCHEMA = pl.Schema(
    {
        "plant_code": pl.String(),
        "product_code": pl.String(),
        "technology": pl.String(),
        "period_end": pl.Date(),
        "section": pl.String(),
        "item": pl.String(),
        "specific": pl.Float64(),
    }
)
"""Specific amounts of earlier submissions, for year on year."""


@dataclass(frozen=True)
class Judged:
    """Findings, what the receipt shows of plausibility, and the specific amounts themselves: for
    each file, section and item the amount per unit of main product, whose it is and where it
    stands.
    """

    found: pl.DataFrame
    plausibility: pl.DataFrame
    specific: pl.DataFrame


@cache
def recipe_lines() -> pl.DataFrame:
    """All lines of all recipes with the facts of their items: industry, product_code, technology,
    section, item, line_unit, low, typical, high, is_required, product_unit, kind, heat, carbon.
    """
    rows = []
    for name in industry_names():
        industry = load_industry(name)
        for recipe in industry.recipes:
            unit = industry.product(recipe.product_code).unit
            for line in recipe.lines:
                amount = line.per_unit
                rows.append(
                    (name, recipe.product_code, recipe.technology, line.section, line.item,
                     line.unit, amount.low, amount.typical, amount.high, line.required, unit)
                )  # fmt: skip
    schema = {"industry": pl.String, "product_code": pl.String, "technology": pl.String,
              "section": pl.String, "item": pl.String, "line_unit": pl.String, "low": pl.Float64,
              "typical": pl.Float64, "high": pl.Float64, "is_required": pl.Boolean,
              "product_unit": pl.String}  # fmt: skip
    facts = item_facts().select(
        "industry",
        pl.col("code").alias("item"),
        "kind",
        pl.col("lower_heating_value").alias("heat"),
        pl.col("carbon_content").alias("carbon"),
    )
    return pl.DataFrame(rows, schema=schema, orient="row").join(
        facts, on=["industry", "item"], how="left", maintain_order="left"
    )


@cache
def _mass_balances() -> Mapping[tuple[str, str, str], tuple[float, float]]:
    return {
        (name, recipe.product_code, recipe.technology): (
            recipe.mass_balance.low,
            recipe.mass_balance.high,
        )
        for name in industry_names()
        for recipe in load_industry(name).recipes
        if recipe.mass_balance
    }


def judge(submissions: Submissions) -> Judged:
    """Judge every submission by its recipe."""
    tables = submissions.tables
    output = main_output(tables).with_columns(_output=pl.col("output").pipe(as_float))
    who = output.select(
        FILE, "product_code", "technology", "plant_code", "period_start", "period_end", "_output"
    )
    specific = (
        _amounts(tables)
        .join(who, on=FILE, how="inner", maintain_order="left")
        .with_columns(specific=_quotient(pl.col("amount"), pl.col("_output")))
        .drop("_output")
        .sort(FILE, "section", "item")
    )
    key = ["industry", "product_code", "technology"]
    compared = specific.join(
        recipe_lines(), on=[*key, "section", "item"], how="left", maintain_order="left"
    )
    recipes = recipe_lines().select(key).unique().with_columns(has_recipe=pl.lit(value=True))
    compared = compared.join(recipes, on=key, how="left", maintain_order="left")
    found = [FOUND_SCHEMA.to_frame(), *_specific(compared), *_required(output, specific)]
    found += _distances(tables, output)
    found += _heating_values(tables)
    found += [*_mass(tables, output), *_energy(tables, output), *_carbon(tables, output)]
    shown = compared.filter(pl.col("low").is_not_null()).select(
        FILE, "section", "item",
        pl.format("{}/{}", "line_unit", "product_unit").alias("unit"),
        "specific", "low", "high", _verdict().alias("verdict"),
    )  # fmt: skip
    whole = pl.concat([PLAUSIBILITY_SCHEMA.to_frame(), shown]).sort(FILE, "section", "item")
    return Judged(pl.concat(found), whole, specific)


def _amounts(tables: Tables) -> pl.DataFrame:
    """Amount of each item of each file: industry, section, item, amount (float of an exact sum),
    and where its largest line stands.
    """
    section = pl.when(pl.col("kind") == "steam").then(pl.lit("steam")).otherwise(pl.lit("input"))
    parts = [
        tables["survey_input"].select(
            FILE, "industry", SHEET, ROW, section.alias("section"),
            pl.col("product_code").alias("item"), "amount", pl.lit("amount").alias("question"),
        ),
        tables["survey_electricity"].select(
            FILE, "industry", SHEET, ROW, pl.lit("electricity").alias("section"),
            pl.lit("electricity").alias("item"),
            (pl.col("energy_mwh") * 1000).cast(pl.Decimal(38, 6)).alias("amount"),
            pl.lit("energy_mwh").alias("question"),
        ),
        tables["survey_emission"].filter(pl.col("source") != "combustion_measured").select(
            FILE, "industry", SHEET, ROW, pl.lit("emission").alias("section"),
            pl.col("gas").alias("item"), pl.col("amount_kg").alias("amount"),
            pl.lit("amount_kg").alias("question"),
        ),
        tables["survey_waste"].select(
            FILE, "industry", SHEET, ROW, pl.lit("waste").alias("section"),
            pl.col("waste_code").alias("item"), "amount", pl.lit("amount").alias("question"),
        ),
        tables["survey_product"].filter(pl.col("role") == "co_product").select(
            FILE, "industry", SHEET, ROW, pl.lit("co_product").alias("section"),
            pl.col("product_code").alias("item"), pl.col("output_amount").alias("amount"),
            pl.lit("output_amount").alias("question"),
        ),
    ]  # fmt: skip
    known = pl.concat(parts).filter(pl.col("item").is_not_null() & pl.col("amount").is_not_null())
    largest = pl.col("amount").arg_max()
    return known.group_by(FILE, "industry", "section", "item", maintain_order=True).agg(
        pl.col("amount").sum().pipe(as_float),
        pl.col(SHEET).get(largest),
        pl.col(ROW).get(largest),
        pl.col("question").first(),
    )


def _verdict() -> pl.Expr:
    low, high, value = pl.col("low"), pl.col("high"), pl.col("specific")
    margin = (high - low) * EDGE
    near = ((value < low + margin) & (low > 0)) | (value > high - margin)
    return (
        pl.when(~value.is_between(low, high))
        .then(pl.lit("outside"))
        .when(near)
        .then(pl.lit("near_edge"))
        .otherwise(pl.lit("in_range"))
    )


def _by_question(frame: pl.DataFrame, condition: pl.Expr, rule_id: str, found: pl.Expr,
                 expected: pl.Expr) -> list[pl.DataFrame]:  # fmt: skip
    """Findings whose question is a column of the frame."""
    hits = frame.filter(condition)
    return [
        found_where(part, pl.lit(value=True), rule_id, question, found, expected)
        for question in ("amount", "energy_mwh", "amount_kg", "output_amount")
        if (part := hits.filter(pl.col("question") == question)).height
    ]


def _quotient(amount: pl.Expr, output: pl.Expr) -> pl.Expr:
    """Amount per output to twelve digits. The last digit of a quotient depends on whether Polars
    holds the divisor as a column or as one value, and so on how many files are judged at once.
    """
    return (amount / output).round_sig_figs(12)


def _shown(value: pl.Expr) -> pl.Expr:
    return value.round_sig_figs(4).cast(pl.String)


def _specific(compared: pl.DataFrame) -> list[pl.DataFrame]:
    """Specific consumption against the physical range of the recipe."""
    low, high, value = pl.col("low"), pl.col("high"), pl.col("specific")
    known = low.is_not_null()
    per = pl.format("{}/{}", "line_unit", "product_unit")
    found = pl.format("{}: {} {}", "item", _shown(value), per)
    expected = pl.format("{} - {} {}", _shown(low), _shown(high), per)
    outside = known & ~value.is_between(low, high)
    thousand = outside & (_inside(value / 1000) | (_inside(value * 1000) & (value > 0)))
    floor = pl.when(low > 0).then(low).otherwise(high * 1e-9)
    far = outside & ~thousand & ((value > high * IMPOSSIBLE) | (value < floor / IMPOSSIBLE))
    some = outside & ~thousand & ~far
    stray = (
        ~known
        & pl.col("has_recipe").fill_null(value=False)
        & ~pl.col("section").is_in(["waste", "co_product"])
    )
    return [
        *_by_question(compared, thousand, "amount_off_by_thousand", found, expected),
        *_by_question(compared, far, "amount_impossible", found, expected),
        *_by_question(compared, some, "amount_outside_range", found, expected),
        *_by_question(compared, stray, "item_outside_recipe", pl.col("item"), pl.lit("")),
    ]


def _inside(value: pl.Expr) -> pl.Expr:
    return value.is_between(pl.col("low"), pl.col("high"))


def _required(output: pl.DataFrame, specific: pl.DataFrame) -> list[pl.DataFrame]:
    """What the recipe cannot do without and the submission does not name."""
    sheets = {"input": "survey_input", "steam": "survey_steam", "waste": "survey_waste",
              "electricity": "survey_electricity", "emission": "survey_emission",
              "co_product": "survey_product"}  # fmt: skip
    needed = recipe_lines().filter(pl.col("is_required") & pl.col("section").is_in(list(sheets)))
    key = ["industry", "product_code", "technology"]
    lacking = (
        output.select(FILE, *key)
        .join(needed, on=key, how="inner", maintain_order="left")
        .join(specific.filter(pl.col("amount") > 0), on=[FILE, "section", "item"], how="anti",
              maintain_order="left")
        .with_columns(
            pl.col("section").replace_strict(sheets, return_dtype=pl.String).alias(SHEET),
            pl.lit(None, pl.Int32).alias(ROW),
        )
    )  # fmt: skip
    expected = pl.format("{} - {} {}/{}", "low", "high", "line_unit", "product_unit")
    return [
        found_where(lacking, pl.lit(value=True), "item_missing", None, pl.col("item"), expected)
    ]


def _distances(tables: Tables, output: pl.DataFrame) -> list[pl.DataFrame]:
    """Distance of hauls against the range of the recipe."""
    key = ["industry", "product_code", "technology"]
    ranges = (
        recipe_lines()
        .filter(pl.col("section") == "transport")
        .group_by(*key, "item", maintain_order=True)
        .agg(pl.col("low").min(), pl.col("high").max())
    )
    made = output.select(FILE, *key)
    frame = (
        tables["survey_transport"]
        .rename({"product_code": "item"})
        .join(made, on=[FILE, "industry"], how="inner", maintain_order="left")
        .join(ranges, on=[*key, "item"], how="inner", maintain_order="left")
        .with_columns(_km=pl.col("distance_km").pipe(as_float))
    )
    far = ~pl.col("_km").is_between(pl.col("low"), pl.col("high"))
    expected = pl.format("{} - {} km", "low", "high")
    return [
        found_where(frame, far, "distance_outside_range", "distance_km", pl.col("_km"), expected)
    ]


def _heating_values(tables: Tables) -> list[pl.DataFrame]:
    """Measured heating values and carbon contents against the industry's default."""
    facts = item_facts().select(
        "industry", pl.col("code").alias("product_code"),
        pl.col("lower_heating_value").alias("_heat"), pl.col("carbon_content").alias("_carbon"),
    )  # fmt: skip
    frame = tables["survey_input"].join(
        facts, on=["industry", "product_code"], how="left", maintain_order="left"
    )
    found = []
    for name, default in (("lower_heating_value", "_heat"), ("carbon_content", "_carbon")):
        ratio = pl.col(name).pipe(as_float) / pl.col(default)
        shown = pl.format("{}: {}", "product_code", _shown(pl.col(name).pipe(as_float)))
        expected = pl.format("{} - {}", _shown(pl.col(default) / 2), _shown(pl.col(default) * 2))
        far = (ratio > IMPOSSIBLE) | (ratio < 1 / IMPOSSIBLE)
        some = ~ratio.is_between(0.5, 2) & ~far
        found += [
            found_where(frame, far, "lab_value_impossible", name, shown, expected),
            found_where(frame, some, "lab_value_unusual", name, shown, expected),
        ]
    return found


def _recipe_sum(value: pl.Expr, where: pl.Expr, *, with_required: bool) -> pl.DataFrame:
    """Sums over the recipe lines that `where` picks: _low over the required, _high over all,
    _typical over all.
    """
    key = ["industry", "product_code", "technology"]
    low = (value * pl.col("low")).filter(pl.col("is_required")) if with_required else value * 0
    return (
        recipe_lines()
        .filter(where)
        .group_by(key, maintain_order=True)
        .agg(
            low.sum().alias("_low"),
            (value * pl.col("typical")).sum().alias("_typical"),
            (value * pl.col("high")).sum().alias("_high"),
        )
    )


def _at_output(frame: pl.DataFrame) -> pl.DataFrame:
    """Findings of a balance stand at the output, by which everything was divided."""
    return frame.rename({"output_row": ROW}).with_columns(pl.lit("survey_product").alias(SHEET))


def _mass(tables: Tables, output: pl.DataFrame) -> list[pl.DataFrame]:
    """kg of materials per unit of product; and no more out than in."""
    key = ["industry", "product_code", "technology"]
    kinds = item_facts().select("industry", pl.col("code").alias("product_code"), _kind="kind")
    rows = tables["survey_input"].join(
        kinds, on=["industry", "product_code"], how="left", maintain_order="left"
    )
    in_kg = pl.col("unit") == "kg"
    material = pl.coalesce("_kind", "kind") == "material"
    sums = rows.group_by(FILE, maintain_order=True).agg(
        pl.col("amount").filter(in_kg & material).sum().pipe(as_float).alias("_material"),
        pl.col("amount").filter(in_kg).sum().pipe(as_float).alias("_in"),
    )
    made = (
        tables["survey_product"]
        .group_by(FILE, maintain_order=True)
        .agg(pl.col("output_amount").filter(in_kg).sum().pipe(as_float).alias("_products"))
    )
    wasted = (
        tables["survey_waste"]
        .group_by(FILE, maintain_order=True)
        .agg(pl.col("amount").filter(in_kg).sum().pipe(as_float).alias("_wastes"))
    )
    is_input = pl.col("section").is_in(["input", "steam"]) & (pl.col("line_unit") == "kg")
    ranges = _recipe_sum(pl.lit(1.0), is_input & (pl.col("kind") == "material"), with_required=True)
    all_in = _recipe_sum(pl.lit(1.0), is_input, with_required=True).select(
        *key, _all_typical="_typical"
    )
    is_output = pl.col("section").is_in(["co_product", "waste"]) & (pl.col("line_unit") == "kg")
    beside = _recipe_sum(pl.lit(1.0), is_output, with_required=False).select(
        *key, _beside="_typical"
    )
    frame = output
    for part in (sums, made, wasted):
        frame = frame.join(part, on=FILE, how="left", maintain_order="left")
    for part in (ranges, all_in, beside):
        frame = frame.join(part, on=key, how="left", maintain_order="left")
    given = _mass_balances()
    stated = pl.concat_str(key, separator="|").replace_strict(
        ["|".join(each) for each in given], list(given.values()), default=None,
        return_dtype=pl.List(pl.Float64),
    ) if given else pl.lit(None, pl.List(pl.Float64))  # fmt: skip
    frame = _at_output(
        frame.with_columns(_stated=stated)
        .with_columns(
            _low=pl.coalesce(pl.col("_stated").list.first(), pl.col("_low") * 0.95),
            _high=pl.coalesce(pl.col("_stated").list.last(), pl.col("_high") * 1.05),
            _ratio=pl.col("_material") / pl.col("_output"),
            _out=pl.col("_products") + pl.col("_wastes").fill_null(0),
        )
        .filter(pl.col("_high") > 0)
    )
    found = _balance(frame, "mass")
    recipe_closes = pl.col("_all_typical") >= 1 + pl.col("_beside").fill_null(0)
    closes = recipe_closes & (pl.col("_products") > 0) & (pl.col("_in") > 0)
    more = closes & (pl.col("_out") > pl.col("_in") * WEIGHING)
    in_a_range = pl.col("_ratio").is_between(pl.col("_low"), pl.col("_high"))
    shown = pl.format("{} kg", _shown(pl.col("_out")))
    expected = pl.format("<= {} kg", _shown(pl.col("_in")))
    rule = "more_out_than_in"
    return [*found, found_where(frame, more & in_a_range, rule, "output_amount", shown, expected)]


def _energy(tables: Tables, output: pl.DataFrame) -> list[pl.DataFrame]:
    """MJ of fuels, steam and electricity per unit of product."""
    key = ["industry", "product_code", "technology"]
    facts = item_facts().select(
        "industry", pl.col("code").alias("product_code"), _heat="lower_heating_value"
    )
    heat = (
        pl.when(pl.col("unit") == "MJ")
        .then(1.0)
        .when(pl.col("unit") == "kWh")
        .then(MJ_PER_KWH)
        .otherwise(pl.coalesce(pl.col("lower_heating_value").pipe(as_float), pl.col("_heat")))
    )
    rows = (
        tables["survey_input"]
        .filter(pl.col("kind").is_in(["fuel", "steam"]))
        .join(facts, on=["industry", "product_code"], how="left", maintain_order="left")
        .select(FILE, ROW, _mj=pl.col("amount").pipe(as_float) * heat)
    )
    power = tables["survey_electricity"].select(
        FILE, ROW, _mj=pl.col("energy_mwh").pipe(as_float) * 1000 * MJ_PER_KWH
    )
    unknown = rows.filter(pl.col("_mj").is_null()).select(FILE).unique()
    total = (
        pl.concat([rows, power])
        .sort(FILE, ROW, "_mj")
        .group_by(FILE, maintain_order=True)
        .agg(pl.col("_mj").sum())
        .join(unknown, on=FILE, how="anti", maintain_order="left")
    )
    per_unit = (
        pl.when(pl.col("section") == "electricity")
        .then(MJ_PER_KWH)
        .when(pl.col("line_unit") == "MJ")
        .then(1.0)
        .when(pl.col("line_unit") == "kWh")
        .then(MJ_PER_KWH)
        .otherwise(pl.col("heat"))
    )
    is_fuel = (pl.col("section") == "input") & (pl.col("kind") == "fuel")
    energetic = pl.col("section").is_in(["electricity", "steam"]) | is_fuel
    ranges = _recipe_sum(per_unit, energetic, with_required=True)
    frame = output.join(total, on=FILE, how="inner", maintain_order="left").join(
        ranges, on=key, how="inner", maintain_order="left"
    )
    frame = _at_output(
        frame.with_columns(
            _ratio=pl.col("_mj") / pl.col("_output"),
            _low=pl.col("_low") * 0.9,
            _high=pl.col("_high") * 1.1,
        ).filter(pl.col("_high") > 0)
    )
    return _balance(frame, "energy")


def _balance(frame: pl.DataFrame, what: str) -> list[pl.DataFrame]:
    """Findings of a ratio against its range: off by a thousand, impossible, outside."""
    ratio, low, high = pl.col("_ratio"), pl.col("_low"), pl.col("_high")
    unit = "kg" if what == "mass" else "MJ"
    found = pl.format("{} {}/unit", _shown(ratio), pl.lit(unit))
    expected = pl.format("{} - {} {}/unit", _shown(low), _shown(high), pl.lit(unit))
    outside = ~ratio.is_between(low, high) & (ratio > 0)
    thousand = outside & (
        (ratio / 1000).is_between(low / 2, high * 2) | (ratio * 1000).is_between(low / 2, high * 2)
    )
    far = (ratio > high * BALANCE_IMPOSSIBLE) | (ratio < low / BALANCE_IMPOSSIBLE)
    name = "output_amount"
    return [
        found_where(frame, thousand, f"{what}_balance_off_by_thousand", name, found, expected),
        found_where(
            frame, outside & ~thousand & far, f"{what}_balance_impossible", name, found, expected
        ),
        found_where(
            frame, outside & ~thousand & ~far, f"{what}_balance_outside", name, found, expected
        ),
    ]


def _carbon(tables: Tables, output: pl.DataFrame) -> list[pl.DataFrame]:
    """No more carbon in products and reported gases than went in."""
    key = ["industry", "product_code", "technology"]
    facts = item_facts().select(
        "industry", pl.col("code").alias("product_code"), _content="carbon_content"
    )
    where = ["industry", "product_code"]
    content = pl.coalesce(pl.col("carbon_content").pipe(as_float), pl.col("_content"))
    went_in = (
        tables["survey_input"]
        .join(facts, on=where, how="left", maintain_order="left")
        .select(FILE, ROW, _c=pl.col("amount").pipe(as_float) * content)
        .sort(FILE, ROW)
        .group_by(FILE, maintain_order=True)
        .agg(pl.col("_c").sum().alias("_carbon_in"))
    )
    products = (
        tables["survey_product"]
        .join(facts, on=where, how="left", maintain_order="left")
        .select(FILE, ROW, _c=pl.col("output_amount").pipe(as_float) * pl.col("_content"))
    )
    share = pl.col("gas").replace_strict(
        list(_CARBON), list(_CARBON.values()), default=0.0, return_dtype=pl.Float64
    )
    gases = tables["survey_emission"].select(
        FILE, ROW, _c=pl.col("amount_kg").pipe(as_float) * share
    )
    went_out = (
        pl.concat([products, gases])
        .sort(FILE, ROW, "_c")
        .group_by(FILE, maintain_order=True)
        .agg(pl.col("_c").sum().alias("_carbon_out"))
    )
    is_input = pl.col("section") == "input"
    source = _recipe_sum(pl.col("carbon"), is_input, with_required=False)
    gas = pl.col("item").replace_strict(
        list(_CARBON), list(_CARBON.values()), default=0.0, return_dtype=pl.Float64
    )
    held_by = pl.when(pl.col("section") == "emission").then(gas).otherwise(pl.col("carbon"))
    is_sink = pl.col("section").is_in(["emission", "co_product"])
    sink = _recipe_sum(held_by.fill_null(0), is_sink, with_required=False)
    frame = (
        output.join(went_in, on=FILE, how="inner", maintain_order="left")
        .join(went_out, on=FILE, how="inner", maintain_order="left")
        .join(source.select(*key, _source="_typical"), on=key, how="inner", maintain_order="left")
        .join(sink.select(*key, _sink="_typical"), on=key, how="left", maintain_order="left")
        .join(facts, on=where, how="left", maintain_order="left")
    )
    held = pl.col("_content").fill_null(0)
    closes = pl.col("_source") >= pl.col("_sink").fill_null(0) + held
    frame = _at_output(frame.filter(closes & (pl.col("_carbon_in") > 0)))
    ratio = pl.col("_carbon_out") / pl.col("_carbon_in")
    found = pl.format("{} kg C", _shown(pl.col("_carbon_out")))
    expected = pl.format("<= {} kg C", _shown(pl.col("_carbon_in")))
    some = (ratio > WEIGHING) & (ratio <= BALANCE_IMPOSSIBLE)
    name = "output_amount"
    return [
        found_where(frame, ratio > BALANCE_IMPOSSIBLE, "carbon_balance_impossible", name, found,
                    expected),
        found_where(frame, some, "carbon_balance_open", name, found, expected),
    ]  # fmt: skip


def year_on_year(specific: pl.DataFrame, history: pl.DataFrame) -> pl.DataFrame:
    """Findings of specific amounts against the newest earlier period of the same plant, product
    and technology, where they changed by more than a factor of two.

    `specific` as `judge` gives it; `history` in HISTORY_SCHEMA with plant codes of the same form.
    A plant is compared with itself alone.
    """
    key = ["plant_code", "product_code", "technology", "section", "item"]
    earlier = (
        history.select(list(HISTORY_SCHEMA))
        .rename({"specific": "_before", "period_end": "_ended"})
        .sort(*key, "_ended", "_before")
    )
    frame = (
        specific.join(earlier, on=key, how="inner", maintain_order="left_right")
        .filter(pl.col("_ended") < pl.col("period_start"))
        .group_by(FILE, "section", "item", maintain_order=True)
        .last()
    )
    ratio = pl.col("specific") / pl.col("_before")
    changed = ~ratio.is_between(1 / YEAR_ON_YEAR, YEAR_ON_YEAR) & (pl.col("_before") > 0)
    found = pl.format("{}: {}", "item", _shown(pl.col("specific")))
    expected = pl.format("{} ({})", _shown(pl.col("_before")), "_ended")
    rule = "amount_changed_since_last_period"
    return pl.concat(
        [FOUND_SCHEMA.to_frame(), *_by_question(frame, changed, rule, found, expected)]
    )
