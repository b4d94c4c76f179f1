"""From the text of an answer to its value: numbers with units, shares, days, codes.

Belongs here: one method per kind of answer, over all submissions of a batch at once; each keeps
what it found in the way. Nothing is guessed: what is read otherwise than it was written is noted.
Does not belong here: what a value must be (checks.py), the sheets (submission.py).
"""

import datetime as dt
from collections.abc import Callable, Mapping

import polars as pl

from ingestion.numbers import PARSED, is_number, missing_marker, parsed_number
from ingestion.survey.answered import ROW
from ingestion.survey.units import SurveyUnit, find_survey_unit
from ingestion.text import key_of, normalised

FILE = "file_number"
SHEET = "sheet_key"
FOUND_SCHEMA = pl.Schema(
    {
        FILE: pl.UInt32(),
        "rule_id": pl.String(),
        SHEET: pl.String(),
        ROW: pl.Int32(),
        "question": pl.String(),
        "found": pl.String(),
        "expected": pl.String(),
        "expected_zh": pl.String(),
    }
)
"""A finding before it is a sentence: which file, which answer, what, and what was expected."""

VALUE = pl.Decimal(38, 6)
LARGEST = 10**15
"""Larger numbers are no amounts of one plant; in their unit they might not fit the type."""

_NUMBER = r"^([+-]?(?:\d[\d, ]*)?(?:\.\d*)?)\s*(.*)$"
_TORN = r"^[.,']"
"""How what follows a number begins where it is more of the number, as in 1.920.000."""
_SERIAL = r"^([2-7]\d{4})(?:\.\d*)?$"
_EXPONENT = r"^[eE][+-]?\d+$"
_REWRITTEN = r"[,，\s\u3000\u00a0０-９．]"
_DAY = r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]00:00:00)?$"
_DAY_ZERO = dt.date(1899, 12, 30)
_ISO_DAY = r"^\d{4}-\d{2}-\d{2}(?:[ T]00:00:00)?$"


def found_where(
    frame: pl.DataFrame,
    condition: pl.Expr,
    rule_id: str,
    question: str | None,
    found: pl.Expr,
    expected: pl.Expr | str = "",
    expected_zh: pl.Expr | str | None = None,
) -> pl.DataFrame:
    """One finding per row of `frame` for which `condition` holds."""

    def text(value: pl.Expr | str) -> pl.Expr:
        return pl.lit(value) if isinstance(value, str) else value.cast(pl.String).fill_null("")

    kept = frame.filter(condition)
    if kept.is_empty():
        return FOUND_SCHEMA.to_frame()
    return kept.select(
        pl.col(FILE),
        pl.lit(rule_id).alias("rule_id"),
        pl.col(SHEET),
        pl.col(ROW).cast(pl.Int32),
        pl.lit(question, pl.String).alias("question"),
        text(found).alias("found"),
        text(expected).alias("expected"),
        text(expected if expected_zh is None else expected_zh).alias("expected_zh"),
    )


def as_float(decimal: pl.Expr) -> pl.Expr:
    """A decimal as the float nearest to it. A plain cast is off by a last digit now and then,
    depending on how many rows there are; by way of its text it never is.
    """
    return decimal.cast(pl.String).cast(pl.Float64)


