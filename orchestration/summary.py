"""What a release says at the end of a run, in figures.

Belongs here: reading a release and the quarantine into small facts, and drawing them. Does not
belong here: progress (`console`), and computing factors.
"""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from statistics import median

import polars as pl
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from orchestration.background_summary import dataset_lines, footprint_lines
from orchestration.run import Outcome
from orchestration.settings import Settings
from orchestration.stages import STAGES

DEMO = "Channel demo: some rows rest on synthetic data (quality_tier `synthetic`); see the README."


@dataclass(frozen=True)
class FactorLine:
    """One factor of the home region, kg per kWh: now, in the release before, and official."""

    period: str
    kind: str
    basis: str
    gas: str
    value: Decimal
    before: Decimal | None
    official: Decimal | None
    maturity: str
    reported_share: Decimal


@dataclass(frozen=True)
class Deviation:
    """How far our factors lie from the official ones: count, mean and median absolute deviation."""

    areas: str
    basis: str
    years: str
    values: int
    mean: float
    median: float
    warnings: int


def factor_lines(
    factors: pl.DataFrame,
    comparison: pl.DataFrame,
    before: pl.DataFrame | None,
    *,
    region: str,
    month: str,
) -> list[FactorLine]:
    """Return the factors of a region for a month, a year, and the year last known officially.

    `factors`, `before`: table `electricity_factor` of this and of the last release;
    `comparison`: table `official_comparison`. The year is the newest one complete in the release;
    of the year with the newest official value only the kinds that have one are shown. Of the gases
    CO2 is shown, of the life-cycle factors those at the user with losses.
    """
    own = factors.filter(
        (pl.col("region_code") == region)
        & (pl.col("technology") == "all")
        & ((pl.col("gas_scope") == "CO2") | pl.col("includes_td_losses"))
    )
    this_month = pl.lit(f"{month}-01").str.to_date()
    years = own.filter((pl.col("resolution") == "year") & (pl.col("period_start") <= this_month))
    newest = years["period_start"].max()
    here = comparison.filter(pl.col("region_code") == region)
    compared = here["year"].max()
    wanted = own.filter(
        ((pl.col("resolution") == "month") & (pl.col("period_start") == this_month))
        | ((pl.col("resolution") == "year") & (pl.col("period_start") == newest))
        | (
            (pl.col("resolution") == "year")
            & (pl.col("period_start").dt.year() == compared)
            & pl.col("factor_kind").is_in(
                here.filter(year=compared)["factor_kind"].unique().to_list()
            )
        )
    )
    old = (before if before is not None else factors.clear()).select(
        "factor_id", pl.col("value").alias("before")
    )
    official = comparison.select(
        pl.col("region_code"),
        pl.date(pl.col("year"), 1, 1).alias("period_start"),
        pl.lit("year").alias("resolution"),
        pl.col("factor_kind"),
        pl.col("official_value"),
    ).unique(subset=["region_code", "period_start", "resolution", "factor_kind"], keep="first")
    rows = (
        wanted.join(old, on="factor_id", how="left")
        .join(official, on=["region_code", "period_start", "resolution", "factor_kind"], how="left")
        .sort(
            ["resolution", "period_start", "gas_scope", "factor_kind", "import_factor_basis"],
            descending=[False, True, False, False, False],
        )
    )
    return [
        FactorLine(
            period=f"{row['period_start']:%Y-%m}" if row["resolution"] == "month"
            else f"{row['period_start']:%Y}",
            kind=row["factor_kind"],
            basis=row["import_factor_basis"],
            gas=row["gas_scope"],
            value=row["value"],
            before=row["before"],
            official=row["official_value"],
            maturity=row["maturity"],
            reported_share=row["reported_share"],
        )
        for row in rows.iter_rows(named=True)
    ]  # fmt: skip


def deviations(comparison: pl.DataFrame) -> list[Deviation]:
    """Return how far our supply averages lie from the official ones, by areas and import basis.

    The fossil-power factor is left out: with the anchor on it meets the official one by making.
    """
    rows = (
        comparison.filter(pl.col("factor_kind") == "supply_average")
        .drop_nulls("relative_deviation")
        .with_columns(
            pl.col("relative_deviation").cast(pl.Float64).abs().alias("size"),
            pl.when(pl.col("region_code").str.contains(r"^\d{6}$"))
            .then(pl.lit("provinces"))
            .otherwise(pl.lit("regions and nation"))
            .alias("areas"),
        )
        .group_by("areas", "import_factor_basis")
        .agg(
            pl.col("year").min().alias("first"),
            pl.col("year").max().alias("last"),
            pl.len().alias("values"),
            pl.col("size").sort().mean().alias("mean"),
            pl.col("size").median().alias("median"),
            pl.col("is_warning").sum().alias("warnings"),
        )
        .sort("areas", "import_factor_basis")
    )
    return [
        Deviation(
            row["areas"], row["import_factor_basis"], f"{row['first']}-{row['last']}",
            row["values"], row["mean"], row["median"], row["warnings"],
        )
        for row in rows.iter_rows(named=True)
    ]  # fmt: skip


def early_value_lines(backtest: pl.DataFrame) -> list[str]:
    """Return what early supply averages of the provinces were worth: nowcast, first provisional.

    `backtest`: table `nowcast_backtest`. Each line tells the median over the provinces of their
    mean absolute error; no line for what was never compared.
    """
    provinces = backtest.filter(
        pl.col("region_code").str.contains(r"^\d{6}$")
        & (pl.col("factor_kind") == "supply_average")
        & (pl.col("months_ahead") <= 1)
    )
    lines = []
    for maturity, name in (("nowcast", "nowcast, a month ahead"), ("provisional", "provisional")):
        rows = provinces.filter(pl.col("maturity") == maturity)
        if rows.height:
            size, share = (
                median(rows[f"{error}_absolute_error"].cast(pl.Float64).to_list())
                for error in ("mean", "relative")
            )
            lines.append(f"First {name}: median error {size:.3f} kg/kWh, {share:.1%} of the value.")
    return lines


