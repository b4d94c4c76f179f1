"""Submissions: pieces read, typed and numbered, as the raw survey tables.

Belongs here: the way from many pieces to typed frames, one step for all of them.
Does not belong here: one kind of value (values.py), what must be true (checks.py, balances.py,
collection.py), the sentence of a finding (findings.py).
"""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import polars as pl

from ingestion.codes import region_levels, regions
from ingestion.industry import Industry, IndustryError, industry_names, load_industry
from ingestion.survey import uscc
from ingestion.survey.answered import ROW, Answered, Places, Refused, Remark
from ingestion.survey.pieces import Piece, read_piece
from ingestion.survey.questionnaire import (
    CODE_NAMES,
    LAYOUT,
    TABLES,
    SheetPlan,
    choices,
    known_items,
    sheet_plan,
    sheet_plans,
    shown,
)
from ingestion.survey.units import survey_units
from ingestion.survey.values import FILE, FOUND_SCHEMA, SHEET, TypedSheet, as_float, mapped
from ingestion.text import key_of, normalise

_log = logging.getLogger(__name__)
_UNREAD = {"workbook": "workbook_broken", "json": "survey_not_json", "csv": "survey_not_csv"}
"""What is said of a piece whose reading ended in a way nobody foresaw, by its form."""

_PANIC = "PanicException"
"""What a library written in Rust raises when it gives up; it is no Exception."""

_PREFILLED = {
    "survey_input": ("kind", "product_code", "unit"),
    "survey_steam": ("product_code", "unit"),
    "survey_emission": ("gas", "source", "unit"),
    "survey_waste": ("waste_code", "unit", "treatment"),
}
"""Questions that the template answers itself: alone they make no line."""

_AMOUNTS = {
    "survey_product": ("product_code", "output_amount"),
    "survey_input": ("product_code", "amount"),
    "survey_electricity": ("energy_mwh",),
    "survey_emission": ("gas", "amount_kg"),
}
"""What counts as an amount: item and figure, and nothing that is easily written otherwise."""

_PER = {"h": "h", "小时": "h", "时": "h", "d": "d", "天": "d", "日": "d", "a": "a", "年": "a",
        "y": "a", "year": "a"}  # fmt: skip


@dataclass(frozen=True)
class Submissions:
    """A batch of submissions, typed.

    `files`: file_number, name, industry, template_version, submission_id and amounts_id, null where
    the file was refused. `tables`: the survey tables with file_number, sheet_key and
    row_number, without lineage. `found`: what stood out in typing. `remarks`: what stood out in
    reading, by file number. `places`: where answers stand, by file number.
    """

    files: pl.DataFrame
    tables: Mapping[str, pl.DataFrame]
    found: pl.DataFrame
    remarks: Sequence[tuple[int, Remark]]
    places: Sequence[Mapping[str, Places]]


def read_submissions(pieces: Sequence[Piece], first_number: int = 0) -> Submissions:
    """Read and type the pieces. Files are numbered from `first_number` on, in their order.

    Nothing is raised for a bad file: it has no rows and a remark that says why.
    """
    remarks: list[tuple[int, Remark]] = []
    places: list[Mapping[str, Places]] = []
    sheets: dict[str, list[pl.DataFrame]] = {plan.key: [] for plan in sheet_plans()}
    facts: list[tuple[int, str, str | None, str | None]] = []
    for number, piece in enumerate(pieces, first_number):
        answered = _answered(piece, number, remarks)
        places.append(answered.places if answered else {})
        industry = answered.facts["industry"] if answered else None
        version = answered.facts["template_version"] if answered else None
        facts.append((number, piece.name, industry, version))
        for key, frame in answered.sheets.items() if answered else ():
            head = [
                pl.Series(FILE, [number] * frame.height, pl.UInt32),
                pl.Series("industry", [industry] * frame.height, pl.String),
            ]
            sheets[key].append(pl.DataFrame([*head, *frame.get_columns()]))
    files = pl.DataFrame(
        facts,
        schema={FILE: pl.UInt32, "name": pl.String, "industry": pl.String,
                "template_version": pl.String},
        orient="row",
    )  # fmt: skip
    return _typed(files, sheets, remarks, places)