class TypedSheet:
    """The answers of one sheet of a batch, made values column by column.

    `frame` holds file_number, sheet_key, row_number and the text columns; each method replaces a
    text column by its values (null where there is none) and adds to `found`.
    """

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame
        self.found: list[pl.DataFrame] = []

    def note(
        self,
        condition: pl.Expr,
        rule_id: str,
        question: str | None,
        found: pl.Expr,
        expected: pl.Expr | str = "",
        expected_zh: pl.Expr | str | None = None,
    ) -> None:
        """Add the findings of the rows for which `condition` holds."""
        self.found.append(
            found_where(self.frame, condition, rule_id, question, found, expected, expected_zh)
        )

    def needed(self, name: str) -> None:
        """Rows in which nothing stands where an answer is needed; asked before a column is
        typed.
        """
        empty = normalised(pl.col(name)) == ""
        marked = missing_marker(pl.col(name)).is_not_null()
        self.note(empty | marked, "answer_missing", name, pl.col(name))

    def text(self, name: str) -> None:
        """Text as it is, without blanks around and full-width forms folded; null when empty."""
        value = normalised(pl.col(name))
        self.frame = self.frame.with_columns(pl.when(value != "").then(value).alias(name))

    def code(self, name: str, codes: Mapping[str, str]) -> None:
        """A code by any of its names. `codes`: match key -> code."""
        self.looked_up(name, lambda text, _: codes.get(key_of(text)), None)

    def looked_up(
        self,
        name: str,
        find: Callable[[str, str], str | None],
        expected: Callable[[str], str] | None,
        rule_id: str = "answer_not_a_code",
    ) -> None:
        """A code by `find(text, industry)`; what it does not find is a finding that shows
        `expected(text)`.
        """
        pairs = self.frame.select("industry", name).unique().drop_nulls()
        texts, industries = pairs[name].to_list(), pairs["industry"].to_list()
        codes = [find(text, each) for text, each in zip(texts, industries, strict=True)]
        hints = [
            expected(text) if expected and code is None else ""
            for text, code in zip(texts, codes, strict=True)
        ]
        table = pairs.with_columns(
            pl.Series("_code", codes, pl.String), pl.Series("_hint", hints, pl.String)
        )
        self.frame = self.frame.join(
            table, on=["industry", name], how="left", maintain_order="left"
        )
        given = missing_marker(pl.col(name)).is_null()
        self.note(given & pl.col("_code").is_null(), rule_id, name, pl.col(name), pl.col("_hint"))
        self.frame = self.frame.with_columns(pl.col("_code").alias(name)).drop("_code", "_hint")

    def number(
        self,
        name: str,
        *,
        expected: pl.Expr | None = None,
        unit: str | None = None,
        per_unit: bool = False,
        may_be_negative: bool = False,
        keep: bool = False,
        asks_unit: bool = True,
        unit_question: str | None = None,
    ) -> None:
        """A number in its canonical unit, as Decimal(38, 6).

        `expected`: the canonical unit of each row, null where any is refused. `unit`: the column
        that states the unit (and `unit_question` the question to name where it is wrong, if it is
        called otherwise); without it a bare number is in the canonical unit. `per_unit`: the
        number is per unit of the row, so the factor divides. `keep`: reported_text,
        reported_unit and `unit` (canonical) are added from this number. `asks_unit`: whether a
        number without a unit is a finding of its own.
        """
        raw = pl.col(name)
        clean = normalised(raw)
        stated = normalised(pl.col(unit)) if unit else pl.lit("")
        frame = self.frame.with_columns(
            _raw=raw.fill_null(""),
            _digits=clean.str.extract(_NUMBER, 1).fill_null("").str.strip_chars(),
            _rest=clean.str.extract(_NUMBER, 2).fill_null("").str.strip_chars(),
            _column=stated,
            _given=(clean != "") & missing_marker(raw).is_null(),
            _canonical=pl.lit(None, pl.String) if expected is None else expected,
        )
        own = (pl.col("_rest") != "") & ~pl.lit(per_unit)
        frame = frame.with_columns(
            _stated=pl.when(own).then(pl.col("_rest")).otherwise(pl.col("_column"))
        )
        units = _units(frame, "_stated", "_column")
        for source, target in (("_stated", ""), ("_column", "_column")):
            frame = frame.with_columns(
                mapped(source, {text: each.canonical for text, each in units.items()}).alias(
                    f"_of{target}"
                ),
                mapped(source, {text: str(each.factor) for text, each in units.items()})
                .cast(PARSED)
                .alias(f"_factor{target}"),
            )
        frame = frame.with_columns(
            _is_number=is_number(pl.col("_digits")) & ~pl.col("_rest").str.contains(_TORN),
            _parsed=parsed_number(pl.col("_digits")),
            _stands=pl.col("_stated") != "",
        )
        self.frame = frame
        asked = unit if asks_unit else None
        self._say_number(name, asked, unit_question or unit or name, per_unit=per_unit)
        factor = (
            pl.when(pl.col("_stands")).then(pl.col("_factor")).otherwise(pl.lit("1").cast(PARSED))
        )
        number = pl.when(pl.col("_parsed").abs() <= LARGEST).then(pl.col("_parsed"))
        product = number / factor if per_unit else number * factor
        fits = pl.col("_of").eq_missing(pl.col("_canonical"))
        if unit is None:
            fits = fits | ~pl.col("_stands")
        good = pl.col("_given") & pl.col("_is_number") & (fits | pl.lit(per_unit))
        good = good & (pl.col("_parsed").abs() <= LARGEST)
        value = pl.when(good).then(product.cast(VALUE)).otherwise(None)
        self.frame = self.frame.with_columns(value.alias(name))
        if not may_be_negative:
            self.note(pl.col(name) < 0, "number_negative", name, pl.col("_raw"))
            kept = pl.when(pl.col(name) >= 0).then(pl.col(name))
            self.frame = self.frame.with_columns(kept.alias(name))
        if keep:
            said = pl.when(pl.col("_stated") != "").then(pl.col("_stated"))
            self.frame = self.frame.with_columns(
                pl.when(pl.col("_raw") != "").then(pl.col("_raw")).alias("reported_text"),
                said.alias("reported_unit"),
                *([pl.col("_canonical").alias(unit)] if unit else []),
            )
        helpers = [each for each in self.frame.columns if each.startswith("_")]
        self.frame = self.frame.drop(helpers)

    def _say_number(self, name: str, unit: str | None, beside: str, *, per_unit: bool) -> None:
        """Say what stands out in a number. A wrong unit is told where it stands: in the cell of
        the number, or in that of the question `beside` it.
        """
        given, is_num = pl.col("_given"), pl.col("_is_number")
        raw, rest = pl.col("_raw"), pl.col("_rest")
        error = raw.str.starts_with("#")
        exponent = rest.str.contains(_EXPONENT)
        self.note(given & error, "cell_is_an_error", name, raw)
        self.note(given & ~error & is_num & exponent, "number_in_powers", name, raw)
        words = ~is_num | (pl.lit(per_unit) & (rest != "") & ~exponent)
        self.note(given & ~error & words, "number_not_readable", name, raw)
        large = pl.col("_parsed").abs() > LARGEST
        self.note(given & is_num & large, "number_too_large", name, raw, f"{LARGEST:.0e}")
        sound = given & is_num & ~exponent & ~large
        unknown = pl.col("_stands") & pl.col("_of").is_null()
        shown = pl.col("_stated")
        wanted = pl.col("_canonical").fill_null("-")
        if per_unit:
            return
        for place, stands in ((name, rest != ""), (beside, rest == "")):
            self.note(sound & unknown & stands, "unit_not_known", place, shown, wanted)
        other = pl.col("_of").is_not_null() & pl.col("_of").ne_missing(pl.col("_canonical"))
        judged = pl.col("_canonical").is_not_null() if unit else pl.lit(value=True)
        for place, stands in ((name, rest != ""), (beside, rest == "")):
            wrong = sound & other & judged & stands
            self.note(wrong, "unit_of_other_kind", place, shown, wanted)
        sound = sound & ~unknown & ~(other & judged)
        if unit:
            self.note(sound & ~pl.col("_stands"), "unit_not_stated", "unit", raw, wanted)
            differs = (pl.col("_column") != "") & (pl.col("_factor") != pl.col("_factor_column"))
            both = pl.format("{} / {}", rest, pl.col("_column"))
            twice = (rest != "") & differs.fill_null(value=False)
            self.note(sound & twice, "unit_stated_twice", name, both)
            sound = sound & ~twice
        read_as = pl.format("{} {}", pl.col("_digits").str.replace_all("[, ]", ""), shown)
        in_cell = (rest != "") & pl.col("_of").is_not_null()
        self.note(sound & in_cell, "unit_in_the_cell", name, raw, read_as)
        rewritten = raw.str.strip_chars().str.contains(_REWRITTEN) & ~in_cell
        self.note(sound & rewritten, "number_rewritten", name, raw, read_as)

    def share(self, name: str) -> None:
        """A share as a fraction of one. 0.98, 98 % and 98 are understood, the last two are noted;
        between 1 and 2 both readings are possible and neither is taken.
        """
        clean = normalised(pl.col(name))
        digits = clean.str.replace(r"\s*%$", "")
        percent = clean.str.ends_with("%")
        self.frame = self.frame.with_columns(
            _raw=pl.col(name).fill_null(""),
            _given=(clean != "") & missing_marker(pl.col(name)).is_null(),
            _value=parsed_number(digits),
            _percent=percent,
        )
        value, given = pl.col("_value"), pl.col("_given")
        bare = ~pl.col("_percent")
        self.note(given & value.is_null(), "number_not_readable", name, pl.col("_raw"))
        doubtful = bare & (value > 1) & (value < 2)
        outside = (value < 0) | (value > 100) | doubtful
        self.note(given & outside, "share_not_clear", name, pl.col("_raw"), "0-1 / 0-100 %")
        as_percent = ~outside & (pl.col("_percent") | (value > 1))
        fraction = (value / pl.lit("100").cast(PARSED)).cast(VALUE)
        self.note(given & as_percent, "share_read_as_percent", name, pl.col("_raw"), fraction)
        result = (
            pl.when(outside).then(None).when(as_percent).then(fraction).otherwise(value.cast(VALUE))
        )
        self.frame = self.frame.with_columns(pl.when(given).then(result).alias(name))
        self.frame = self.frame.drop("_raw", "_given", "_value", "_percent")

    def date(self, name: str) -> None:
        """A day; forms other than 2024-01-31 are noted. The number by which a spreadsheet counts
        days is not taken for one: it may be a number in the wrong cell.
        """
        clean = normalised(pl.col(name))
        parts = [clean.str.extract(_DAY, place).cast(pl.Int32, strict=False) for place in (1, 2, 3)]
        iso = pl.format(
            "{}-{}-{}",
            parts[0],
            parts[1].cast(pl.String).str.zfill(2),
            parts[2].cast(pl.String).str.zfill(2),
        )
        day = iso.str.to_date("%Y-%m-%d", strict=False)
        self.frame = self.frame.with_columns(_raw=pl.col(name).fill_null(""), _day=day)
        given = missing_marker(pl.col("_raw")).is_null()
        serial = normalised(pl.col("_raw")).str.extract(_SERIAL, 1).cast(pl.Int32)
        meant = pl.lit(_DAY_ZERO) + pl.duration(days=serial)
        unread = given & pl.col("_day").is_null()
        counted = unread & serial.is_not_null()
        self.note(counted, "day_is_a_number", name, pl.col("_raw"), meant)
        self.note(unread & serial.is_null(), "day_not_readable", name, pl.col("_raw"), "2024-01-31")
        other = pl.col("_day").is_not_null() & ~pl.col("_raw").str.strip_chars().str.contains(
            _ISO_DAY
        )
        self.note(other, "day_rewritten", name, pl.col("_raw"), pl.col("_day"))
        self.frame = self.frame.with_columns(pl.col("_day").alias(name)).drop("_raw", "_day")


def _units(frame: pl.DataFrame, *columns: str) -> dict[str, SurveyUnit]:
    """Every text of the columns that is a unit."""
    texts = {text for name in columns for text in frame[name].unique().drop_nulls().to_list()}
    return {text: unit for text in texts if text and (unit := find_survey_unit(text))}


def mapped(column: str, values: Mapping[str, str]) -> pl.Expr:
    """A text column by this table, null where the table has nothing."""
    return pl.col(column).replace_strict(
        list(values), list(values.values()), default=None, return_dtype=pl.String
    )
