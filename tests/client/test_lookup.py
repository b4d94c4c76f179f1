"""Looking a factor up: exact or not at all, unless something else was allowed and is named."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import carbon_factors as cf
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.client.release_builder import TABLES, Publisher, sha256

DIMENSIONS = (
    "technology",
    "gas_scope",
    "gwp_set",
    "system_boundary",
    "includes_td_losses",
    "import_factor_basis",
)
NETWORK = {"gas_scope": "CO2", "import_factor_basis": "network"}


@pytest.fixture
def release(unsigned) -> cf.Release:
    return cf.open_release(unsigned.folder)


def published(factor_id: str) -> Decimal:
    table = TABLES["electricity_factor"]
    return table.filter(pc.equal(table["factor_id"], factor_id))["value"][0].as_py()


@pytest.mark.parametrize("region", ["370000", "山东", "山东省", "Shandong", "shandong province"])
def test_a_region_is_found_by_code_and_by_either_name(release, region):
    factor = release.factor(region, "supply_average", "2023-05", **NETWORK)
    assert factor.factor_id == "electricity.supply_average.0.370000.2023-05"
    assert factor.value == published(factor.factor_id)
    assert factor.match == cf.Match("exact", "370000", "2023-05")
    assert factor.match.is_exact
    assert factor.unit == "kgCO2/kWh"
    assert factor.dimensions["import_factor_basis"] == "network"


def test_every_factor_of_the_release_is_found_by_what_tells_it_apart(release):
    rows = TABLES["electricity_factor"].to_pylist()
    for row in rows[::7]:
        name = row["factor_id"].rsplit(".", 1)[1]
        dimensions = {each: row[each] for each in DIMENSIONS}
        found = release.factor(row["region_code"], row["factor_kind"], name, **dimensions)
        assert found.factor_id == row["factor_id"]
        assert dict(found.row) == row


def test_a_dimension_with_one_value_need_not_be_given(release):
    assert release.factor("CN", "consumption_mix", "2022").resolution == "year"


def test_an_ambiguous_question_lists_what_must_be_given(release):
    with pytest.raises(cf.AmbiguousQuestionError, match="gwp_set: AR5, AR6, none") as caught:
        release.factor("370000", "supply_average", "2023-05")
    assert caught.value.choices == {
        "gas_scope": ["CO2", "CO2e"],
        "gwp_set": ["AR5", "AR6", "none"],
        "import_factor_basis": ["generation", "network"],
    }
    with pytest.raises(cf.AmbiguousQuestionError) as caught:
        release.factor("370000", "supply_average", "2023-05", gas_scope="CO2e")
    assert caught.value.choices == {"gwp_set": ["AR5", "AR6"]}
    with pytest.raises(cf.AmbiguousQuestionError) as caught:
        release.factor("370000", "life_cycle", "2023-05")
    assert caught.value.choices == {
        "technology": ["coal", "wind"],
        "includes_td_losses": [False, True],
    }


def test_a_question_is_ambiguous_everywhere_or_nowhere(release):
    # Wind is published with losses only, but that must not hide that coal is published both ways.
    assert release.factor("CN", "life_cycle", "2022", technology="wind").factor_id
    with pytest.raises(cf.AmbiguousQuestionError):
        release.factor("CN", "life_cycle", "2022", includes_td_losses=True)


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        (("Shandonk", "supply_average", "2023-05"), "Near it: 370000 山东 Shandong"),
        (("Atlantis", "supply_average", "2023-05"), "no region 'Atlantis'"),
        (("370100", "supply_average", "2023-05"), "lies in 370000 山东 Shandong"),
        (("370000", "supply", "2023-05"), "consumption_mix, life_cycle, supply_average"),
        (("370000", "supply_average", "May 2023"), "is no date"),
        (("370000", "supply_average", "2023-13"), "is no date"),
        (("370000", "supply_average", "2023-02-30"), "is no date"),
    ],
)
def test_what_cannot_be_understood_is_said(release, question, sentence):
    with pytest.raises(cf.QuestionError, match=sentence):
        release.factor(*question, **NETWORK)


def test_an_unknown_value_of_a_dimension_lists_those_there_are(release):
    with pytest.raises(cf.QuestionError, match="has no gwp_set AR7; it has AR5, AR6"):
        release.factor("CN", "supply_average", "2022", gas_scope="CO2e", gwp_set="AR7")
    with pytest.raises(
        cf.QuestionError, match="with gas_scope CO2 has no gwp_set AR5; it has none"
    ):
        release.factor("CN", "supply_average", "2022", gas_scope="CO2", gwp_set="AR5")


def test_a_day_needs_a_resolution_where_both_are_published(release):
    with pytest.raises(cf.AmbiguousQuestionError) as caught:
        release.factor("CN", "supply_average", "2023-05-17", **NETWORK)
    assert caught.value.choices == {"resolution": ["month", "year"]}
    day = dt.date(2023, 5, 17)
    month = release.factor("CN", "supply_average", day, resolution="month", **NETWORK)
    assert (month.period_start, month.period_end) == (dt.date(2023, 5, 1), dt.date(2023, 5, 31))
    assert month.match.is_exact
    year = release.factor("CN", "supply_average", "2022-05", resolution="year", **NETWORK)
    assert year.period_start == dt.date(2022, 1, 1)
    with pytest.raises(cf.QuestionError, match="2022 is not one month"):
        release.factor("CN", "supply_average", "2022", resolution="month", **NETWORK)
    with pytest.raises(cf.NoFactorError, match="no factors of resolution 'hour'"):
        release.factor("CN", "supply_average", "2022", resolution="hour", **NETWORK)


def test_nothing_stands_in_unless_it_is_allowed(release):
    with pytest.raises(cf.NoFactorError, match=r"has 2023-01 to 2023-11.*other_period"):
        release.factor("370000", "supply_average", "2024-03", **NETWORK)
    with pytest.raises(cf.NoFactorError, match="none for this region"):
        release.factor("赤峰", "supply_average", "2023-05", **NETWORK)
    with pytest.raises(cf.NoFactorError):
        release.factor("赤峰", "supply_average", "2023-05", fallback=["other_period"], **NETWORK)
    with pytest.raises(cf.QuestionError, match="no fallback 'anything'"):
        release.factor("CN", "supply_average", "2023-05", fallback=["anything"], **NETWORK)


def test_another_period_stands_in_when_allowed_and_says_so(release):
    later = release.factor(
        "370000", "supply_average", "2024-03", fallback=["other_period"], **NETWORK
    )
    assert later.factor_id.endswith("370000.2023-11")
    assert later.match.quality == "other_period"
    assert "nearest earlier period, 2023-11, stands in" in later.match.reasons[0]
    earlier = release.factor(
        "370000", "supply_average", "2019-03", fallback="other_period", **NETWORK
    )
    assert earlier.factor_id.endswith("370000.2023-01")
    assert "nearest later period, 2023-01" in earlier.match.reasons[0]


def test_a_parent_region_stands_in_when_allowed_and_says_so(release):
    factor = release.factor(
        "150400", "supply_average", "2023-05", fallback=["parent_region"], **NETWORK
    )
    assert factor.region_code == "150000"
    assert (factor.match.quality, factor.match.asked_region) == ("parent_region", "150400")
    assert "150400 赤峰市 Chifeng has no factor" in factor.match.reasons[0]
    city = release.factor(
        "370100", "supply_average", "2023-05", fallback=["parent_region"], **NETWORK
    )
    assert (city.region_code, city.match.quality) == ("370000", "parent_region")


def test_an_exact_match_is_taken_before_any_fallback(release):
    both = ["parent_region", "other_period"]
    factor = release.factor("370000", "supply_average", "2023-05", fallback=both, **NETWORK)
    assert factor.match.quality == "exact"


def test_fallbacks_are_tried_in_the_order_given_and_then_together(release):
    together = release.factor(
        "150400",
        "supply_average",
        "2024-03",
        fallback=["other_period", "parent_region"],
        **NETWORK,
    )
    assert together.match.quality == "parent_region+other_period"
    assert len(together.match.reasons) == 2
    assert together.factor_id.endswith("150000.2023-11")
    own_first = release.factor(
        "370000",
        "supply_average",
        "2024-03",
        fallback=["other_period", "parent_region"],
        **NETWORK,
    )
    assert own_first.region_code == "370000"


@pytest.mark.parametrize(
    ("day", "offset", "maturity"),
    [
        ("2023-06-20", "0.01", "provisional"),  # the first day on which it was known
        ("2023-07-19", "0.01", "provisional"),
        ("2023-07-20", "0", "final"),  # the day of the revision counts
        (dt.date(2024, 6, 30), "0", "final"),
    ],
)
def test_the_value_as_known_on_a_day(release, day, offset, maturity):
    known = release.factor_as_of("山东", "supply_average", "2023-05", day, **NETWORK)
    expected = published("electricity.supply_average.0.370000.2023-05") + Decimal(offset)
    assert (known.value, known.maturity) == (expected, maturity)
    assert known.to("gCO2/kWh").value == expected * 1000


REGION_CODES = ["370000", "150000", "150400", "CN", "GRID_EAST"]
PARENT = {"150400": "150000", "150000": "CN", "370000": "CN", "GRID_EAST": "CN", "CN": None}


@pytest.fixture(scope="module")
def shared(tmp_path_factory) -> cf.Release:
    publisher = Publisher(tmp_path_factory.mktemp("shared"))
    publisher.publish("2023.12.0")
    return cf.open_release(publisher.folder)


def expected_answer(region: str, month: str, fallback: list[str]) -> tuple[str, str] | None:
    """Answer by hand: factor id and quality, from nothing but the rows of the table."""
    rows = {
        (row["region_code"], row["factor_id"].rsplit(".", 1)[1])
        for row in TABLES["electricity_factor"].to_pylist()
        if row["factor_id"].startswith("electricity.supply_average.0.")
        and row["resolution"] == "month"
    }
    above = []
    while PARENT[(above or [region])[-1]]:
        above.append(PARENT[(above or [region])[-1]])
    plans = {"other_period": ([region], True), "parent_region": (above, False)}
    tries = [([region], False), *(plans[name] for name in fallback)]
    tries += [(above, True)] if len(fallback) == 2 else []
    for regions, other in tries:
        for code in regions:
            months = sorted(each for place, each in rows if place == code)
            earlier = [each for each in months if each < month]
            later = [each for each in months if each > month]
            if other:
                found = earlier[-1] if earlier else later[0] if later else None
            else:
                found = month if month in months else None
            if found:
                quality = ["parent_region"] * (code != region) + ["other_period"] * other
                name = f"electricity.supply_average.0.{code}.{found}"
                return name, "+".join(quality) or "exact"
    return None


@given(
    st.sampled_from(REGION_CODES),
    st.dates(dt.date(2022, 9, 1), dt.date(2024, 3, 1)),
    st.permutations(["other_period", "parent_region"]),
    st.integers(0, 2),
)
def test_any_question_is_answered_as_by_hand(shared, region, day, order, allowed):
    month, fallback = f"{day:%Y-%m}", order[:allowed]
    expected = expected_answer(region, month, fallback)
    if expected is None:
        with pytest.raises(cf.NoFactorError):
            shared.factor(region, "supply_average", month, fallback=fallback, **NETWORK)
    else:
        found = shared.factor(region, "supply_average", month, fallback=fallback, **NETWORK)
        assert (found.factor_id, found.match.quality) == expected
        assert len(found.match.reasons) == (
            0 if expected[1] == "exact" else found.match.quality.count("+") + 1
        )


def test_what_was_not_known_yet_or_has_no_history_is_said(release):
    with pytest.raises(cf.NoFactorError, match="its first value is of 2023-06-20"):
        release.factor_as_of("CN", "supply_average", "2023-05", "2023-06-19", **NETWORK)
    with pytest.raises(cf.NoFactorError, match="no history"):
        release.factor_as_of("CN", "consumption_mix", "2023-05", "2023-12-31")
    with pytest.raises(cf.QuestionError, match="knows nothing of after 2024-06-30"):
        release.factor_as_of("CN", "supply_average", "2023-05", "2024-07-01", **NETWORK)
    with pytest.raises(cf.QuestionError, match="is no day"):
        release.factor_as_of("CN", "supply_average", "2023-05", "2023-08", **NETWORK)


def test_a_factor_converts_with_its_bounds_and_keeps_the_published_row(release):
    factor = release.factor("CN", "consumption_mix", "2023-05")
    grams = factor.to("gCO2/MWh")
    assert grams.value == factor.value * 10**6
    assert grams.lower_95 == factor.lower_95 * 10**6
    assert grams.row["value"] == factor.value
    assert grams.as_record()["value"] == f"{factor.value * 10**6:f}".rstrip("0").rstrip(".")
    with pytest.raises(cf.UnitError, match="different things"):
        factor.to("kgCO2e/kWh")


def test_factors_that_this_client_cannot_tell_apart_are_refused(unsigned):
    # A later contract adds a dimension that this client does not know.
    folder = unsigned.folder / "2023.12.0"
    table = TABLES["electricity_factor"]
    ids = pa.array([f"{each}.peak" for each in table["factor_id"].to_pylist()])
    doubled = pa.concat_tables([table, table.set_column(0, table.schema.field(0), ids)])
    path = folder / "tables" / "electricity_factor.parquet"
    pq.write_table(doubled, path)
    record = json.loads((folder / "manifest.json").read_bytes())
    for file in record["files"]:
        if file["path"].endswith("electricity_factor.parquet"):
            file |= {"bytes": path.stat().st_size, "sha256": sha256(path.read_bytes())}
    unsigned.seal(folder, record)
    release = cf.open_release(unsigned.folder)
    with pytest.raises(cf.AmbiguousQuestionError, match="does not know what tells them apart"):
        release.factor("CN", "consumption_mix", "2023-05")