def _answered(piece: Piece, number: int, remarks: list[tuple[int, Remark]]) -> Answered | None:
    try:
        answered = read_piece(piece)
        problem = _version_problem(answered.facts)
    except Refused as refusal:
        remarks.append((number, refusal.remark))
        return None
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != _PANIC:
            raise
        _log.debug("reading %s failed", piece.name, exc_info=True)
        rule = _UNREAD.get(piece.form, "archive_broken")
        remarks.append((number, Remark(rule, found=type(error).__name__)))
        return None
    remarks += [(number, remark) for remark in answered.remarks]
    if problem:
        remarks.append((number, problem))
        if problem.rule_id != "questionnaire_older":
            return None
    return answered


def _version_problem(facts: Mapping[str, str]) -> Remark | None:
    """Whether the questionnaire is one that this version of the industry understands."""
    try:
        industry = load_industry(facts["industry"])
    except IndustryError:
        known = ", ".join(industry_names())
        return Remark("industry_not_known", found=facts["industry"][:60], expected=known)
    given, current = facts["template_version"], industry.version
    layout = facts.get("layout")
    try:
        older = [int(part) for part in given.split(".")]
        newer = [int(part) for part in current.split(".")]
    except ValueError:
        return Remark("questionnaire_of_other_version", found=given[:20], expected=current)
    if layout != LAYOUT or older[0] < newer[0]:
        return Remark("questionnaire_outdated", found=given, expected=current)
    if older > newer:
        return Remark("questionnaire_of_other_version", found=given, expected=current)
    if older < newer:
        return Remark("questionnaire_older", found=given, expected=current)
    return None


def _typed(
    files: pl.DataFrame,
    sheets: Mapping[str, list[pl.DataFrame]],
    remarks: list[tuple[int, Remark]],
    places: list[Mapping[str, Places]],
) -> Submissions:
    found: list[pl.DataFrame] = [FOUND_SCHEMA.to_frame()]
    typed: dict[str, pl.DataFrame] = {}
    for plan in sheet_plans():
        frame = _rows(plan, sheets[plan.key])
        sheet = TypedSheet(frame)
        for question in plan.questions:
            if question.is_needed and question.kind != "unit":
                sheet.needed(question.name)
        _TYPERS[plan.key](sheet)
        typed[plan.key] = sheet.frame
        found += sheet.found
    steam = typed.pop("survey_steam").with_columns(pl.lit("steam").alias("kind"))
    both = [typed["survey_input"], steam]
    typed["survey_input"] = pl.concat(both, how="diagonal").sort(FILE, SHEET, ROW)
    versions = files.select(FILE, "template_version")
    typed["survey_submission"] = typed["survey_submission"].join(
        versions, on=FILE, maintain_order="left"
    )
    for table in TABLES[1:]:
        line = (pl.int_range(pl.len(), dtype=pl.Int32).over(FILE) + 1).alias("line")
        typed[table] = typed[table].with_columns(line)
    files = _identified(files, typed)
    return Submissions(files, typed, pl.concat(found), remarks, places)


def _rows(plan: SheetPlan, frames: list[pl.DataFrame]) -> pl.DataFrame:
    """The filled lines of a sheet of all files."""
    schema = pl.Schema(
        {FILE: pl.UInt32(), "industry": pl.String(), **dict.fromkeys(plan.names, pl.String()),
         ROW: pl.Int32()}
    )  # fmt: skip
    frame = pl.concat([schema.to_frame(), *frames])
    prefilled = _PREFILLED.get(plan.key, ())
    told = [pl.col(name) for name in plan.names if name not in prefilled]
    if plan.key != "survey_submission":
        is_filled = [each.str.strip_chars().fill_null("") != "" for each in told]
        frame = frame.filter(pl.any_horizontal(is_filled))
    return frame.with_columns(pl.lit(plan.key).alias(SHEET))


