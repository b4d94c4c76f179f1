"""Numbers, units and names: what is read exactly, what is refused."""

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion import codes
from ingestion.numbers import is_number, missing_marker, parsed_number
from ingestion.text import key_of, match_key, normalise, normalised

amounts = st.decimals(
    min_value=Decimal("-1e12"), max_value=Decimal("1e12"), places=4, allow_nan=False
)


def parse(text: str) -> Decimal | None:
    return pl.select(parsed_number(pl.lit(text))).item()


@given(amounts)
def test_a_plain_number_is_read_exactly(amount: Decimal) -> None:
    assert parse(str(amount)) == amount


@given(amounts)
def test_a_number_with_thousands_separators_is_read_exactly(amount: Decimal) -> None:
    grouped = f"{amount:,.4f}"
    assert parse(grouped) == amount
    assert parse(grouped.replace(",", " ")) == amount
    assert parse(grouped.replace(",", "\u3000")) == amount


@given(amounts)
def test_full_width_digits_are_the_same_number(amount: Decimal) -> None:
    wide = str(amount).translate(str.maketrans("0123456789.-", "０１２３４５６７８９．－"))
    assert parse(wide) == amount


@given(st.text(max_size=12))
def test_whatever_is_no_number_is_null_and_never_raises(text: str) -> None:
    frame = pl.DataFrame({"text": [text]})
    number = frame.select(parsed_number(pl.col("text"))).item()
    assert (number is not None) == frame.select(is_number(pl.col("text"))).item()


@pytest.mark.parametrize(
    "text", ["1,29,000", "12,34", "1.2.3", "1e7", "5%", "约5", "--5", "1 23", "9" * 19, "", "0x10"]
)
def test_ambiguous_numbers_are_refused(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(
    ("text", "marker"),
    [("-", "-"), ("－", "-"), ("—", "—"), ("…", "…"), ("......", "……"), (" ", ""), ("5", None)],
)
def test_missing_markers_are_recognised_in_their_variants(text: str, marker: str | None) -> None:
    assert pl.select(missing_marker(pl.lit(text))).item() == marker


@given(st.text(st.characters(max_codepoint=0x9FFF, exclude_categories=("Cs", "Cn")), max_size=20))
def test_expressions_and_python_fold_text_alike(text: str) -> None:
    frame = pl.DataFrame({"text": [text]})
    assert frame.select(normalised(pl.col("text"))).item() == normalise(text)
    assert frame.select(match_key(pl.col("text"))).item() == key_of(text)


@given(amounts.filter(lambda amount: amount >= 0))
def test_an_amount_of_energy_is_the_same_in_every_unit(amount: Decimal) -> None:
    for unit in codes.units().values():
        if unit.quantity == "energy":
            there = amount / unit.factor
            assert there * unit.factor == pytest.approx(amount, rel=Decimal("1e-20"))


def test_unit_texts_are_unique_and_factors_positive() -> None:
    rows = codes.code_rows("units")
    factors: dict[str, tuple[str, Decimal]] = {}
    for row in rows:
        entry = (row["quantity"], Decimal(row["factor"]))
        assert entry[1] > 0
        assert factors.setdefault(key_of(row["unit"]), entry) == entry


@pytest.mark.parametrize(
    ("unit", "mwh"),
    [("万千瓦时", "10"), ("亿千瓦时", "100000"), ("TWh", "1000000"), ("千瓦时", "0.001")],
)
def test_energy_units_have_their_factor(unit: str, mwh: str) -> None:
    found = codes.find_unit(unit)
    assert found is not None
    assert (found.canonical, found.factor) == ("MWh", Decimal(mwh))


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("内蒙古自治区", "150000"), ("内　蒙　古", "150000"), ("InnerMongolia", "150000"),
        ("北京市", "110000"), ("北　京", "110000"), ("广西壮族自治区", "450000"),
        ("shaanxi", "610000"), ("Shanxi", "140000"), ("全国", "CN"), ("华北", "GRID_NORTH"),
        ("150400", "150400"), ("蒙东", "GRID_INNER_MONGOLIA_EAST"),
        ("内蒙古西部电网（蒙西）", "GRID_INNER_MONGOLIA_WEST"),
    ],
)  # fmt: skip
def test_regions_are_found_by_name_alias_and_code(name: str, code: str) -> None:
    assert codes.regions().find(name) == code


def test_the_region_table_holds_the_country_its_grids_and_provinces() -> None:
    levels = list(codes.region_levels().values())
    counts = {level: levels.count(level) for level in set(levels)}
    assert counts == {
        "nation": 1,
        "grid_region": 7,
        "province": 31,
        "prefecture": 4,
        "sub_grid": 2,
    }


def test_an_unknown_name_gets_the_nearest_known_ones() -> None:
    assert codes.regions().find("安微") is None
    assert "安徽" in codes.regions().nearest("安微")