def quarantined_by_rule(home: Path) -> list[tuple[str, int]]:
    """Return how many rows and files lie in quarantine under each rule, the largest first."""
    from ingestion.quarantine import read_quarantine

    counts = (
        read_quarantine(home)
        .group_by("rule_id")
        .len()
        .sort("len", "rule_id", descending=[True, False])
    )
    return [(row["rule_id"], row["len"]) for row in counts.iter_rows(named=True)]


def show(console: Console, outcome: Outcome, settings: Settings) -> None:
    """Print the summary of a published (or unchanged) release."""
    from warehouse.releases import list_releases, read_release

    assert outcome.folder is not None
    release = read_release(outcome.folder)
    earlier = [
        entry
        for entry in list_releases(settings.releases)
        if entry.release_id != outcome.release_id
    ]
    before = read_release(settings.releases / earlier[-1].release_id) if earlier else None
    regions = release.table("region").filter(pl.col("region_code") == settings.home_region)
    name = (
        f"{regions['name_en'][0]} {regions['name_zh'][0]} ({settings.home_region})"
        if regions.height
        else settings.home_region
    )
    lines = factor_lines(
        release.table("electricity_factor"),
        release.table("official_comparison"),
        before.table("electricity_factor") if before else None,
        region=settings.home_region,
        month=outcome.month,
    )
    word = "Published" if outcome.status == "published" else "Unchanged"
    console.print()
    console.print(Text.assemble((f"{word} {outcome.release_id}", "bold"), f"  {outcome.reason}"))
    if release.manifest.channel == "demo":
        console.print(DEMO)
    console.print(_factor_table(name, lines, earlier[-1].release_id if earlier else None))
    for sentence in provisional_lines(lines, release.table("data_quality")):
        console.print(Text(sentence, style="yellow"), soft_wrap=True)
    console.print(_deviation_text(deviations(release.table("official_comparison"))))
    for sentence in early_value_lines(release.table("nowcast_backtest")):
        console.print(sentence, highlight=False)
    for sentence in (
        *dataset_lines(release.table("background_dataset")),
        *footprint_lines(release.table("footprint_comparison")),
    ):
        console.print(sentence, highlight=False)
    console.print(f"Checks: {outcome.checks_passed} of {outcome.checks_total} passed.")
    quarantine = quarantined_by_rule(settings.home)
    told = ", ".join(f"{rule} {count}" for rule, count in quarantine) or "nothing"
    console.print(f"In quarantine: {told}.", highlight=False)
    console.print(stage_line(outcome), highlight=False)
    console.print(f"Release: {outcome.folder}", highlight=False, soft_wrap=True)


def stage_line(outcome: Outcome) -> str:
    """Return the stage times in one line."""
    parts = [f"{STAGES[name].lower()} {seconds:.1f} s" for name, seconds in outcome.seconds.items()]
    return f"Times: {', '.join(parts)}; stages together {sum(outcome.seconds.values()):.1f} s."


def _factor_table(name: str, lines: list[FactorLine], before: str | None) -> Table:
    table = Table(
        title=f"Factors of {name}, kg per kWh", title_justify="left", box=None, pad_edge=False
    )
    for column in ("period", "factor", "gas"):
        table.add_column(column, no_wrap=True)
    for column in ("value", *([before] if before else []), "official", "reported"):
        table.add_column(column, justify="right", no_wrap=True)
    for line in lines:
        official = "–"
        if line.official is not None:
            official = f"{_figure(line.official)} {float(line.value / line.official - 1):+.1%}"
        table.add_row(
            line.period,
            # Only the supply average is published on two bases.
            f"{line.kind}, {line.basis}" if line.kind == "supply_average" else line.kind,
            line.gas,
            _figure(line.value),
            *([_figure(line.before)] if before else []),
            official,
            f"{float(line.reported_share):.0%}",
        )
    return table


def provisional_lines(lines: list[FactorLine], quality: pl.DataFrame) -> list[str]:
    """Return what is provisional or a nowcast among the factors shown, and what it waits for."""
    nowcast = sorted({line.period for line in lines if line.maturity == "nowcast"})
    ahead = [
        f"Nowcast: {', '.join(nowcast)}. No bulletin gives it yet: season of last year x growth of "
        "the latest months."
    ]
    return (ahead if nowcast else []) + _provisional_lines(lines, quality)


def _provisional_lines(lines: list[FactorLine], quality: pl.DataFrame) -> list[str]:
    periods = sorted({line.period for line in lines if line.maturity == "provisional"})
    if not periods:
        return []
    awaited = quality.filter(
        (pl.col("metric") == "provisional_year")
        & pl.col("period_start").dt.year().cast(pl.String).is_in([each[:4] for each in periods])
    )
    return [
        f"Provisional: {', '.join(periods)}.",
        *(f"{sentence}." for sentence in awaited["sentence_en"].sort()),
    ]


def _figure(value: Decimal | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _deviation_text(rows: list[Deviation]) -> Group:
    return Group(
        *(
            Text(
                f"Against official factors of {row.areas}, {row.years} ({row.values} values), "
                f"imports by {row.basis}: mean absolute deviation {row.mean:.1%}, "
                f"median {row.median:.1%}, {row.warnings} with a warning."
            )
            for row in rows
        )
    )
