"""Finding one factor: the rules of a question, and reading no more of the file than it needs.

Belongs here: which rows answer a question, when a question is ambiguous, and what may stand in
when it is asked for. Does not belong here: names of regions (`regions`), records (`factor`).

The table is sorted by its key, so the statistics of its row groups tell which of them can hold a
kind. Of those only the columns of the key are decoded, once; the other columns only of the group
that holds the answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from carbon_factors.errors import (
    AmbiguousQuestionError,
    NoFactorError,
    QuestionError,
)
from carbon_factors.factor import EXACT, OTHER_PERIOD, PARENT_REGION, Factor, KnownFactor, Match
from carbon_factors.periods import Asked, period_name, read_day, read_period
from carbon_factors.regions import Region, Regions
from carbon_factors.row_groups import RowGroups, distinct, equal_rows

if TYPE_CHECKING:
    import pyarrow as pa

    from carbon_factors.release import Release

FACTORS = "electricity_factor"
HISTORY = "factor_history"
REGIONS = "region"
DIMENSIONS = (
    "technology",
    "gas_scope",
    "gwp_set",
    "system_boundary",
    "includes_td_losses",
    "import_factor_basis",
)
"""What tells factors of one kind apart, besides region and period."""

FALLBACKS = (OTHER_PERIOD, PARENT_REGION)
_PLACE = ("region_code", "period_start", "period_end", "resolution")


class FactorFinder:
    """Answers questions about one release, and remembers what it has decoded."""

    def __init__(self, release: Release) -> None:
        """Open the tables of a release; raises `NotFoundError` if it has no factors."""
        self._release = release
        content = release.read(release.table(FACTORS).path)
        self._rows = RowGroups(content, FACTORS, (*_PLACE, "factor_kind", *DIMENSIONS))
        self._dimensions = [name for name in DIMENSIONS if name in self._rows.columns]
        region_rows = RowGroups(release.read(release.table(REGIONS).path), REGIONS, ())
        self._regions = Regions(region_rows.all_rows())
        self._kinds: dict[str, pa.Table] = {}
        self._series: dict[tuple[object, ...], pa.Table] = {}
        self._history: RowGroups | None = None

    def find(
        self,
        region: str,
        kind: str,
        when: date | str,
        dimensions: Mapping[str, str | bool | None],
        resolution: str | None,
        fallback: Sequence[str],
    ) -> Factor:
        """Answer a question; see `Release.factor`."""
        if isinstance(fallback, str):
            fallback = (fallback,)
        if unknown := [name for name in fallback if name not in FALLBACKS]:
            raise QuestionError(
                f"There is no fallback {unknown[0]!r}; there are {', '.join(FALLBACKS)}."
            )
        asked = read_period(when)
        place = self._regions.find(region, by_code_scheme=PARENT_REGION in fallback)
        series = self._series_of(kind, dimensions)
        series = self._of_resolution(series, kind, asked, resolution)
        for regions, other_period in _attempts(place, self._regions, fallback):
            for each in regions:
                rows = equal_rows(series, "region_code", each.code).to_pylist()
                found = _nearest(rows, asked) if other_period else _covering(rows, asked)
                if len(found) > 1:
                    raise self._unexplained(found)
                if found:
                    return self._factor(found[0], _match(place, asked, each, found[0]))
        raise self._nothing(series, kind, place, asked, fallback)

    def as_of(self, factor: Factor, as_of: date | str) -> KnownFactor:
        """Return what was known of a factor on a day; see `Release.factor_as_of`."""
        day = read_day(as_of)
        knows_until = self._release.manifest.as_of
        if knows_until is not None and day.isoformat() > knows_until:
            raise QuestionError(
                f"Release {self._release.release_id} knows nothing of after {knows_until}; what "
                f"was known on {day.isoformat()} is for a later release to say."
            )
        if self._history is None:
            content = self._release.read(self._release.table(HISTORY).path)
            self._history = RowGroups(content, HISTORY, None)
        groups = [
            equal_rows(self._history.keys(group), "factor_id", factor.factor_id)
            for group in self._history.groups_with("factor_id", factor.factor_id)
        ]
        rows = [row for group in groups for row in group.to_pylist()]
        if not rows:
            raise NoFactorError(
                f"The release holds no history of {factor.factor_id}: only its present value."
            )
        known = [
            row
            for row in rows
            if row["known_on"] <= day
            and (row["superseded_on"] is None or day < row["superseded_on"])
        ]
        if not known:
            first = min(row["known_on"] for row in rows)
            raise NoFactorError(
                f"{factor.factor_id} was not known on {day.isoformat()}: its first value is of "
                f"{first.isoformat()}."
            )
        row = max(known, key=lambda row: row["known_on"])
        return KnownFactor(
            factor,
            day,
            row["known_on"],
            row["superseded_on"],
            row["value"],
            row["unit"],
            row.get("maturity"),
        )

    def _of_kind(self, kind: str) -> pa.Table:
        """Return the key columns of all factors of a kind, with the place of each row."""
        if kind not in self._kinds:
            found = self._rows.numbered_rows("factor_kind", kind)
            if found.num_rows == 0:
                kinds = ", ".join(str(each) for each in self._rows.values("factor_kind"))
                raise QuestionError(f"There is no kind of factor {kind!r}; there are {kinds}.")
            self._kinds[kind] = found
        return self._kinds[kind]

    def _series_of(self, kind: str, dimensions: Mapping[str, str | bool | None]) -> pa.Table:
        """Return the rows of one kind and one value of each dimension, all regions and periods.

        Judged over the whole release, so that a question does not become ambiguous in one region
        and stay clear in another.
        """
        question = (kind, *(dimensions.get(name) for name in self._dimensions))
        if question in self._series:
            return self._series[question]
        given = {name: value for name, value in dimensions.items() if value is not None}
        if lost := [name for name in given if name not in self._dimensions]:
            raise QuestionError(f"The release does not tell factors apart by {lost[0]}.")
        rows = self._of_kind(kind)
        said: list[str] = []
        for name in self._dimensions:
            if name not in given:
                continue
            chosen = equal_rows(rows, name, given[name])
            if chosen.num_rows == 0:
                there = ", ".join(_written(value) for value in distinct(rows, name))
                of = f" with {', '.join(said)}" if said else ""
                raise QuestionError(
                    f"{kind}{of} has no {name} {_written(given[name])}; it has {there}."
                )
            rows = chosen
            said.append(f"{name} {_written(given[name])}")
        choices = {
            name: values for name in self._dimensions if len(values := distinct(rows, name)) > 1
        }
        if choices:
            listed = "; ".join(
                f"{name}: {', '.join(_written(value) for value in values)}"
                for name, values in choices.items()
            )
            raise AmbiguousQuestionError(
                f"Several factors of kind {kind} answer. Say which: {listed}.", choices
            )
        self._series[question] = rows
        return rows

    def _of_resolution(
        self, series: pa.Table, kind: str, asked: Asked, resolution: str | None
    ) -> pa.Table:
        there = [str(value) for value in distinct(series, "resolution")]
        if resolution is None and asked.form == "day":
            if len(there) > 1:
                raise AmbiguousQuestionError(
                    f"{asked.written} lies in a {' and in a '.join(there)}. Say which: resolution: "
                    f"{', '.join(there)}.",
                    {"resolution": there},
                )
            resolution = there[0]
        resolution = resolution or asked.form
        if resolution not in there:
            raise NoFactorError(
                f"{kind} has no factors of resolution {resolution!r}; it has {', '.join(there)}."
            )
        if asked.form == "year" and resolution != "year":
            raise QuestionError(
                f"{asked.written} is not one {resolution}. Give the {resolution}, or ask for "
                "resolution year."
            )
        return equal_rows(series, "resolution", resolution)

    def _factor(self, found: Mapping[str, Any], match: Match) -> Factor:
        row = self._rows.row(found["_group"], found["_row"])
        return Factor(
            release_id=self._release.release_id,
            factor_id=row["factor_id"],
            region_code=row["region_code"],
            region_name_zh=row["region_name_zh"],
            region_name_en=row["region_name_en"],
            period_start=row["period_start"],
            period_end=row["period_end"],
            resolution=row["resolution"],
            factor_kind=row["factor_kind"],
            dimensions={name: row[name] for name in self._dimensions},
            value=row["value"],
            unit=row["unit"],
            median=row.get("median"),
            lower_95=row.get("lower_95"),
            upper_95=row.get("upper_95"),
            match=match,
            row=row,
        )

    def _unexplained(self, found: Sequence[Mapping[str, Any]]) -> AmbiguousQuestionError:
        ids = [self._rows.row(row["_group"], row["_row"])["factor_id"] for row in found]
        return AmbiguousQuestionError(
            f"Several factors answer, and this client does not know what tells them apart: "
            f"{', '.join(ids)}. Upgrade carbon-factors, or read the table.",
            {"factor_id": ids},
        )

    def _nothing(
        self, series: pa.Table, kind: str, place: Region, asked: Asked, fallback: Sequence[str]
    ) -> NoFactorError:
        rows = equal_rows(series, "region_code", place.code).to_pylist()
        sentence = f"There is no factor of kind {kind} for {place} and {asked.written}"
        if rows:
            first = min(rows, key=lambda row: row["period_start"])
            last = max(rows, key=lambda row: row["period_end"])
            sentence += (
                f"; the region has {period_name(first['period_start'], first['period_end'])} to "
                f"{period_name(last['period_start'], last['period_end'])}"
            )
        elif place.known:
            sentence += "; the release has none for this region"
        left = [name for name in FALLBACKS if name not in fallback]
        hint = f" Nothing else stands in unless you allow it: {', '.join(left)}." if left else ""
        return NoFactorError(f"{sentence}.{hint}")


def _attempts(
    place: Region, regions: Regions, fallback: Sequence[str]
) -> list[tuple[list[Region], bool]]:
    """Return what to try, in order: regions, and whether another period may stand in."""
    here, above = [place], regions.above(place)
    attempts = [(here, False)]
    attempts += [(here, True) if name == OTHER_PERIOD else (above, False) for name in fallback]
    if len(set(fallback)) > 1:
        attempts.append((above, True))
    return attempts


def _covering(rows: Sequence[Mapping[str, Any]], asked: Asked) -> list[Mapping[str, Any]]:
    return [
        row
        for row in rows
        if row["period_start"] <= asked.first and asked.last <= row["period_end"]
    ]


def _nearest(rows: Sequence[Mapping[str, Any]], asked: Asked) -> list[Mapping[str, Any]]:
    """Return the rows of the nearest earlier period, or of the nearest later one."""
    if earlier := [row for row in rows if row["period_end"] < asked.first]:
        end = max(row["period_end"] for row in earlier)
        return [row for row in earlier if row["period_end"] == end]
    later = [row for row in rows if row["period_start"] > asked.last]
    start = min((row["period_start"] for row in later), default=None)
    return [row for row in later if row["period_start"] == start]


def _match(place: Region, asked: Asked, region: Region, found: Mapping[str, Any]) -> Match:
    qualities: list[str] = []
    reasons: list[str] = []
    if region.code != place.code:
        qualities.append(PARENT_REGION)
        reasons.append(f"{place} has no factor; that of {region}, in which it lies, stands in.")
    if not (found["period_start"] <= asked.first and asked.last <= found["period_end"]):
        qualities.append(OTHER_PERIOD)
        side = "earlier" if found["period_end"] < asked.first else "later"
        period = period_name(found["period_start"], found["period_end"])
        reasons.append(
            f"There is no factor for {asked.written}; that of the nearest {side} period, {period}, "
            "stands in."
        )
    return Match("+".join(qualities) or EXACT, place.code, asked.written, tuple(reasons))


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
