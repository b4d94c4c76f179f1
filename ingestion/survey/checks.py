"""Checks of single submissions: what one questionnaire can say about itself.

Belongs here: answers that must be there and fit each other - period, capacity, roles, allocation,
certificates, calibration. Each function takes typed tables and gives findings.
Does not belong here: recipes and balances (balances.py), other submissions (collection.py).
"""

import datetime as dt
from collections.abc import Mapping

import polars as pl

from ingestion.industry import industry_names, load_industry
from ingestion.survey.answered import ROW
from ingestion.survey.submission import Submissions
from ingestion.survey.values import FILE, FOUND_SCHEMA, SHEET, as_float, found_where

CAPACITY_TOLERANCE = 1.15
"""Output above this share of capacity x hours is worth a question; above `CAPACITY_LIMIT` it cannot
be. Nameplate capacities are exceeded by some percent in practice: an assumption.
"""

CAPACITY_LIMIT = 2.0
SHORTEST_DAYS, LONGEST_DAYS = 28, 366
BETWEEN = r"[;；,，、\s]+"
"""What stands between two certificate numbers in one cell."""

Tables = Mapping[str, pl.DataFrame]


def check_submissions(submissions: Submissions, known_at: dt.date | None) -> pl.DataFrame:
    """Findings of all checks that need nothing but the submission. `known_at`: the day on which
    the files were handed over, None where it does not matter.
    """
    tables = submissions.tables
    found = [
        FOUND_SCHEMA.to_frame(),
        *_period(tables, known_at),
        *_capacity(tables),
        *_products(tables),
        *_allocation(tables),
        *_inputs(tables),
        *_electricity(tables),
        *_devices(tables),
        *_technology(tables),
    ]
    return pl.concat(found)


def main_output(tables: Tables) -> pl.DataFrame:
    """What each file says it made of its main product: file_number, industry, product_code,
    technology, region_code, plant_code, group_code, period_start, period_end, operating_hours,
    capacity, capacity_unit, output (Decimal), output_row.
    """
    product = tables["survey_product"].filter(pl.col("role") == "main")
    output = (
        product.group_by(FILE, "product_code", maintain_order=True)
        .agg(pl.col("output_amount").sum().alias("output"), pl.col(ROW).first().alias("output_row"))
        .filter(pl.col("output") > 0)
    )
    wanted = [FILE, "industry", "product_code", "technology", "region_code", "plant_code",
              "group_code", "period_start", "period_end", "operating_hours", "capacity",
              "capacity_unit"]  # fmt: skip
    return (
        tables["survey_submission"]
        .select(wanted)
        .join(output, on=[FILE, "product_code"], how="inner", maintain_order="left")
    )


def _period(tables: Tables, known_at: dt.date | None) -> list[pl.DataFrame]:
    frame = tables["survey_submission"].with_columns(
        _days=(pl.col("period_end") - pl.col("period_start")).dt.total_days() + 1
    )
    days, hours = pl.col("_days"), pl.col("operating_hours")
    span = pl.format("{} - {}", "period_start", "period_end")
    odd = (days >= 1) & ~days.is_between(SHORTEST_DAYS, LONGEST_DAYS)
    expected = f"{SHORTEST_DAYS}-{LONGEST_DAYS} d"
    most = pl.format("<= {} h", days * 24)
    found = [
        found_where(frame, days < 1, "period_reversed", "period_end", span),
        found_where(frame, odd, "period_length_odd", "period_end", span, expected),
        found_where(
            frame,
            (days >= 1) & (hours > days * 24),
            "hours_above_period",
            "operating_hours",
            hours,
            most,
        ),
        found_where(frame, hours == 0, "hours_zero", "operating_hours", hours),
    ]
    if known_at:
        late = pl.col("period_end") > pl.lit(known_at)
        until = f"<= {known_at.isoformat()}"
        found.append(
            found_where(frame, late, "period_not_over", "period_end", pl.col("period_end"), until)
        )
    return found


