"""What a release says of its background datasets at the end of a run.

Belongs here: counts of datasets by the form in which they are published, and how far footprints
lie from published ones, as sentences. Does not belong here: factors of electricity (`summary`).
"""

from statistics import median

import polars as pl

_LARGEST = 5
_FORMS = (
    ("open", "open with all exchanges"),
    ("aggregated", "as results"),
    ("merged", "merged into a wider one"),
    ("withheld", "withheld to protect contributors"),
)


def dataset_lines(datasets: pl.DataFrame) -> list[str]:
    """Return how many datasets stand in which form, whole and by whom. No line without datasets.

    `datasets`: table `background_dataset`; the columns `disclosure`, `product_code` and
    `contributors_band` (null where no plant stands behind the dataset) are read.
    """
    if datasets.is_empty():
        return []
    counts = dict(datasets["disclosure"].value_counts().iter_rows())
    told = ", ".join(f"{counts.get(form, 0)} {name}" for form, name in _FORMS)
    shown = datasets.filter(pl.col("disclosure").is_in(["open", "aggregated"]))
    of_plants = shown.drop_nulls("contributors_band").height
    return [
        f"Background datasets: {datasets.height} of {datasets['product_code'].n_unique()} "
        f"products: {told}.",
        f"Of the {shown.height} with figures, {of_plants} rest on questionnaires; the others on "
        "defaults or on this warehouse's electricity.",
    ]


def footprint_lines(comparison: pl.DataFrame) -> list[str]:
    """Return how far footprints lie from published ones, the largest differences by name.

    `comparison`: table `footprint_comparison`; `ratio` is ours over the published one.
    """
    rows = comparison.drop_nulls("ratio").with_columns(pl.col("ratio").cast(pl.Float64))
    if rows.is_empty():
        return []
    ratios = rows["ratio"].to_list()
    near = sum(2 / 3 <= ratio <= 1.5 for ratio in ratios)
    within = int(rows["is_within_interval"].sum())
    farthest = rows.sort(
        pl.col("ratio").log().abs(), "benchmark_id", "technology", descending=[True, False, False]
    ).head(_LARGEST)
    told = ", ".join(
        f"{row['product_code']} ({row['technology']}) {row['ratio']:.2f}"
        for row in farthest.iter_rows(named=True)
    )
    return [
        f"Against {len(ratios)} published footprints: median ratio {median(ratios):.2f}, "
        f"{near} between 2/3 and 3/2, {within} inside our 95 % interval.",
        f"Farthest: {told}. All stand in table footprint_comparison.",
    ]
