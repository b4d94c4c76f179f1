"""The same plant reported under two names.

Belongs here: pairs of reports that are likely one plant. Does not belong here: which of them is
right; that is a person's decision. A plant counted twice makes a cell look safer than it is.
"""

from __future__ import annotations

import polars as pl

from dbt_project.methods.disclosure.rules import DisclosureError

_KEYS = ["submission_id", "plant_code", "region_code", "product_code"]
# Words of a legal form or of a place that change from form to form.
_FILLERS = (
    r"有限责任公司|股份有限公司|集团有限公司|有限公司|分公司|公司|集团|工厂|厂|省|市|县|区|"
    r"\b(?:co|ltd|inc|corp|company|limited|group|plant|works)\b"
)
_PAIR = {
    "submission_id": pl.String,
    "other_submission_id": pl.String,
    "same_code": pl.Boolean,
    "same_name": pl.Boolean,
    "near_figures": pl.Boolean,
}


def normal_name(name: pl.Expr) -> pl.Expr:
    """Return a plant's name without width, case, punctuation, spaces and words of legal form."""
    return (
        name.str.normalize("NFKC")
        .str.to_lowercase()
        .str.replace_all(r"[.,，。·]", " ")
        .str.replace_all(_FILLERS, "")
        .str.replace_all(r"[^\p{Han}\p{L}\p{N}]", "")
    )


def likely_duplicates(plants: pl.DataFrame, *, tolerance: float = 1e-3) -> pl.DataFrame:
    """List pairs of reports of one product and period that are likely one plant. No row loop.

    Args:
        plants: `submission_id`, `plant_code`, `region_code`, `product_code`, `period` (any text
            or year), `weight` (output), `value` (emissions or what stands for them); `plant_name`
            where names are known.
        tolerance: figures closer than this, relatively, in both weight and value, are near.

    Returns:
        `submission_id` < `other_submission_id`, and why: `same_code`, `same_name` (normal name and
        region; only where names were given), `near_figures` (same region); sorted, one row per
        pair.
    """
    named = "plant_name" in plants.columns
    missing = {*_KEYS, "period", "weight", "value"} - set(plants.columns)
    if missing:
        raise DisclosureError(f"DC090: the list of plants lacks {sorted(missing)}")
    frame = plants.with_columns(
        pl.col("plant_code").str.strip_chars().str.to_uppercase(),
        normal=normal_name(pl.col("plant_name")) if named else pl.lit(""),
        step=(pl.col("weight").log() / tolerance).floor().cast(pl.Int64),
    )
    same = ["product_code", "period"]
    pairs = [
        _pairs(frame.filter(pl.col(on[0]).str.len_chars() > 0), [*same, *on])
        for on in (["plant_code"], ["normal", "region_code"])
    ]
    # Two values within the tolerance fall in one step of the logarithm or in neighbours.
    for shift in (0, 1):
        moved = frame.with_columns(step=pl.col("step") + shift)
        pairs.append(_pairs(frame, [*same, "region_code", "step"], moved))
    every = pl.concat(pairs).unique()
    columns = ["submission_id", "plant_code", "normal", "region_code", "weight", "value"]
    left = frame.select(columns)
    right = frame.select(pl.all().name.prefix("other_")).select([f"other_{c}" for c in columns])

    def near(column: str) -> pl.Expr:
        one, other = pl.col(column), pl.col(f"other_{column}")
        return (one - other).abs() <= tolerance * pl.max_horizontal(one.abs(), other.abs())

    code, name = pl.col("plant_code"), pl.col("normal")
    region = pl.col("region_code") == pl.col("other_region_code")
    found = (
        every.join(left, on="submission_id")
        .join(right, on="other_submission_id")
        .with_columns(
            same_code=(code == pl.col("other_plant_code")) & (code.str.len_chars() > 0),
            same_name=(name == pl.col("other_normal")) & (name.str.len_chars() > 0) & region,
            near_figures=near("weight") & near("value") & region,
        )
        .filter(pl.any_horizontal("same_code", "same_name", "near_figures"))
    )
    reasons = [name for name in _PAIR if named or name != "same_name"]
    return found.select(reasons).sort("submission_id", "other_submission_id")


def _pairs(frame: pl.DataFrame, on: list[str], other: pl.DataFrame | None = None) -> pl.DataFrame:
    right = (frame if other is None else other).select(*on, other_submission_id="submission_id")
    one, two = pl.col("submission_id"), pl.col("other_submission_id")
    return (
        frame.select(*on, "submission_id")
        .join(right, on=on)
        .filter(one != two)
        .select(
            submission_id=pl.min_horizontal(one, two),
            other_submission_id=pl.max_horizontal(one, two),
        )
    )