def _capacity(tables: Tables) -> list[pl.DataFrame]:
    """Output against capacity x hours; a year's capacity counts for the share of the year."""
    per = pl.col("capacity_unit").str.split("/").list.last()
    days = (pl.col("period_end") - pl.col("period_start")).dt.total_days() + 1
    hours = pl.col("operating_hours").pipe(as_float)
    times = pl.when(per == "h").then(hours).when(per == "d").then(hours / 24).when(per == "a")
    frame = (
        main_output(tables)
        .with_columns(
            _most=pl.col("capacity").pipe(as_float) * times.then(days / 365.25),
            _output=pl.col("output").pipe(as_float),
            _sheet=pl.lit("survey_product"),
        )
        .rename({"_sheet": SHEET, "output_row": ROW})
        .with_columns(_ratio=pl.col("_output") / pl.col("_most"))
        .filter(pl.col("_most") > 0)
    )
    ratio = pl.col("_ratio")
    shown = pl.format("{} ({}%)", pl.col("_output").round(0), (ratio * 100).round(0))
    expected = pl.format("<= {}", pl.col("_most").round(0))
    thousand = _is_thousandfold(ratio, 0.2, CAPACITY_TOLERANCE)
    above = (ratio > CAPACITY_TOLERANCE) & (ratio <= CAPACITY_LIMIT)
    far = (ratio > CAPACITY_LIMIT) & ~thousand
    name = "output_amount"
    return [
        found_where(frame, thousand, "output_off_by_thousand", name, shown, expected),
        found_where(frame, far, "output_above_capacity", name, shown, expected),
        found_where(frame, above, "output_near_capacity", name, shown, expected),
    ]


def _is_thousandfold(ratio: pl.Expr, low: float, high: float) -> pl.Expr:
    """True where a ratio is outside low..high by a factor of about a thousand."""
    outside = ~ratio.is_between(low, high)
    down, up = (ratio / 1000).is_between(low, high), (ratio * 1000).is_between(low, high)
    return outside & (down | up)


def _products(tables: Tables) -> list[pl.DataFrame]:
    frame = tables["survey_product"]
    output, stock = pl.col("output_amount"), pl.col("stock_change")
    main = pl.col("role") == "main"
    declared = tables["survey_submission"].select(FILE, _declared=pl.col("product_code"))
    frame = frame.join(declared, on=FILE, how="left", maintain_order="left")
    other = main & (pl.col("product_code") != pl.col("_declared"))
    joint = _co_products()
    known = frame.join(joint, on=["industry", "_declared", "product_code"], how="anti")
    stray = (pl.col("role") == "co_product") & (pl.col("product_code") != pl.col("_declared"))
    has_main = frame.filter(main & (pl.col("product_code") == pl.col("_declared"))).select(FILE)
    without = (
        tables["survey_submission"]
        .join(has_main, on=FILE, how="anti")
        .filter(pl.col("product_code").is_not_null())
    )
    key = [FILE, "product_code", "role"]
    twice = frame.filter(pl.struct(key).is_duplicated() & pl.col("product_code").is_not_null())
    name = "output_amount"
    code = pl.col("product_code")
    return [
        found_where(frame, main & (output == 0), "output_zero", name, output),
        found_where(frame, ~main & (output == 0), "co_product_zero", name, output),
        found_where(
            frame, stock.abs() > output, "stock_above_output", "stock_change", stock, output
        ),
        found_where(
            frame, other, "main_product_differs", "product_code", code, pl.col("_declared")
        ),
        found_where(known, stray, "co_product_unexpected", "product_code", code),
        found_where(without, pl.lit(value=True), "main_product_missing", "product_code", code),
        found_where(twice, pl.lit(value=True), "product_twice", "product_code", code),
    ]