def _identified(files: pl.DataFrame, typed: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The files with submission_id, the hash of the typed answers of all tables in their order,
    and amounts_id, that of the items and their amounts alone, in whatever order they were filled
    in: notes, certificates, suppliers and prices do not make two plants of one. A workbook and a
    CSV of the same answers have the same ids.
    """
    whole = _hashed(files, typed, TABLES, "submission_id")
    amounts = _amounts_hashed(files, typed)
    files = files.join(whole, on=FILE, how="left", maintain_order="left")
    return files.join(amounts, on=FILE, how="left", maintain_order="left")


def _hashed(
    files: pl.DataFrame, typed: Mapping[str, pl.DataFrame], tables: Sequence[str], name: str
) -> pl.DataFrame:
    """File number and hash of the answers in these tables, as the column `name`."""
    texts = []
    for table in tables:
        frame = typed[table]
        out = (FILE, SHEET, ROW, "industry", "reported_text", "reported_unit")
        names = [name for name in frame.columns if name not in out]
        cells = [pl.col(name).cast(pl.String).fill_null("") for name in sorted(names)]
        row = pl.concat_str(cells, separator="\x1f")
        texts.append(
            frame.select(FILE, row.alias("text"))
            .group_by(FILE, maintain_order=True)
            .agg(pl.col("text").str.join("\x1e"))
            .with_columns(pl.lit(table).alias("table"))
        )
    return _ids(files, pl.concat(texts), name)


def _amounts_hashed(files: pl.DataFrame, typed: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """File number and hash of the sorted items and amounts, as the column `amounts_id`."""
    texts = []
    for table, names in _AMOUNTS.items():
        cells = [pl.col(name).cast(pl.String).fill_null("") for name in names]
        row = pl.concat_str(cells, separator="\x1f")
        texts.append(
            typed[table]
            .group_by(FILE, maintain_order=True)
            .agg(row.sort().str.join("\x1e").alias("text"))
            .with_columns(pl.lit(table).alias("table"))
        )
    return _ids(files, pl.concat(texts), "amounts_id")


def _ids(files: pl.DataFrame, texts: pl.DataFrame, name: str) -> pl.DataFrame:
    """The hash of the texts of each file, table by table, as the column `name`."""
    whole = (
        texts.group_by(FILE, maintain_order=True)
        .agg(pl.format("{}\x1d{}", "table", "text").str.join("\x1c").alias("text"))
        .join(files, on=FILE)
        .select(FILE, pl.format("{}\x1c{}", "industry", "text").alias("text"))
    )
    ids = [hashlib.sha256(text.encode()).hexdigest()[:16] for text in whole["text"].to_list()]
    return whole.select(FILE, pl.Series(name, ids, pl.String))


# --- what each sheet's answers are


def _submission(sheet: TypedSheet) -> None:
    for name in ("plant_name", "group_name", "system_boundary_note", "submitter", "contact"):
        sheet.text(name)
    for name in ("plant_code", "group_code"):
        sheet.frame = sheet.frame.with_columns(uscc.cleaned(pl.col(name)).alias(name))
        code = pl.col(name)
        there = code != ""
        wrong_form = there & ~code.str.contains(f"^[{uscc.ALPHABET}]{{18}}$")
        sheet.note(wrong_form, "social_credit_code_malformed", name, code)
        wrong_digit = there & ~wrong_form & ~uscc.is_valid(code)
        sheet.note(wrong_digit, "social_credit_code_wrong", name, code)
        sheet.frame = sheet.frame.with_columns(pl.when(there).then(code).alias(name))
    sheet.looked_up("region_code", _province, None)
    sheet.looked_up("product_code", _finder("survey_submission", "product"), None, "item_not_known")
    sheet.looked_up("technology", _finder("survey_submission", "technology"), None)
    sheet.date("period_start")
    sheet.date("period_end")
    sheet.number("operating_hours", expected=pl.lit("h"))
    unit = _unit_of_item(sheet.frame, "product_code")
    given = sheet.frame["capacity_unit"].unique().drop_nulls().to_list()
    parts = {text: found for text in given if (found := capacity_unit(text))}
    sheet.frame = sheet.frame.with_columns(
        unit,
        _per=mapped("capacity_unit", {text: per for text, (_, per) in parts.items()}),
        _amount_unit=mapped("capacity_unit", {text: amount for text, (amount, _) in parts.items()}),
    )
    unread = pl.col("capacity_unit").is_not_null() & pl.col("_per").is_null()
    expected = pl.format("{}/a", pl.col("_unit").fill_null("t"))
    sheet.note(
        unread, "capacity_unit_not_readable", "capacity_unit", pl.col("capacity_unit"), expected
    )
    sheet.frame = sheet.frame.rename(
        {
            "_per": "per",
            "_unit": "of_unit",
            "_amount_unit": "amount_unit",
            "capacity_unit": "stated",
        }
    )
    sheet.number(
        "capacity",
        expected=pl.col("of_unit"),
        unit="amount_unit",
        unit_question="capacity_unit",
        keep=True,
        asks_unit=False,
    )
    canonical = pl.format("{}/{}", pl.col("of_unit"), pl.col("per"))
    sheet.frame = sheet.frame.with_columns(
        canonical.alias("capacity_unit"), pl.col("stated").alias("reported_unit")
    ).drop("per", "of_unit", "amount_unit", "stated")


def _product(sheet: TypedSheet) -> None:
    sheet.looked_up("product_code", _finder("survey_product", "output"), _nearest, "item_not_known")
    sheet.code("role", _codes("survey_product", "role"))
    sheet.code("allocation_basis", _codes("survey_product", "allocation_basis"))
    sheet.frame = sheet.frame.with_columns(_unit_of_item(sheet.frame, "product_code")).rename(
        {"_unit": "of_unit"}
    )
    sheet.number("price_cny", unit="unit", per_unit=True)
    sheet.number("energy_mj_per_unit")
    sheet.frame = sheet.frame.with_columns(pl.col("unit").alias("unit_stated"))
    sheet.number(
        "stock_change",
        expected=pl.col("of_unit"),
        unit="unit_stated",
        unit_question="unit",
        may_be_negative=True,
        asks_unit=False,
    )
    sheet.number("output_amount", expected=pl.col("of_unit"), unit="unit", keep=True)
    sheet.frame = sheet.frame.drop("of_unit", "unit_stated")


def _input(sheet: TypedSheet) -> None:
    key = "survey_input"
    sheet.code("kind", _codes(key, "kind"))
    _amount_of_item(sheet, "amount")
    per_unit = pl.when(pl.col("unit").is_in(["kg", "m3"])).then(pl.format("MJ/{}", pl.col("unit")))
    sheet.number("lower_heating_value", expected=per_unit)
    sheet.code("carbon_content_unit", _codes(key, "carbon_content_unit"))
    percent = normalised_percent(pl.col("carbon_content"))
    sheet.frame = sheet.frame.with_columns(
        pl.when(percent).then(pl.lit("percent")).otherwise(pl.col("carbon_content_unit"))
        .alias("carbon_content_unit"),
        pl.when(percent).then(pl.col("carbon_content").str.replace(r"\s*[%％]\s*$", ""))
        .otherwise(pl.col("carbon_content")).alias("carbon_content"),
    )  # fmt: skip
    sheet.number("carbon_content")
    _carbon_per_unit(sheet)
    sheet.share("oxidation")
    sheet.looked_up("supplier_region_code", _province_or_nation, None)
    sheet.text("origin_note")


def _carbon_per_unit(sheet: TypedSheet) -> None:
    """The carbon content as kg of carbon per unit of the item, whatever the laboratory states.

    Percent below 1 and a fraction above 1 are read the way that comes within a factor of two of
    the industry's default and are noted; without a default neither reading is taken.
    """
    facts = item_facts().select(
        "industry",
        pl.col("code").alias("product_code"),
        pl.col("carbon_content").alias("_default"),
        pl.col("lower_heating_value").alias("_heat"),
    )
    keys = ["industry", "product_code"]
    frame = sheet.frame.join(facts, on=keys, how="left", maintain_order="left")
    stated, unit = pl.col("carbon_content").pipe(as_float), pl.col("carbon_content_unit")
    frame = frame.with_columns(
        _stated=stated,
        _heat=pl.coalesce(pl.col("lower_heating_value").pipe(as_float), pl.col("_heat")),
    )
    hundredth, whole = pl.col("_stated") / 100, pl.col("_stated")
    is_share = unit.is_in(["percent", "fraction"])
    plain = ((unit == "percent") & (whole > 1)) | ((unit == "fraction") & (whole <= 1))
    odd = is_share & ~plain & (whole > 0)
    near_hundredth = _near(hundredth, pl.col("_default"))
    near_whole = _near(whole, pl.col("_default"))
    clear = (near_hundredth != near_whole) & (hundredth <= 1)
    by_share = (
        pl.when(plain & (unit == "percent"))
        .then(hundredth)
        .when(plain)
        .then(whole)
        .when(odd & clear)
        .then(pl.when(near_hundredth).then(hundredth).otherwise(whole))
        .when(is_share & (whole == 0))
        .then(whole)
    )
    value = (
        pl.when(is_share)
        .then(by_share)
        .when(unit == "kgC/GJ")
        .then(whole * pl.col("_heat") / 1000)
        .when(unit == "kgC/unit")
        .then(whole)
    )
    sheet.frame = frame.with_columns(_value=value, _odd=odd & clear)
    there = pl.col("_stated").is_not_null()
    shown = pl.format("{} {}", pl.col("_stated"), unit.fill_null("-"))
    sheet.note(there & unit.is_null(), "carbon_unit_missing", "carbon_content_unit", shown)
    unclear = there & unit.is_not_null() & pl.col("_value").is_null()
    sheet.note(unclear, "carbon_content_not_clear", "carbon_content", shown)
    read_as = pl.format("{} kg C/{}", pl.col("_value"), pl.col("unit").fill_null("-"))
    sheet.note(pl.col("_odd"), "carbon_content_read_otherwise", "carbon_content", shown, read_as)
    kept = pl.col("_value").cast(pl.Decimal(38, 6)).alias("carbon_content")
    sheet.frame = sheet.frame.with_columns(kept).drop(
        [name for name in sheet.frame.columns if name.startswith("_")]
    )


def _near(value: pl.Expr, default: pl.Expr) -> pl.Expr:
    """True where a value is within a factor of two of the default."""
    return (value / default).is_between(0.5, 2).fill_null(value=False)


def normalised_percent(text: pl.Expr) -> pl.Expr:
    """True where a text ends in a percent sign."""
    return text.fill_null("").str.contains(r"[%％]\s*$")


def _steam(sheet: TypedSheet) -> None:
    _amount_of_item(sheet, "amount")
    sheet.looked_up("supplier_region_code", _province_or_nation, None)
    sheet.text("origin_note")


def _electricity(sheet: TypedSheet) -> None:
    sheet.code("origin", _codes("survey_electricity", "origin"))
    sheet.text("certificate_ids")
    sheet.text("technology")
    sheet.number("energy_mwh", expected=pl.lit("kWh"), unit="unit", keep=True)
    mwh = (pl.col("energy_mwh") / 1000).cast(pl.Decimal(38, 6))
    sheet.frame = sheet.frame.with_columns(mwh.alias("energy_mwh")).drop("unit")


def _transport(sheet: TypedSheet) -> None:
    _amount_of_item(sheet, "amount")
    sheet.code("mode", _codes("survey_transport", "mode"))
    kept = ["reported_text", "reported_unit"]
    reported = sheet.frame.select(kept)
    sheet.number("distance_km", expected=pl.lit("km"))
    sheet.frame = sheet.frame.with_columns(reported.get_columns())


def _emission(sheet: TypedSheet) -> None:
    sheet.looked_up("gas", _finder("survey_emission", "gas"), None)
    sheet.code("source", _codes("survey_emission", "source"))
    sheet.code("method", _codes("survey_emission", "method"))
    sheet.number("amount_kg", expected=pl.lit("kg"), unit="unit", keep=True)
    sheet.frame = sheet.frame.drop("unit")


def _waste(sheet: TypedSheet) -> None:
    sheet.looked_up("waste_code", _finder("survey_waste", "waste"), None, "item_not_known")
    sheet.code("treatment", _codes("survey_waste", "treatment"))
    sheet.frame = sheet.frame.with_columns(_unit_of_item(sheet.frame, "waste_code")).rename(
        {"_unit": "of_unit"}
    )
    sheet.number("amount", expected=pl.col("of_unit"), unit="unit", keep=True)
    sheet.frame = sheet.frame.drop("of_unit")


def _device(sheet: TypedSheet) -> None:
    for name in ("device", "measures", "traceability"):
        sheet.text(name)
    sheet.date("calibrated_on")
    sheet.date("valid_until")


_TYPERS = {
    "survey_submission": _submission,
    "survey_product": _product,
    "survey_input": _input,
    "survey_steam": _steam,
    "survey_electricity": _electricity,
    "survey_transport": _transport,
    "survey_emission": _emission,
    "survey_waste": _waste,
    "survey_device": _device,
}


def _amount_of_item(sheet: TypedSheet, name: str) -> None:
    """Item and amount of a line of inputs or hauls."""
    sheet.looked_up("product_code", _item, _nearest, "item_not_known")
    sheet.frame = sheet.frame.with_columns(_unit_of_item(sheet.frame, "product_code")).rename(
        {"_unit": "of_unit"}
    )
    sheet.number(name, expected=pl.col("of_unit"), unit="unit", keep=True)
    sheet.frame = sheet.frame.drop("of_unit")


def _unit_of_item(frame: pl.DataFrame, column: str) -> pl.Series:
    """The canonical unit in which the industry counts the item of each row, as `_unit`."""
    table = item_facts().select(
        "industry", pl.col("code").alias(column), pl.col("unit").alias("_unit")
    )
    return frame.join(table, on=["industry", column], how="left", maintain_order="left")["_unit"]


@cache
def item_facts() -> pl.DataFrame:
    """What each industry knows of each item: industry, code, kind, unit, lower_heating_value,
    carbon_content. Items that an industry does not name itself are taken from the others.
    """
    rows = []
    for name in industry_names():
        industry = load_industry(name)
        units = {
            line.item: line.unit
            for recipe in industry.recipes
            for line in recipe.lines
            if line.section in ("input", "steam", "waste")
        }
        for code, item in {**known_items(), **industry.items}.items():
            unit = item.unit or units.get(code)
            rows.append(
                (name, code, item.kind, unit, item.lower_heating_value, item.carbon_content)
            )
    schema = {"industry": pl.String, "code": pl.String, "kind": pl.String, "unit": pl.String,
              "lower_heating_value": pl.Float64, "carbon_content": pl.Float64}  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def capacity_unit(text: str) -> tuple[str, str] | None:
    """Unit of the amount and time (h, d, a) of a capacity unit such as '万t/a'; None when it is
    none.
    """
    amount, slash, per = normalise(text).rpartition("/")
    if not slash or key_of(amount) not in survey_units() or key_of(per) not in _PER:
        return None
    return amount, _PER[key_of(per)]


@cache
def _codes(sheet: str, name: str) -> dict[str, str]:
    """Match key of every name of a code -> the code."""
    question = next(each for each in sheet_plan(sheet).questions if each.name == name)
    found = {}
    for code in question.codes:
        zh, en = CODE_NAMES[code]
        for text in (code, zh, en, shown(code, zh, en)):
            found[key_of(text)] = code
    return found


@cache
def _index(sheet: str, kind: str, name: str) -> dict[str, str]:
    """Match key of every name of a choice in an industry -> its code."""
    industry = load_industry(name)
    question = next(each for each in sheet_plan(sheet).questions if each.kind == kind)
    found = {}
    for code, zh, en in choices(question, sheet, industry):
        for text in (shown(code, zh, en), zh, en, code):
            found[key_of(text)] = code
    return found


def _finder(sheet: str, kind: str):  # type: ignore[no-untyped-def]
    def find(text: str, industry: str) -> str | None:
        return _index(sheet, kind, industry).get(key_of(text))

    return find


@cache
def _items_of(name: str) -> dict[str, str]:
    industry: Industry = load_industry(name)
    found = {}
    for code, item in {**known_items(), **industry.items}.items():
        for text in (shown(code, item.name_zh, item.name_en), code):
            found[key_of(text)] = code
    for code, item in industry.items.items():
        for text in (item.name_zh, item.name_en):
            found.setdefault(key_of(text), code)
    return found


def _item(text: str, industry: str) -> str | None:
    return _items_of(industry).get(key_of(text))


def _nearest(text: str) -> str:
    """Up to three codes whose code or name is nearest to a text."""
    import difflib

    names = {
        key_of(label): code
        for code, item in known_items().items()
        for label in (code, item.name_zh, item.name_en)
    }
    near = difflib.get_close_matches(key_of(text)[:80], list(names), n=3, cutoff=0.5)
    return ", ".join(dict.fromkeys(names[each] for each in near))


def _region(text: str, levels: tuple[str, ...]) -> str | None:
    code = regions().find(text) or regions().find(text.split(" ")[0])
    return code if code and region_levels()[code] in levels else None


def _province(text: str, _: str) -> str | None:
    return _region(text, ("province",))


def _province_or_nation(text: str, _: str) -> str | None:
    return _region(text, ("province", "nation"))