def _co_products() -> pl.DataFrame:
    rows = [
        (name, product.product_code, code)
        for name in industry_names()
        for product in load_industry(name).products
        for code in product.co_products
    ]
    schema = {"industry": pl.String, "_declared": pl.String, "product_code": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _allocation(tables: Tables) -> list[pl.DataFrame]:
    """Co-products need a basis, one for all, and the values that the basis rests on."""
    frame = tables["survey_product"].with_columns(
        _n=pl.len().over(FILE),
        _bases=pl.col("allocation_basis").drop_nulls().n_unique().over(FILE),
    )
    basis = pl.col("allocation_basis")
    several = pl.col("_n") > 1
    lacking = several & basis.is_null()
    price, heat = pl.col("price_cny"), pl.col("energy_mj_per_unit")
    lacks_value = (
        ("price_cny", "price_cny", (basis == "economic") & (price.is_null() | (price == 0))),
        ("energy_mj_per_unit", "energy_mj_per_unit", (basis == "energy") & heat.is_null()),
        ("unit", "kg", (basis == "mass") & (pl.col("unit") != "kg")),
    )
    code = pl.col("product_code").fill_null("-")
    name = "allocation_basis"
    return [
        found_where(frame, lacking, "allocation_basis_missing", name, code),
        found_where(
            frame, several & (pl.col("_bases") > 1), "allocation_bases_differ", name, basis
        ),
        *(
            found_where(frame, several & lacks, "allocation_value_missing", cell, code, expected)
            for cell, expected, lacks in lacks_value
        ),
    ]


def _inputs(tables: Tables) -> list[pl.DataFrame]:
    frame = tables["survey_input"]
    key = [FILE, "kind", "product_code", "supplier_region_code", "origin_note"]
    known = pl.col("product_code").is_not_null()
    twice = frame.filter(pl.struct(key).is_duplicated() & known)
    oxidation = pl.col("oxidation")
    low = (oxidation < 0.8) & (pl.col("kind") == "fuel")
    return [
        found_where(
            twice, pl.lit(value=True), "item_twice", "product_code", pl.col("product_code")
        ),
        found_where(frame, low, "oxidation_low", "oxidation", oxidation, "0.8-1"),
    ]


def _electricity(tables: Tables) -> list[pl.DataFrame]:
    frame = tables["survey_electricity"]
    green = pl.col("origin") == "green_certificate"
    ids = pl.col("certificate_ids")
    none = certificate_numbers(ids).list.len().fill_null(0) == 0
    twice = claims(frame).filter(pl.struct([FILE, "_id"]).is_duplicated())
    energy = pl.col("energy_mwh")
    own = (pl.col("origin") == "self_generated") & pl.col("technology").is_null()
    return [
        found_where(frame, green & none, "certificate_missing", "certificate_ids", energy),
        found_where(frame, ~green & ~none, "certificate_without_claim", "certificate_ids", ids),
        found_where(
            twice, pl.lit(value=True), "certificate_used_twice", "certificate_ids", pl.col("_id")
        ),
        found_where(frame, own, "generation_technology_missing", "technology", energy),
    ]


def certificate_numbers(ids: pl.Expr) -> pl.Expr:
    """The certificates that a cell names, as a list: none is empty, and whatever people write
    between two of them divides them.
    """
    one = pl.element()
    return ids.str.replace_all(BETWEEN, ";").str.split(";").list.eval(one.filter(one != ""))


def claims(electricity: pl.DataFrame) -> pl.DataFrame:
    """Lines of electricity, once for each certificate they name, which stands as `_id`."""
    return (
        electricity.with_columns(_id=certificate_numbers(pl.col("certificate_ids")))
        .explode("_id", empty_as_null=True, keep_nulls=True)
        .filter(pl.col("_id").is_not_null())
    )


def _devices(tables: Tables) -> list[pl.DataFrame]:
    """Calibration must have been valid through the whole period, and traced to something."""
    period = tables["survey_submission"].select(FILE, "period_start", "period_end")
    frame = tables["survey_device"].join(period, on=FILE, how="left", maintain_order="left")
    until, since = pl.col("valid_until"), pl.col("calibrated_on")
    expected = pl.format(">= {}", pl.col("period_end"))
    without = tables["survey_submission"].join(tables["survey_device"], on=FILE, how="anti")
    return [
        found_where(frame, until < since, "calibration_reversed", "valid_until", until, since),
        found_where(
            frame,
            until < pl.col("period_end"),
            "calibration_expired",
            "valid_until",
            until,
            expected,
        ),
        found_where(
            frame,
            pl.col("traceability").is_null(),
            "traceability_missing",
            "traceability",
            pl.col("device").fill_null("-"),
        ),
        found_where(without, pl.lit(value=True), "device_missing", None, pl.lit("")),
    ]


def _technology(tables: Tables) -> list[pl.DataFrame]:
    """The technology must be one of the main product's."""
    rows = [
        (name, product.product_code, each.technology)
        for name in industry_names()
        for product in load_industry(name).products
        for each in product.technologies
    ]
    schema = {"industry": pl.String, "product_code": pl.String, "technology": pl.String}
    known = pl.DataFrame(rows, schema=schema, orient="row")
    offered = known.group_by("industry", "product_code", maintain_order=True).agg(
        pl.col("technology").str.join(", ").alias("_offered")
    )
    frame = (
        tables["survey_submission"]
        .join(known, on=list(schema), how="anti", maintain_order="left")
        .join(offered, on=["industry", "product_code"], how="left", maintain_order="left")
    )
    wrong = pl.col("technology").is_not_null() & pl.col("product_code").is_not_null()
    technology, expected = pl.col("technology"), pl.col("_offered")
    return [
        found_where(frame, wrong, "technology_of_other_product", "technology", technology, expected)
    ]
